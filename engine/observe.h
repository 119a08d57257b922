/*
 * engine/observe.h - from an inventory and the world to facts: reads only, changes nothing.
 *
 * One round trip per node and stage: stage 0 the node, 1 Patroni, 2 SQL of members and leader, 3
 * the databases. What each source is asked about comes from the desired resources (resource_ask).
 * What could not be read becomes *unknown* with its reason; what there was nothing to ask about
 * gets no reading. Cluster-wide readings are accepted only if the leader that was found at stage 1
 * still leads after stage 2: else the cluster is read again, twice, then they are unknown
 * (unstable). A cluster whose interrupted creation Patroni carries on is read again until it has a
 * leader, for a while.
 *
 * Nodes are read in parallel on threads of its own; the result is used by one thread, then shared
 * read-only. It must outlive every plan built from it.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "schema/contract/domain.h"
#include "schema/contract/facts.h"
#include "schema/contract/registry.h"
#include "schema/contract/world.h"

enum { OBSERVE_STAGE_COUNT = 4, OBSERVE_WORKERS = 128 };

typedef struct ObserveInput {
    const Registry *registry;
    const Domain *domains;
    size_t domain_count;
    const Facts *known;         /* of other domains, borrowed; or NULL */
    const char *const *sources; /* NULL-terminated names; NULL: all that the kinds read */
    World *world;
    size_t workers;           /* 0: OBSERVE_WORKERS                              */
    int64_t stage_limit_ms;   /* longest wait for one stage; 0: what each stage has */
    int64_t forming_limit_ms; /* for a cluster that is being created meanwhile; 0: 30 s */
} ObserveInput;

typedef struct Observation Observation;
struct Observation {
    Facts *facts;
    size_t hosts_wanted;   /* those of the domains */
    size_t hosts_observed; /* those that answered at stage 0 */
    int64_t took_ms;
    Observation *base; /* what its facts lie over, and ends with it; or NULL */
    Arena *arena; /* private: what the readings live in; what nodes have in common is there once */
};

/* *ret lives in `arena`, its readings until observation_end. Errors: those of Kind.desired; a node
 * that cannot be read is no error. */
MUST_USE Error *observe(Arena *arena, const ObserveInput *input, Observation **ret);

/* Free the readings; NULL is a no-op. */
void observation_end(Observation *observation);
void observation_endp(Observation **observation);
