#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/process.h"
#include "ssh/bench.h"
#include "unit.h"

/* Streams of sessions; each test runs over both backends, on real servers. */

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

/* Two commands that both sleep are begun before either is awaited; one of a user who does not exist
 * says so when it is awaited. */
static void test_begun_together(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        SshStream *first, *second, *third;
        check_fine(ssh_stream_begin(open.session, "root", "sleep 0.2; cat", soon(), &first));
        check_fine(ssh_stream_begin(open.session, "root", "cat", soon(), &second));
        check_fine(ssh_stream_begin(open.session, "nosuchuser", "cat", soon(), &third));
        check_fine(ssh_stream_await(second, soon()));
        put(second, "two");
        expect(second, "two");
        check_fine(ssh_stream_await(first, soon()));
        put(first, "one");
        expect(first, "one");
        check_error(ssh_stream_await(third, soon()), ERROR_REFUSED, "nosuchuser");
        ssh_stream_close(third);
        ssh_stream_close(second);
        ssh_stream_close(first);
        close_session(&open);
    }
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
                    ERROR_UNREACHABLE, "no answer through the connection within");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_command), cmocka_unit_test(test_stream_tcp),
        cmocka_unit_test(test_two_streams),    cmocka_unit_test(test_begun_together),
        cmocka_unit_test(test_stream_bulk),    cmocka_unit_test(test_stream_splice),
        cmocka_unit_test(test_stream_refused),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
