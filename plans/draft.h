/*
 * plans/draft.h - what differs in one domain, before it becomes actions.
 *
 * Kinds run in an arena of their own that ends with the domain, so that ten thousand nodes that
 * match cost no memory; only what differs is copied.
 */
#pragma once

#include "plans/diff.h"
#include "plans/plan.h"
#include "plans/procedure.h"
#include "plans/target.h"

typedef struct Draft {
    const Domain *domain;
    const Topology *topology; /* DOMAIN_CLUSTER, else NULL; set when all is drafted */
    bool is_kept;             /* its procedure runs, with the facts that are left then */
    Change *changes;
    size_t change_count, change_capacity;
    size_t unchanged_count;
    PlanNote *notes;
    size_t note_count, note_capacity;
} Draft;

/* What -target and -exclude named. */
typedef struct DraftUse {
    TargetUse targets, excludes;
} DraftUse;

/* Errors: ERROR_INVALID when a kind cannot say what is wanted. A reading that a kind cannot use
 * makes its resources unknown, not the plan fail. */
MUST_USE Error *draft_make(Arena *arena, const PlanInput *input, const Domain *domain,
                           const Facts *facts, const DraftUse *use, Draft *ret);

/* Add what differs, copied into the arena. */
void draft_take(Arena *arena, Draft *draft, const Diff *diff);

/* Turn every change into a withheld one, for this reason. */
void draft_withhold(Arena *arena, Draft *draft, const char *reason);
