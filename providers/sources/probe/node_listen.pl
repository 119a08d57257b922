# Local address and state of each TCP socket; 0A is LISTEN.
for my $table ("/proc/net/tcp", "/proc/net/tcp6") {
    for (split /\n/, slurp_if_there($table) // "") {
        my ($local, $state) = (split " ")[1, 3];
        print "$local\n" if $state eq "0A";
    }
}
