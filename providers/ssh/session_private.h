/*
 * providers/ssh/session_private.h - the inside of a session, shared by session.c, run.c and
 * stream.c.
 */
#pragma once

#include "providers/ssh/backend.h"
#include "providers/ssh/client.h"
#include "providers/ssh/session.h"

enum {
    SESSION_STREAMS_MAX = 32,
    MOVE_BYTES = 32 * 1024, /* one step of copying; the size of an SSH packet */
};

struct SshSession {
    Link *link;
    const Login *login;
    char *become_user;
    size_t round_trips;
    SshStream *streams[SESSION_STREAMS_MAX];
    size_t stream_count;
};

/* A command that is started with a script on its stdin; see script.h. */
MUST_USE Error *session_exec(SshSession *session, const char *command, int64_t deadline_ms,
                             Channel **ret);

/* Move what can move in all streams of the session. True if anything did. */
bool session_pump(SshSession *session);

/* Sleep until a stream, the link or the one more descriptor can move; at most until the deadline.
 * `extra` may be NULL. */
void session_wait(SshSession *session, const struct pollfd *extra, int64_t deadline_ms);
