# The end of the probe: waits for the fragments and frames their answers.
# shellcheck disable=SC2154 # probe_home comes from the prelude
wait
perl -e '
    use strict;
    my $home = shift;
    binmode STDOUT;
    sub get { open(my $in, "<", $_[0]) or die "$_[0]: $!\n"; local $/; my $text = <$in>; defined $text ? $text : "" }
    for my $path (sort glob("$home/*.status")) {
        my ($name) = $path =~ m{([a-z_.]+)\.status$} or next;
        my ($out, $err) = (get("$home/$name.out"), substr(get("$home/$name.err"), 0, 400));
        my $status = get($path);
        chomp $status;
        print "\@F $name $status ", length $out, " ", length $err, "\n", $out, $err, "\n";
    }
    print "\@E ", get("$home/nonce");
' "$probe_home"
