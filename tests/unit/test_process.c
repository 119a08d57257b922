#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "unit.h"

enum { PATIENCE_MS = 30000, MAX_BYTES = 10000000 };

typedef struct Run {
    Text output;
    Text errors;
    int status;
} Run;

static void run_release(Run *run)
{
    text_release(&run->output);
    text_release(&run->errors);
}

/* {program, NULL} or {program, "-c", script, NULL}. */
static char **command(Arena *arena, const char *program, const char *script)
{
    char **argv = ARENA_ARRAY(arena, char *, 4);
    argv[0] = arena_strdup(arena, program);
    if (script) {
        argv[1] = arena_strdup(arena, "-c");
        argv[2] = arena_strdup(arena, script);
    }
    return argv;
}

static Error *shell(Run *run, const char *script, const char *input, size_t length)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char **argv = command(arena, "sh", script);
    Error *error = process_run(argv, input, length, MAX_BYTES, clock_monotonic_ms() + PATIENCE_MS,
                               &run->output, &run->errors, &run->status);
    return error;
}

static void outputs_and_status(void **state)
{
    (void)state;
    static const struct {
        const char *script, *input, *output, *errors;
        int status;
    } cases[] = {
        {"echo out; echo err >&2; exit 3", NULL, "out\n", "err\n", 3},
        {"cat", "hello", "hello", "", 0},
        {"cat", NULL, "", "", 0},
        {"kill -TERM $$", NULL, "", "", 128 + SIGTERM},
        {"exec >&- 2>&-; sleep 0.05; exit 7", NULL, "", "", 7},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(run_release) Run run = {.status = -1};
        const char *input = cases[i].input;
        check_fine(shell(&run, cases[i].script, input, input ? strlen(input) : 0));
        assert_string_equal(text_get(&run.output), cases[i].output);
        assert_string_equal(text_get(&run.errors), cases[i].errors);
        assert_int_equal(run.status, cases[i].status);
    }
}

static void big_data_in_both_directions(void **state)
{
    (void)state;
    enum { SIZE = 3000000 };
    char *input = must_malloc(SIZE);
    memset(input, 'x', SIZE);
    CLEANUP(run_release) Run run = {.status = -1};
    check_fine(shell(&run, "tee /dev/stderr", input, SIZE));
    assert_int_equal(run.output.length, SIZE);
    assert_int_equal(run.errors.length, SIZE);
    assert_memory_equal(run.output.bytes, input, SIZE);

    /* A child that does not read it all is fine, and nobody gets SIGPIPE. */
    CLEANUP(run_release) Run careless = {.status = -1};
    check_fine(shell(&careless, "head -c 1; exec sleep 0.05", input, SIZE));
    assert_string_equal(text_get(&careless.output), "x");
    assert_int_equal(careless.status, 0);
    free(input);
}

static void too_late(void **state)
{
    (void)state;
    /* One that keeps its outputs open, one that closed them, one whose own child goes on. */
    static const char *const scripts[] = {"sleep 60", "exec >&- 2>&-; sleep 60",
                                          "sleep 60 & echo $!; wait"};
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        CLEANUP(run_release) Run run = {.status = -1};
        CLEANUP(arena_freep) Arena *arena = arena_new();
        char **argv = command(arena, "sh", scripts[i]);
        int64_t start_ms = clock_monotonic_ms();
        check_error(process_run(argv, NULL, 0, MAX_BYTES, start_ms + 200, &run.output, &run.errors,
                                &run.status),
                    ERROR_UNREACHABLE, "'sh' did not end before its deadline");
        assert_true(clock_monotonic_ms() - start_ms < PATIENCE_MS);
        assert_int_equal(run.status, -1);
        if (i < 2)
            continue;
        /* Nobody of its group is left: the sleeper is gone or about to be reaped by init. */
        int64_t sleeper = 0;
        run.output.bytes[run.output.length - 1] = '\0';
        assert_true(text_to_int(run.output.bytes, &sleeper));
        char *stat = arena_printf(arena, "/proc/%d/stat", (int)sleeper);
        int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
        for (bool is_alive = true; is_alive;) {
            char *bytes = NULL;
            size_t length;
            Error *error = file_read(arena, stat, 4096, &bytes, &length);
            is_alive = !error && !strstr(bytes, ") Z ");
            error_free(error);
            assert_true(clock_monotonic_ms() < end_ms);
        }
    }
}

static void without_a_deadline(void **state)
{
    (void)state;
    CLEANUP(run_release) Run run = {.status = -1};
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char **argv = command(arena, "true", NULL);
    check_fine(process_run(argv, NULL, 0, 0, -1, &run.output, &run.errors, &run.status));
    assert_int_equal(run.status, 0);
}

static void too_long(void **state)
{
    (void)state;
    static const char *const scripts[] = {"yes", "yes >&2"};
    for (size_t i = 0; i < COUNT_OF(scripts); i++) {
        CLEANUP(run_release) Run run = {.status = -1};
        check_error(shell(&run, scripts[i], NULL, 0), ERROR_UNREACHABLE,
                    "'sh' printed more than 10000000 bytes");
        assert_true(run.output.length <= MAX_BYTES);
    }
}

static void no_such_program(void **state)
{
    (void)state;
    CLEANUP(run_release) Run run = {.status = -1};
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char **argv = command(arena, "pgsteer-no-such-program", NULL);
    check_error(process_run(argv, NULL, 0, 1, -1, &run.output, &run.errors, &run.status),
                ERROR_LOCAL, "cannot start 'pgsteer-no-such-program': No such file");
    pid_t pid;
    int fd, errors;
    check_error(process_start(argv, &pid, &fd, &errors), ERROR_LOCAL, "No such file");
}

static int lowest_free_descriptor(void)
{
    CLEANUP(file_close) int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return fd;
}

/* Without descriptors every step fails in turn, and nothing leaks. */
static void no_descriptors_left(void **state)
{
    (void)state;
    int free_from = lowest_free_descriptor();
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    for (int room = 0; room < 4; room++) {
        struct rlimit tight = {(rlim_t)(free_from + room), before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
        CLEANUP(run_release) Run run = {.status = -1};
        Error *ran = shell(&run, "true", NULL, 0);
        CLEANUP(arena_freep) Arena *arena = arena_new();
        char **argv = command(arena, "true", NULL);
        pid_t pid;
        int fd, errors;
        Error *started = process_start(argv, &pid, &fd, &errors);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        check_error(ran, ERROR_LOCAL, "Too many open files");
        check_error(started, ERROR_LOCAL, "Too many open files");
        assert_int_equal(lowest_free_descriptor(), free_from);
    }
}

/* How many descriptors a child gets from us, if we open all of ours with CLOEXEC. */
static int inherited_count(void)
{
    int count = 0;
    for (int fd = 0; fd < 1024; fd++) {
        int flags = fcntl(fd, F_GETFD);
        count += flags >= 0 && !(flags & FD_CLOEXEC);
    }
    return count;
}

static void the_child_is_clean(void **state)
{
    (void)state;
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &mask, &before);
    void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
    CLEANUP(file_close) int open_one = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CLEANUP(run_release) Run run = {.status = -1};
    /* glibc itself ignores the two signals that it keeps for its own use, 32 and 33. */
    check_fine(shell(&run,
                     "grep SigBlk /proc/self/status; grep SigIgn /proc/self/status | tail -c 8;"
                     "set -- /proc/$$/fd/*; echo $#",
                     NULL, 0));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    signal(SIGPIPE, handler);
    char want[100];
    snprintf(want, sizeof(want), "SigBlk:\t0000000000000000\n0000000\n%d\n",
             inherited_count() + 1); /* and the one that lists them */
    assert_string_equal(text_get(&run.output), want);
}

static void read_exactly(int fd, char *bytes, size_t length)
{
    for (size_t done = 0; done < length;) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&readable, 1, PATIENCE_MS), 1);
        ssize_t got = read(fd, bytes + done, length - done);
        assert_true(got > 0);
        done += (size_t)got;
    }
}

static void a_started_child_talks_over_its_socket(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char **argv = command(arena, "sh", "echo ready >&2; cat; exit 5");
    pid_t pid;
    int fd, errors;
    check_fine(process_start(argv, &pid, &fd, &errors));
    char bytes[6];
    read_exactly(errors, bytes, 6);
    assert_memory_equal(bytes, "ready\n", 6);
    assert_int_equal(write(fd, "ping", 4), 4);
    read_exactly(fd, bytes, 4);
    assert_memory_equal(bytes, "ping", 4);
    assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    shutdown(fd, SHUT_WR);
    assert_int_equal(read(fd, bytes, 1), 0); /* its end */
    assert_int_equal(read(errors, bytes, 1), 0);
    /* It has closed everything, so it is about to exit; ending it must not change its status. */
    int64_t end_ms = clock_monotonic_ms() + PATIENCE_MS;
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
        assert_true(clock_monotonic_ms() < end_ms);
    assert_int_equal(process_end(pid), 5);
    file_close(&fd);
    file_close(&errors);
}

static void ending(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        int status;
    } cases[] = {
        {"echo; exec sleep 60", 128 + SIGTERM},
        {"trap '' TERM; echo; while :; do sleep 0.01; done", 128 + SIGKILL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        char **argv = command(arena, "sh", cases[i].script);
        pid_t pid;
        int fd, errors;
        char byte;
        check_fine(process_start(argv, &pid, &fd, &errors));
        read_exactly(fd, &byte, 1);
        assert_int_equal(process_end(pid), cases[i].status);
        assert_int_equal(process_end(pid), 128); /* nobody is there any more */
        file_close(&fd);
        file_close(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_and_status),
        cmocka_unit_test(big_data_in_both_directions),
        cmocka_unit_test(too_late),
        cmocka_unit_test(without_a_deadline),
        cmocka_unit_test(too_long),
        cmocka_unit_test(no_such_program),
        cmocka_unit_test(no_descriptors_left),
        cmocka_unit_test(the_child_is_clean),
        cmocka_unit_test(a_started_child_talks_over_its_socket),
        cmocka_unit_test(ending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
