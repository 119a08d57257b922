/*
 * providers/ssh/backend.h - what a carrier of SSH connections must be able to do. Two rows exist:
 * libssh2_backend and openssh_backend. Only session.c, run.c and stream.c use them.
 *
 * A Link is one connection that is logged in, a Channel one remote command or TCP stream on it. A
 * link and its channels belong to one thread at a time. Nothing here blocks but open, exec and tcp
 * (until their deadline) and wait.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "providers/ssh/known_hosts.h"
#include "providers/ssh/session.h"
#include "providers/ssh/ssh_config.h"

typedef struct Backend Backend;

enum { SESSION_POLLED_MAX = 40 }; /* the most `others` of Backend.wait */

/* The first member of the backend's own struct. */
typedef struct Link {
    const Backend *backend;
} Link;

typedef struct Channel {
    Link *link;
} Channel;

/* Everything known about a node before it is asked. Lives as long as the SshClient. */
typedef struct Login {
    const char *id;   /* names host, port, user and key: equal logins have equal ones */
    const char *host; /* as the caller names it: for messages */
    const char *key_file;
    const SshConfig *config;
    const SshSettings *settings;
    KnownHosts *known_hosts;
    const char *key_name; /* under which its key is stored */
    const char *address;  /* whose unauthenticated connections count together */
} Login;

/* What to do after a failed open. */
typedef enum OpenAdvice {
    OPEN_FINAL,         /* nothing: the error is the answer            */
    OPEN_AGAIN,         /* too many logins at once: try a little later */
    OPEN_OTHER_BACKEND, /* the ssh program may be able to              */
} OpenAdvice;

typedef enum ChannelState {
    CHANNEL_MOVED, /* some bytes went through                        */
    CHANNEL_IDLE,  /* not now                                        */
    CHANNEL_ENDED, /* reading: end of file; writing: nobody listens  */
    CHANNEL_LOST,  /* the connection is gone                         */
} ChannelState;

typedef enum ChannelSide {
    CHANNEL_STDOUT,
    CHANNEL_STDERR,
} ChannelSide;

struct Backend {
    const char *name;
    /* Connect, check the host key, log in. */
    Error *(*open)(const Login *login, int64_t deadline_ms, OpenAdvice *ret_advice, Link **ret);
    void (*close)(Link *link);
    Error *(*exec)(Link *link, const char *command, int64_t deadline_ms, Channel **ret);
    Error *(*tcp)(Link *link, const char *host, int port, int64_t deadline_ms, Channel **ret);
    ChannelState (*read)(Channel *channel, ChannelSide side, void *bytes, size_t size,
                         size_t *ret_count);
    ChannelState (*write)(Channel *channel, const void *bytes, size_t size, size_t *ret_count);
    void (*send_eof)(Channel *channel);
    /* After both sides ended: how, as far as known ("it was killed by signal KILL"); else "". */
    void (*tell_end)(Channel *channel, Text *out);
    /* Sleep until the link or one of `others` can move, or timeout_ms is over. */
    void (*wait)(Link *link, struct pollfd *others, size_t count, int timeout_ms);
    void (*drop)(Channel *channel);
};

extern const Backend libssh2_backend;
extern const Backend openssh_backend;
