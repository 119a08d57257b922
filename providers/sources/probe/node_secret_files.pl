# Files that can hold secrets: the answer has every secret replaced by "sha256:" and the digest of the
# run's salt and the value. What looks like a secret but cannot be parsed is masked as a whole.
print "nonce\t$salt\n";
for my $path (@_) {
    my @stat = look($path);
    if (!@stat) {
        print "absent\t$path\n";
        next;
    }
    next unless -f _;
    my $head = "file\t$path\t" . owner_and_mode(@stat);
    my $masked = $stat[7] > 262144 ? undef : mask_file($path, slurp($path));
    if (!defined $masked) {
        print "$head\tnone\t0\n";
        next;
    }
    my $text = fill_masks($masked);
    print "$head\tcontent\t", length $text, "\n$text\n";
}
