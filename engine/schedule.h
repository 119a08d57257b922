/*
 * engine/schedule.h - which action comes next: ready counters, limits, brackets, skipping.
 *
 * Pure bookkeeping for one thread. Of the ready actions, the one with the longest remaining path
 * comes first. What follows a failed action is skipped with the failed one as its cause. The close
 * of a bracket that was opened runs whatever happened to its body, also while draining. Limits are
 * taken together: a bracket takes those of its whole body when it opens and gives them back when it
 * is closed; a disruptive action that failed never gives its own back, and no further disruptive
 * action of its cluster starts.
 */
#pragma once

#include "plans/plan.h"

typedef struct Schedule Schedule;

#define SCHEDULE_NOBODY SIZE_MAX

typedef enum StepType {
    STEP_RUN,    /* start it; tell schedule_finish                 */
    STEP_SKIP,   /* it will not run, because `cause` failed        */
    STEP_CANCEL, /* it will not run, because nothing new is started */
} StepType;

typedef struct Step {
    StepType type;
    size_t action;
    size_t cause; /* STEP_SKIP: the action that failed, else SCHEDULE_NOBODY */
} Step;

typedef enum Finish {
    FINISH_DONE,
    FINISH_FAILED,
    FINISH_UNTOUCHED, /* failed before it did anything: its bracket is not open */
} Finish;

/* Errors: ERROR_INVALID (the edges have a cycle, or lead outside the plan). */
MUST_USE Error *schedule_new(Arena *arena, const Plan *plan, Schedule **ret);

/* The next thing that can be settled or started now; false: wait for a running one. */
bool schedule_next(Schedule *schedule, Step *ret);

void schedule_finish(Schedule *schedule, size_t action, Finish finish);

/* Start nothing new, apart from closing what is open. */
void schedule_drain(Schedule *schedule);

/* Has every action run, been skipped or been cancelled? */
bool schedule_is_settled(const Schedule *schedule);

/* Expected time from the start of this action to the end of all that follows it. */
int64_t schedule_remaining_ms(const Schedule *schedule, size_t action);
