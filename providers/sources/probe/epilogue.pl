# The end of the probe: waits for the fragments and frames their answers.
ask_shared() if @shared;
collect(\@jobs);
print "\@F $_->{name} $_->{status} ", length $_->{out}, " ", length $_->{err}, "\n$_->{out}$_->{err}\n" for grep { $_->{name} } @jobs;
print "\@E $nonce\n";
close(STDOUT) or exit 72;
