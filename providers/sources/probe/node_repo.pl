for my $folder (@_) {
    print "arg\t$folder\n";
    next unless look($folder) && -d _;
    my @there = map "$_ " . (lstat "$folder/$_")[7], names_in($folder, qr/\.deb$/);
    my $index = slurp_if_there("$folder/Packages");
    my @listed;
    for my $entry (split /\n\n+/, $index // "") {
        my ($name) = $entry =~ m{^Filename:\s*(?:\S*/)?(\S+)}m or next;
        my ($size) = $entry =~ /^Size:\s*(\S+)/m;
        push @listed, "$name " . ($size // "");
    }
    my $is_current = defined $index && join("\n", sort @there) eq join("\n", sort @listed);
    print join("\t", "repo", $folder, scalar @there, defined $index ? "true" : "false",
        $is_current ? "true" : "false"), "\n";
}
