/*
 * engine/survey.h - observe and plan, part of the fleet by part: what was read of nodes on which
 * nothing is to be done is forgotten before the next ones are asked.
 *
 * So memory grows with what differs, not with the fleet. Infra and etcd, on which all others lean,
 * are the first part and stay. A fleet of up to `hosts_at_once` nodes is one part.
 */
#pragma once

#include "engine/observe.h"
#include "plans/plan.h"

enum { SURVEY_HOSTS = 1024 };

typedef struct SurveyInput {
    const ObserveInput *observe; /* its domains are not used, nor what it knows */
    const PlanInput *plan;       /* what does not come from reading */
    size_t hosts_at_once;        /* 0: SURVEY_HOSTS */
    bool with_world;             /* digest what was read, for Plan.world */
} SurveyInput;

/* *ret_plan lives in `arena` and *ret_kept, which has all facts of domains of which the plan has
 * something to say, until observation_end; set as soon as there is something to end, also with an
 * error. Errors: those of observe and plan_build. */
MUST_USE Error *survey(Arena *arena, const SurveyInput *input, Observation **ret_kept,
                       Plan **ret_plan);
