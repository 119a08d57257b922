my $said = output("systemctl", "show", "--all", "--property=Id,ActiveState,Result", "--", "pgsteer-*.service");
for my $block (split /\n\n/, $said) {
    my ($unit, $job) = $block =~ /^Id=(pgsteer-(.*)\.service)$/m or next;
    my ($status) = split /\n/, slurp_if_there("/run/pgsteer/jobs/$job/status") // "";
    print "job\t$unit\t", $status // "", "\n$block\n";
}
