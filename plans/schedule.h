/*
 * plans/schedule.h - when each action would start with workers for all, but within the limits.
 *
 * The same policy as the executor's: what is ready and heads the longest remaining path starts
 * first; an action whose limit is full waits for a holder to finish. Pure.
 */
#pragma once

#include "plans/graph.h"

/* Start times in ms by id. *ret_end_ms: when the last action is done. */
int64_t *schedule_make(Arena *arena, const Graph *graph, const size_t *order,
                       const int64_t *durations, const PlanLimit *limits, size_t limit_count,
                       int64_t *ret_end_ms);
