#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "ssh/sshd.h"
#include "unit.h"

/* What a session does once it is open; each test runs over both backends, on real servers. */

enum { PATIENCE_MS = 30000, BIG_BYTES = 8 * 1024 * 1024, MAX_BYTES = BIG_BYTES + 1024 };

static const char *const backends[] = {"libssh2", "openssh"};

typedef struct Bench {
    Rig rig;
    Server server;
} Bench;

typedef struct Open {
    SshClient *client;
    SshSession *session;
    Text out;
    Text err;
    int status;
} Open;

static int64_t soon(void)
{
    return clock_monotonic_ms() + PATIENCE_MS;
}

static int setup(void **state)
{
    Bench *bench = must_malloc(sizeof(*bench));
    rig_start(&bench->rig);
    server_start(&bench->rig, "host_ed25519", "", &bench->server);
    server_know(&bench->rig, &bench->server, "", "host_ed25519");
    *state = bench;
    return ssh_global_init() != NULL;
}

static int teardown(void **state)
{
    Bench *bench = *state;
    server_stop(&bench->server);
    rig_end(&bench->rig);
    free(bench);
    return 0;
}

static void open_on(const Bench *bench, const Server *server, const char *backend,
                    const char *become_user, Open *ret)
{
    *ret = (Open){.status = -1};
    SshSettings settings = rig_settings(&bench->rig);
    settings.backend = backend;
    ret->client = ssh_client_new(&settings);
    SshTarget target = server_target(&bench->rig, server, "ed25519");
    target.become_user = become_user;
    check_fine(ssh_open(ret->client, &target, soon(), &ret->session));
    assert_string_equal(ssh_backend(ret->session), backend);
}

static void open_session(const Bench *bench, const char *backend, Open *ret)
{
    open_on(bench, &bench->server, backend, NULL, ret);
}

static void close_session(Open *open)
{
    ssh_close(open->session);
    ssh_client_free(open->client);
    text_release(&open->out);
    text_release(&open->err);
}

static Error *run_bytes(Open *open, const char *script, const void *input, size_t length,
                        int64_t deadline_ms)
{
    text_clear(&open->out);
    text_clear(&open->err);
    open->status = -1;
    return ssh_run(open->session, script, input, length, MAX_BYTES, deadline_ms, &open->out,
                   &open->err, &open->status);
}

static Error *run(Open *open, const char *script, const char *input)
{
    return run_bytes(open, script, input, strlen(input), soon());
}

/* -- scripts --------------------------------------------------------------------------------- */

static void test_scripts(void **state)
{
    static const struct {
        const char *script;
        const char *input;
        const char *out;
        const char *err;
        int status;
    } cases[] = {
        {"true", "", "", "", 0},
        {"echo hello", "", "hello\n", "", 0},
        {"printf 'no newline'", "", "no newline", "", 0},
        {"echo out; echo err >&2; exit 7", "", "out\n", "err\n", 7},
        {"cat", "the input", "the input", "", 0},
        {"true # a comment at the end", "", "", "", 0},
        {"cat <<'X'\nhere\nX", "", "here\n", "", 0},
        {"read a; echo \"got $a\"", "one\ntwo\n", "got one\n", "", 0},
        {"trap 'echo mine' EXIT; exit 3", "", "mine\n", "", 3},
        {"set -e; false; echo never", "", "", "", 1},
        {"sh -c 'kill -9 $$'", "", "", "Killed\n", 137},
        {"echo \"$LC_ALL\"; id -un", "", "C\nroot\n", "", 0},
        {"cat; exec 1>&-; exit 4", "x", "x", "", 4},
    };
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            check_fine(run(&open, cases[i].script, cases[i].input));
            assert_string_equal(text_get(&open.out), cases[i].out);
            assert_string_equal(text_get(&open.err), cases[i].err);
            assert_int_equal(open.status, cases[i].status);
        }
        assert_int_equal(ssh_round_trips(open.session), 1 + COUNT_OF(cases));
        close_session(&open);
    }
}

static void test_input_is_data(void **state)
{
    const Bench *bench = *state;
    const char *canary = rig_path(&bench->rig, "canary");
    CLEANUP(text_release) Text input = TEXT_INIT;
    text_addf(&input, "$(touch %s) `touch %s` ' \" \\ ; touch %s\n", canary, canary, canary);
    for (int i = 0; i < 256; i++)
        text_add_char(&input, (char)i);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(bench, backends[b], &open);
        check_fine(run_bytes(&open, "cat", input.bytes, input.length, soon()));
        assert_int_equal(open.out.length, input.length);
        assert_memory_equal(open.out.bytes, input.bytes, input.length);
        assert_false(file_exists(canary));
        close_session(&open);
    }
}

static void test_big_both_ways(void **state)
{
    char *bytes = must_malloc(BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++)
        bytes[i] = (char)((i * 2654435761U) >> 13);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        check_fine(run_bytes(&open, "cat", bytes, BIG_BYTES, soon()));
        assert_int_equal(open.out.length, BIG_BYTES);
        assert_memory_equal(open.out.bytes, bytes, BIG_BYTES);
        /* A script that does not want its input ends all the same. */
        check_fine(run_bytes(&open, "exit 5", bytes, BIG_BYTES, soon()));
        assert_int_equal(open.status, 5);
        close_session(&open);
    }
    free(bytes);
}

static void test_bounds(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        check_error(
            ssh_run(open.session, "yes", "", 0, 100000, soon(), &open.out, &open.err, &open.status),
            ERROR_UNREACHABLE, "more than the 100000 bytes");
        check_error(ssh_run(open.session, "yes | head -c 101 >&2", "", 0, 100, soon(), &open.out,
                            &open.err, &open.status),
                    ERROR_UNREACHABLE, "more than the 100 bytes");
        assert_int_equal(open.out.length, 0);
        check_fine(run(&open, "echo good", ""));
        assert_string_equal(text_get(&open.out), "good\n");
        close_session(&open);
    }
}

static void test_deadline(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        int64_t start_ms = clock_monotonic_ms();
        check_error(run_bytes(&open, "sleep 100", "", 0, start_ms + 500), ERROR_UNREACHABLE,
                    "127.0.0.1 did not finish its script within 0.5 s");
        assert_true(clock_monotonic_ms() - start_ms < 5000);
        check_fine(run(&open, "echo again", ""));
        close_session(&open);
    }
}

/* Daemons keep their outputs open; the closing line is enough. */
static void test_daemon_left_behind(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        int64_t start_ms = clock_monotonic_ms();
        check_fine(run(&open, "sleep 20 & echo $!", ""));
        assert_true(clock_monotonic_ms() - start_ms < 5000);
        CLEANUP(text_release) Text pid = TEXT_INIT;
        text_add(&pid, text_get(&open.out));
        check_fine(run(&open, "read pid; kill $pid", text_get(&pid)));
        close_session(&open);
    }
}

static void test_shell_killed(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        check_error(run(&open, "echo half; echo why >&2; kill -9 $$", ""), ERROR_UNREACHABLE,
                    "without its closing line");
        check_fine(run(&open, "if", ""));
        assert_int_equal(open.status, 2);
        assert_non_null(strstr(text_get(&open.err), "yntax error"));
        close_session(&open);
    }
}

/* sshd's child for the session dies while a script runs. */
static void test_server_dies(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        /* the shell, then sshd's login shell (or not: it may exec), then sshd */
        check_error(run(&open,
                        "pid=$$; while [ \"$(cat /proc/$pid/comm)\" != sshd ]; do\n"
                        "pid=$(awk '{print $4}' /proc/$pid/stat); done; kill -9 $pid; sleep 10",
                        ""),
                    ERROR_UNREACHABLE, "connection was lost");
        check_error(run(&open, "true", ""), ERROR_UNREACHABLE, "127.0.0.1");
        close_session(&open);
    }
}

static void test_noise(void **state)
{
    const Bench *bench = *state;
    Server server;
    server_start(&bench->rig, "host_ed25519",
                 "ForceCommand echo noise; echo more noise >&2; eval \"$SSH_ORIGINAL_COMMAND\"; "
                 "echo late noise",
                 &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_on(bench, &server, backends[b], NULL, &open);
        check_fine(run(&open, "cat; echo said >&2; exit 3", "in"));
        assert_string_equal(text_get(&open.out), "in");
        assert_string_equal(text_get(&open.err), "said\n");
        assert_int_equal(open.status, 3);
        close_session(&open);
    }
    server_stop(&server);
}

static void test_bashrc(void **state)
{
    const Bench *bench = *state;
    rig_write(&bench->rig, ".bashrc", "echo noise; echo noise >&2; touch \"$HOME/was_read\"\n");
    Server server;
    server_start(&bench->rig, "host_ed25519",
                 arena_printf(bench->rig.arena, "SetEnv HOME=%s", bench->rig.directory), &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    Open open;
    open_on(bench, &server, "libssh2", NULL, &open);
    check_fine(run(&open, "cat", "in"));
    assert_string_equal(text_get(&open.out), "in");
    assert_string_equal(text_get(&open.err), "");
    assert_true(file_exists(rig_path(&bench->rig, "was_read")));
    close_session(&open);
    server_stop(&server);
}

/* -- streams --------------------------------------------------------------------------------- */

static void put(SshStream *stream, const char *text)
{
    assert_int_equal(send(ssh_stream_fd(stream), text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Wait until `want` arrived, or end of file. */
static void expect(SshStream *stream, const char *want)
{
    CLEANUP(text_release) Text got = TEXT_INIT;
    while (got.length < strlen(want)) {
        short ready;
        check_fine(ssh_stream_wait(stream, POLLIN, soon(), &ready));
        char bytes[256];
        ssize_t count = read(ssh_stream_fd(stream), bytes, sizeof(bytes));
        if (count <= 0)
            break;
        text_add_bytes(&got, bytes, (size_t)count);
    }
    assert_string_equal(text_get(&got), want);
}

static void expect_end(SshStream *stream)
{
    short ready;
    check_fine(ssh_stream_wait(stream, POLLIN, soon(), &ready));
    char byte;
    assert_int_equal(read(ssh_stream_fd(stream), &byte, 1), 0);
}

static void test_stream_command(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        SshStream *stream;
        check_fine(ssh_stream_command(open.session, "root", "echo why >&2; cat; echo last", soon(),
                                      &stream));
        put(stream, "one");
        expect(stream, "one");
        /* A script in between disturbs nothing, and the stream moves meanwhile. */
        put(stream, "two");
        check_fine(run(&open, "sleep 0.2; echo script", ""));
        assert_string_equal(text_get(&open.out), "script\n");
        expect(stream, "two");
        assert_string_equal(ssh_stream_stderr(stream), "why\n");
        shutdown(ssh_stream_fd(stream), SHUT_WR); /* half-closed: the answer still comes */
        expect(stream, "last\n");
        expect_end(stream);
        ssh_stream_close(stream);
        assert_int_equal(ssh_round_trips(open.session), 3);
        close_session(&open);
    }
}

/* Echo server on the far side: one connection, answers in upper case, then closes. */
static pid_t start_echo(const Rig *rig, int *ret_port)
{
    static const char program[] =
        "use IO::Socket::INET; $| = 1;"
        "my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1') or die;"
        "print $l->sockport, \"\\n\";"
        "while (my $c = $l->accept) { while (sysread($c, my $b, 4096)) { syswrite($c, uc $b);"
        " last if $b =~ /quit/ } close $c }";
    char *argv[] = {arena_strdup(rig->arena, "perl"), arena_strdup(rig->arena, "-e"),
                    arena_strdup(rig->arena, program), NULL};
    pid_t pid;
    int fd, errors;
    check_fine(process_start(argv, &pid, &fd, &errors));
    char line[32] = "";
    ssize_t got = read(fd, line, sizeof(line) - 1);
    assert_true(got > 1);
    *ret_port = (int)strtol(line, NULL, 10);
    close(fd);
    close(errors);
    return pid;
}

static void test_stream_tcp(void **state)
{
    const Bench *bench = *state;
    int port;
    pid_t echo = start_echo(&bench->rig, &port);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(bench, backends[b], &open);
        SshStream *first, *second;
        check_fine(ssh_stream_tcp(open.session, "127.0.0.1", port, soon(), &first));
        put(first, "quit");
        expect(first, "QUIT");
        expect_end(first);
        ssh_stream_close(first);
        check_fine(ssh_stream_tcp(open.session, "127.0.0.1", port, soon(), &second));
        put(second, "hello");
        expect(second, "HELLO");
        ssh_stream_close(second);
        close_session(&open);
    }
    process_end(echo);
}

/* The answer of one stream that arrives while another one is waited for is kept. */
static void test_two_streams(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        SshStream *first, *second;
        check_fine(ssh_stream_command(open.session, "root", "cat", soon(), &first));
        check_fine(ssh_stream_command(open.session, "root", "read x; sleep 0.3; echo $x", soon(),
                                      &second));
        put(first, "for the first");
        put(second, "for the second\n");
        expect(second, "for the second\n");
        expect(first, "for the first");
        check_error(ssh_stream_wait(first, POLLIN, clock_monotonic_ms() + 300, &(short){0}),
                    ERROR_UNREACHABLE, "within 0.3 s");
        close_session(&open); /* closes the streams, too */
    }
}

static void test_stream_bulk(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        SshStream *stream;
        check_fine(ssh_stream_command(open.session, "root", "cat", soon(), &stream));
        size_t sent = 0, received = 0;
        static char bytes[65536];
        while (received < BIG_BYTES) {
            short ready, events = POLLIN;
            if (sent < BIG_BYTES)
                events |= POLLOUT;
            check_fine(ssh_stream_wait(stream, events, soon(), &ready));
            if (ready & POLLOUT) {
                for (size_t i = 0; i < sizeof(bytes); i++)
                    bytes[i] = (char)((sent + i) % 251);
                ssize_t count = send(ssh_stream_fd(stream), bytes, sizeof(bytes), MSG_NOSIGNAL);
                sent += count > 0 ? (size_t)count : 0;
            }
            if (ready & POLLIN) {
                ssize_t count = read(ssh_stream_fd(stream), bytes, sizeof(bytes));
                assert_true(count > 0);
                for (ssize_t i = 0; i < count; i++)
                    assert_int_equal(bytes[i], (char)((received + (size_t)i) % 251));
                received += (size_t)count;
            }
        }
        ssh_stream_close(stream);
        close_session(&open);
    }
}

static void test_stream_splice(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        SshStream *stream;
        check_fine(ssh_stream_command(open.session, "root", "echo first; cat", soon(), &stream));
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        ssh_stream_splice(stream, ends[0], ends[1]);
        expect(stream, "first\n");
        put(stream, "x");
        expect(stream, "x");
        ssh_stream_close(stream);
        close(ends[1]);
        close_session(&open);
    }
}

static void test_stream_refused(void **state)
{
    Open open;
    open_session(*state, "libssh2", &open);
    SshStream *stream;
    check_error(ssh_stream_tcp(open.session, "127.0.0.1", 1, soon(), &stream), ERROR_REFUSED,
                "a connection to 127.0.0.1 port 1");
    check_error(ssh_stream_tcp(open.session, "-oX", 1, soon(), &stream), ERROR_INVALID, "-oX");
    check_error(ssh_stream_command(open.session, "a b", "cat", soon(), &stream), ERROR_INVALID,
                "'a b' is no user name");
    check_error(ssh_stream_command(open.session, "nosuchuser", "cat", soon(), &stream),
                ERROR_REFUSED, "nosuchuser");
    close_session(&open);
}

/* -- sudo ------------------------------------------------------------------------------------ */

static void test_sudo(void **state)
{
    char *bytes = must_malloc(BIG_BYTES);
    memset(bytes, 'x', BIG_BYTES);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        const Bench *bench = *state;
        open_on(bench, &bench->server, backends[b], "nobody", &open);
        check_fine(run(&open, "id -un; cat; exit 9", "in"));
        assert_string_equal(text_get(&open.out), "nobody\nin");
        assert_int_equal(open.status, 9);
        check_fine(run_bytes(&open, "cat", bytes, BIG_BYTES, soon()));
        assert_int_equal(open.out.length, BIG_BYTES);
        SshStream *stream;
        check_fine(ssh_stream_command(open.session, "nobody", "id -un; cat", soon(), &stream));
        expect(stream, "nobody\n");
        close_session(&open);
    }
    free(bytes);
}

/* A node whose sudo says no; PATH names ours first. */
static void test_sudo_refuses(void **state)
{
    static const struct {
        const char *sudo; /* "": there is none */
        const char *part;
    } cases[] = {
        {"", "127.0.0.1 has no sudo, and root may do nothing as nobody without it"},
        {"echo 'sudo: a password is required' >&2; exit 1",
         "echo 'root ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pgsteer"},
        {"echo 'Sorry, user root is not allowed to execute x' >&2; exit 1", "does not allow it"},
        {"echo 'sudo: something else' >&2; exit 1", "it said 'sudo: something else'"},
        {"exit 0", "said nothing"},
    };
    const Bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *tools[] = {"sh", "bash", "env", "head", "cat"};
        const char *bin = arena_printf(bench->rig.arena, "%s/bin%zu", bench->rig.directory, i);
        check_fine(file_make_dirs(bin, 0755));
        for (size_t t = 0; t < COUNT_OF(tools); t++)
            assert_int_equal(symlink(arena_printf(bench->rig.arena, "/bin/%s", tools[t]),
                                     arena_printf(bench->rig.arena, "%s/%s", bin, tools[t])),
                             0);
        if (cases[i].sudo[0]) {
            const char *text = arena_printf(bench->rig.arena, "#!/bin/sh\n%s\n", cases[i].sudo);
            check_fine(file_write_all(arena_printf(bench->rig.arena, "%s/sudo", bin), 0755, text,
                                      strlen(text)));
        }
        Server server;
        server_start(&bench->rig, "host_ed25519",
                     arena_printf(bench->rig.arena, "SetEnv PATH=%s", bin), &server);
        server_know(&bench->rig, &server, "", "host_ed25519");
        Open open;
        open_on(bench, &server, backends[i % 2], "nobody", &open);
        check_error(run(&open, "true", "some input"), ERROR_REFUSED, cases[i].part);
        SshStream *stream;
        check_error(ssh_stream_command(open.session, "nobody", "cat", soon(), &stream),
                    ERROR_REFUSED, cases[i].part);
        close_session(&open);
        server_stop(&server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts),        cmocka_unit_test(test_input_is_data),
        cmocka_unit_test(test_big_both_ways),  cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_deadline),       cmocka_unit_test(test_daemon_left_behind),
        cmocka_unit_test(test_shell_killed),   cmocka_unit_test(test_server_dies),
        cmocka_unit_test(test_noise),          cmocka_unit_test(test_bashrc),
        cmocka_unit_test(test_stream_command), cmocka_unit_test(test_stream_tcp),
        cmocka_unit_test(test_two_streams),    cmocka_unit_test(test_stream_bulk),
        cmocka_unit_test(test_stream_splice),  cmocka_unit_test(test_stream_refused),
        cmocka_unit_test(test_sudo),           cmocka_unit_test(test_sudo_refuses),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
