/*
 * plans/verify/start.h - how a cluster stands when its plan is made: all that the model of
 * plans/verify/model.h begins with. Part of the plan and of its file, so that a saved plan can be
 * verified again without the facts. Pure.
 *
 * Limits are the five settings of which a standby needs at least what its upstream has (PostgreSQL
 * documentation, "Hot Standby", Administrator's Overview).
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "schema/contract/domain.h"
#include "schema/contract/facts.h"
#include "schema/contract/topology.h"

enum { START_LIMITS = 5, START_UNKNOWN = -1 };

extern const char *const start_limit_names[START_LIMITS];

typedef struct StartLimit {
    int64_t now;    /* what the server runs with; START_UNKNOWN */
    int64_t wanted; /* what it takes when it starts next; START_UNKNOWN */
    bool is_own;    /* set for this member alone: the cluster's setting does not count */
} StartLimit;

typedef struct StartMember {
    const char *name, *host;
    bool runs, has_data;
    bool leads; /* PostgreSQL */
    bool votes; /* etcd: on the list of members, and no learner */
    StartLimit limits[START_LIMITS];
} StartMember;

typedef struct PlanStart {
    const char *domain;
    bool is_etcd;
    bool is_initialized;   /* PostgreSQL: somebody has created it */
    size_t sync_count;     /* PostgreSQL: synchronous standbys that are declared */
    size_t stranger_count; /* etcd: voters that are not in the inventory; taken to run */
    StartMember *members;
    size_t member_count;
} PlanStart;

/* Of an etcd domain or a cluster (with its topology). */
PlanStart start_of(Arena *arena, const Domain *domain, const Topology *topology,
                   const Facts *facts);

/* To a line of the plan file and back. Errors: ERROR_INVALID (a member without a name). */
const Value *start_value(Arena *arena, const PlanStart *start);
MUST_USE Error *start_parse(Arena *arena, const Value *value, PlanStart *ret);
