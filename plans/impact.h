/*
 * plans/impact.h - what users of what runs today will notice, counted over all actions. Pure.
 */
#pragma once

#include "plans/plan.h"

/* `is_new` by action id: it belongs to something that nobody uses yet. `start_ms` gives the order
 * of the restarted members. */
PlanImpact impact_of(Arena *arena, const Action *actions, size_t count, const bool *is_new,
                     const int64_t *start_ms, const Registry *registry);
