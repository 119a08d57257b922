#include "fake_run.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static void count_event(void *context, const Event *event)
{
    FakeRun *run = context;
    run->events[event->type]++;
}

static const char *fake_run_secret(void *context, const char *address)
{
    (void)context;
    return strcmp(address, "10.0.0.1|password") == 0 ? FAKE_SECRET_TEXT : NULL;
}

void fake_run_endp(FakeRun **run)
{
    FakeRun *f = *run;
    execution_end(f->execution);
    journal_freep(&f->journal);
    cancel_free(f->cancel);
    f->world->free(f->world);
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    arena_free(f->arena);
    free(f);
    *run = NULL;
}

FakeRun *fake_run_new(void)
{
    FakeRun *f = must_malloc(sizeof(*f));
    memset(f, 0, sizeof(*f));
    f->arena = arena_new();
    f->world = fake_world_new();
    f->fake = fake_plan_new(f->arena);
    f->cancel = cancel_new();
    strcpy(f->directory, "/tmp/test_executor.XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    Value *begin = value_map(f->arena);
    value_set_text(f->arena, begin, "type", "begin");
    assert_null(journal_begin(f->directory, "run-1", begin, &f->journal));
    return f;
}

size_t fake_run_add(FakeRun *run, const char *verb, const char *name, unsigned flags)
{
    return fake_plan_add(run->fake, verb, name, FAKE_HOST, flags);
}

void fake_run(FakeRun *run)
{
    Secrets *secrets;
    assert_null(secrets_resolve(run->arena, &run->fake->plan, fake_run_secret, NULL, &secrets));
    run->sink = (EventSink){run, count_event};
    run->input = (ExecutorInput){.plan = &run->fake->plan,
                                 .registry = &fake_registry,
                                 .world = run->world,
                                 .run = "run-1",
                                 .secrets = secrets,
                                 .journal = run->journal,
                                 .cancel = run->cancel,
                                 .sink = &run->sink,
                                 .workers = run->input.workers,
                                 .failure_budget = run->input.failure_budget,
                                 .open = run->input.open,
                                 .open_count = run->input.open_count};
    assert_null(executor_run(run->arena, &run->input, &run->execution));
    assert_false(run->execution->is_stuck);
}

ActionState fake_run_state(const FakeRun *run, size_t action)
{
    return run->execution->results[action].state;
}

void fake_run_error_has(const FakeRun *run, size_t action, ErrorCode code, const char *part)
{
    const Error *error = run->execution->results[action].error;
    assert_non_null(error);
    assert_int_equal(error_root(error)->code, code);
    char *text = error_text(error);
    assert_non_null(strstr(text, part));
    free(text);
}
