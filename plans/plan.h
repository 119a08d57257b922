/*
 * plans/plan.h - what would be done, in what order, why, and what it costs: pure data.
 *
 * A Plan is made whole before anything happens and never changes. Actions are indexed by id; edges
 * go from the earlier to the later one. It lives in one arena and can be written to a plan file
 * (plans/plan_file.h) that later versions read, without any secret inside.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "schema/contract/change.h"
#include "schema/contract/facts.h"
#include "schema/contract/registry.h"
#include "schema/contract/topology.h"

enum { PLAN_FORMAT = 1 };

/* The verb of an action that only joins edges ("plan.milestone"): it has neither effects nor checks
 * and is in no registry. */
extern const Verb plan_barrier_verb;

typedef struct PlanEdge {
    size_t from, to;
    const char *sentence;
} PlanEdge;

typedef struct PlanLimit {
    const char *name;
    size_t capacity;
    size_t *actions;
    size_t action_count;
} PlanLimit;

typedef struct PlanBracket {
    size_t open, close;
    size_t *body;
    size_t body_count;
} PlanBracket;

/* Of notes on secrets that are not at hand: neither a change nor something unread. */
#define PLAN_NOT_COMPARED "not_compared"

typedef struct PlanNote {
    const char *kind; /* "found", "fixed", "later", "warning", "safety", "unknown", "orphan" */
    const char *code; /* W031, or "" */
    const char *text;
    const Origin *origin; /* or NULL */
} PlanNote;

/* One heading of the plan: a cluster with its nodes, etcd, infra. */
typedef struct PlanBlock {
    const char *name;
    const char *title; /* "new", "leader pg-test-1, 3 of 3 healthy" */
    size_t member_count;
    const char *member_noun; /* "members", "nodes" */
    const Change *changes;   /* without CHANGE_NONE; withheld ones included */
    size_t change_count;
    size_t unchanged_count;
    const PlanNote *notes;
    size_t note_count;
} PlanBlock;

typedef struct PlanImpact {
    size_t reloads, reconnects, restarts, switchovers, rebuilds;
    int64_t write_gap_ms;
    bool data_lost;
    const char **restarted; /* names of members, in order */
    size_t restarted_count;
} PlanImpact;

typedef struct Plan {
    Arena *arena;
    int64_t created_wall_ms;
    const char *const *inventory_paths; /* NULL-terminated, absolute */
    const char *inventory_digest;       /* sha256 of their bytes */
    const char *program_version;
    size_t hosts_wanted, hosts_observed;
    int64_t observe_ms;

    const PlanBlock *blocks;
    size_t block_count;
    size_t matching_block_count; /* blocks without any change, not listed */

    const PlanNote *not_compared; /* PLAN_NOT_COMPARED, each secret once */
    size_t not_compared_count;

    const Action *actions;
    size_t action_count;
    const PlanEdge *edges; /* sorted by (to, from), unique */
    size_t edge_count;
    const PlanLimit *limits;
    size_t limit_count;
    const PlanBracket *brackets;
    size_t bracket_count;
    const struct PlanStart *starts; /* plans/verify/start.h: of clusters and etcd with actions */
    size_t start_count;
    const struct Verification *verification; /* plans/verify/verification.h; NULL: not verified */

    const int64_t *start_ms; /* by action: expected start, unlimited workers but with limits */
    int64_t critical_path_ms;

    size_t add_count, change_count, destroy_count, withheld_count;
    PlanImpact impact;
    const char *transition; /* digest of what is approved: equal for equal clusters */
    const char *world;      /* digest of the facts that were read; informative */
} Plan;

/* Told of each resource that is there, or absent, as the inventory wants it, while the plan is
 * made; the resource is gone afterwards. */
typedef struct PlanWitness {
    void (*in_place)(void *context, const Domain *domain, const Resource *desired);
    void *context;
} PlanWitness;

/* Something else than the inventory's wishes to plan for: puts into *ret, an empty set, what is to
 * be there of the kind and domain of `wanted`. */
typedef struct PlanStanding {
    Error *(*put)(void *context, const ResourceSet *wanted, ResourceSet *ret);
    void *context;
} PlanStanding;

/* The pace of what takes as long as its first guess says. */
#define PACE_OF_GUESS INT64_C(1000)

typedef struct PlanInput {
    const Registry *registry;
    const Inventory *inventory;
    const Domain *domains;
    size_t domain_count;
    const Facts *facts;
    const char *const *targets;  /* addresses, clusters, nodes or globs; NULL: all */
    const char *const *excludes; /* or NULL */
    size_t hosts_wanted, hosts_observed;
    int64_t observe_ms;
    const PlanWitness *witness;   /* or NULL */
    const PlanStanding *standing; /* or NULL */
    /* verb -> {pace: its real time over the first guess, in thousandths}; NULL: not known. */
    const Value *paces;
    /* One per domain type, NULL-terminated; NULL: procedures[] of plans/procedure.h. */
    const struct Procedure *const *procedures;
} PlanInput;

/* A plan in the making, for who reads one part of the domains after the other and cannot hold all
 * that was read: the facts of a domain in which nothing is to be done may go once it is drafted. */
typedef struct Planning Planning;

/* `input` is borrowed; its `facts`, hosts_... and observe_ms count from planning_build on. */
Planning *planning_new(Arena *arena, const PlanInput *input);

/* Say what differs in domain number `domain` of the input, each once. *ret_is_quiet: nothing at
 * all, and there is nothing to tell. Errors: those of plan_build. */
MUST_USE Error *planning_draft(Planning *planning, size_t domain, const Facts *facts,
                               bool *ret_is_quiet);

/* What a plan's `world` digests, in the order in which it was read. */
void planning_note_world(Planning *planning, const Facts *facts);

/* The domain's readings will be in `input->facts`. To be said of each that is not quiet, and of all
 * that share a node with one. */
void planning_keep(Planning *planning, size_t domain);

MUST_USE Error *planning_build(Planning *planning, Plan **ret);

/* All of it, with all facts at hand. Diff, fold needs, order, cost. Errors: ERROR_INVALID (a cycle,
 * printed whole; a malformed resource, a target that names nothing), ERROR_REFUSED. */
MUST_USE Error *plan_build(Arena *arena, const PlanInput *input, Plan **ret);

/* Nothing to do and nothing withheld. */
bool plan_is_empty(const Plan *plan);

/* Actions that come before (`earlier`) or after an action, as ids; for the executor. */
size_t plan_predecessors(const Plan *plan, size_t action, Arena *arena, size_t **ret);
