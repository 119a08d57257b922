/*
 * providers/ssh/libssh2_link.h - the inside of the libssh2 backend, and the one includer of
 * libssh2.h: libssh2_link.c moves bytes, libssh2_open.c connects, libssh2_login.c logs in,
 * libssh2_backend.c is the Backend row.
 */
#pragma once

#include <libssh2.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "providers/ssh/backend.h"
#include "providers/ssh/dial.h"

typedef struct Ssh2Channel {
    Channel base;
    LIBSSH2_CHANNEL *channel;
    const char *command; /* not NULL: its request is under way */
    bool was_denied;
    struct Ssh2Channel *next_dying;
} Ssh2Channel;

/* All writing of libssh2 goes to `outbox`, so it never sees a full socket: half a packet that
 * cannot be sent would make every other call on the session fail until exactly that call is made
 * again. */
typedef struct Ssh2Link {
    Link base;
    const Login *login;
    LIBSSH2_SESSION *session;
    Carrier carrier;
    int64_t deadline_ms; /* of the call that is under way, for the agent's socket */
    Text outbox;
    size_t outbox_sent;
    uint64_t received; /* bytes so far                                     */
    uint64_t seen;     /* of them, when ssh2_wait was last called          */
    bool lost;
    Ssh2Channel *dying; /* closed by us, not yet by the far side */
} Ssh2Link;

/* Let libssh2 send and receive through the link; right after libssh2_session_init_ex(). */
void ssh2_set_callbacks(Ssh2Link *link);

/* Send what is waiting, as far as it goes now. */
void ssh2_flush(Ssh2Link *link);

/* Free the channels that the far side has closed, too. */
void ssh2_bury(Ssh2Link *link);

/* Backend.wait */
void ssh2_wait(Link *base, struct pollfd *others, size_t count, int timeout_ms);

/* After a libssh2 call: must it be made again? Waits before it says yes; no when the result is
 * final, or the deadline is over (*rc is LIBSSH2_ERROR_TIMEOUT then). */
bool ssh2_again(Ssh2Link *link, int *rc);

/* Does this code mean that the connection is gone? */
bool ssh2_is_lost(int rc);

/* What libssh2 says last of a session; "" if nothing. Valid until the next call. */
const char *ssh2_last_words(const Ssh2Link *link);

/* A libssh2 code as an Error. */
MUST_USE Error *ssh2_failed(const Ssh2Link *link, int rc, const char *doing);

/* Make the session on link->carrier, agree on keys, check the host key. */
MUST_USE Error *ssh2_open_session(Ssh2Link *link, OpenAdvice *ret_advice);

/* Try the keys of the agent and of the files. */
MUST_USE Error *ssh2_log_in(Ssh2Link *link, OpenAdvice *ret_advice);
