/*
 * cli/policy.h - may this plan be applied: the bound on its impact, and who approved it.
 */
#pragma once

#include "cli/cli.h"
#include "plans/plan.h"
#include "plans/verify/verification.h"

/* The worst that users of some cluster notice. */
Availability policy_impact(const Plan *plan);

/* Adds CONDITION_POLICY and returns an Error that was printed when the plan's impact is above
 * `max_impact` ("none", "reload", "reconnect", "restart", "switchover"; NULL: no bound).
 * Errors: ERROR_INVALID for another word, ERROR_REFUSED above the bound. */
MUST_USE Error *policy_check_bound(Cli *cli, const Plan *plan, const char *max_impact);

/* Of -verify; NULL: all orders. Errors: ERROR_INVALID for another word. */
MUST_USE Error *policy_parse_verify(const char *mode, VerifyMode *ret);

/* Tells the story of what would go wrong. Errors: ERROR_REFUSED (CONDITION_POLICY is set). */
MUST_USE Error *policy_check_verified(Cli *cli, const Plan *plan);

/* Before an apply: refuses a plan that does harm in some order, lost data, the bound, and what
 * nobody approved. Asks on a terminal. Errors: ERROR_REFUSED (CONDITION_POLICY or
 * CONDITION_DATA_LOSS is set), ERROR_INVALID. */
MUST_USE Error *policy_approve(Cli *cli, const Plan *plan, const char *max_impact,
                               bool auto_approve, bool is_saved_plan);
