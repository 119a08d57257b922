my $folder = "/var/lib/pgsteer/markers";
for my $file (names_in($folder, qr/^[^.].*\.json$/)) {
    next unless -f "$folder/$file";
    my $json = slurp("$folder/$file");
    print "marker\t", substr($file, 0, -5), "\t", length $json, "\n$json\n";
}
