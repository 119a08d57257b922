/*
 * tests/unit/harmless.h - whatever has happened to a fleet, a plan that is made for it does no
 * harm.
 */
#pragma once

#include "plans/verify/verification.h"
#include "unit.h"

static inline void expect_harmless(Arena *arena, const Plan *plan)
{
    const Verification *found = plan_verify(arena, plan, VERIFY_FULL);
    const Violation *violation = found->violation;
    for (size_t i = 0; violation && i < violation->step_count; i++)
        print_error("%zu. %s\n", i + 1, violation->steps[i]);
    if (violation)
        fail_msg("%s So %s.", violation->rule, violation->broken);
}
