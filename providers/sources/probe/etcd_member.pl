# Asks the local etcd; etcdctl reads the root client certificate, each call is bounded.
my $config = slurp_if_there("/etc/etcd/etcd.yml") // return;
print "configured=true\n";
my ($data) = $config =~ /^data-dir:[ \t]*["\x27]?([^"\x27\n]*)["\x27]?[ \t]*$/m;
print "data_initialized=true\n" if length($data // "") && look("$data/member") && -d _;
return unless look("/etc/etcd/root.crt") && grep { -x "$_/etcdctl" } split /:/, $ENV{PATH};
my ($endpoint) = $config =~ /^advertise-client-urls:[ \t]*["\x27]?([^"\x27,\n]*)/m;
$endpoint = "https://127.0.0.1:2379" unless length($endpoint // "");
@ENV{qw(ETCDCTL_API GOMAXPROCS)} = (3, 1);    # its threads cost more than they do
my $ask_etcd = sub {
    my @question = @_;
    return start({name => "@question", seconds => 5, max => 4194304, kill => 1}, sub {
        exec "etcdctl", "--endpoints=$endpoint", "--command-timeout=4s", "--dial-timeout=2s",
            "--cacert=/etc/etcd/ca.crt", "--cert=/etc/etcd/root.crt", "--key=/etc/etcd/root.key", @question
            or die "etcdctl: $!\n";
    });
};
# What a healthy etcd does not tell is unknown, not absent.
my $lines = sub {
    my ($job) = @_;
    my ($why) = $job->{err} =~ /([^\n]*)\n*\z/;
    die "etcdctl $job->{name}: status $job->{status} $why\n" if $job->{status};
    return split /\n/, $job->{out};
};
# "get" first: an etcd that does not answer is asked nothing more.
my $keys = $ask_etcd->("get", "/pg/", "--prefix", "-w", "json");
collect([$keys]);
return unless $keys->{status} == 0;
# A name that does not exist is let in only while authentication is off.
my $open = $ask_etcd->("--user=pgsteer-probe:none", "get", "pgsteer-probe");
my ($members, $users, $roles) = map { $ask_etcd->(@$_) } ["member", "list"], ["user", "list"], ["role", "list"];
collect([$open, $members, $users, $roles]);
my $is_open = $open->{status} == 0;
$is_open or $open->{err} =~ /invalid user ID or password/ or $lines->($open);
# What root may do is not among its grants: it may do everything.
my @roles = $lines->($roles);
my %grants = map { $_ => $ask_etcd->("role", "get", $_) } grep { $_ ne "root" } @roles;
collect([values %grants]);
for my $role (@roles) {
    print "role\t$role\n", $grants{$role} ? map("grant\t$_\n", $lines->($grants{$role})) : ();
}
print "healthy=true\nauth_enabled=", $is_open ? "false" : "true", "\n";
print map "member\t$_\n", $lines->($members);
print map "user\t$_\n", $lines->($users);
# The header has unsigned 64-bit numbers, which not every JSON reader takes.
$keys->{out} =~ s/"header":\{[^}]*\},?//;
print "keys\t", length $keys->{out}, "\n$keys->{out}\n";
