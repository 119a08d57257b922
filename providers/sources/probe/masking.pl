# -- secrets ---------------------------------------------------------------------------------------

my $word = qr/(?:password|passwd|secret|cipher[_-]pass|token)/i;
my $key = qr/[A-Za-z0-9_.-]*$word[A-Za-z0-9_.-]*/;
my @values;

# A placeholder that no later step takes for a value; fill_masks puts the digests there.
sub mask {
    my ($value) = @_;
    push @values, $value;
    return "\x00" . $#values . "\x00";
}
sub unquote {
    my ($text) = @_;
    if ($text =~ /^\x27((?:[^\x27]|\x27\x27)*)\x27/) {
        (my $value = $1) =~ s/\x27\x27/\x27/g;
        return $value;
    }
    if ($text =~ /^"((?:[^"\\]|\\.)*)"/) {
        my $value = $1;
        my %escape = (n => "\n", t => "\t", r => "\r", b => "\b", f => "\f", 0 => "\0", e => "\e");
        $value =~ s{\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))}{
            defined $1 ? do { my $c = chr hex $1; utf8::encode($c); $c }
            : defined $2 ? do { my $c = chr hex $2; utf8::encode($c); $c }
            : exists $escape{$3} ? $escape{$3} : $3}gse;
        return $value;
    }
    return $text;
}
sub is_plain { return $_[0] =~ /^password_encryption$/i }
# One "key: value" inside a flow map; the value ends at a comma or brace outside quotes.
sub mask_flow {
    my ($line) = @_;
    $line =~ s{([\{,]\s*["\x27]?($key)["\x27]?\s*:\s*)(\x27(?:[^\x27]|\x27\x27)*\x27|"(?:[^"\\]|\\.)*"|[^,\}\s][^,\}]*)}{
        my ($before, $name, $value) = ($1, $2, $3);
        $value =~ s/\s+$//;
        is_plain($name) ? "$before$value" : $before . mask(unquote($value))}ge;
    return $line;
}
# "password=..." anywhere: connection strings, command lines.
sub mask_assignments {
    my ($line) = @_;
    $line =~ s{($key\s*=\s*)(\x27(?:[^\x27\\]|\\.|\x27\x27)*\x27|"(?:[^"\\]|\\.)*"|[^\s\x00\x27",\}][^\s\x00\x27"]*)}{
        my ($before, $value) = ($1, $2);
        $before =~ /password_encryption/i ? "$before$value" : $before . mask(unquote($value))}ge;
    return $line;
}
sub mask_file {
    my ($path, $text) = @_;
    return undef if $text =~ /-----BEGIN [A-Z ]*PRIVATE KEY/ or $text =~ /\x00/;
    my $is_userlist = $path =~ /userlist/;
    my $is_pgpass = $path =~ /pgpass/;
    my (@out, $skip_deeper);
    for my $line (split /\n/, $text, -1) {
        my ($indent) = $line =~ /^(\s*)/;
        if (defined $skip_deeper) {
            next if $line =~ /^\s*$/ or length $indent > $skip_deeper;
            undef $skip_deeper;
        }
        if ($line =~ /^(\s*"(?:[^"]|"")*"\s+)"((?:[^"]|"")*)"(.*)$/ and ($is_userlist or $line !~ /:/)) {
            my ($before, $value, $rest) = ($1, $2, $3);
            $value =~ s/""/"/g;
            $line = $before . "\"" . mask($value) . "\"" . ($rest =~ /\S/ ? " " . mask($rest) : "");
        } elsif ($is_userlist and $line =~ /"/) {
            $line = mask($line);
        } elsif ($is_pgpass and $line =~ /^((?:[^:]*:){4})(.*)$/) {
            $line = $1 . mask($2);
        } elsif ($line =~ /^((\s*(?:-\s+)*)["\x27]?($key)["\x27]?\s*(:(?=\s|$)|=)\s*)(.*?)\s*$/ and not is_plain($3)) {
            my ($before, $column, $separator, $value) = ($1, length $2, $4, $5);
            $value =~ s/\s+#.*$// if $separator eq ":" and $value !~ /^["\x27]/;
            $skip_deeper = $column if $separator eq ":";
            $line = length $value ? $before . ($value =~ /^[|>]/ ? "" : mask(unquote($value))) : $before;
        } elsif ($line =~ /^(\s*stats\s+auth\s+[^:\s]*:)(.*)$/) {
            $line = $1 . mask($2);
        } else {
            $line = mask_assignments(mask_flow($line));
        }
        push @out, $line;
    }
    return join("\n", @out);
}

# SHA-256 as in FIPS 180-4: perl-base has none, and a value never has to leave this process.
my @round = map hex, qw(
    428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5
    d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174
    e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da
    983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967
    27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85
    a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070
    19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
    748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2
);
sub turn { return ($_[0] >> $_[1] | $_[0] << 32 - $_[1]) & 0xffffffff }
sub sha256_block {
    my ($state, @word) = @_;
    for my $i (16 .. 63) {
        my ($far, $near) = @word[$i - 15, $i - 2];
        $word[$i] = ($word[$i - 16] + (turn($far, 7) ^ turn($far, 18) ^ $far >> 3) + $word[$i - 7]
                + (turn($near, 17) ^ turn($near, 19) ^ $near >> 10)) & 0xffffffff;
    }
    my ($a, $b, $c, $d, $e, $f, $g, $h) = @$state;
    for my $i (0 .. 63) {
        my $first = $h + (turn($e, 6) ^ turn($e, 11) ^ turn($e, 25)) + ($e & $f ^ ~$e & $g) + $round[$i] + $word[$i];
        my $second = (turn($a, 2) ^ turn($a, 13) ^ turn($a, 22)) + ($a & $b ^ $a & $c ^ $b & $c);
        ($a, $b, $c, $d, $e, $f, $g, $h) = (($first + $second) & 0xffffffff, $a, $b, $c, ($d + $first) & 0xffffffff, $e, $f, $g);
    }
    my @add = ($a, $b, $c, $d, $e, $f, $g, $h);
    return [map { ($state->[$_] + $add[$_]) & 0xffffffff } 0 .. 7];
}
sub sha256_hex {
    my ($text) = @_;
    my $state = [map hex, qw(6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19)];
    my $end = "\x80" . "\x00" x ((55 - length $text) % 64) . pack "Q>", 8 * length $text;
    $state = sha256_block($state, unpack "N16", $_) for unpack "(a64)*", $text . $end;
    return join "", map { sprintf "%08x", $_ } @$state;
}
sub fill_masks {
    my ($text) = @_;
    $text =~ s/\x00([0-9]+)\x00/"sha256:" . sha256_hex($salt . $values[$1])/ge;
    return $text;
}

