#include "engine/executor.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/queue.h"
#include "engine/perform.h"
#include "engine/schedule.h"

enum { TICK_MS = 200 };

/* One action on its way to a worker and back. */
typedef struct Job {
    const Performer *performer;
    const Action *action;
    Arena *arena;
    ActionResult result;
    Error *journal_error;
} Job;

typedef struct Executor {
    Arena *arena; /* of the run; used by this thread only */
    const ExecutorInput *input;
    const Clock *clock; /* the world's */
    Performer performer;
    Execution *execution;
    Schedule *schedule;
    Pool *pool;
    size_t workers;
    Map *failed; /* names of domains that have a failure */
} Executor;

static void run_job(void *context)
{
    Job *job = context;
    perform_action(job->performer, job->action, job->arena, &job->result, &job->journal_error);
}

static void tell(const Executor *executor, EventType type, size_t action)
{
    const EventSink *sink = executor->input->sink;
    if (!sink)
        return;
    Event event = {.type = type,
                   .action = action,
                   .execution = executor->execution,
                   .wall_ms = executor->clock->wall_ms(executor->clock),
                   .elapsed_ms =
                       clock_now_ms(executor->clock) - executor->execution->begin_monotonic_ms};
    sink->emit(sink->context, &event);
}

static void set_state(Executor *executor, size_t action, ActionState state)
{
    Execution *execution = executor->execution;
    execution->counts[execution->results[action].state]--;
    execution->results[action].state = state;
    execution->counts[state]++;
}

static int64_t since_begin_ms(const Executor *executor)
{
    return clock_now_ms(executor->clock) - executor->execution->begin_monotonic_ms;
}

static void start(Executor *executor, size_t action)
{
    Job *job = must_malloc(sizeof(*job));
    *job = (Job){.performer = &executor->performer,
                 .action = &executor->input->plan->actions[action],
                 .arena = arena_new()};
    set_state(executor, action, ACTION_RUNNING);
    executor->execution->results[action].start_ms = since_begin_ms(executor);
    executor->execution->running_count++;
    tell(executor, EVENT_START, action);
    pool_push(executor->pool, job);
}

static void pass_over(Executor *executor, const Step *step)
{
    set_state(executor, step->action, step->type == STEP_SKIP ? ACTION_SKIPPED : ACTION_CANCELLED);
    executor->execution->results[step->action].cause = step->cause;
    tell(executor, EVENT_SKIP, step->action);
}

static void start_what_can(Executor *executor)
{
    Step step;
    while (executor->execution->running_count < executor->workers &&
           schedule_next(executor->schedule, &step)) {
        if (step.type == STEP_RUN)
            start(executor, step.action);
        else
            pass_over(executor, &step);
    }
}

/* Texts of the job's arena that outlive it. */
static void keep_texts(Arena *arena, ActionResult *result)
{
    Misfit *misfits = ARENA_ARRAY(arena, Misfit, result->misfit_count);
    for (size_t i = 0; i < result->misfit_count; i++) {
        const Misfit *misfit = &result->misfits[i];
        misfits[i] =
            (Misfit){arena_strdup(arena, misfit->sentence), arena_strdup(arena, misfit->path),
                     arena_strdup(arena, misfit->planned), arena_strdup(arena, misfit->now)};
    }
    result->misfits = misfits;
    result->host = result->host ? arena_strdup(arena, result->host) : NULL;
}

static Finish finish_of(const ActionResult *result)
{
    if (result->state == ACTION_DONE)
        return FINISH_DONE;
    return result->has_begun || result->state == ACTION_HALF ? FINISH_FAILED : FINISH_UNTOUCHED;
}

/* A journal that cannot be written stops everything that is not yet running. */
static void note_journal_error(Executor *executor, Error *error)
{
    if (!error)
        return;
    schedule_drain(executor->schedule);
    if (executor->execution->journal_error)
        error_free(error);
    else
        executor->execution->journal_error = error;
}

/* One bad value must not reach the whole fleet. */
static void note_failure(Executor *executor, size_t action)
{
    Execution *execution = executor->execution;
    const char *domain = executor->input->plan->actions[action].domain;
    size_t budget = executor->input->failure_budget;
    if (execution->results[action].state == ACTION_DONE ||
        execution->results[action].state == ACTION_CANCELLED ||
        map_set(executor->failed, domain, executor))
        return;
    execution->failed_domains++;
    if (budget == 0 || execution->failed_domains < budget || execution->is_budget_spent)
        return;
    execution->is_budget_spent = true;
    schedule_drain(executor->schedule);
    tell(executor, EVENT_BUDGET, action);
}

static void finish(Executor *executor, Job *job)
{
    size_t action = job->action->id;
    ActionResult *result = &executor->execution->results[action];
    ActionState state = job->result.state;
    int64_t start_ms = result->start_ms;
    job->result.state = ACTION_RUNNING;
    *result = job->result;
    result->start_ms = start_ms;
    result->took_ms = since_begin_ms(executor) - start_ms;
    keep_texts(executor->arena, result);
    set_state(executor, action, state);
    executor->execution->running_count--;
    note_journal_error(executor, job->journal_error);
    schedule_finish(executor->schedule, action, finish_of(result));
    tell(executor, EVENT_FINISH, action);
    note_failure(executor, action);
    arena_free(job->arena);
    free(job);
}

static void watch_cancel(Executor *executor)
{
    int level = (int)cancel_level(executor->input->cancel);
    if (level == executor->execution->cancel_level)
        return;
    executor->execution->cancel_level = level;
    schedule_drain(executor->schedule);
    tell(executor, EVENT_CANCEL, 0);
}

static void loop(Executor *executor)
{
    Execution *execution = executor->execution;
    int64_t next_tick_ms = clock_now_ms(executor->clock) + TICK_MS;
    for (;;) {
        watch_cancel(executor);
        if (execution->cancel_level >= CANCEL_LEAVE) {
            execution->was_abandoned = execution->running_count > 0;
            return;
        }
        start_what_can(executor);
        if (execution->running_count == 0) {
            execution->is_stuck = !schedule_is_settled(executor->schedule);
            return;
        }
        Job *job = pool_pop(executor->pool, next_tick_ms);
        if (job)
            finish(executor, job);
        if (clock_now_ms(executor->clock) < next_tick_ms)
            continue;
        next_tick_ms = clock_now_ms(executor->clock) + TICK_MS;
        tell(executor, EVENT_TICK, 0);
    }
}

static Execution *new_execution(Arena *arena, const ExecutorInput *input)
{
    const Clock *clock = input->world->clock;
    Execution *execution = ARENA_NEW(arena, Execution);
    size_t count = input->plan->action_count;
    *execution = (Execution){.plan = input->plan,
                             .run = input->run,
                             .begin_wall_ms = clock->wall_ms(clock),
                             .begin_monotonic_ms = clock_now_ms(clock)};
    execution->results = ARENA_ARRAY(arena, ActionResult, count);
    for (size_t i = 0; i < count; i++)
        execution->results[i].cause = SCHEDULE_NOBODY;
    execution->counts[ACTION_WAITING] = count;
    execution->activities = activities_new(count);
    return execution;
}

Error *executor_run(Arena *arena, const ExecutorInput *input, Execution **ret)
{
    Executor *executor = ARENA_NEW(arena, Executor); /* an abandoned run's workers still use it */
    ExecutorInput *kept = ARENA_NEW(arena, ExecutorInput);
    *kept = *input;
    *executor = (Executor){.arena = arena,
                           .input = kept,
                           .clock = input->world->clock,
                           .workers = input->workers ? input->workers : EXECUTOR_WORKERS};
    TRY(schedule_new(arena, input->plan, &executor->schedule));
    executor->execution = new_execution(arena, input);
    executor->failed = map_new(arena);
    executor->performer = (Performer){kept, executor->execution->activities};
    executor->pool = pool_new(executor->clock, executor->workers, EXECUTOR_STACK_BYTES, run_job);
    tell(executor, EVENT_BEGIN, 0);
    loop(executor);
    executor->execution->took_ms = since_begin_ms(executor);
    if (!executor->execution->was_abandoned)
        pool_free(executor->pool);
    tell(executor, EVENT_END, 0);
    *ret = executor->execution;
    return NULL;
}

void execution_end(Execution *execution)
{
    if (!execution || execution->was_abandoned)
        return;
    for (size_t i = 0; i < execution->plan->action_count; i++)
        error_free(execution->results[i].error);
    error_free(execution->journal_error);
    activities_free(execution->activities);
}

void execution_endp(Execution **execution)
{
    execution_end(*execution);
    *execution = NULL;
}
