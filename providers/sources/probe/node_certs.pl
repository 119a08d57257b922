# The first block of such a name in a text, whole and as bytes: perl knows uuencoding, not base64.
my $block = sub {
    my ($text, $name) = @_;
    my ($whole, $base64) = $text =~ m{(-----BEGIN \Q$name\E-----\s*([A-Za-z0-9+/=\s]+)-----END \Q$name\E-----)} or return;
    $base64 =~ tr{A-Za-z0-9+/}{}cd;
    $base64 =~ tr{A-Za-z0-9+/}{ -_};
    return ($whole, join "", map { unpack "u", chr(32 + length($_) * 3 / 4) . $_ } $base64 =~ /(.{1,60})/g);
};
for my $path (@_) {
    print "arg\t$path\n";
    next unless look($path);
    my ($cert, $cert_bytes) = $block->(slurp($path), "CERTIFICATE");
    $cert //= "";
    print "cert\t", length $cert, "\n$cert\n";
    (my $key_path = $path) =~ s/\.crt$//;
    $key_path .= ".key";
    next unless length $cert && look($key_path) && -f _;
    # The key of a curve ends with its public point, and only its certificate has that in it: no need
    # for openssl, which takes longer to start than all else of the probe.
    my (undef, $key_bytes) = $block->(slurp($key_path), "PRIVATE KEY");
    my $point = substr($key_bytes // "", -65);
    if (length $point == 65 && $point =~ /^\x04/ && index($cert_bytes, $point) >= 0) {
        print "key_matches=true\n";
        next;
    }
    # Bound by itself, since openssl asks for the password of a key that has one.
    my $public = start({seconds => 5, max => 65536, kill => 1}, sub {
        exec "openssl", "pkey", "-in", $key_path, "-pubout" or die "openssl: $!\n";
    });
    collect([$public]);
    $public->{err} =~ /^openssl: / and die $public->{err};
    print "public\t", length $public->{out}, "\n$public->{out}\n" if $public->{status} == 0;
}
