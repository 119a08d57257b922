
for A in "$work"/[0-9][0-9][0-9][0-9]; do
    [ -d "$A" ] || continue
    IFS= read -r effect <"$A/effect"
    # A subshell: "exit" ends the effect, and its variables with it.
    ("effect_$effect") >"$A.out" 2>"$A.err"
    status=$?
    echo "$status" >"$A.status"
    [ "$status" -eq 0 ] || break
done

perl -e '
    use strict;
    my $home = shift;
    binmode STDOUT;
    sub get { open(my $in, "<", $_[0]) or die "$_[0]: $!\n"; local $/; my $text = <$in>; defined $text ? $text : "" }
    for my $path (sort glob("$home/*.status")) {
        my ($number) = $path =~ m{([0-9]+)\.status$} or next;
        my ($out, $err) = (get("$home/$number.out"), get("$home/$number.err"));
        $err = substr($err, -2000) if length $err > 2000;
        my $status = get($path);
        chomp $status;
        my $changed = -e "$home/$number/changed" ? 1 : 0;
        print "\@R $number $status $changed ", length $out, " ", length $err, "\n", $out, $err, "\n";
    }
    print "\@E ", get("$home/nonce");
' "$work"
