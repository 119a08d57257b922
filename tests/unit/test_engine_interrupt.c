/* executor: brackets, the three signals, and what an interrupted execution left. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/recover.h"
#include "fake_run.h"
#include "unit.h"

/* -- brackets and cancelling ----------------------------------------------------------------- */

typedef struct Bracketed {
    size_t open, body, close;
} Bracketed;

static Bracketed add_bracket(FakeRun *f)
{
    Bracketed b = {fake_run_add(f, "put", "open", 0), fake_run_add(f, "put", "body", 0),
                   fake_run_add(f, "put", "close", 0)};
    fake_plan_bracket(f->fake, b.open, b.close, &b.body, 1);
    return b;
}

static void brackets_close_on_failure(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    Bracketed b = add_bracket(f);
    fake_world_fail(f->world, "body", ERROR_REFUSED, 1);
    fake_run(f);
    assert_int_equal(fake_run_state(f, b.body), ACTION_FAILED);
    assert_int_equal(fake_run_state(f, b.close), ACTION_DONE);
}

typedef struct Interrupter {
    FakeRun *f;
    const char *path; /* when this begins, raise so often, then release it; not after the third */
    int times;
} Interrupter;

static void *interrupt(void *context)
{
    Interrupter *interrupter = context;
    FakeRun *f = interrupter->f;
    while (fake_world_log_find(f->world, interrupter->path) < 0)
        clock_sleep_ms(2);
    for (int i = 0; i < interrupter->times; i++)
        cancel_raise(f->cancel);
    if (interrupter->times > 2)
        return NULL; /* the process is left while it still runs */
    clock_sleep_ms(300);
    fake_world_block(f->world, interrupter->path, false);
    return NULL;
}

static void run_interrupted(FakeRun *f, const char *path, int times)
{
    Interrupter interrupter = {f, path, times};
    pthread_t thread;
    fake_world_block(f->world, path, true);
    assert_int_equal(pthread_create(&thread, NULL, interrupt, &interrupter), 0);
    fake_run(f);
    pthread_join(thread, NULL);
}

static void the_first_signal_drains_and_closes(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    Bracketed b = add_bracket(f);
    size_t next = fake_run_add(f, "put", "next", 0);
    fake_plan_edge(f->fake, b.body, next);
    run_interrupted(f, "body", 1);
    assert_int_equal(fake_run_state(f, b.open), ACTION_DONE);
    assert_int_equal(fake_run_state(f, b.body), ACTION_DONE);
    assert_int_equal(fake_run_state(f, b.close), ACTION_DONE);
    assert_int_equal(fake_run_state(f, next), ACTION_CANCELLED);
    assert_int_equal(f->execution->cancel_level, CANCEL_DRAIN);
    assert_int_equal(f->events[EVENT_CANCEL], 1);
}

static void the_second_signal_ends_waits(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    Bracketed b = add_bracket(f);
    f->fake->actions[b.body].args = f->fake->actions[b.open].args;
    Value *args = value_copy(f->arena, f->fake->actions[b.body].args);
    value_set_int(f->arena, args, "flags", FAKE_POST);
    f->fake->actions[b.body].args = args;
    fake_world_set(f->world, "fake.files", FAKE_HOST, value_map(f->arena)); /* never seen there */
    int64_t start_ms = clock_monotonic_ms();
    run_interrupted(f, "body", 2);
    assert_true(clock_monotonic_ms() - start_ms < 1500); /* the bound was 2 s */
    assert_int_equal(fake_run_state(f, b.body), ACTION_FAILED);
    fake_run_error_has(f, b.body, ERROR_CANCELLED, "stopped waiting");
    assert_int_equal(fake_run_state(f, b.close), ACTION_DONE);
}

/* What the process that is left looks like: a thread still runs, the journal knows of it. */
static int leave_in_the_middle(void)
{
    FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", 0), count;
    OpenIntent *open;
    run_interrupted(f, "a", 3);
    if (!f->execution->was_abandoned || fake_run_state(f, action) != ACTION_RUNNING)
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
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    Bracketed b = add_bracket(f);
    cancel_raise(f->cancel);
    fake_run(f);
    assert_int_equal(fake_run_state(f, b.close), ACTION_CANCELLED);
    assert_int_equal(f->execution->counts[ACTION_CANCELLED], 3);
    assert_int_equal(fake_world_log_count(f->world), 0);
}

/* -- after a crash --------------------------------------------------------------------------- */

static OpenIntent left_open(const char *address, const char *verb)
{
    return (OpenIntent){.run = "run-0", .address = address, .verb = verb, .host = FAKE_HOST};
}

static size_t resume_with_post_held(FakeRun *f, const char *verb)
{
    size_t action = fake_run_add(f, verb, "a", FAKE_POST | FAKE_PRE_ABSENT);
    Value *files = value_map(f->arena);
    value_set_text(f->arena, files, "a", "there");
    fake_world_set(f->world, "fake.files", FAKE_HOST, files);
    OpenIntent open = left_open("a", verb);
    f->input.open = &open;
    f->input.open_count = 1;
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_DONE);
    return action;
}

/* Post holds: done. */
static void what_was_done_is_not_done_again(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = resume_with_post_held(f, "put.ask");
    assert_true(f->execution->results[action].was_done_before);
    assert_int_equal(fake_world_log_count(f->world), 0);
}

/* Post holds, and does not tell all. */
static void what_only_seems_done_is_done_again(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = resume_with_post_held(f, "put.blind");
    assert_false(f->execution->results[action].was_done_before);
    assert_int_equal(fake_world_log_count(f->world), 1);
}

/* Pre holds: not done. */
static void what_was_not_done_is_done(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put.ask", "a", FAKE_POST | FAKE_PRE_ABSENT);
    OpenIntent open = left_open("a", "put.ask");
    f->input.open = &open;
    f->input.open_count = 1;
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_DONE);
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
        CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
        size_t action = fake_run_add(f, cases[i].verb, "a", FAKE_BAD_POST);
        OpenIntent open = left_open("a", cases[i].verb);
        f->input.open = &open;
        f->input.open_count = 1;
        fake_run(f);
        assert_int_equal(fake_run_state(f, action), cases[i].want);
        assert_int_equal(f->execution->results[action].has_begun, i == 1);
    }
}

static void another_verb_is_not_what_was_open(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", FAKE_POST);
    OpenIntent open = left_open("a", "put.ask");
    f->input.open = &open;
    f->input.open_count = 1;
    fake_run(f);
    assert_true(f->execution->results[action].has_begun);
}

static void a_clean_execution_puts_its_journal_away(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    fake_run_add(f, "put", "a", FAKE_POST);
    fake_run(f);
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
        cmocka_unit_test(brackets_close_on_failure),
        cmocka_unit_test(the_first_signal_drains_and_closes),
        cmocka_unit_test(the_second_signal_ends_waits),
        cmocka_unit_test(the_third_signal_leaves),
        cmocka_unit_test(nothing_starts_after_an_early_signal),
        cmocka_unit_test(what_was_done_is_not_done_again),
        cmocka_unit_test(what_only_seems_done_is_done_again),
        cmocka_unit_test(what_was_not_done_is_done),
        cmocka_unit_test(what_is_half_done_is_asked_about_or_repeated),
        cmocka_unit_test(another_verb_is_not_what_was_open),
        cmocka_unit_test(a_clean_execution_puts_its_journal_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
