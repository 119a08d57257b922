/*
 * engine/send.h - the effects of one action on their way to the nodes, each with its fence.
 */
#pragma once

#include "engine/leases.h"
#include "schema/contract/verb.h"
#include "schema/contract/world.h"

typedef struct Sending {
    World *world;
    const Leases *leases; /* or NULL: without fences */
    const Action *action;
    EffectList *effects;
    int64_t deadline_ms;
} Sending;

/* Those of one host that follow each other go together. Errors: ERROR_FENCED when the lease is no
 * longer held, here or in the eyes of the node; those of World.perform. */
MUST_USE Error *send_effects(const Sending *sending, Arena *arena, const Value **ret_outcome);
