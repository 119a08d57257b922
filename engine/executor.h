/*
 * engine/executor.h - carry a plan out: one thread decides, many do.
 *
 * The calling thread owns the schedule and everything in Execution; workers run one action each:
 * resolve its target, fill its secrets, check that its preconditions still hold, write the intent
 * to the journal, perform the effects, wait for the post-checks, write the outcome. Every wait has
 * a bound: the verb's deadline for effects, each check's own bound for the rest.
 *
 * The secrets were all resolved before. An effect that found its node unreachable is
 * tried again (three times at most, inside the deadline) when its verb may be repeated; one that
 * was told "not now" (ERROR_BUSY) more often.
 */
#pragma once

#include "engine/cancel.h"
#include "engine/events.h"
#include "engine/journal.h"
#include "engine/leases.h"
#include "engine/secrets.h"
#include "schema/contract/world.h"

enum { EXECUTOR_WORKERS = 128, EXECUTOR_STACK_BYTES = 512 * 1024 };

typedef struct ExecutorInput {
    const Plan *plan;
    const Registry *registry;
    World *world;
    const char *run;
    const Secrets *secrets; /* those of the plan; or NULL when it has no holes */
    const Leases *leases;   /* of all its domains; or NULL: nobody else is there (tests) */
    Journal *journal;       /* or NULL: nothing is recorded (tests) */
    const Cancel *cancel;   /* or NULL */
    const EventSink *sink;  /* or NULL */
    size_t workers;         /* 0: EXECUTOR_WORKERS */
    size_t failure_budget;  /* domains that may fail before nothing new is started; 0: any number */
    const OpenIntent *open; /* what an earlier execution left without an outcome */
    size_t open_count;
} ExecutorInput;

/* Run until every action has an outcome, or until the user wants to leave at once (then
 * execution.was_abandoned: threads still run, and the process must end by _exit). Errors: what kept
 * it from starting at all (a cycle); the failure of an action is no Error here.
 * *ret is to be ended by execution_end. */
MUST_USE Error *executor_run(Arena *arena, const ExecutorInput *input, Execution **ret);

void execution_end(Execution *execution);
void execution_endp(Execution **execution);
