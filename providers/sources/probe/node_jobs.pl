# What systemd-run has started has its file there as long as systemd knows of it.
my @units = names_in("/run/systemd/transient", qr/^pgsteer-.*\.service$/) or return;
my $said = output("systemctl", "show", "--property=Id,ActiveState,Result", "--", @units);
for my $block (split /\n\n/, $said) {
    my ($unit, $job) = $block =~ /^Id=(pgsteer-(.*)\.service)$/m or next;
    my ($status) = split /\n/, slurp_if_there("/run/pgsteer/jobs/$job/status") // "";
    print "job\t$unit\t", $status // "", "\n$block\n";
}
