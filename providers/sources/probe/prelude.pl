# The probe: reads facts about this node and changes nothing. Needs sh and perl-base; a fragment may
# need the program that it asks.
#
# stdin: the closing nonce, the salt for secrets, then per request "NAME COUNT" and per argument its
# length on a line and its bytes; "." ends. Arguments are data: they reach a fragment as its @_ and
# are never evaluated. Fragments cannot harm each other: see ask. Answers are framed "@F NAME STATUS
# BYTES ERROR_BYTES", then the bytes of both and a newline. The last line is "@E NONCE".
use strict;
my ($timeout_status, $too_long_status) = (124, 153);
my $error_bytes = 4096;    # that are kept; and of these the last that are told
my $told_error_bytes = 400;
my $shared_seconds = 3;
my $no_wait = 1;    # of waitpid
$ENV{LC_ALL} = "C";
$ENV{PATH} = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
umask 077;

# -- what is asked ---------------------------------------------------------------------------------

sub refuse { print STDERR "$_[0]\n"; exit 73 }

sub take_line {
    my $line = <STDIN>;
    defined $line or refuse("request cut off");
    chomp $line;
    return $line;
}

sub take_argument {
    my $length = take_line();
    $length =~ /^[0-9]+$/ or refuse("malformed length");
    my $got = read(STDIN, my $bytes, $length);
    defined $got && $got == $length or refuse("request cut off");
    $bytes =~ /[\x00-\x1f\x7f]/ and refuse("an argument has a control character");
    return $bytes;
}

chdir "/" or refuse("/: $!");
binmode STDIN;
binmode STDOUT;
my ($nonce, $salt) = (take_line(), take_line());
my %asked;
while ((my $request = take_line()) ne ".") {
    my ($name, $count) = $request =~ /^([a-z_.]+) ([0-9]+)$/ or refuse("malformed request");
    $asked{$name} = [map { take_argument() } 1 .. $count];
}

# -- processes -------------------------------------------------------------------------------------

# Seconds that no correction of the clock moves.
sub now {
    open(my $in, "<", "/proc/uptime") or die "/proc/uptime: $!\n";
    return (split " ", <$in>)[0];
}

my $said_why = "why is on stderr\n";

sub run_child {
    my ($job, $out, $err, $code) = @_;
    $SIG{$_} = "DEFAULT" for qw(HUP INT TERM PIPE);
    alarm $job->{seconds} + 5;    # should nobody be left to stop it
    open(STDIN, "<", "/dev/null");
    open(STDOUT, ">&", $out);
    open(STDERR, ">&", $err);
    binmode STDOUT;
    eval { $code->(); close(STDOUT) or die "$!\n"; 1 } and exit 0;
    print STDERR $@ unless $@ eq $said_why;
    exit 1;
}

# Start CODE in a process. Job: {seconds, max (bytes of its output), kill (-1: with all it starts)}.
sub start {
    my ($job, $code) = @_;
    pipe(my $out, my $to_out) && pipe(my $err, my $to_err) or die "pipe: $!\n";
    my $pid = fork;
    defined $pid or die "fork: $!\n";
    setpgrp($pid, $pid) if $job->{kill} < 0;    # in both, whoever comes first
    run_child($job, $to_out, $to_err, $code) unless $pid;
    return {%$job, pid => $pid, ends => now() + $job->{seconds}, out => "", err => "", from => {out => $out, err => $err}};
}

sub stop {
    my ($job, $status) = @_;
    kill KILL => $job->{kill} * $job->{pid} if $job->{pid};
    @$job{qw(status from)} = ($status, {});
}

sub take_some {
    my ($job, $side) = @_;
    my $got = sysread($job->{from}{$side}, $job->{$side}, 65536, length $job->{$side});
    delete $job->{from}{$side} unless $got;
    $job->{err} = substr($job->{err}, 0, $error_bytes);
    stop($job, $too_long_status) if length $job->{out} > $job->{max};
}

# The status of a process that has said all; one that does not go is left behind.
sub reap {
    my ($job) = @_;
    return unless $job->{pid};
    my $ends = defined $job->{status} ? now() + 1 : $job->{ends};
    until (waitpid($job->{pid}, $no_wait) == $job->{pid}) {
        if (now() >= $ends) {
            return if defined $job->{status};
            stop($job, $timeout_status);
            $ends = now() + 1;
        }
        select(undef, undef, undef, 0.005);
    }
    $job->{pid} = 0;
    $job->{status} = $? & 127 ? 128 + ($? & 127) : $? >> 8 unless defined $job->{status};
}

# Wait for all jobs, each until its own end: then they have status, out and err. "then" of a job that
# has ended may add more.
sub collect {
    my ($jobs) = @_;
    while (1) {
        (delete $_->{then})->($_) for grep { $_->{then} && !%{$_->{from}} } @$jobs;
        my @open = grep { %{$_->{from}} } @$jobs or last;
        my ($bits, $ready, $ends) = ("", "", $open[0]{ends});
        for my $job (@open) {
            vec($bits, fileno $_, 1) = 1 for values %{$job->{from}};
            $ends = $job->{ends} if $job->{ends} < $ends;
        }
        my $left = $ends - now();
        select($ready = $bits, undef, undef, $left > 0 ? $left : 0) < 1 and $ready = "";
        for my $job (@open) {
            for my $side (keys %{$job->{from}}) {
                my $from = $job->{from}{$side} or next;
                take_some($job, $side) if vec($ready, fileno $from, 1);
            }
            stop($job, $timeout_status) if %{$job->{from}} && now() >= $job->{ends};
        }
    }
    reap($_) for @$jobs;
}

# -- what fragments share --------------------------------------------------------------------------

# Not there is an answer (ENOENT, ENOTDIR); all other failures are failures to tell.
sub is_absent { return $! == 2 || $! == 20 }

# What stat says about a path; nothing if it is not there.
sub look {
    my ($path) = @_;
    my @stat = stat $path;
    @stat or is_absent() or die "$path: $!\n";
    return @stat;
}

sub slurp {
    my ($path) = @_;
    open(my $in, "<", $path) or die "$path: $!\n";
    binmode $in;
    my ($text, $got) = ("");
    do {
        $got = sysread($in, $text, 65536, length $text);
        defined $got or die "$path: $!\n";
    } while $got;
    return $text;
}

# Like slurp; undef if it is not there.
sub slurp_if_there { return look($_[0]) ? slurp($_[0]) : undef }

# The names in a folder that match, sorted; none if it is not there.
sub names_in {
    my ($folder, $pattern) = @_;
    opendir(my $in, $folder) or is_absent() ? return () : die "$folder: $!\n";
    return sort grep { /$pattern/ } readdir $in;
}

# "owner, tab, group, tab, mode" of what stat says.
my (%user_names, %group_names);
sub owner_and_mode {
    my ($mode, $uid, $gid) = @_[2, 4, 5];
    $user_names{$uid} //= getpwuid($uid) // $uid;
    $group_names{$gid} //= getgrgid($gid) // $gid;
    return sprintf "%s\t%s\t%o", $user_names{$uid}, $group_names{$gid}, $mode & 07777;
}

# What a program prints, however it ends.
sub output_of_any {
    open(my $from, "-|", @_) or die "$_[0]: $!\n";
    binmode $from;
    my $text = do { local $/; <$from> };
    close $from;
    return $text // "";
}

# The same; where it fails, so does the fragment, with what it said.
sub output {
    my $text = output_of_any(@_);
    die $said_why if $?;
    return $text;
}

# -- the fragments ---------------------------------------------------------------------------------

my @jobs;
$SIG{$_} = sub { stop($_, 0) for @jobs; exit 72 } for qw(HUP INT TERM PIPE);

my @shared;

sub answer {
    my ($fragment, $status, $out, $err) = @_;
    push @jobs, {name => $fragment->{name}, status => $status, out => $out, err => $err, from => {}, pid => 0};
}

sub ask_alone {
    my ($fragment) = @_;
    my $job = eval { start({%$fragment, kill => -1}, sub { $fragment->{code}(@{$fragment->{arguments}}) }) };
    $job ? push @jobs, $job : answer($fragment, 1, "", $@);
}

# ask NAME, SECONDS, BYTES, CODE: of a fragment, if it was requested. A process costs more than most of
# them: they share one, and what it does not tell of them within a short time is asked again, each in
# a process of its own that is bound to the fragment's time and bytes.
sub ask {
    my ($name, $seconds, $max, $code) = @_;
    my $arguments = $asked{$name} or return;
    my $fragment = {name => $name, seconds => $seconds, max => $max, code => $code, arguments => $arguments};
    $name eq "etcd.member" ? ask_alone($fragment) : push @shared, $fragment;
}

# After each answer a line that no answer has in it: the nonce, and whether the fragment succeeded.
sub run_shared {
    open(STDERR, ">", "/dev/null");
    for my $fragment (@shared) {
        my $is_told = eval { $fragment->{code}(@{$fragment->{arguments}}); 1 } ? 1 : 0;
        print "\n$nonce $is_told\n";
    }
}

sub take_shared {
    my ($job) = @_;
    my @parts = split /\n\Q$nonce\E ([01])\n/, $job->{out}, -1;
    for my $fragment (@shared) {
        my ($text, $is_told) = splice @parts, 0, 2;
        $is_told && length $text <= $fragment->{max} ? answer($fragment, 0, $text, "") : ask_alone($fragment);
    }
}

sub ask_shared {
    my $max = 1024;
    $max += $_->{max} for @shared;
    my $job = {seconds => $shared_seconds, max => $max, kill => -1, then => \&take_shared};
    my $started = eval { start($job, \&run_shared) };
    $started ? push @jobs, $started : take_shared({out => ""});
}

