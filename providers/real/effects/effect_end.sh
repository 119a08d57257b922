
for A in "$work"/[0-9][0-9][0-9][0-9]; do
    [ -d "$A" ] || continue
    IFS= read -r effect <"$A/effect"
    # A subshell: "exit" ends the effect, and its variables with it.
    (is_ours || exit 74; "effect_$effect") >"$A.out" 2>"$A.err"
    status=$?
    echo "$status" >"$A.status"
    [ "$status" -eq 0 ] || break
done

perl -e '
    use strict;
    my $home = shift;
    binmode STDOUT;
    sub get { open(my $in, "<", $_[0]) or die "$_[0]: $!\n"; local $/; my $text = <$in>; defined $text ? $text : "" }
    for (my $number = "0001"; -e "$home/$number.status"; $number++) {
        my ($out, $err) = (get("$home/$number.out"), get("$home/$number.err"));
        $err = substr($err, -2000) if length $err > 2000;
        my $status = get("$home/$number.status");
        chomp $status;
        my $changed = -e "$home/$number/changed" ? 1 : 0;
        print "\@R $number $status $changed ", length $out, " ", length $err, "\n", $out, $err, "\n";
    }
    print "\@E ", get("$home/nonce");
' "$work"
