# The end of the probe: waits for the fragments and frames their answers.
ask_shared() if @shared;
collect(\@jobs);
for my $job (grep { $_->{name} } @jobs) {
    my $err = length $job->{err} > $told_error_bytes ? substr($job->{err}, -$told_error_bytes) : $job->{err};
    print "\@F $job->{name} $job->{status} ", length $job->{out}, " ", length $err, "\n$job->{out}$err\n";
}
print "\@E $nonce\n";
close(STDOUT) or exit 72;
