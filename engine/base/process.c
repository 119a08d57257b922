#include "base/process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

enum {
    READ_BYTES = 16384,
    REAP_STEP_MS = 5,
    TERMINATE_MS = 2000, /* from SIGTERM to SIGKILL in process_end() */
};

/* The three descriptors of a child; each but stdin and stdout of process_start() is its own. */
typedef struct ChildEnds {
    int input;
    int output;
    int errors;
} ChildEnds;

/* The child leads its own process group, so that a Ctrl-C in our terminal is for us alone and
 * killing it reaches what it started. It inherits no signal mask and no ignored signals. */
static int spawn(char *const argv[], ChildEnds ends, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends.input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, ends.output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, ends.errors, STDERR_FILENO);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);

    int failure = posix_spawnp(ret_pid, argv[0], &files, &attributes, argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failure;
}

static Error *cannot_start(const char *program, int failure)
{
    return error_new(ERROR_LOCAL, "cannot start '%s': %s", program, strerror(failure));
}

static int status_of(int wait_status)
{
    return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

/* False when the child still runs at the deadline. */
static bool reap_until(pid_t pid, int64_t deadline_ms, int *ret_status)
{
    int wait_status = 0;
    for (;;) {
        pid_t reaped = waitpid(pid, &wait_status, deadline_ms < 0 ? 0 : WNOHANG);
        if (reaped == pid) {
            *ret_status = status_of(wait_status);
            return true;
        }
        if (reaped < 0 && errno != EINTR) {
            *ret_status = 128; /* not our child, or reaped already */
            return true;
        }
        if (clock_left_ms(deadline_ms) == 0)
            return false;
        if (deadline_ms >= 0)
            clock_sleep_ms(REAP_STEP_MS);
    }
}

static int kill_and_reap(pid_t pid)
{
    int status = 128;
    kill(-pid, SIGKILL);
    kill(pid, SIGKILL); /* should it have left its group */
    reap_until(pid, -1, &status);
    return status;
}

/* -- process_run ----------------------------------------------------------------------------- */

typedef struct Exchange {
    const char *program;
    int input_fd; /* our ends; -1 once closed */
    int output_fd;
    int errors_fd;
    const char *input;
    size_t input_left;
    size_t max_bytes;
    int64_t deadline_ms;
    Text *output;
    Text *errors;
} Exchange;

static void exchange_close(Exchange *exchange)
{
    file_close(&exchange->input_fd);
    file_close(&exchange->output_fd);
    file_close(&exchange->errors_fd);
}

/* A child that does not read its input to the end is no failure. */
static void send_some(Exchange *exchange)
{
    ssize_t sent = send(exchange->input_fd, exchange->input, exchange->input_left,
                        MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
        exchange->input += sent;
        exchange->input_left -= (size_t)sent;
    }
    bool failed = sent < 0 && errno != EAGAIN && errno != EINTR;
    if (failed || exchange->input_left == 0)
        file_close(&exchange->input_fd);
}

static Error *receive_some(const Exchange *exchange, int *fd, Text *text)
{
    char bytes[READ_BYTES];
    ssize_t got = read(*fd, bytes, sizeof(bytes));
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return NULL;
    if (got <= 0) {
        file_close(fd);
        return NULL;
    }
    if (text->length + (size_t)got > exchange->max_bytes)
        return error_new(ERROR_UNREACHABLE, "'%s' printed more than %zu bytes", exchange->program,
                         exchange->max_bytes);
    text_add_bytes(text, bytes, (size_t)got);
    return NULL;
}

static Error *too_late(const char *program)
{
    return error_new(ERROR_UNREACHABLE, "'%s' did not end before its deadline", program);
}

/* Feed and read until the child has closed its stdout and stderr. */
static Error *exchange_run(Exchange *exchange)
{
    if (exchange->input_left == 0)
        file_close(&exchange->input_fd);
    while (exchange->output_fd >= 0 || exchange->errors_fd >= 0) {
        struct pollfd polled[] = {
            {.fd = exchange->input_fd, .events = POLLOUT},
            {.fd = exchange->output_fd, .events = POLLIN},
            {.fd = exchange->errors_fd, .events = POLLIN},
        };
        int64_t left_ms = clock_left_ms(exchange->deadline_ms);
        if (left_ms == 0)
            return too_late(exchange->program);
        poll(polled, COUNT_OF(polled), left_ms > 60000 ? 60000 : (int)left_ms);
        if (polled[0].revents)
            send_some(exchange);
        if (polled[1].revents)
            TRY(receive_some(exchange, &exchange->output_fd, exchange->output));
        if (polled[2].revents)
            TRY(receive_some(exchange, &exchange->errors_fd, exchange->errors));
    }
    return NULL;
}

static void child_ends_close(ChildEnds *ends)
{
    file_close(&ends->input);
    file_close(&ends->output);
    file_close(&ends->errors);
}

/* The pairs of descriptors; stdin is a socket, because writing to it can be told not to signal. */
static bool open_ends(Exchange *exchange, ChildEnds *ends)
{
    int input[2], output[2], errors[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input) != 0)
        return false;
    exchange->input_fd = input[0];
    ends->input = input[1];
    if (pipe2(output, O_CLOEXEC) != 0)
        return false;
    exchange->output_fd = output[0];
    ends->output = output[1];
    if (pipe2(errors, O_CLOEXEC) != 0)
        return false;
    exchange->errors_fd = errors[0];
    ends->errors = errors[1];
    return true;
}

static Error *exchange_start(Exchange *exchange, char *const argv[], pid_t *ret_pid)
{
    CLEANUP(child_ends_close) ChildEnds ends = {-1, -1, -1};
    if (!open_ends(exchange, &ends))
        return cannot_start(argv[0], errno);
    int failure = spawn(argv, ends, ret_pid);
    return failure ? cannot_start(argv[0], failure) : NULL;
}

// NOLINTNEXTLINE(readability-function-size): everything about one child in one call
Error *process_run(char *const argv[], const char *input, size_t input_length, size_t max_bytes,
                   int64_t deadline_ms, Text *ret_stdout, Text *ret_stderr, int *ret_status)
{
    CLEANUP(exchange_close)
    Exchange exchange = {
        .program = argv[0],
        .input_fd = -1,
        .output_fd = -1,
        .errors_fd = -1,
        .input = input,
        .input_left = input ? input_length : 0,
        .max_bytes = max_bytes,
        .deadline_ms = deadline_ms,
        .output = ret_stdout,
        .errors = ret_stderr,
    };
    pid_t pid = -1;
    TRY(exchange_start(&exchange, argv, &pid));
    assert(pid > 0);
    Error *error = exchange_run(&exchange);
    int status;
    if (!error && !reap_until(pid, deadline_ms, &status))
        error = too_late(argv[0]);
    else if (!error)
        *ret_status = status;
    if (error)
        kill_and_reap(pid);
    return error;
}

/* -- process_start --------------------------------------------------------------------------- */

Error *process_start(char *const argv[], pid_t *ret_pid, int *ret_socket, int *ret_stderr)
{
    int both[2], errors[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, both) != 0)
        return cannot_start(argv[0], errno);
    CLEANUP(file_close) int our_socket = both[0];
    CLEANUP(file_close) int child_socket = both[1];
    if (pipe2(errors, O_CLOEXEC) != 0)
        return cannot_start(argv[0], errno);
    CLEANUP(file_close) int our_errors = errors[0];
    CLEANUP(file_close) int child_errors = errors[1];

    int failure = spawn(argv, (ChildEnds){child_socket, child_socket, child_errors}, ret_pid);
    if (failure)
        return cannot_start(argv[0], failure);
    *ret_socket = our_socket;
    *ret_stderr = our_errors;
    our_socket = our_errors = -1; /* the caller's now */
    return NULL;
}

int process_end(pid_t pid)
{
    int status;
    if (reap_until(pid, 0, &status))
        return status;
    kill(-pid, SIGTERM);
    if (reap_until(pid, clock_monotonic_ms() + TERMINATE_MS, &status))
        return status;
    return kill_and_reap(pid);
}
