/*
 * engine/takeover.h - telling the nodes of a domain whose lease has a new holder.
 *
 * A node refuses an earlier holder's effects once it has seen a newer token. Where an earlier
 * holder did not give its lease back and may still act, all nodes of the domain are told before the
 * first effect, also those for which there is nothing to do.
 */
#pragma once

#include "engine/leases.h"
#include "schema/contract/world.h"

typedef struct Takeover {
    const Leases *leases;
    World *world;
    const Domain *domains; /* of the inventory */
    size_t domain_count;
    const Plan *plan;
    size_t workers; /* 0: EXECUTOR_WORKERS */
} Takeover;

/* *ret_silent gets the addresses of those that did not answer. Without anything that was taken over
 * nobody is asked. Errors: ERROR_FENCED when somebody has taken over meanwhile. */
MUST_USE Error *takeover_announce(Arena *arena, const Takeover *takeover, const Value **ret_silent);
