# Carries bytes between stdin, stdout and the Unix socket or HOST:PORT $1, with the first program that can; after fence.sh.
# With more arguments, USER DOMAIN TOKEN RUN HOLDER SINCE, it starts as root, goes on as USER, and carries bytes to the
# server only as long as nobody has taken over. That, and HOST:PORT, only perl can.
if command -v perl >/dev/null; then
    exec perl -e "$fence_perl"'
        my ($fences, $target, $user, $domain, $token, @fields) = @ARGV;
        sub refuse {
            return unless defined $_[0];
            print STDERR "fenced: $_[0]\n";
            exit 74;
        }
        sub become {
            my (undef, undef, $uid, $gid) = getpwnam($_[0]) or die "$_[0] is no user here\n";
            $( = $gid;
            $) = "$gid $gid";
            ($<, $>) = ($uid, $uid);
            $< == $uid && $> == $uid or die "$_[0]: $!\n";
        }
        # AF_UNIX and SOCK_STREAM are 1 on Linux; loading Socket takes as long as starting perl.
        sub reach {
            my ($family, $address) = @_;
            socket(my $socket, $family, 1, 0) or die "socket: $!\n";
            return connect($socket, $address) ? $socket : undef;
        }
        sub reach_host {
            require Socket;
            my ($error, @found) = Socket::getaddrinfo($_[0], $_[1], { socktype => 1 });
            for my $one (@found) {
                my $socket = reach($one->{family}, $one->{addr});
                return $socket if $socket;
            }
            return undef;
        }
        if (defined $domain) {
            refuse(fence_enter($fences, $domain, $token, @fields));
            become($user);
        }
        my ($host, $port) = $target =~ m{^([^/]+):([0-9]+)$};
        my $socket = defined $host ? reach_host($host, $port) || reach_host("127.0.0.1", $port)
                                   : reach(1, pack("S a108", 1, $target));
        $socket or die "$target: $!\n";
        sub all {
            my ($to, $bytes) = @_;
            for (my $sent = 0; $sent < length $bytes;) {
                my $more = syswrite($to, $bytes, length($bytes) - $sent, $sent);
                exit 0 unless defined $more;
                $sent += $more;
            }
        }
        $SIG{PIPE} = "IGNORE";
        my $is_open = 1;
        while (1) {
            my $ready = "";
            vec($ready, fileno STDIN, 1) = 1 if $is_open;
            vec($ready, fileno $socket, 1) = 1;
            next if select($ready, undef, undef, undef) < 1;
            if ($is_open && vec($ready, fileno STDIN, 1)) {
                if (sysread(STDIN, my $bytes, 65536)) {
                    refuse(fence_refusal($domain, $token)) if defined $domain;
                    all($socket, $bytes);
                }
                else { shutdown($socket, 1); $is_open = 0 }
            }
            if (vec($ready, fileno $socket, 1)) {
                sysread($socket, my $bytes, 65536) or last;
                all(\*STDOUT, $bytes);
            }
        }
    ' "$fences" "$@"
elif [ $# -gt 1 ]; then
    echo "perl is not on the node" >&2
    exit 1
elif command -v python3 >/dev/null; then
    exec python3 -c '
import os, select, socket, sys
server = socket.socket(socket.AF_UNIX)
try:
    server.connect(sys.argv[1])
except OSError as error:
    sys.exit("%s: %s" % (sys.argv[1], error.strerror))
readers = [0, server]
while True:
    ready = select.select(readers, [], [])[0]
    if 0 in ready:
        data = os.read(0, 65536)
        if data:
            server.sendall(data)
        else:
            server.shutdown(socket.SHUT_WR)
            readers.remove(0)
    if server in ready:
        data = server.recv(65536)
        if not data:
            break
        while data:
            data = data[os.write(1, data):]
    ' "$1"
elif command -v socat >/dev/null; then
    exec socat - "UNIX-CONNECT:$1"
elif command -v nc >/dev/null; then
    exec nc -U "$1"
fi
echo "none of perl, python3, socat and nc is on the node" >&2
exit 1
