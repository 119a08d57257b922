/*
 * providers/real/pool.h - SSH sessions kept for reuse, lent to one thread at a time.
 */
#pragma once

#include <stdint.h>

#include "providers/real/world.h"
#include "providers/ssh/session.h"

typedef struct SessionPool SessionPool;

/* Where and as whom a host is reached: its ansible_host, ansible_port, ansible_user,
 * ansible_ssh_private_key_file and ansible_become_user, else what the settings say. The texts are
 * borrowed. */
SshTarget session_target(const WorldSettings *settings, const char *address);

/* A session on loan. */
typedef struct Loan {
    SessionPool *pool;
    const char *host; /* address */
    SshSession *session;
    size_t round_trips_before;
    bool is_reused; /* it was idle before: it may have died meanwhile */
} Loan;

SessionPool *session_pool_new(const WorldSettings *settings);
void session_pool_free(SessionPool *pool); /* no loan may be out */

/* Wait for a place (four a host) and open a session if none is idle. With `fresh`, idle ones are
 * closed instead of used. Errors: of ssh_open; ERROR_UNREACHABLE when no place came free. */
MUST_USE Error *session_borrow(SessionPool *pool, const char *host, bool fresh, int64_t deadline_ms,
                               Loan *ret);

/* Give back; a session that failed is closed. */
void session_give_back(Loan *loan, bool is_good);

/* Round trips to a host by sessions that were given back. */
size_t session_round_trips(SessionPool *pool, const char *host);
