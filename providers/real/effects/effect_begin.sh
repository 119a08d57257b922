# The effects: what pgsteer does on a node, as one constant text. Needs sh, coreutils, awk, sed, perl-base.
#
# stdin: the closing nonce, perhaps "fence DOMAIN TOKEN RUN HOLDER SINCE" (fence.sh), then per effect "effect NAME", per
# argument "KEY BYTES" and its bytes, and "end"; "." ends all. Arguments are data: each becomes a file below $A and is never evaluated; secrets
# are only ever in such files, which live in a private directory on a tmpfs. Every effect may be
# repeated; $A/changed says that it changed something. The first that fails ends the run.
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
cd / || exit 70
work=
for base in /run /dev/shm /tmp; do
    work=$(mktemp -d -p "$base" pgsteer-effect.XXXXXXXX 2>/dev/null) && break
done
if [ -z "$work" ]; then
    echo "no private directory could be made in /run, /dev/shm or /tmp" >&2
    exit 71
fi
trap 'rm -rf -- "$work"' EXIT
trap 'exit 72' HUP INT TERM PIPE

perl -e "$fence_perl"'
    my $fences = shift;
    my $home = shift;
    binmode STDIN;
    my %is_raw = map { $_ => 1 } qw(content value password);
    sub line { my $line = <STDIN>; die "request cut off\n" unless defined $line; chomp $line; $line }
    sub put {
        my ($path, $text) = @_;
        my $parent = "";
        for my $part (split m{/}, $path) { mkdir "$home$parent" if $parent ne ""; $parent .= "/$part" }
        open(my $out, ">", "$home/$path") or die "$!\n";
        print $out $text;
        close $out or die "$!\n";
    }
    put("nonce", line() . "\n");
    my $number = 0;
    while ((my $line = line()) ne ".") {
        if (my ($domain, $token, $rest) = $line =~ /^fence (\S+) (\S+) (\S+ \S+ \S+)$/) {
            my $refusal = fence_enter($fences, $domain, $token, $rest);
            if (defined $refusal) { print STDERR "$refusal\n"; exit 74 }
            put("fence", "$domain $token\n");
            next;
        }
        my ($name) = $line =~ /^effect ([a-z_]+)$/ or die "malformed request\n";
        my $folder = sprintf "%04d", ++$number;
        put("$folder/effect", "$name\n");
        while (($line = line()) ne "end") {
            my ($key, $length) = $line =~ m{^([a-z0-9_]+(?:/[a-z0-9_]+)*) ([0-9]+)$} or die "malformed argument\n";
            my $got = read(STDIN, my $bytes, $length);
            die "request cut off\n" unless defined $got && $got == $length;
            my ($last) = $key =~ m{([^/]+)$};
            die "argument $key has a control character\n" if !$is_raw{$last} && $bytes =~ /[\x00-\x1f\x7f]/;
            put("$folder/$key", $is_raw{$last} ? $bytes : "$bytes\n");
        }
    }
' "$fences" "$work"
case $? in
0) ;;
74) exit 74 ;;
*) exit 73 ;;
esac

# Has nobody taken over since? Without a process: this comes before each effect.
is_ours() {
    [ -e "$work/fence" ] || return 0
    IFS=' ' read -r domain token <"$work/fence"
    IFS=' ' read -r newest run holder since <"$fences/$domain" || return 1
    [ "$newest" -gt "$token" ] || return 0
    echo "$domain was taken over by run $run ($holder), whose lease is from $since" >&2
    return 1
}

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Nothing was done, for what others do just now: worth another try.
not_now() {
    printf '%s\n' "$*" >&2
    exit 75
}

changed() {
    : >"$A/changed"
}

# own PATH OWNER GROUP MODE: if they differ.
own() {
    [ "$(stat -L -c '%U:%G:%a' -- "$1")" = "$2:$3:${4#0}" ] && return 0
    # In this order: a change of owner clears set-id bits.
    chown -- "$2:$3" "$1" && chmod -- "$4" "$1" || exit 1
    changed
}

# make_parent PATH: the folder of a path, with everybody's usual rights.
make_parent() {
    parent=${1%/*}
    [ -z "$parent" ] || [ -d "$parent" ] || (umask 022 && mkdir -p -- "$parent") || exit 1
}

# place FILE PATH OWNER GROUP MODE: the content of FILE becomes PATH, atomically, if anything differs.
place() {
    if [ -f "$2" ] && [ ! -L "$2" ] && cmp -s -- "$1" "$2"; then
        own "$2" "$3" "$4" "$5"
        return 0
    fi
    [ ! -d "$2" ] || [ -L "$2" ] || fail "$2 is a directory"
    make_parent "$2"
    temporary=$(mktemp -- "${2%/*}/.pgsteer.XXXXXXXX") || exit 1
    if cat -- "$1" >"$temporary" && chown -- "$3:$4" "$temporary" && chmod -- "$5" "$temporary" &&
        sync -- "$temporary" && mv -fT -- "$temporary" "$2"; then
        sync -- "${2%/*}/"
        changed
        return 0
    fi
    rm -f -- "$temporary"
    fail "$2 could not be written"
}
