/*
 * engine/events.h - what an execution is and did, and the stream of events it tells on the way.
 *
 * All events come from the thread that called executor_run, one at a time, so a sink needs no lock.
 * `execution` may be read during the call.
 */
#pragma once

#include "plans/plan.h"

typedef enum ActionState {
    ACTION_WAITING,
    ACTION_RUNNING,
    ACTION_DONE,
    ACTION_FAILED,
    ACTION_STALE,     /* a precondition did not hold any more: nothing was done      */
    ACTION_HALF,      /* begun, and a person must look before it can go on           */
    ACTION_SKIPPED,   /* another one failed: `cause`                                 */
    ACTION_CANCELLED, /* the user stopped before it began, or while it waited        */
    ACTION_STATE_COUNT
} ActionState;

/* A precondition that does not hold: what the plan counted on, and what is there. */
typedef struct Misfit {
    const char *sentence;
    const char *path;
    const char *planned, *now; /* as texts */
} Misfit;

typedef struct ActionResult {
    ActionState state;
    Error *error;         /* ACTION_FAILED, STALE, HALF, some CANCELLED; owned by the Execution */
    size_t cause;         /* ACTION_SKIPPED: id of the action that failed */
    bool was_done_before; /* an earlier, interrupted execution had done it already */
    bool has_begun;       /* effects were sent */
    size_t attempt_count;
    int64_t start_ms, took_ms; /* since the beginning of the execution */
    const char *host;          /* where it ran, if the target was resolved */
    const Misfit *misfits;     /* ACTION_STALE */
    size_t misfit_count;
} ActionResult;

typedef struct Activities Activities;

typedef struct Execution {
    const Plan *plan;
    const char *run;
    ActionResult *results; /* by action */
    size_t counts[ACTION_STATE_COUNT];
    size_t running_count;
    int64_t begin_wall_ms, begin_monotonic_ms;
    int64_t took_ms;
    int cancel_level;
    size_t failed_domains;
    bool is_budget_spent; /* that many were too many: nothing new was started after that */
    bool was_abandoned;
    bool is_stuck;        /* something waits for what will never come: our bug */
    Error *journal_error; /* the journal could not be written: nothing new was started after that */
    Activities *activities;
} Execution;

/* What a running action is doing right now, in a few words; "" if it has not said. */
const char *execution_activity(const Execution *execution, size_t action, char *buffer,
                               size_t size);

/* Which changes are in place, looked up by address and domain. */
typedef struct AppliedIndex AppliedIndex;
AppliedIndex *execution_index(Arena *arena, const Execution *execution);

/* Is everything that carries this change out done? A change without an action of its own counts as
 * done when nothing in its domain failed. */
bool execution_has_applied(const AppliedIndex *index, const Change *change);

/* Changes that were applied, as Terraform counts them. */
typedef struct Applied {
    size_t added, changed, destroyed;
} Applied;

Applied execution_applied(Arena *arena, const Execution *execution);

const char *action_state_name(ActionState state);

typedef enum EventType {
    EVENT_BEGIN,
    EVENT_START,
    EVENT_FINISH, /* any outcome of something that was started */
    EVENT_SKIP,   /* skipped or cancelled before it started    */
    EVENT_CANCEL, /* the user asked to stop: execution->cancel_level */
    EVENT_BUDGET, /* too many domains failed: execution->failed_domains */
    EVENT_TICK,   /* about five times a second */
    EVENT_END,
    EVENT_TYPE_COUNT
} EventType;

typedef struct Event {
    EventType type;
    size_t action; /* START, FINISH, SKIP */
    const Execution *execution;
    int64_t wall_ms;
    int64_t elapsed_ms; /* since the beginning */
} Event;

typedef struct EventSink {
    void *context;
    void (*emit)(void *context, const Event *event);
} EventSink;
