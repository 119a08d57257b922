#include "providers/ssh/dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/file.h"
#include "base/process.h"
#include "providers/ssh/program.h"

enum {
    ADDRESSES_MAX = 8,
    DEAD_PEER_MS = 30000, /* unacknowledged data for so long: the peer is gone */
    NAMES_MAX_BYTES = 64 * 1024,
    CONNECT_LIMIT_MS = 10000, /* unless ConnectTimeout says something else */
    FIRST_ADDRESS_MS = 2000,  /* when there are more addresses to try */
};

typedef struct Address {
    struct sockaddr_storage bytes;
    socklen_t length;
    int family;
} Address;

/* -- names ----------------------------------------------------------------------------------- */

static bool parse_numeric(const char *text, int port, int family, Address *ret)
{
    char service[16];
    snprintf(service, sizeof(service), "%d", port);
    const struct addrinfo hints = {
        .ai_family = family,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
    };
    struct addrinfo *found;
    if (getaddrinfo(text, service, &hints, &found) != 0)
        return false;
    memcpy(&ret->bytes, found->ai_addr, found->ai_addrlen);
    ret->length = found->ai_addrlen;
    ret->family = found->ai_family;
    freeaddrinfo(found);
    return true;
}

/* getaddrinfo() knows no deadline, so names are asked from a child that can be stopped. */
static Error *resolve_name(const Login *login, int64_t deadline_ms, Address *addresses,
                           size_t *ret_count)
{
    CLEANUP(text_release) Text answer = TEXT_INIT;
    CLEANUP(text_release) Text errors = TEXT_INIT;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const SshConfig *config = login->config;
    char *argv[] = {arena_strdup(scratch, "getent"), arena_strdup(scratch, "ahosts"),
                    arena_strdup(scratch, config->host_name), NULL};
    int status = 0;
    Error *error =
        process_run(argv, NULL, 0, NAMES_MAX_BYTES, deadline_ms, &answer, &errors, &status);
    if (error)
        return error_wrap(error, "looking up the address of %s", config->host_name);
    char **lines;
    size_t line_count = text_split(scratch, text_get(&answer), '\n', &lines);
    for (size_t i = 0; i < line_count && *ret_count < ADDRESSES_MAX; i++) {
        char **words;
        size_t count = text_words(scratch, lines[i], false, &words);
        if (count >= 2 && strcmp(words[1], "STREAM") == 0 &&
            parse_numeric(words[0], config->port, config->address_family, &addresses[*ret_count]))
            (*ret_count)++;
    }
    return NULL;
}

static Error *resolve(const Login *login, int64_t deadline_ms, Address *addresses,
                      size_t *ret_count)
{
    const SshConfig *config = login->config;
    *ret_count = 0;
    if (parse_numeric(config->host_name, config->port, config->address_family, &addresses[0])) {
        *ret_count = 1;
        return NULL;
    }
    TRY(resolve_name(login, deadline_ms, addresses, ret_count));
    if (*ret_count == 0)
        return error_new(ERROR_UNREACHABLE,
                         "the name %s has no address here; check it with: getent ahosts %s",
                         config->host_name, config->host_name);
    return NULL;
}

/* -- connecting ------------------------------------------------------------------------------ */

static void set_option(int fd, int level, int name, int value)
{
    /* None of them is needed to work, and a jump's socket knows none of them. */
    (void)setsockopt(fd, level, name, &value, sizeof(value));
}

void dial_quick_ack(int fd)
{
    set_option(fd, IPPROTO_TCP, TCP_QUICKACK, 1);
}

/* 0, or the errno of the failure; ETIMEDOUT past the deadline. */
static int wait_connected(int fd, int64_t deadline_ms)
{
    for (;;) {
        int64_t left_ms = clock_left_ms(deadline_ms);
        struct pollfd polled = {.fd = fd, .events = POLLOUT};
        int ready = poll(&polled, 1, left_ms > 60000 || left_ms < 0 ? 60000 : (int)left_ms);
        if (ready > 0)
            break;
        if (ready < 0 && errno != EINTR)
            return errno;
        if (clock_left_ms(deadline_ms) == 0)
            return ETIMEDOUT;
    }
    int failure = 0;
    socklen_t length = sizeof(failure);
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &length) != 0 ? errno : failure;
}

static int connect_address(const Address *address, int64_t deadline_ms, int *ret_fd)
{
    CLEANUP(file_close)
    int fd = socket(address->family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, DEAD_PEER_MS);
    const void *bytes = &address->bytes;
    if (connect(fd, bytes, address->length) != 0) {
        int failure = errno == EINPROGRESS ? wait_connected(fd, deadline_ms) : errno;
        if (failure)
            return failure;
    }
    *ret_fd = fd;
    fd = -1; /* the caller's now */
    return 0;
}

static Error *cannot_connect(const Login *login, int failure, int64_t took_ms)
{
    const SshConfig *config = login->config;
    if (failure == ECONNREFUSED)
        return error_new(ERROR_UNREACHABLE,
                         "%s is there, but nothing listens on port %d; is sshd running, and is it "
                         "that port?",
                         config->host_name, config->port);
    if (failure != ETIMEDOUT)
        return error_new(ERROR_UNREACHABLE, "cannot connect to %s port %d: %s", config->host_name,
                         config->port, strerror(failure));
    CLEANUP(text_release) Text took = TEXT_INIT;
    duration_format(&took, took_ms);
    return error_new(ERROR_UNREACHABLE,
                     "%s port %d does not answer, tried for %s; is the node up, and may port %d be "
                     "reached from here?",
                     config->host_name, config->port, text_get(&took), config->port);
}

/* A node that takes no connection must not hold up what is asked of the others. */
static int64_t connect_until_ms(const Login *login, int64_t start_ms, int64_t deadline_ms)
{
    int seconds = login->config->connect_timeout_s;
    int64_t until_ms = start_ms + (seconds > 0 ? seconds * INT64_C(1000) : CONNECT_LIMIT_MS);
    return deadline_ms < 0 || until_ms < deadline_ms ? until_ms : deadline_ms;
}

static Error *dial_tcp(const Login *login, int64_t deadline_ms, Carrier *ret)
{
    Address addresses[ADDRESSES_MAX];
    size_t count;
    TRY(resolve(login, deadline_ms, addresses, &count));
    int64_t start_ms = clock_monotonic_ms();
    deadline_ms = connect_until_ms(login, start_ms, deadline_ms);
    int failure = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t until_ms = deadline_ms;
        int64_t share_ms = clock_monotonic_ms() + FIRST_ADDRESS_MS;
        if (i + 1 < count && share_ms < deadline_ms)
            until_ms = share_ms;
        failure = connect_address(&addresses[i], until_ms, &ret->fd);
        if (failure == 0)
            return NULL;
    }
    return cannot_connect(login, failure, clock_monotonic_ms() - start_ms);
}

/* `ssh -W host:port` on the last jump host; the ones before it are that program's business. */
static Error *dial_jump(const Login *login, Carrier *ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    char **argv = program_jump_arguments(scratch, login);
    TRY(process_start(argv, &ret->pid, &ret->fd, &ret->errors));
    fcntl(ret->fd, F_SETFL, O_NONBLOCK);
    fcntl(ret->errors, F_SETFL, O_NONBLOCK);
    return NULL;
}

Error *dial(const Login *login, int64_t deadline_ms, Carrier *ret)
{
    if (login->config->proxy_jump)
        return dial_jump(login, ret);
    return dial_tcp(login, deadline_ms, ret);
}

void dial_read_errors(const Carrier *carrier, Text *out)
{
    char bytes[4096];
    ssize_t got;
    while (carrier->errors >= 0 && (got = read(carrier->errors, bytes, sizeof(bytes))) > 0)
        text_add_bytes(out, bytes, (size_t)got);
}

void dial_end(Carrier *carrier)
{
    file_close(&carrier->fd);
    file_close(&carrier->errors);
    if (carrier->pid)
        process_end(carrier->pid);
    carrier->pid = 0;
}
