# The end of the probe: waits for the fragments and frames their answers.
collect(@jobs);
print "\@F $_->{name} $_->{status} ", length $_->{out}, " ", length $_->{err}, "\n$_->{out}$_->{err}\n" for @jobs;
print "\@E $nonce\n";
close(STDOUT) or exit 72;
