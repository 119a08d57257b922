#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "providers/ssh/backend.h"
#include "providers/ssh/program.h"

/*
 * One ssh program logs in and stays (a ControlMaster of ours, in a private directory); each command
 * and stream is another ssh program that only hands its descriptors to the first. If the first is
 * gone, the others must not connect by themselves: their ProxyCommand is `false`.
 *
 * The first one runs `cat` on the node, so it ends when we do, however we end.
 */
enum {
    CHANNELS_MAX = 40,
    CONTROL_MAX = 100,
    STDERR_MAX_BYTES = 16 * 1024,
    END_MS = 300, /* between the ends of a channel's program and of the first one */
};

static const char ready_word[] = "pgsteer-is-logged-in";  /* said here, by LocalCommand */
static const char shell_word[] = "pgsteer-runs-commands"; /* said on the node           */

typedef struct ProgramChannel {
    Channel base;
    pid_t pid;
    int fd;
    int errors;
    Text said; /* stderr, also after it was read, for messages */
    size_t said_read;
    bool fd_ended;
    bool errors_ended;
    bool wants_write;
} ProgramChannel;

typedef struct ProgramLink {
    Link base;
    const Login *login;
    char directory[CONTROL_MAX];
    char control[CONTROL_MAX + 8];
    pid_t pid;
    int fd;
    int errors;
    Text said;
    ProgramChannel *channels[CHANNELS_MAX];
    size_t channel_count;
} ProgramLink;

static void set_nonblocking(int fd)
{
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* Append what a descriptor has. False at its end. */
static bool read_into(int fd, Text *out, size_t max_bytes)
{
    char bytes[4096];
    for (;;) {
        ssize_t got = read(fd, bytes, sizeof(bytes));
        if (got > 0) {
            if (out->length + (size_t)got <= max_bytes)
                text_add_bytes(out, bytes, (size_t)got);
            continue;
        }
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
}

/* -- the first program ----------------------------------------------------------------------- */

static Error *make_directory(ProgramLink *link)
{
    const char *base = getenv("XDG_RUNTIME_DIR"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    if (!base || strlen(base) > CONTROL_MAX / 2 || access(base, W_OK) != 0)
        base = "/tmp";
    snprintf(link->directory, sizeof(link->directory), "%s/pgsteer-ssh-XXXXXX", base);
    if (!mkdtemp(link->directory)) {
        link->directory[0] = '\0';
        return error_new(ERROR_LOCAL, "cannot make a private directory in %s: %s", base,
                         strerror(errno));
    }
    snprintf(link->control, sizeof(link->control), "%s/c", link->directory);
    return NULL;
}

static void add_target(Arguments *arguments, const Login *login)
{
    const SshConfig *config = login->config;
    arguments_add(arguments, "-p");
    arguments_add(arguments, arena_printf(arguments->arena, "%d", config->port));
    arguments_add(arguments, "-l");
    arguments_add(arguments, config->user);
    if (login->key_file) {
        arguments_add(arguments, "-o");
        arguments_add(arguments, ssh_config_identity(arguments->arena, login->key_file));
    }
}

/* LocalCommand speaks when login is over and the control socket is there. Ours comes before the
 * PermitLocalCommand=no of the strict options: ssh takes the first of equal options. */
static Error *start_first(ProgramLink *link, int64_t deadline_ms)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Arguments arguments = {.arena = scratch};
    arguments_add(&arguments, "ssh");
    const char *const own[] = {
        "-M",
        "-S",
        link->control,
        "-o",
        "PermitLocalCommand=yes",
        "-o",
        arena_printf(scratch, "LocalCommand=echo %s", ready_word),
    };
    for (size_t i = 0; i < COUNT_OF(own); i++)
        arguments_add(&arguments, own[i]);
    int64_t left_ms = clock_left_ms(deadline_ms);
    if (left_ms >= 0) {
        arguments_add(&arguments, "-o");
        arguments_add(&arguments,
                      arena_printf(scratch, "ConnectTimeout=%" PRId64, left_ms / 1000 + 1));
    }
    program_options(&arguments, link->login);
    add_target(&arguments, link->login);
    arguments_add(&arguments, "--");
    arguments_add(&arguments, link->login->host);
    arguments_add(&arguments, arena_printf(scratch, "echo %s; exec cat", shell_word));
    TRY(process_start(arguments.items, &link->pid, &link->fd, &link->errors));
    set_nonblocking(link->fd);
    set_nonblocking(link->errors);
    return NULL;
}

static Error *not_in_time(const ProgramLink *link, OpenAdvice *ret_advice)
{
    *ret_advice = OPEN_FINAL;
    return error_new(
        ERROR_UNREACHABLE,
        "%s port %d: ssh could not log in before the deadline; is the node up, and may "
        "port %d be reached from here?",
        link->login->config->host_name, link->login->config->port, link->login->config->port);
}

/* Logged in, but the login shell would not run our command. */
static Error *no_shell(const ProgramLink *link, const char *output)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *said = program_last_line(scratch, output);
    return error_new(
        ERROR_REFUSED,
        "%s lets %s in, but runs no commands for that user; it said '%s'. Give the user "
        "a login shell there",
        link->login->host, link->login->config->user, said);
}

static Error *wait_ready(ProgramLink *link, int64_t deadline_ms, OpenAdvice *ret_advice)
{
    CLEANUP(text_release) Text output = TEXT_INIT;
    for (;;) {
        bool errors_open = read_into(link->errors, &link->said, STDERR_MAX_BYTES);
        bool output_open = read_into(link->fd, &output, STDERR_MAX_BYTES);
        if (strstr(text_get(&output), ready_word) && strstr(text_get(&output), shell_word))
            return NULL;
        if (!output_open && !errors_open && strstr(text_get(&output), ready_word))
            return no_shell(link, text_get(&output));
        if (!output_open && !errors_open)
            return program_error(link->login, text_get(&link->said), ret_advice);
        int64_t left_ms = clock_left_ms(deadline_ms);
        if (left_ms == 0)
            return not_in_time(link, ret_advice);
        struct pollfd polled[] = {
            {.fd = output_open ? link->fd : -1, .events = POLLIN},
            {.fd = errors_open ? link->errors : -1, .events = POLLIN},
        };
        poll(polled, COUNT_OF(polled), left_ms < 0 || left_ms > 60000 ? 60000 : (int)left_ms);
    }
}

static void link_close(Link *base)
{
    ProgramLink *link = (ProgramLink *)base;
    file_close(&link->fd);
    file_close(&link->errors);
    if (link->pid)
        process_end(link->pid);
    if (link->directory[0]) {
        unlink(link->control);
        rmdir(link->directory);
    }
    text_release(&link->said);
    free(link);
}

static Error *link_open(const Login *login, int64_t deadline_ms, OpenAdvice *ret_advice, Link **ret)
{
    ProgramLink *link = must_malloc(sizeof(*link));
    *link = (ProgramLink){
        .base.backend = &openssh_backend,
        .login = login,
        .fd = -1,
        .errors = -1,
    };
    *ret_advice = OPEN_FINAL;
    Error *error = make_directory(link);
    if (!error)
        error = start_first(link, deadline_ms);
    if (!error)
        error = wait_ready(link, deadline_ms, ret_advice);
    if (error) {
        link_close(&link->base);
        return error;
    }
    *ret = &link->base;
    return NULL;
}

/* -- the others ------------------------------------------------------------------------------ */

/* "-W" and an address, or NULL and a command. */
static Error *start_other(ProgramLink *link, const char *address, const char *command,
                          Channel **ret)
{
    if (link->channel_count == CHANNELS_MAX)
        return error_new(ERROR_LOCAL, "%s: more than %d channels at once", link->login->host,
                         CHANNELS_MAX);
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Arguments arguments = {.arena = scratch};
    arguments_add(&arguments, "ssh");
    program_options(&arguments, link->login);
    const char *const own[] = {
        "-o", "ControlMaster=no", "-o", "ProxyCommand=false", "-S", link->control,
    };
    for (size_t i = 0; i < COUNT_OF(own); i++)
        arguments_add(&arguments, own[i]);
    add_target(&arguments, link->login);
    if (address) {
        arguments_add(&arguments, "-W");
        arguments_add(&arguments, address);
    }
    arguments_add(&arguments, "--");
    arguments_add(&arguments, link->login->host);
    if (command)
        arguments_add(&arguments, command);

    ProgramChannel *channel = must_malloc(sizeof(*channel));
    *channel = (ProgramChannel){.base.link = &link->base, .fd = -1, .errors = -1};
    Error *error = process_start(arguments.items, &channel->pid, &channel->fd, &channel->errors);
    if (error) {
        free(channel);
        return error;
    }
    set_nonblocking(channel->fd);
    set_nonblocking(channel->errors);
    link->channels[link->channel_count++] = channel;
    *ret = &channel->base;
    return NULL;
}

static Error *link_exec(Link *link, const char *command, int64_t deadline_ms, Channel **ret)
{
    (void)deadline_ms;
    return start_other((ProgramLink *)link, NULL, command, ret);
}

static Error *link_tcp(Link *link, const char *host, int port, int64_t deadline_ms, Channel **ret)
{
    (void)deadline_ms;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *address =
        arena_printf(scratch, strchr(host, ':') ? "[%s]:%d" : "%s:%d", host, port);
    return start_other((ProgramLink *)link, address, NULL, ret);
}

/* The first program is gone when its socket has ended. */
static bool is_lost(ProgramLink *link)
{
    CLEANUP(text_release) Text noise = TEXT_INIT;
    return !read_into(link->fd, &noise, 0);
}

static ChannelState read_errors(ProgramChannel *channel, void *bytes, size_t size,
                                size_t *ret_count)
{
    if (!channel->errors_ended)
        channel->errors_ended = !read_into(channel->errors, &channel->said, SIZE_MAX / 2);
    size_t left = channel->said.length - channel->said_read;
    *ret_count = left < size ? left : size;
    memcpy(bytes, text_get(&channel->said) + channel->said_read, *ret_count);
    channel->said_read += *ret_count;
    if (*ret_count > 0)
        return CHANNEL_MOVED;
    return channel->errors_ended ? CHANNEL_ENDED : CHANNEL_IDLE;
}

static ChannelState channel_read(Channel *base, ChannelSide side, void *bytes, size_t size,
                                 size_t *ret_count)
{
    ProgramChannel *channel = (ProgramChannel *)base;
    *ret_count = 0;
    if (side == CHANNEL_STDERR)
        return read_errors(channel, bytes, size, ret_count);
    ssize_t got = recv(channel->fd, bytes, size, MSG_DONTWAIT);
    if (got > 0) {
        *ret_count = (size_t)got;
        return CHANNEL_MOVED;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return CHANNEL_IDLE;
    channel->fd_ended = true;
    return is_lost((ProgramLink *)base->link) ? CHANNEL_LOST : CHANNEL_ENDED;
}

static ChannelState channel_write(Channel *base, const void *bytes, size_t size, size_t *ret_count)
{
    ProgramChannel *channel = (ProgramChannel *)base;
    *ret_count = 0;
    channel->wants_write = false;
    ssize_t sent = send(channel->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) {
        *ret_count = (size_t)sent;
        return CHANNEL_MOVED;
    }
    channel->wants_write = errno == EAGAIN;
    return errno == EAGAIN || errno == EINTR ? CHANNEL_IDLE : CHANNEL_ENDED;
}

static void channel_send_eof(Channel *base)
{
    ProgramChannel *channel = (ProgramChannel *)base;
    channel->wants_write = false;
    shutdown(channel->fd, SHUT_WR);
}

/* ssh ends with 255 for any signal; but it may be that the first program is about to end. */
static void channel_tell_end(Channel *base, Text *out)
{
    ProgramLink *link = (ProgramLink *)base->link;
    struct pollfd polled = {.fd = link->fd, .events = POLLIN};
    poll(&polled, 1, END_MS);
    if (is_lost(link))
        text_add(out, "the connection was lost");
}

static void link_wait(Link *base, struct pollfd *others, size_t count, int timeout_ms)
{
    ProgramLink *link = (ProgramLink *)base;
    struct pollfd polled[CHANNELS_MAX * 2 + SESSION_POLLED_MAX];
    size_t used = 0;
    for (size_t i = 0; i < link->channel_count; i++) {
        const ProgramChannel *channel = link->channels[i];
        short events = channel->wants_write ? POLLIN | POLLOUT : POLLIN;
        if (!channel->fd_ended)
            polled[used++] = (struct pollfd){.fd = channel->fd, .events = events};
        if (!channel->errors_ended)
            polled[used++] = (struct pollfd){.fd = channel->errors, .events = POLLIN};
    }
    for (size_t i = 0; i < count; i++)
        polled[used++] = others[i];
    poll(polled, (nfds_t)used, timeout_ms);
}

static void channel_drop(Channel *base)
{
    ProgramChannel *channel = (ProgramChannel *)base;
    ProgramLink *link = (ProgramLink *)base->link;
    for (size_t i = 0; i < link->channel_count; i++) {
        if (link->channels[i] == channel)
            link->channels[i] = link->channels[--link->channel_count];
    }
    file_close(&channel->fd);
    file_close(&channel->errors);
    process_end(channel->pid);
    text_release(&channel->said);
    free(channel);
}

const Backend openssh_backend = {
    .name = "openssh",
    .open = link_open,
    .close = link_close,
    .exec = link_exec,
    .tcp = link_tcp,
    .read = channel_read,
    .write = channel_write,
    .send_eof = channel_send_eof,
    .tell_end = channel_tell_end,
    .wait = link_wait,
    .drop = channel_drop,
};
