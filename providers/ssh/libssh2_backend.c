#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "providers/ssh/libssh2_link.h"

enum {
    KEEPALIVE_S = 15,
    CLOSE_MS = 200,
    OUTBOX_MAX_BYTES = 256 * 1024,
};

static void link_close(Link *base)
{
    Ssh2Link *link = (Ssh2Link *)base;
    if (link->session && !link->lost) {
        link->deadline_ms = clock_monotonic_ms() + CLOSE_MS;
        libssh2_session_disconnect(link->session, "done");
        ssh2_flush(link);
    }
    if (link->carrier.fd >= 0)
        shutdown(link->carrier.fd, SHUT_RDWR); /* else free() waits for a dead peer, and leaks */
    link->lost = true;
    ssh2_bury(link);
    if (link->session)
        libssh2_session_free(link->session);
    while (link->dying) {
        Ssh2Channel *channel = link->dying;
        link->dying = channel->next_dying;
        free(channel);
    }
    dial_end(&link->carrier);
    text_release(&link->outbox);
    free(link);
}

static Error *link_open(const Login *login, int64_t deadline_ms, OpenAdvice *ret_advice, Link **ret)
{
    Ssh2Link *link = must_malloc(sizeof(*link));
    *link = (Ssh2Link){
        .base.backend = &libssh2_backend,
        .login = login,
        .carrier = CARRIER_INIT,
        .deadline_ms = deadline_ms,
    };
    *ret_advice = OPEN_FINAL;
    Error *error = dial(login, deadline_ms, &link->carrier);
    if (!error)
        error = ssh2_open_session(link, ret_advice);
    if (!error)
        error = ssh2_log_in(link, ret_advice);
    if (error) {
        link_close(&link->base);
        return error;
    }
    libssh2_keepalive_config(link->session, 1, KEEPALIVE_S);
    *ret = &link->base;
    return NULL;
}

static Error *cannot_open(const Ssh2Link *link, int rc, const char *what)
{
    if (rc == LIBSSH2_ERROR_CHANNEL_FAILURE)
        return error_new(ERROR_REFUSED, "%s refuses %s: %s", link->login->host, what,
                         ssh2_last_words(link));
    return ssh2_failed(link, rc, what);
}

static Ssh2Channel *channel_new(Ssh2Link *link, LIBSSH2_CHANNEL *channel)
{
    Ssh2Channel *result = must_malloc(sizeof(*result));
    *result = (Ssh2Channel){.base.link = &link->base, .channel = channel};
    return result;
}

/* The answer to the request is not waited for: input may follow at once, which saves a round trip.
 */
static ChannelState ask(Ssh2Channel *channel)
{
    if (!channel->command)
        return CHANNEL_MOVED;
    int rc = libssh2_channel_process_startup(channel->channel, "exec", 4, channel->command,
                                             (unsigned)strlen(channel->command));
    if (rc == LIBSSH2_ERROR_EAGAIN)
        return CHANNEL_IDLE;
    channel->command = NULL;
    if (rc == 0)
        return CHANNEL_MOVED;
    channel->was_denied = !ssh2_is_lost(rc);
    return channel->was_denied ? CHANNEL_ENDED : CHANNEL_LOST;
}

static Error *link_exec(Link *base, const char *command, int64_t deadline_ms, Channel **ret)
{
    Ssh2Link *link = (Ssh2Link *)base;
    link->deadline_ms = deadline_ms;
    LIBSSH2_CHANNEL *opened;
    int rc;
    do {
        opened = libssh2_channel_open_session(link->session);
        rc = opened ? 0 : libssh2_session_last_errno(link->session);
    } while (ssh2_again(link, &rc));
    if (!opened)
        return cannot_open(link, rc, "a session");
    Ssh2Channel *channel = channel_new(link, opened);
    channel->command = command;
    ask(channel);
    *ret = &channel->base;
    return NULL;
}

static Error *link_tcp(Link *base, const char *host, int port, int64_t deadline_ms, Channel **ret)
{
    Ssh2Link *link = (Ssh2Link *)base;
    link->deadline_ms = deadline_ms;
    LIBSSH2_CHANNEL *opened;
    int rc;
    do {
        opened = libssh2_channel_direct_tcpip(link->session, host, port);
        rc = opened ? 0 : libssh2_session_last_errno(link->session);
    } while (ssh2_again(link, &rc));
    if (!opened) {
        char what[160];
        snprintf(what, sizeof(what), "a connection to %.100s port %d", host, port);
        return cannot_open(link, rc, what);
    }
    *ret = &channel_new(link, opened)->base;
    return NULL;
}

static ChannelState channel_read(Channel *base, ChannelSide side, void *bytes, size_t size,
                                 size_t *ret_count)
{
    Ssh2Channel *channel = (Ssh2Channel *)base;
    const Ssh2Link *link = (const Ssh2Link *)base->link;
    *ret_count = 0;
    ChannelState asked = ask(channel);
    if (asked == CHANNEL_LOST || channel->was_denied)
        return asked == CHANNEL_LOST ? CHANNEL_LOST : CHANNEL_ENDED;
    ssize_t got = libssh2_channel_read_ex(
        channel->channel, side == CHANNEL_STDERR ? SSH_EXTENDED_DATA_STDERR : 0, bytes, size);
    if (got > 0) {
        *ret_count = (size_t)got;
        return CHANNEL_MOVED;
    }
    if (libssh2_channel_eof(channel->channel))
        return CHANNEL_ENDED;
    return link->lost || ssh2_is_lost((int)got) ? CHANNEL_LOST : CHANNEL_IDLE;
}

static ChannelState channel_write(Channel *base, const void *bytes, size_t size, size_t *ret_count)
{
    Ssh2Channel *channel = (Ssh2Channel *)base;
    const Ssh2Link *link = (const Ssh2Link *)base->link;
    *ret_count = 0;
    ask(channel);
    if (link->lost)
        return CHANNEL_LOST;
    if (channel->was_denied)
        return CHANNEL_ENDED;
    if (link->outbox.length > OUTBOX_MAX_BYTES)
        return CHANNEL_IDLE;
    ssize_t sent = libssh2_channel_write_ex(channel->channel, 0, bytes, size);
    if (sent > 0) {
        *ret_count = (size_t)sent;
        return CHANNEL_MOVED;
    }
    if (sent == 0 || sent == LIBSSH2_ERROR_EAGAIN)
        return CHANNEL_IDLE;
    return link->lost || ssh2_is_lost((int)sent) ? CHANNEL_LOST : CHANNEL_ENDED;
}

static void channel_send_eof(Channel *base)
{
    libssh2_channel_send_eof(((Ssh2Channel *)base)->channel); /* never EAGAIN: see outbox */
}

static void channel_tell_end(Channel *base, Text *out)
{
    const Ssh2Channel *channel = (const Ssh2Channel *)base;
    Ssh2Link *link = (Ssh2Link *)base->link;
    char *name = NULL;
    libssh2_channel_get_exit_signal(channel->channel, &name, NULL, NULL, NULL, NULL, NULL);
    if (channel->was_denied)
        text_add(out, "sshd refuses to run commands for this user");
    else if (name)
        text_addf(out, "it was killed by signal %s", name);
    if (name)
        libssh2_free(link->session, name);
}

static void channel_drop(Channel *base)
{
    Ssh2Channel *channel = (Ssh2Channel *)base;
    Ssh2Link *link = (Ssh2Link *)base->link;
    channel->next_dying = link->dying;
    link->dying = channel;
    ssh2_bury(link);
}

Error *ssh_global_init(void)
{
    int rc = libssh2_init(0);
    return rc == 0 ? NULL : error_new(ERROR_LOCAL, "libssh2 cannot start (%d)", rc);
}

const Backend libssh2_backend = {
    .name = "libssh2",
    .open = link_open,
    .close = link_close,
    .exec = link_exec,
    .tcp = link_tcp,
    .read = channel_read,
    .write = channel_write,
    .send_eof = channel_send_eof,
    .tell_end = channel_tell_end,
    .wait = ssh2_wait,
    .drop = channel_drop,
};
