# Files that can hold secrets: the answer has every secret replaced by "sha256:" and the digest of the
# run's salt and the value. What looks like a secret but cannot be parsed is masked as a whole.
mkdir "$SCRATCH"
perl -e '
    use strict;
    my ($scratch, $salt_path, $args_path) = @ARGV;
    open(my $in, "<", $salt_path) or die "$!\n";
    my $salt = <$in>;
    chomp $salt;
    my $word = qr/(?:password|passwd|secret|cipher[_-]pass|token)/i;
    my $key = qr/[A-Za-z0-9_.-]*$word[A-Za-z0-9_.-]*/;
    my @values;

    # A placeholder; the digests are filled in at the end, by one call of sha256sum.
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
    # The digests of all values, in order.
    sub digests {
        return () unless @values;
        my @files = map { sprintf "%s/%06d", $scratch, $_ } 0 .. $#values;
        for my $i (0 .. $#values) {
            open(my $out, ">", $files[$i]) or die "$!\n";
            print $out $salt, $values[$i];
            close $out or die "$!\n";
        }
        my @digests;
        while (my @some = splice @files, 0, 500) {
            open(my $sums, "-|", "sha256sum", "--", @some) or die "sha256sum: $!\n";
            while (<$sums>) { push @digests, $1 if /^\\?([0-9a-f]{64}) / }
            close $sums or die "sha256sum failed\n";
        }
        die "sha256sum answered too little\n" unless @digests == @values;
        return @digests;
    }

    open(my $args, "<", $args_path) or die "$!\n";
    my @answers;
    while (my $path = <$args>) {
        chomp $path;
        my @stat = stat $path;
        unless (@stat) {
            die "$path: $!\n" unless $!{ENOENT} or $!{ENOTDIR};
            push @answers, ["absent\t$path\n"];
            next;
        }
        next unless -f _;
        my $owner = getpwuid $stat[4];
        my $group = getgrgid $stat[5];
        my $head = sprintf "file\t%s\t%s\t%s\t%o", $path, defined $owner ? $owner : $stat[4],
            defined $group ? $group : $stat[5], $stat[2] & 07777;
        if ($stat[7] > 262144) {
            push @answers, ["$head\tnone\t0\n"];
            next;
        }
        open(my $file, "<", $path) or die "$path: $!\n";
        binmode $file;
        my $text = do { local $/; <$file> };
        my $masked = mask_file($path, defined $text ? $text : "");
        push @answers, [defined $masked ? ("$head\tcontent\t", $masked) : ("$head\tnone\t0\n")];
    }
    my @digests = digests();
    binmode STDOUT;
    print "nonce\t$salt\n";
    for my $answer (@answers) {
        my ($head, $text) = @$answer;
        if (defined $text) {
            $text =~ s/\x00([0-9]+)\x00/sha256:$digests[$1]/g;
            print $head, length $text, "\n", $text, "\n";
        } else {
            print $head;
        }
    }
' "$SCRATCH" "$SALT" "$ARGS"
