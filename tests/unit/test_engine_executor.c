/* executor: outcomes, order, retries, cancelling, secrets, the journal; on a world in memory. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/executor.h"
#include "engine/recover.h"
#include "fake_world.h"
#include "unit.h"

#define HOST  "10.0.0.1"
#define OTHER "10.0.0.2"

static const char canary[] = "c4n'ary\"x";

typedef struct Fixture {
    Arena *arena;
    World *world;
    FakePlan *fake;
    Cancel *cancel;
    char directory[64];
    Journal *journal;
    Execution *execution;
    ExecutorInput input;
    size_t events[EVENT_TYPE_COUNT];
} Fixture;

static void count_event(void *context, const Event *event)
{
    Fixture *f = context;
    f->events[event->type]++;
}

static const char *secret(void *context, const char *address)
{
    (void)context;
    return strcmp(address, "10.0.0.1|password") == 0 ? canary : NULL;
}

static void fixture_end(Fixture *f)
{
    execution_end(f->execution);
    journal_freep(&f->journal);
    cancel_free(f->cancel);
    f->world->free(f->world);
    char *command = arena_printf(f->arena, "rm -rf %s", f->directory);
    assert_int_equal(system(command), 0);
    arena_free(f->arena);
    free(f);
}

static void fixture_endp(Fixture **f)
{
    fixture_end(*f);
}

static Fixture *fixture(void)
{
    Fixture *f = must_malloc(sizeof(*f));
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

static size_t add(Fixture *f, const char *verb, const char *name, unsigned flags)
{
    return fake_plan_add(f->fake, verb, name, HOST, flags);
}

/* The input stays in the fixture: threads of an abandoned run would still read it. */
static void run(Fixture *f)
{
    static EventSink sink;
    sink = (EventSink){f, count_event};
    f->input = (ExecutorInput){.plan = &f->fake->plan,
                               .registry = &fake_registry,
                               .world = f->world,
                               .run = "run-1",
                               .secret_source = secret,
                               .journal = f->journal,
                               .cancel = f->cancel,
                               .sink = &sink,
                               .workers = f->input.workers,
                               .open = f->input.open,
                               .open_count = f->input.open_count};
    assert_null(executor_run(f->arena, &f->input, &f->execution));
    assert_false(f->execution->is_stuck);
}

static ActionState state_of(const Fixture *f, size_t action)
{
    return f->execution->results[action].state;
}

static void assert_error_has(const Fixture *f, size_t action, ErrorCode code, const char *part)
{
    const Error *error = f->execution->results[action].error;
    assert_non_null(error);
    assert_int_equal(error_root(error)->code, code);
    char *text = error_text(error);
    assert_non_null(strstr(text, part));
    free(text);
}

/* -- going well ------------------------------------------------------------------------------ */

static void actions_run_in_their_order(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t last = add(f, "put", "last", FAKE_POST), first = add(f, "put", "first", FAKE_POST);
    size_t middle = add(f, "put", "middle", FAKE_POST | FAKE_PRE_ABSENT);
    fake_plan_edge(f->fake, first, middle);
    fake_plan_edge(f->fake, middle, last);
    run(f);
    assert_int_equal(f->execution->counts[ACTION_DONE], 3);
    assert_true(fake_world_log_find(f->world, "first") < fake_world_log_find(f->world, "middle"));
    assert_true(fake_world_log_find(f->world, "middle") < fake_world_log_find(f->world, "last"));
    assert_int_equal(f->events[EVENT_START], 3);
    assert_int_equal(f->events[EVENT_FINISH], 3);
    assert_int_equal(f->events[EVENT_BEGIN], 1);
    assert_int_equal(f->events[EVENT_END], 1);
}

static void many_run_at_the_same_time_within_their_limit(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t ids[40];
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        ids[i] = add(f, "put", arena_printf(f->arena, "file %zu", i), FAKE_POST);
    fake_plan_limit(f->fake, "three", 3, ids, COUNT_OF(ids));
    fake_world_slow(f->world, 5);
    run(f);
    assert_int_equal(f->execution->counts[ACTION_DONE], COUNT_OF(ids));
    assert_int_equal(fake_world_peak(f->world), 3);
}

static void no_more_workers_than_asked_for(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    for (size_t i = 0; i < 20; i++)
        add(f, "put", arena_printf(f->arena, "file %zu", i), 0);
    fake_world_slow(f->world, 5);
    f->input.workers = 2;
    run(f);
    assert_int_equal(f->execution->counts[ACTION_DONE], 20);
    assert_true(fake_world_peak(f->world) <= 2);
}

static void a_thousand_actions(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    for (size_t i = 0; i < 1000; i++) {
        size_t id = add(f, "put", arena_printf(f->arena, "file %zu", i), 0);
        if (i >= 10)
            fake_plan_edge(f->fake, id - 10, id);
    }
    run(f);
    assert_int_equal(f->execution->counts[ACTION_DONE], 1000);
}

static const Value *cluster_view(Arena *arena, const char *leader)
{
    Value *members = value_list(arena), *view = value_map(arena);
    static const char *const names[] = {"pg-test-1", "pg-test-2"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        Value *member = value_map(arena);
        value_set_text(arena, member, "name", names[i]);
        value_set_text(arena, member, "state", "running");
        value_set_text(arena, member, "role",
                       leader && strcmp(leader, names[i]) == 0 ? "leader" : "replica");
        value_push(arena, members, member);
    }
    value_set(arena, view, "members", members);
    return view;
}

static void set_members(Fixture *f, size_t action)
{
    Value *members = value_list(f->arena);
    static const char *const rows[][2] = {{"pg-test-1", HOST}, {"pg-test-2", OTHER}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Value *member = value_map(f->arena);
        value_set_text(f->arena, member, "name", rows[i][0]);
        value_set_text(f->arena, member, "host", rows[i][1]);
        value_push(f->arena, members, member);
    }
    Value *args = value_copy(f->arena, f->fake->actions[action].args);
    value_set(f->arena, args, "members", members);
    f->fake->actions[action].args = args;
    f->fake->actions[action].host = "@leader";
}

/* The first member does not answer; the second one says who leads. */
static void the_leader_is_found_when_the_action_starts(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "role", FAKE_POST);
    set_members(f, action);
    fake_world_kill(f->world, HOST, true);
    fake_world_set(f->world, "patroni.cluster", OTHER, cluster_view(f->arena, "pg-test-2"));
    run(f);
    assert_int_equal(state_of(f, action), ACTION_DONE);
    assert_string_equal(f->execution->results[action].host, OTHER);
    assert_true(fake_world_has(f->world, OTHER, "role"));
}

static const Value *leader_at_last(void *context, Arena *arena, size_t asked)
{
    (void)context;
    return cluster_view(arena, asked < 3 ? NULL : "pg-test-1");
}

static void a_leader_is_waited_for(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "role", 0);
    set_members(f, action);
    fake_world_on_read(f->world, "patroni.cluster", leader_at_last, NULL);
    run(f);
    assert_int_equal(state_of(f, action), ACTION_DONE);
    assert_string_equal(f->execution->results[action].host, HOST);
}

static void a_leader_without_members_to_ask_is_refused(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "role", 0);
    f->fake->actions[action].host = "@leader";
    run(f);
    assert_int_equal(state_of(f, action), ACTION_FAILED);
    assert_error_has(f, action, ERROR_INVALID, "names no members");
}

/* -- going wrong ----------------------------------------------------------------------------- */

static void dependants_are_skipped_with_the_cause(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t bad = add(f, "put", "bad", 0), next = add(f, "put", "next", 0);
    size_t last = add(f, "put", "last", 0), other = add(f, "put", "other", FAKE_POST);
    fake_plan_edge(f->fake, bad, next);
    fake_plan_edge(f->fake, next, last);
    fake_world_fail(f->world, "bad", ERROR_REFUSED, 1);
    run(f);
    assert_int_equal(state_of(f, bad), ACTION_FAILED);
    assert_int_equal(f->execution->results[bad].attempt_count, 1);
    assert_int_equal(state_of(f, next), ACTION_SKIPPED);
    assert_int_equal(state_of(f, last), ACTION_SKIPPED);
    assert_int_equal(f->execution->results[last].cause, bad);
    assert_int_equal(state_of(f, other), ACTION_DONE);
    assert_int_equal(f->events[EVENT_SKIP], 2);
}

static void unreachable_is_tried_again(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "a", FAKE_POST);
    fake_world_fail(f->world, "a", ERROR_UNREACHABLE, 2);
    run(f);
    assert_int_equal(state_of(f, action), ACTION_DONE);
    assert_int_equal(f->execution->results[action].attempt_count, 3);
}

static void three_tries_are_all(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "a", 0);
    fake_world_fail(f->world, "a", ERROR_UNREACHABLE, 9);
    run(f);
    assert_int_equal(state_of(f, action), ACTION_FAILED);
    assert_int_equal(f->execution->results[action].attempt_count, 3);
}

/* It may have been done: a person must look, and the journal keeps it open. */
static void what_must_not_be_repeated_stays_open(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put.ask", "a", 0);
    fake_world_fail(f->world, "a", ERROR_UNREACHABLE, 1);
    run(f);
    assert_int_equal(state_of(f, action), ACTION_HALF);
    assert_int_equal(f->execution->results[action].attempt_count, 1);
    OpenIntent *open;
    size_t count;
    assert_null(journal_open_intents(f->arena, f->directory, &open, &count, NULL));
    assert_int_equal(count, 1);
    assert_string_equal(open[0].address, "a");
}

static void a_precondition_that_fails_changes_nothing(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t first = add(f, "put", "a", 0), again = add(f, "put", "a", FAKE_PRE_ABSENT);
    fake_plan_edge(f->fake, first, again);
    run(f);
    const ActionResult *result = &f->execution->results[again];
    assert_int_equal(result->state, ACTION_STALE);
    assert_false(result->has_begun);
    assert_int_equal(result->misfit_count, 1);
    assert_string_equal(result->misfits[0].planned, "nothing");
    assert_string_equal(result->misfits[0].now, "\"\\\"plain\\\"\"");
    assert_error_has(f, again, ERROR_CONFLICT, "no longer fits");
    assert_int_equal(fake_world_log_count(f->world), 1);
}

static void a_precondition_that_cannot_be_read_is_not_stale(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "a", FAKE_PRE_ABSENT);
    fake_world_kill(f->world, HOST, true);
    run(f);
    assert_int_equal(state_of(f, action), ACTION_FAILED);
    assert_error_has(f, action, ERROR_UNREACHABLE, "cannot check");
    assert_int_equal(fake_world_log_count(f->world), 0);
}

static void a_postcondition_is_waited_for_up_to_its_bound(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "a", FAKE_BAD_POST);
    int64_t start_ms = clock_monotonic_ms();
    run(f);
    int64_t waited_ms = clock_monotonic_ms() - start_ms;
    assert_true(waited_ms >= 300 && waited_ms < 5000);
    assert_int_equal(state_of(f, action), ACTION_FAILED);
    assert_error_has(f, action, ERROR_REFUSED, "waited 0.3 s");
}

static void a_missing_secret_stops_before_the_first_effect(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    add(f, "put", "a", 0);
    size_t action = add(f, "put", "b", 0);
    Value *args = value_map(f->arena);
    value_set(f->arena, args, "content", value_secret(f->arena, "10.0.0.9|gone"));
    f->fake->actions[action].args = args;
    ExecutorInput input = {.plan = &f->fake->plan,
                           .registry = &fake_registry,
                           .world = f->world,
                           .secret_source = secret,
                           .run = "x"};
    CLEANUP(error_freep) Error *error = executor_run(f->arena, &input, &f->execution);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INVALID);
    assert_non_null(strstr(error->message, "10.0.0.9|gone"));
    assert_int_equal(fake_world_log_count(f->world), 0);
}

/* -- secrets --------------------------------------------------------------------------------- */

static void secrets_reach_the_node_and_nothing_else(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "a", FAKE_SECRET | FAKE_POST);
    run(f);
    assert_int_equal(state_of(f, action), ACTION_DONE);
    assert_non_null(strstr(fake_world_content(f->world, HOST, "a"), "c4n'ary"));
    char *bytes;
    size_t length;
    char *path = arena_printf(f->arena, "%s/run-1.journal", f->directory);
    assert_null(file_read(f->arena, path, 1000000, &bytes, &length));
    assert_null(strstr(bytes, "ary"));
    assert_non_null(strstr(bytes, "(sensitive value)"));
}

/* -- brackets and cancelling ----------------------------------------------------------------- */

typedef struct Bracketed {
    size_t open, body, close;
} Bracketed;

static Bracketed add_bracket(Fixture *f)
{
    Bracketed b = {add(f, "put", "open", 0), add(f, "put", "body", 0), add(f, "put", "close", 0)};
    fake_plan_bracket(f->fake, b.open, b.close, &b.body, 1);
    return b;
}

static void brackets_close_on_failure(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Bracketed b = add_bracket(f);
    fake_world_fail(f->world, "body", ERROR_REFUSED, 1);
    run(f);
    assert_int_equal(state_of(f, b.body), ACTION_FAILED);
    assert_int_equal(state_of(f, b.close), ACTION_DONE);
}

typedef struct Interrupter {
    Fixture *f;
    const char *path; /* when this begins, raise so often, then release it */
    int times;
} Interrupter;

static void *interrupt(void *context)
{
    Interrupter *interrupter = context;
    Fixture *f = interrupter->f;
    while (fake_world_log_find(f->world, interrupter->path) < 0)
        clock_sleep_ms(2);
    for (int i = 0; i < interrupter->times; i++)
        cancel_raise(f->cancel);
    clock_sleep_ms(300);
    fake_world_block(f->world, interrupter->path, false);
    return NULL;
}

static void run_interrupted(Fixture *f, const char *path, int times)
{
    Interrupter interrupter = {f, path, times};
    pthread_t thread;
    fake_world_block(f->world, path, true);
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &interrupter), 0);
    run(f);
    pthread_join(thread, NULL);
}

static void the_first_signal_drains_and_closes(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Bracketed b = add_bracket(f);
    size_t next = add(f, "put", "next", 0);
    fake_plan_edge(f->fake, b.body, next);
    run_interrupted(f, "body", 1);
    assert_int_equal(state_of(f, b.open), ACTION_DONE);
    assert_int_equal(state_of(f, b.body), ACTION_DONE);
    assert_int_equal(state_of(f, b.close), ACTION_DONE);
    assert_int_equal(state_of(f, next), ACTION_CANCELLED);
    assert_int_equal(f->execution->cancel_level, CANCEL_DRAIN);
    assert_int_equal(f->events[EVENT_CANCEL], 1);
}

static void the_second_signal_ends_waits(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Bracketed b = add_bracket(f);
    f->fake->actions[b.body].args = f->fake->actions[b.open].args;
    Value *args = value_copy(f->arena, f->fake->actions[b.body].args);
    value_set_int(f->arena, args, "flags", FAKE_POST);
    f->fake->actions[b.body].args = args;
    fake_world_set(f->world, "fake.files", HOST, value_map(f->arena)); /* never seen there */
    int64_t start_ms = clock_monotonic_ms();
    run_interrupted(f, "body", 2);
    assert_true(clock_monotonic_ms() - start_ms < 1500); /* the bound was 2 s */
    assert_int_equal(state_of(f, b.body), ACTION_FAILED);
    assert_error_has(f, b.body, ERROR_CANCELLED, "stopped waiting");
    assert_int_equal(state_of(f, b.close), ACTION_DONE);
}

/* What the process that is left looks like: a thread still runs, the journal knows of it. */
static int leave_in_the_middle(void)
{
    Fixture *f = fixture();
    size_t action = add(f, "put", "a", 0), count;
    OpenIntent *open;
    run_interrupted(f, "a", 3);
    if (!f->execution->was_abandoned || state_of(f, action) != ACTION_RUNNING)
        return 1;
    if (journal_open_intents(f->arena, f->directory, &open, &count, NULL) || count != 1)
        return 2;
    return system(arena_printf(f->arena, "rm -rf %s", f->directory)) ? 3 : 0;
}

/* In a process of its own: nothing of an abandoned run can be freed. */
static void the_third_signal_leaves(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(leave_in_the_middle());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void nothing_starts_after_an_early_signal(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Bracketed b = add_bracket(f);
    cancel_raise(f->cancel);
    run(f);
    assert_int_equal(state_of(f, b.close), ACTION_CANCELLED);
    assert_int_equal(f->execution->counts[ACTION_CANCELLED], 3);
    assert_int_equal(fake_world_log_count(f->world), 0);
}

/* -- after a crash --------------------------------------------------------------------------- */

static OpenIntent left_open(const char *address, const char *verb)
{
    return (OpenIntent){.run = "run-0", .address = address, .verb = verb, .host = HOST};
}

/* Post holds: done. */
static void what_was_done_is_not_done_again(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put.ask", "a", FAKE_POST | FAKE_PRE_ABSENT);
    Value *files = value_map(f->arena);
    value_set_text(f->arena, files, "a", "there");
    fake_world_set(f->world, "fake.files", HOST, files);
    OpenIntent open = left_open("a", "put.ask");
    f->input.open = &open;
    f->input.open_count = 1;
    run(f);
    assert_int_equal(state_of(f, action), ACTION_DONE);
    assert_true(f->execution->results[action].was_done_before);
    assert_int_equal(fake_world_log_count(f->world), 0);
}

/* Pre holds: not done. */
static void what_was_not_done_is_done(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put.ask", "a", FAKE_POST | FAKE_PRE_ABSENT);
    OpenIntent open = left_open("a", "put.ask");
    f->input.open = &open;
    f->input.open_count = 1;
    run(f);
    assert_int_equal(state_of(f, action), ACTION_DONE);
    assert_true(f->execution->results[action].has_begun);
}

/* Neither: as the verb says. */
static void what_is_half_done_is_asked_about_or_repeated(void **state)
{
    (void)state;
    static const struct {
        const char *verb;
        ActionState want;
    } cases[] = {{"put.ask", ACTION_HALF}, {"put", ACTION_FAILED}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(fixture_endp) Fixture *f = fixture();
        size_t action = add(f, cases[i].verb, "a", FAKE_BAD_POST);
        OpenIntent open = left_open("a", cases[i].verb);
        f->input.open = &open;
        f->input.open_count = 1;
        run(f);
        assert_int_equal(state_of(f, action), cases[i].want);
        assert_int_equal(f->execution->results[action].has_begun, i == 1);
    }
}

static void another_verb_is_not_what_was_open(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    size_t action = add(f, "put", "a", FAKE_POST);
    OpenIntent open = left_open("a", "put.ask");
    f->input.open = &open;
    f->input.open_count = 1;
    run(f);
    assert_true(f->execution->results[action].has_begun);
}

static void a_clean_execution_puts_its_journal_away(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    add(f, "put", "a", FAKE_POST);
    run(f);
    Journal *journal = f->journal;
    f->journal = NULL;
    assert_null(recover_close(f->arena, f->directory, journal, f->execution, true));
    assert_true(file_exists(arena_printf(f->arena, "%s/done/run-1.journal", f->directory)));
    const Value *runs;
    OpenIntent *open;
    size_t count;
    assert_null(journal_open_intents(f->arena, f->directory, &open, &count, &runs));
    assert_int_equal(value_count(runs), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(actions_run_in_their_order),
        cmocka_unit_test(many_run_at_the_same_time_within_their_limit),
        cmocka_unit_test(no_more_workers_than_asked_for),
        cmocka_unit_test(a_thousand_actions),
        cmocka_unit_test(the_leader_is_found_when_the_action_starts),
        cmocka_unit_test(a_leader_is_waited_for),
        cmocka_unit_test(a_leader_without_members_to_ask_is_refused),
        cmocka_unit_test(dependants_are_skipped_with_the_cause),
        cmocka_unit_test(unreachable_is_tried_again),
        cmocka_unit_test(three_tries_are_all),
        cmocka_unit_test(what_must_not_be_repeated_stays_open),
        cmocka_unit_test(a_precondition_that_fails_changes_nothing),
        cmocka_unit_test(a_precondition_that_cannot_be_read_is_not_stale),
        cmocka_unit_test(a_postcondition_is_waited_for_up_to_its_bound),
        cmocka_unit_test(a_missing_secret_stops_before_the_first_effect),
        cmocka_unit_test(secrets_reach_the_node_and_nothing_else),
        cmocka_unit_test(brackets_close_on_failure),
        cmocka_unit_test(the_first_signal_drains_and_closes),
        cmocka_unit_test(the_second_signal_ends_waits),
        cmocka_unit_test(the_third_signal_leaves),
        cmocka_unit_test(nothing_starts_after_an_early_signal),
        cmocka_unit_test(what_was_done_is_not_done_again),
        cmocka_unit_test(what_was_not_done_is_done),
        cmocka_unit_test(what_is_half_done_is_asked_about_or_repeated),
        cmocka_unit_test(another_verb_is_not_what_was_open),
        cmocka_unit_test(a_clean_execution_puts_its_journal_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
