#include "providers/ssh/libssh2_link.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"

enum { WAIT_MAX_MS = 5000 }; /* so that keepalives go out in time */

/* -- moving bytes ---------------------------------------------------------------------------- */

void ssh2_flush(Ssh2Link *link)
{
    while (!link->lost && link->outbox_sent < link->outbox.length) {
        ssize_t sent = send(link->carrier.fd, link->outbox.bytes + link->outbox_sent,
                            link->outbox.length - link->outbox_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && errno != EAGAIN)
            link->lost = true;
        if (sent <= 0)
            return;
        link->outbox_sent += (size_t)sent;
    }
    text_clear(&link->outbox);
    link->outbox_sent = 0;
}

/* The agent's socket is served by the same callbacks; it is a blocking one. */
static bool wait_for_agent(const Ssh2Link *link, int fd, short events)
{
    struct pollfd polled = {.fd = fd, .events = events};
    int64_t left_ms = clock_left_ms(link->deadline_ms);
    return poll(&polled, 1, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms) > 0;
}

static LIBSSH2_SEND_FUNC(on_send)
{
    Ssh2Link *link = *abstract;
    (void)flags;
    if (socket != link->carrier.fd) {
        if (!wait_for_agent(link, socket, POLLOUT))
            return -ETIMEDOUT;
        ssize_t sent = send(socket, buffer, length, MSG_NOSIGNAL);
        return sent < 0 ? -errno : sent;
    }
    if (link->lost)
        return -ECONNRESET;
    text_add_bytes(&link->outbox, buffer, length);
    ssh2_flush(link);
    return (ssize_t)length;
}

static LIBSSH2_RECV_FUNC(on_receive)
{
    Ssh2Link *link = *abstract;
    (void)flags;
    if (socket != link->carrier.fd) {
        if (!wait_for_agent(link, socket, POLLIN))
            return -ETIMEDOUT;
        ssize_t got = recv(socket, buffer, length, 0);
        return got < 0 ? -errno : got;
    }
    if (link->lost)
        return -ECONNRESET;
    ssize_t got = recv(socket, buffer, length, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return -EAGAIN;
    if (got <= 0)
        link->lost = true;
    else
        link->received += (uint64_t)got;
    return got < 0 ? -ECONNRESET : got;
}

/* libssh2 takes its callbacks as object pointers, which ISO C cannot convert to. */
static void set_callback(Ssh2Link *link, int which, const void *function_pointer)
{
    void *function;
    memcpy(&function, function_pointer, sizeof(function));
    libssh2_session_callback_set(link->session, which, function);
}

/* Closing waits for the far side; what is not closed yet is looked after in each wait. */
void ssh2_bury(Ssh2Link *link)
{
    Ssh2Channel **at = &link->dying;
    while (*at) {
        Ssh2Channel *channel = *at;
        if (libssh2_channel_free(channel->channel) == LIBSSH2_ERROR_EAGAIN) {
            at = &channel->next_dying;
            continue;
        }
        *at = channel->next_dying;
        free(channel);
    }
}

void ssh2_set_callbacks(Ssh2Link *link)
{
    LIBSSH2_SEND_FUNC((*send_function)) = on_send;
    LIBSSH2_RECV_FUNC((*receive_function)) = on_receive;
    set_callback(link, LIBSSH2_CALLBACK_SEND, &send_function);
    set_callback(link, LIBSSH2_CALLBACK_RECV, &receive_function);
}

void ssh2_wait(Link *base, struct pollfd *others, size_t count, int timeout_ms)
{
    Ssh2Link *link = (Ssh2Link *)base;
    struct pollfd polled[SESSION_POLLED_MAX + 1];
    assert(count <= SESSION_POLLED_MAX);
    ssh2_bury(link);
    ssh2_flush(link);
    /* Any libssh2 call may have taken bytes of any channel from the socket, which poll() then does
     * not see: sleep only after a round in which nothing came. */
    bool is_news = link->received != link->seen;
    link->seen = link->received;
    if (link->lost || is_news)
        return;
    int next_s = 0;
    libssh2_keepalive_send(link->session, &next_s);
    dial_quick_ack(link->carrier.fd);
    polled[0] = (struct pollfd){.fd = link->carrier.fd, .events = POLLIN};
    if (link->outbox.length > 0)
        polled[0].events |= POLLOUT;
    for (size_t i = 0; i < count; i++)
        polled[i + 1] = others[i];
    poll(polled, (nfds_t)(count + 1),
         timeout_ms < 0 || timeout_ms > WAIT_MAX_MS ? WAIT_MAX_MS : timeout_ms);
    ssh2_flush(link);
}

/* After a libssh2 call: must it be made again? Waits before it says yes; no when the result is
 * final, or the deadline is over (*rc is LIBSSH2_ERROR_TIMEOUT then). */
bool ssh2_again(Ssh2Link *link, int *rc)
{
    if (*rc != LIBSSH2_ERROR_EAGAIN)
        return false;
    int64_t left_ms = clock_left_ms(link->deadline_ms);
    if (left_ms == 0) {
        *rc = LIBSSH2_ERROR_TIMEOUT;
        return false;
    }
    if (link->lost) {
        *rc = LIBSSH2_ERROR_SOCKET_DISCONNECT;
        return false;
    }
    ssh2_wait(&link->base, NULL, 0, left_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)left_ms);
    return true;
}

/* -- errors ---------------------------------------------------------------------------------- */

bool ssh2_is_lost(int rc)
{
    static const int codes[] = {
        LIBSSH2_ERROR_SOCKET_NONE,       LIBSSH2_ERROR_BANNER_RECV, LIBSSH2_ERROR_BANNER_SEND,
        LIBSSH2_ERROR_SOCKET_DISCONNECT, LIBSSH2_ERROR_SOCKET_SEND, LIBSSH2_ERROR_SOCKET_RECV,
    };
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (rc == codes[i])
            return true;
    }
    return false;
}

static Error *no_answer(const Ssh2Link *link, const char *doing)
{
    return error_new(ERROR_UNREACHABLE,
                     "%s answered, but did not finish before the deadline while %s",
                     link->login->host, doing);
}

/* What libssh2 says last of a session; "" if nothing. */
const char *ssh2_last_words(const Ssh2Link *link)
{
    char *message = NULL;
    libssh2_session_last_error(link->session, &message, NULL, 0);
    return message ? message : "";
}

Error *ssh2_failed(const Ssh2Link *link, int rc, const char *doing)
{
    if (rc == LIBSSH2_ERROR_TIMEOUT)
        return no_answer(link, doing);
    if (ssh2_is_lost(rc))
        return error_new(ERROR_UNREACHABLE, "%s closed the connection while %s", link->login->host,
                         doing);
    return error_new(ERROR_UNREACHABLE, "%s: %s failed: %s (libssh2 %d)", link->login->host, doing,
                     ssh2_last_words(link), rc);
}
