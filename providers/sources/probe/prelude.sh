# The probe: reads facts about this node and changes nothing. Needs sh, coreutils, awk, sed, perl-base.
#
# stdin: the closing nonce, the salt for secrets, then per request "NAME COUNT" and per argument its
# length on a line and its bytes; "." ends. Arguments are data: they reach a fragment as a file of
# lines ($ARGS) and are never evaluated. Each fragment runs on its own, under its own time and
# output bounds; answers are framed "@F NAME STATUS BYTES ERROR_BYTES", then the bytes of both and a
# newline. The last line is "@E NONCE".
set -u
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
umask 077
cd / || exit 70
probe_home=
for probe_base in /run /dev/shm /tmp; do
    probe_home=$(mktemp -d -p "$probe_base" pgsteer-probe.XXXXXXXX 2>/dev/null) && break
done
if [ -z "$probe_home" ]; then
    echo "no private directory could be made in /run, /dev/shm or /tmp" >&2
    exit 71
fi
trap 'rm -rf -- "$probe_home"' EXIT
trap 'exit 72' HUP INT TERM PIPE

perl -e '
    use strict;
    my $home = shift;
    binmode STDIN;
    sub line { my $line = <STDIN>; die "request cut off\n" unless defined $line; chomp $line; $line }
    sub put { open(my $out, ">", "$home/$_[0]") or die "$!\n"; print $out $_[1]; close $out or die "$!\n" }
    put("nonce", line() . "\n");
    put("salt", line() . "\n");
    while ((my $request = line()) ne ".") {
        my ($name, $count) = $request =~ /^([a-z_.]+) ([0-9]+)$/ or die "malformed request\n";
        my $arguments = "";
        for (1 .. $count) {
            my $length = line();
            die "malformed length\n" unless $length =~ /^[0-9]+$/;
            my $got = read(STDIN, my $bytes, $length);
            die "request cut off\n" unless defined $got && $got == $length;
            die "an argument has a control character\n" if $bytes =~ /[\x00-\x1f\x7f]/;
            $arguments .= "$bytes\n";
        }
        put("$name.args", $arguments);
    }
' "$probe_home" || exit 73

# ask NAME SECONDS BLOCKS TEXT: start a fragment, if it was requested.
ask() {
    [ -e "$probe_home/$1.args" ] || return 0
    (
        (
            ulimit -f "$3"
            export ARGS="$probe_home/$1.args" SCRATCH="$probe_home/$1.tmp" SALT="$probe_home/salt"
            exec timeout -k 1 "$2" sh -c "$4" "$1" </dev/null >"$probe_home/$1.out" 2>"$probe_home/$1.err"
        )
        echo "$?" >"$probe_home/$1.status"
    ) &
}

