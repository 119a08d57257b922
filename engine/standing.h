/*
 * engine/standing.h - what a snapshot has, as what a rehearsal begins with.
 *
 * A PlanStanding whose context is a Standing wants what the snapshot (engine/snapshot.h) has in
 * place, instead of what the inventory wants, on the nodes that the inventory still has: a node
 * that left it has no place in its clusters.
 */
#pragma once

#include "plans/plan.h"

typedef struct Standing Standing;

/* `revision`: of the state's history; "HEAD" is the newest snapshot. Errors: ERROR_INVALID (no such
 * revision, no history), ERROR_LOCAL. */
MUST_USE Error *standing_open(Arena *arena, const char *repository, const char *revision,
                              Standing **ret);
void standing_end(Standing *standing); /* NULL is a no-op */

/* Of PlanStanding. Errors: ERROR_INVALID when a file of the snapshot is not ours. */
MUST_USE Error *standing_put(void *context, const ResourceSet *wanted, ResourceSet *ret);

/* Resources that stood on nodes that the inventory has no more: they were left out. */
size_t standing_left_out(const Standing *standing);
