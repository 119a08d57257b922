/*
 * tests/unit/fake_run.h - a fixture for executions on the world in memory: a plan that grows, a
 * journal in a directory of its own, a way to cancel, counted events.
 */
#pragma once

#include "engine/executor.h"
#include "fake_world.h"

#define FAKE_HOST        "10.0.0.1"
#define FAKE_SECRET_TEXT "c4n'ary\"x"

typedef struct FakeRun {
    Arena *arena;
    World *world;
    FakePlan *fake;
    Cancel *cancel;
    char directory[64];
    Journal *journal;
    EventSink sink;
    ExecutorInput input; /* stays: threads of an abandoned run would still read it */
    Execution *execution;
    size_t events[EVENT_TYPE_COUNT];
} FakeRun;

FakeRun *fake_run_new(void);
void fake_run_endp(FakeRun **run); /* for CLEANUP */

/* An action on FAKE_HOST; see fake_plan_add. */
size_t fake_run_add(FakeRun *run, const char *verb, const char *name, unsigned flags);

/* Carry the plan out; workers and open intents of run->input are kept. */
void fake_run(FakeRun *run);

ActionState fake_run_state(const FakeRun *run, size_t action);
void fake_run_error_has(const FakeRun *run, size_t action, ErrorCode code, const char *part);
