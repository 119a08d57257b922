/*
 * engine/leases.h - the leases that a run holds while it changes things.
 *
 * Taken all or none before the first effect, given back at the end; a thread of its own says every
 * LEASE_HEARTBEAT_MS that the run lives. When that does not succeed, no effect is sent any more
 * LEASE_MARGIN_MS before the leases expire. A run learns early that it was taken over: of a lease
 * that is kept here it looks before each effect, of others at each heartbeat; what tells it surely
 * is the fence at the target.
 */
#pragma once

#include "engine/cancel.h"
#include "engine/lease.h"
#include "schema/contract/fence.h"

typedef struct Leases Leases;

typedef struct LeasesWanted {
    LeaseAuthority *authority; /* taken over, whatever comes of it */
    const char *run;
    const char *const *domains; /* sorted (lease_domains) */
    size_t count;
    const char *override; /* why this is not the authority that was declared; kept with them. NULL:
                             it is */
    int64_t timeout_ms;   /* 0: do not wait */
    const Cancel *cancel; /* or NULL */
    void (*waiting)(void *context, const Lease *who); /* called once; or NULL */
    int64_t heartbeat_ms, stale_ms; /* 0: LEASE_HEARTBEAT_MS, and how old the last one may be:
                                       LEASE_TTL_MS - LEASE_MARGIN_MS (tests) */
    /* The heartbeat failed, told once, by a thread of its own; or NULL. */
    void (*failing)(void *context, const Error *error);
    void *context;
} LeasesWanted;

/* When another still holds one of them after the timeout, *ret stays NULL and *ret_other is that
 * lease. Errors: those of lease_take, ERROR_CANCELLED. */
MUST_USE Error *leases_take(Arena *arena, const LeasesWanted *wanted, Leases **ret,
                            Lease *ret_other);

/* Give them back; NULL is a no-op. */
void leases_end(Leases *leases);

/* What its effects carry; NULL when `leases` is. Any thread. Errors: ERROR_FENCED when the action's
 * lease is no longer ours. */
MUST_USE Error *leases_fence(const Leases *leases, Arena *arena, const Action *action,
                             const Fence **ret);

/* Those whose earlier holder did not give them back and may still act, with an override all: words,
 * each once. */
size_t leases_taken_over(const Leases *leases, Arena *arena, const char *const **ret);

/* The fence of a domain that is held; NULL: it is not one of them. */
const Fence *leases_fence_of(const Leases *leases, Arena *arena, const char *domain);
