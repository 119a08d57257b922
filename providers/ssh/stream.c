#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/file.h"
#include "providers/ssh/script.h"
#include "providers/ssh/session.h"
#include "providers/ssh/session_private.h"

enum {
    STDERR_MAX_BYTES = 16 * 1024,
    WAIT_MAX_MS = 60000,
};

struct SshStream {
    SshSession *session;
    const Backend *backend;
    Channel *channel;
    int inner; /* the end we pump */
    int outer; /* the user's end  */
    bool owns_outer;
    Text to_far; /* taken from inner, not sent yet */
    size_t to_far_sent;
    Text to_near; /* arrived, not yet in inner */
    size_t to_near_sent;
    bool near_ended; /* the user will not write any more   */
    bool near_gone;  /* the user will not read any more    */
    bool far_ended;  /* the far side closed                */
    bool sent_eof;
    bool told_near; /* inner was shut down                 */
    bool lost;
    Script script;   /* of a command; empty for TCP         */
    Capture begin;   /* until its opening line was there    */
    Capture errors;  /* stderr                              */
    ScriptUser user; /* who runs it                         */
    Arena *arena;    /* of the command line, which a backend sends when it can; or NULL */
};

/* -- pumping --------------------------------------------------------------------------------- */

static bool take_from_near(SshStream *stream)
{
    if (stream->near_ended || stream->to_far.length > 0)
        return false;
    char bytes[MOVE_BYTES];
    ssize_t got = recv(stream->inner, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (got > 0)
        text_add_bytes(&stream->to_far, bytes, (size_t)got);
    else if (got == 0 || (errno != EAGAIN && errno != EINTR))
        stream->near_ended = true;
    return got > 0 || stream->near_ended;
}

static bool give_to_far(SshStream *stream)
{
    bool moved = false;
    while (stream->to_far_sent < stream->to_far.length) {
        size_t count;
        ChannelState state =
            stream->backend->write(stream->channel, stream->to_far.bytes + stream->to_far_sent,
                                   stream->to_far.length - stream->to_far_sent, &count);
        stream->to_far_sent += count;
        moved = moved || count > 0;
        if (state == CHANNEL_LOST)
            stream->lost = true;
        if (state == CHANNEL_ENDED)
            stream->to_far_sent = stream->to_far.length; /* nobody reads it */
        if (state != CHANNEL_MOVED)
            break;
    }
    if (stream->to_far_sent < stream->to_far.length)
        return moved;
    text_clear(&stream->to_far);
    stream->to_far_sent = 0;
    if (stream->near_ended && !stream->sent_eof) {
        stream->backend->send_eof(stream->channel);
        stream->sent_eof = moved = true;
    }
    return moved;
}

static bool read_side(SshStream *stream, ChannelSide side, char *bytes, size_t *ret_count)
{
    ChannelState state = stream->backend->read(stream->channel, side, bytes, MOVE_BYTES, ret_count);
    if (state == CHANNEL_LOST)
        stream->lost = true;
    if (state == CHANNEL_ENDED && side == CHANNEL_STDOUT && !stream->far_ended) {
        stream->far_ended = true;
        return true;
    }
    return state == CHANNEL_MOVED;
}

static bool take_from_far(SshStream *stream)
{
    if (stream->far_ended || stream->to_near.length > 0)
        return false;
    char bytes[MOVE_BYTES];
    size_t count;
    if (!read_side(stream, CHANNEL_STDOUT, bytes, &count))
        return false;
    if (stream->script.text.length == 0 || stream->begin.has_begun) {
        text_add_bytes(&stream->to_near, bytes, count);
        return true;
    }
    capture_add(&stream->begin, &stream->script, bytes, count);
    if (stream->begin.has_begun) {
        text_add_bytes(&stream->to_near, text_get(&stream->begin.text), stream->begin.text.length);
        text_clear(&stream->begin.text);
    }
    return true;
}

static bool take_errors(SshStream *stream)
{
    char bytes[MOVE_BYTES];
    size_t count;
    if (!read_side(stream, CHANNEL_STDERR, bytes, &count))
        return false;
    size_t room = STDERR_MAX_BYTES - stream->errors.text.length;
    if (stream->errors.text.length >= STDERR_MAX_BYTES)
        return true; /* the first words tell the reason */
    capture_add(&stream->errors, &stream->script, bytes, count < room ? count : room);
    return true;
}

static bool give_to_near(SshStream *stream)
{
    bool moved = false;
    if (stream->to_near_sent < stream->to_near.length) {
        ssize_t sent =
            send(stream->inner, stream->to_near.bytes + stream->to_near_sent,
                 stream->to_near.length - stream->to_near_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            stream->near_gone = true;
        if (sent > 0)
            stream->to_near_sent += (size_t)sent;
        moved = sent > 0;
    }
    if (stream->near_gone || stream->to_near_sent == stream->to_near.length) {
        text_clear(&stream->to_near);
        stream->to_near_sent = 0;
    }
    if (stream->far_ended && stream->to_near.length == 0 && !stream->told_near) {
        shutdown(stream->inner, SHUT_WR);
        stream->told_near = moved = true;
    }
    return moved;
}

static bool pump(SshStream *stream)
{
    if (stream->lost && stream->far_ended)
        return give_to_near(stream);
    bool moved = take_from_near(stream);
    moved = give_to_far(stream) || moved;
    moved = take_from_far(stream) || moved;
    moved = take_errors(stream) || moved;
    return give_to_near(stream) || moved;
}

bool session_pump(SshSession *session)
{
    bool moved = false;
    for (size_t i = 0; i < session->stream_count; i++)
        moved = pump(session->streams[i]) || moved;
    return moved;
}

static short inner_events(const SshStream *stream)
{
    int events = 0;
    if (!stream->near_ended && stream->to_far.length == 0)
        events |= POLLIN;
    if (stream->to_near.length > 0)
        events |= POLLOUT;
    return (short)events;
}

void session_wait(SshSession *session, const struct pollfd *extra, int64_t deadline_ms)
{
    struct pollfd polled[SESSION_STREAMS_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < session->stream_count; i++) {
        short events = inner_events(session->streams[i]);
        if (events)
            polled[count++] = (struct pollfd){.fd = session->streams[i]->inner, .events = events};
    }
    if (extra)
        polled[count++] = *extra;
    int64_t left_ms = clock_left_ms(deadline_ms);
    session->link->backend->wait(session->link, polled, count,
                                 left_ms < 0 || left_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left_ms);
}

/* -- making ---------------------------------------------------------------------------------- */

static Error *stream_new(SshSession *session, SshStream **ret)
{
    if (session->stream_count == SESSION_STREAMS_MAX)
        return error_new(ERROR_LOCAL, "%s: more than %d streams at once", session->login->host,
                         SESSION_STREAMS_MAX);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0)
        return error_new(ERROR_LOCAL, "cannot make a socket: %s", strerror(errno));
    SshStream *stream = must_malloc(sizeof(*stream));
    *stream = (SshStream){
        .session = session,
        .backend = session->link->backend,
        .inner = ends[0],
        .outer = ends[1],
        .owns_outer = true,
    };
    session->streams[session->stream_count++] = stream;
    *ret = stream;
    return NULL;
}

void ssh_stream_close(SshStream *stream)
{
    if (!stream)
        return;
    SshSession *session = stream->session;
    if (stream->channel) {
        pump(stream); /* what was written last, as far as it goes without waiting */
        stream->backend->drop(stream->channel);
    }
    for (size_t i = 0; i < session->stream_count; i++) {
        if (session->streams[i] == stream)
            session->streams[i] = session->streams[--session->stream_count];
    }
    file_close(&stream->inner);
    if (stream->owns_outer)
        file_close(&stream->outer);
    text_release(&stream->to_far);
    text_release(&stream->to_near);
    script_release(&stream->script);
    capture_release(&stream->begin);
    capture_release(&stream->errors);
    arena_free(stream->arena);
    free(stream);
}

static void stream_closep(SshStream **stream)
{
    ssh_stream_close(*stream);
}

Error *ssh_stream_tcp(SshSession *session, const char *host, int port, int64_t deadline_ms,
                      SshStream **ret)
{
    if (!ssh_is_token(host) || port < 1 || port > 65535)
        return error_new(ERROR_INVALID, "'%s' port %d is no address to connect to", host, port);
    CLEANUP(stream_closep) SshStream *stream = NULL;
    TRY(stream_new(session, &stream));
    assert(stream);
    session->round_trips++;
    TRY(stream->backend->tcp(session->link, host, port, deadline_ms, &stream->channel));
    *ret = stream;
    stream = NULL;
    return NULL;
}

static Error *lost(const SshStream *stream)
{
    return error_new(ERROR_UNREACHABLE, "%s: the connection was lost",
                     stream->session->login->host);
}

static Error *too_late(const SshStream *stream, int64_t start_ms)
{
    CLEANUP(text_release) Text took = TEXT_INIT;
    duration_format(&took, clock_monotonic_ms() - start_ms);
    return error_new(ERROR_UNREACHABLE, "%s: no answer through the connection within %s",
                     stream->session->login->host, text_get(&took));
}

static Error *never_began(const SshStream *stream)
{
    const ScriptUser *user = &stream->user;
    CLEANUP(text_release) Text how = TEXT_INIT;
    stream->backend->tell_end(stream->channel, &how);
    if (how.length > 0)
        return error_new(ERROR_UNREACHABLE, "%s: the command never began: %s", user->host,
                         text_get(&how));
    return script_refused(user, text_get(&stream->begin.text), text_get(&stream->errors.text));
}

Error *ssh_stream_await(SshStream *stream, int64_t deadline_ms)
{
    int64_t start_ms = clock_monotonic_ms();
    while (!stream->begin.has_begun) {
        if (session_pump(stream->session))
            continue;
        if (stream->lost)
            return lost(stream);
        if (stream->far_ended)
            return never_began(stream);
        if (clock_left_ms(deadline_ms) == 0)
            return too_late(stream, start_ms);
        session_wait(stream->session, NULL, deadline_ms);
    }
    return NULL;
}

Error *ssh_stream_begin(SshSession *session, const char *user, const char *command,
                        int64_t deadline_ms, SshStream **ret)
{
    if (!ssh_is_token(user))
        return error_new(ERROR_INVALID, "'%s' is no user name", user);
    CLEANUP(stream_closep) SshStream *stream = NULL;
    TRY(stream_new(session, &stream));
    assert(stream);
    stream->arena = arena_new();
    script_init_stream(&stream->script, command);
    stream->user = (ScriptUser){session->login->host, session->login->config->user,
                                arena_strdup(stream->arena, user)};
    const char *line = script_command(stream->arena, &stream->script, &stream->user);
    TRY(session_exec(session, line, deadline_ms, &stream->channel));
    text_add_bytes(&stream->to_far, stream->script.text.bytes, stream->script.text.length);
    *ret = stream;
    stream = NULL;
    return NULL;
}

Error *ssh_stream_command(SshSession *session, const char *user, const char *command,
                          int64_t deadline_ms, SshStream **ret)
{
    CLEANUP(stream_closep) SshStream *stream = NULL;
    TRY(ssh_stream_begin(session, user, command, deadline_ms, &stream));
    assert(stream);
    TRY(ssh_stream_await(stream, deadline_ms));
    *ret = stream;
    stream = NULL;
    return NULL;
}

/* -- using ----------------------------------------------------------------------------------- */

int ssh_stream_fd(const SshStream *stream)
{
    return stream->outer;
}

/* What is already in our socket comes first. */
static void take_back(SshStream *stream)
{
    CLEANUP(text_release) Text waiting = TEXT_INIT;
    char bytes[MOVE_BYTES];
    ssize_t got;
    while ((got = recv(stream->outer, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        text_add_bytes(&waiting, bytes, (size_t)got);
    if (stream->to_near.length > stream->to_near_sent)
        text_add_bytes(&waiting, stream->to_near.bytes + stream->to_near_sent,
                       stream->to_near.length - stream->to_near_sent);
    text_clear(&stream->to_near);
    stream->to_near_sent = 0;
    if (waiting.length > 0)
        text_add_bytes(&stream->to_near, waiting.bytes, waiting.length);
    stream->told_near = false;
}

void ssh_stream_splice(SshStream *stream, int inner_fd, int outer_fd)
{
    take_back(stream);
    file_close(&stream->inner);
    if (stream->owns_outer)
        file_close(&stream->outer);
    stream->inner = inner_fd;
    stream->outer = outer_fd;
    stream->owns_outer = false;
}

Error *ssh_stream_wait(SshStream *stream, short events, int64_t deadline_ms, short *ret_events)
{
    int64_t start_ms = clock_monotonic_ms();
    for (;;) {
        bool moved = session_pump(stream->session);
        struct pollfd ready = {.fd = stream->outer, .events = events};
        if (poll(&ready, 1, 0) > 0) {
            *ret_events = ready.revents;
            return NULL;
        }
        if (moved)
            continue;
        if (stream->lost)
            return lost(stream);
        if (clock_left_ms(deadline_ms) == 0)
            return too_late(stream, start_ms);
        session_wait(stream->session, &ready, deadline_ms);
    }
}

const char *ssh_stream_stderr(const SshStream *stream)
{
    return text_get(&stream->errors.text);
}
