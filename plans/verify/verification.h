/*
 * plans/verify/verification.h - is a plan safe in whatever order its steps happen?
 *
 * For each cluster and each etcd that the plan touches, its actions are run on a model
 * (plans/verify/model.h) in all orders that edges, limits and brackets allow, with one member that
 * crashes at any moment and comes back; with more than VERIFY_MEMBERS_MAX members, or more states
 * than VERIFY_STATES_MAX, in a sample of orders instead. The bounds are counts, not times: the same
 * plan gives the same answer on every machine.
 *
 * Pure; any thread.
 */
#pragma once

#include "plans/plan.h"

enum {
    VERIFY_MEMBERS_MAX = 5,         /* of a cluster, for all orders */
    VERIFY_STATES_MAX = 200000,     /* of one cluster: some tenths of a second */
    VERIFY_STATES_IN_ALL = 1000000, /* of all clusters of a plan */
    VERIFY_WALKS = 500,             /* of a sample */
};

typedef enum VerifyMode { VERIFY_OFF, VERIFY_SAMPLE, VERIFY_FULL } VerifyMode;

/* What would happen, as a story. */
typedef struct Violation {
    const char *domain;
    const char *invariant; /* "one_away": for tools */
    const char *rule;      /* "At most one member is away at a time." */
    const char *broken;    /* "pg-test-2 goes down while pg-test-3 is away" */
    const char **steps;    /* one sentence each, the last breaks the rule */
    size_t step_count;
    const Action *action; /* of the last step, or NULL */
} Violation;

typedef struct Verification {
    VerifyMode mode;
    size_t cluster_count;    /* that have something to verify, etcd included */
    size_t sampled_count;    /* of them, those of which a sample was taken */
    size_t unmodelled_count; /* of them, those of which nothing can be said */
    size_t action_count;     /* steps that touch them */
    uint64_t orders;         /* of the steps, where all were tried; UINT64_MAX: very many */
    size_t states, walks;
    size_t most_away;  /* servers of one cluster that are down at once, if none crashes */
    const char **gaps; /* what was not checked or cannot be had: a sentence each */
    size_t gap_count;
    const Violation *violation; /* the first that was found, or NULL */
} Verification;

/* Of a plan with what is at its start (PlanStart). VERIFY_OFF and a plan that touches no cluster:
 * a Verification without clusters. */
const Verification *plan_verify(Arena *arena, const Plan *plan, VerifyMode mode);

/* "off", "sample", "full"; false for another word. */
bool verify_mode_parse(const char *name, VerifyMode *ret);
const char *verify_mode_name(VerifyMode mode);

/* "Verified: 2 clusters, 12 orders of 9 steps, with a crash at each point: nothing is lost."
 * False: there is nothing to say. */
bool verification_sentence(Text *out, const Verification *it);

/* For tools, and for the plan file. */
const Value *verification_value(Arena *arena, const Verification *it);
/* Back; an unknown mode gives VERIFY_OFF. */
const Verification *verification_parse(Arena *arena, const Value *value);
