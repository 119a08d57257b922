# The services that the proxy reads: each file and its first line.
my $folder = "/etc/haproxy/conf.d";
for my $file (names_in($folder, qr/^[^.].*\.cfg$/)) {
    next unless -f "$folder/$file";
    my ($line) = substr(slurp("$folder/$file"), 0, 256) =~ /^([^\n]*)/;
    $line =~ tr/\x00//d;
    print "file\t$folder/$file\t$line\n";
}
