/*
 * engine/lease.h - who may change a domain: one run at a time, for as long as it says that it
 * lives.
 *
 * A lease is a small JSON text in an authority (engine/lease_authority.h), and outlives its holder.
 * It is free when it was given back, when its holder's process is gone (its run file, runs/RUN of
 * this runner's state directory, is locked no more), or when the holder was not heard of for a
 * minute by the wall clock of who looks. Taking it gives a token that is higher than every one
 * before (schema/contract/fence.h): the wall clock in ms, or one more than the last one, so that it
 * grows even if the authority was lost or there are several.
 *
 * Every change is a compare-and-swap; one that came second looks again. Errors: those of the
 * authority; ERROR_LOCAL also for what is no lease, ERROR_BUSY when others were always faster.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/lease_authority.h"
#include "plans/plan.h"

enum { LEASE_TTL_MS = 60000, LEASE_HEARTBEAT_MS = 15000, LEASE_MARGIN_MS = 10000 };

typedef enum LeaseState {
    LEASE_FREE,    /* given back                                         */
    LEASE_HELD,    /*                                                    */
    LEASE_EXPIRED, /* its holder was not heard of for LEASE_TTL_MS       */
    LEASE_DEAD,    /* its holder ended without giving it back            */
    LEASE_VACANT,  /* taken from its holder, and by nobody since           */
    LEASE_STATE_COUNT
} LeaseState;

typedef struct Lease {
    const char *domain;
    int64_t token;
    LeaseState state;
    const char *run,
        *holder; /* of who has it, or had it: "20261123-021023-8f3a", "db-admin:4711" */
    int64_t since_ms, expires_ms; /* wall clock */
    const char *note; /* who took it away or gave it back in another's place last, and why; or "" */
} Lease;

/* "free", "held", "expired", "dead", "vacant". */
const char *lease_state_name(LeaseState state);

/* The domain of an action's lease: the block under which the plan shows it, so that the nodes of a
 * cluster go with their cluster, as a word (fence_word). */
const char *lease_domain_of(Arena *arena, const Action *action);

/* Of all actions of a plan, each once, sorted: the order in which leases are taken. What only
 * orders others (a barrier) has no block and needs none. */
size_t lease_domains(Arena *arena, const Plan *plan, const char *const **ret);

typedef struct LeaseWish {
    const char *run;
    const char *const *domains; /* in order */
    size_t count;
    const char *note; /* kept with them; NULL: what the last one left */
} LeaseWish;

/* All or none. *ret gets `count` leases in order, whose `state` is what was found: anything but
 * LEASE_FREE means that an earlier holder may still act. When one is held by another, *ret stays
 * NULL, nothing is taken, and *ret_other is that lease. */
MUST_USE Error *lease_take(Arena *arena, LeaseAuthority *authority, const LeaseWish *wish,
                           Lease **ret, Lease *ret_other);

/* Say that the run lives; what is its own no more stays as it is. `ret_now` gets `count` leases as
 * they are by then, in `arena`. */
MUST_USE Error *lease_renew(Arena *arena, LeaseAuthority *authority, const char *run,
                            const Lease *leases, size_t count, Lease *ret_now);

MUST_USE Error *lease_give_back(LeaseAuthority *authority, const char *run, const Lease *leases,
                                size_t count);

/* As it is now. *ret_is_there is false when there was never one. */
MUST_USE Error *lease_read(Arena *arena, LeaseAuthority *authority, const char *domain, Lease *ret,
                           bool *ret_is_there);

/* All, sorted by domain. */
MUST_USE Error *lease_list(Arena *arena, LeaseAuthority *authority, Lease **ret, size_t *ret_count);

/* Give it back in the place of a holder that is gone. Errors: ERROR_REFUSED (its holder lives). */
MUST_USE Error *lease_release(Arena *arena, LeaseAuthority *authority, const char *domain,
                              Lease *ret);

/* "WHAT by USER on HOST:PID at TIME: REASON", for a note. */
const char *lease_note(Arena *arena, const char *what, const char *reason);

/* Take it away from whoever has it: the token grows, so its holder can do nothing more wherever the
 * next one was. Errors: ERROR_INVALID (there was never one). */
MUST_USE Error *lease_steal(Arena *arena, LeaseAuthority *authority, const char *domain,
                            const char *reason, Lease *ret);
