for my $path (@_) {
    print "arg\t$path\n";
    my @stat = lstat $path;
    @stat or is_absent() ? next : die "$path: $!\n";
    my $type = -l _ ? "l" : -d _ ? "d" : -f _ ? "f" : "o";
    my $target = $type eq "l" ? readlink $path : "";
    defined $target or die "$path: $!\n";
    print join("\t", "path", $path, $type, owner_and_mode(@stat), $target), "\n";
}
