for my $path (@_) {
    my @stat = look($path);
    if (!@stat || !-f _) {
        print "absent\t$path\n";
        next;
    }
    my $head = "file\t$path\t" . owner_and_mode(@stat);
    if ($stat[7] > 262144) {
        open(STDIN, "<", $path) or die "$path: $!\n";    # so that sha256sum sees no name
        my ($digest) = output("sha256sum") =~ /^([0-9a-f]{64}) /;
        print "$head\tsha256\t$digest\n";
        next;
    }
    my $text = slurp($path);
    print "$head\tcontent\t", length $text, "\n$text\n";
}
