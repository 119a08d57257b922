/*
 * engine/lease.h - who may change a domain: one run at a time, for as long as it says that it
 * lives.
 *
 * A lease is a file of the state directory, leases/DOMAIN.json, and outlives its holder. It is free
 * when it was given back, when its holder's process is gone (its run file, runs/RUN, is locked no
 * more), or when the holder was not heard of for a minute. Taking it gives a token that is higher
 * than every one before (schema/contract/fence.h): the wall clock in ms, or one more than the last
 * one, so that it grows even if the state directory was lost or there are several.
 *
 * All changes of leases are made under one lock that is held for milliseconds; files are replaced
 * as a whole, so reading takes none. Errors: ERROR_LOCAL (disk, permissions, a file that is no
 * lease).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/state_dir.h"
#include "plans/plan.h"

enum { LEASE_TTL_MS = 60000, LEASE_HEARTBEAT_MS = 15000 };

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

/* Of all actions of a plan, each once, sorted: the order in which leases are taken. */
size_t lease_domains(Arena *arena, const Plan *plan, const char *const **ret);

/* All or none. *ret gets `count` leases in order, whose `state` is what was found: anything but
 * LEASE_FREE means that an earlier holder may still act. When one is held by another, *ret stays
 * NULL, nothing is taken, and *ret_other is that lease. */
MUST_USE Error *lease_take(Arena *arena, const StateDir *directory, const char *run,
                           const char *const *domains, size_t count, Lease **ret, Lease *ret_other);

/* Say that the run lives; what is its own no more stays as it is. */
MUST_USE Error *lease_renew(const StateDir *directory, const char *run, const Lease *leases,
                            size_t count);
MUST_USE Error *lease_give_back(const StateDir *directory, const char *run, const Lease *leases,
                                size_t count);

/* As it is now. *ret_is_there is false when there was never one. */
MUST_USE Error *lease_read(Arena *arena, const StateDir *directory, const char *domain, Lease *ret,
                           bool *ret_is_there);

/* All, sorted by domain. */
MUST_USE Error *lease_list(Arena *arena, const StateDir *directory, Lease **ret, size_t *ret_count);

/* Give it back in the place of a holder that is gone. Errors: ERROR_REFUSED (its holder lives). */
MUST_USE Error *lease_release(Arena *arena, const StateDir *directory, const char *domain,
                              Lease *ret);

/* Take it away from whoever has it: the token grows, so its holder can do nothing more wherever the
 * next one was. Errors: ERROR_INVALID (there was never one). */
MUST_USE Error *lease_steal(Arena *arena, const StateDir *directory, const char *domain,
                            const char *reason, Lease *ret);
