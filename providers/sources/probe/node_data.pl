my ($data) = (@_, "/pg/data");
print "path=$data\n";
if (!look($data)) {
    print "empty=true\n";
    return;
}
print "empty=true\n" unless grep { !/^\.\.?$/ } names_in($data, qr/./);
for my $signal ("standby.signal", "recovery.signal") {
    print "signal=$signal\n" if look("$data/$signal");
}
print "has_backup_label=true\n" if look("$data/backup_label");
# Alive, and its own directory is this one: not a recycled number.
my ($pid) = (slurp_if_there("$data/postmaster.pid") // "") =~ /^([0-9]+)\n/;
if (defined $pid) {
    my @runs_in = stat "/proc/$pid/cwd";
    my @is = look($data);
    print "postmaster_pid=$pid\n" if @runs_in && "@runs_in[0, 1]" eq "@is[0, 1]";
}
return unless look("$data/PG_VERSION") && look("$data/global/pg_control");
my ($version) = split /\n/, slurp("$data/PG_VERSION");
print "initialized=true\nversion=$version\n";
# initdb makes the database postgres last; template0 has the number 4 since PostgreSQL 15. Databases
# of users begin at 16384.
my @databases = grep { -d "$data/base/$_" && !/^(?:1|4|pgsql_tmp)$/ } names_in("$data/base", qr/^[^.]/);
my @tablespaces = names_in("$data/pg_tblspc", qr/^[^.]/);
print "no_database=true\n" unless @databases || @tablespaces;
for my $program ("/usr/pgsql/bin/pg_controldata", "/usr/lib/postgresql/$version/bin/pg_controldata",
    "/usr/pgsql-$version/bin/pg_controldata") {
    next unless -x $program;
    print "--\n", output($program, "-D", $data);
    return;
}
die "$data is initialised, but there is no pg_controldata to read it\n";
