/* executor: order, limits, targets, failures, checks, secrets; on a world in memory. */
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "fake_run.h"
#include "unit.h"

#define OTHER "10.0.0.2"

/* -- going well ------------------------------------------------------------------------------ */

static void actions_run_in_their_order(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t last = fake_run_add(f, "put", "last", FAKE_POST),
           first = fake_run_add(f, "put", "first", FAKE_POST);
    size_t middle = fake_run_add(f, "put", "middle", FAKE_POST | FAKE_PRE_ABSENT);
    fake_plan_edge(f->fake, first, middle);
    fake_plan_edge(f->fake, middle, last);
    fake_run(f);
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
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t ids[40];
    for (size_t i = 0; i < COUNT_OF(ids); i++)
        ids[i] = fake_run_add(f, "put", arena_printf(f->arena, "file %zu", i), FAKE_POST);
    fake_plan_limit(f->fake, "three", 3, ids, COUNT_OF(ids));
    fake_world_slow(f->world, 5);
    fake_run(f);
    assert_int_equal(f->execution->counts[ACTION_DONE], COUNT_OF(ids));
    assert_int_equal(fake_world_peak(f->world), 3);
}

static void no_more_workers_than_asked_for(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    for (size_t i = 0; i < 20; i++)
        fake_run_add(f, "put", arena_printf(f->arena, "file %zu", i), 0);
    fake_world_slow(f->world, 5);
    f->input.workers = 2;
    fake_run(f);
    assert_int_equal(f->execution->counts[ACTION_DONE], 20);
    assert_true(fake_world_peak(f->world) <= 2);
}

static void a_thousand_actions(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    for (size_t i = 0; i < 1000; i++) {
        size_t id = fake_run_add(f, "put", arena_printf(f->arena, "file %zu", i), 0);
        if (i >= 10)
            fake_plan_edge(f->fake, id - 10, id);
    }
    fake_run(f);
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

static void set_members(FakeRun *f, size_t action)
{
    Value *members = value_list(f->arena);
    static const char *const rows[][2] = {{"pg-test-1", FAKE_HOST}, {"pg-test-2", OTHER}};
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
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "role", FAKE_POST);
    set_members(f, action);
    fake_world_kill(f->world, FAKE_HOST, true);
    fake_world_set(f->world, "patroni.cluster", OTHER, cluster_view(f->arena, "pg-test-2"));
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_DONE);
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
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "role", 0);
    set_members(f, action);
    fake_world_on_read(f->world, "patroni.cluster", leader_at_last, NULL);
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_DONE);
    assert_string_equal(f->execution->results[action].host, FAKE_HOST);
}

static void a_leader_without_members_to_ask_is_refused(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "role", 0);
    f->fake->actions[action].host = "@leader";
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_FAILED);
    fake_run_error_has(f, action, ERROR_INVALID, "names no members");
}

/* -- going wrong ----------------------------------------------------------------------------- */

static void dependants_are_skipped_with_the_cause(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t bad = fake_run_add(f, "put", "bad", 0), next = fake_run_add(f, "put", "next", 0);
    size_t last = fake_run_add(f, "put", "last", 0),
           other = fake_run_add(f, "put", "other", FAKE_POST);
    fake_plan_edge(f->fake, bad, next);
    fake_plan_edge(f->fake, next, last);
    fake_world_fail(f->world, "bad", ERROR_REFUSED, 1);
    fake_run(f);
    assert_int_equal(fake_run_state(f, bad), ACTION_FAILED);
    assert_int_equal(f->execution->results[bad].attempt_count, 1);
    assert_int_equal(fake_run_state(f, next), ACTION_SKIPPED);
    assert_int_equal(fake_run_state(f, last), ACTION_SKIPPED);
    assert_int_equal(f->execution->results[last].cause, bad);
    assert_int_equal(fake_run_state(f, other), ACTION_DONE);
    assert_int_equal(f->events[EVENT_SKIP], 2);
}

/* One at a time, each in a domain of its own; two in the first domain fail, and one in each other.
 */
static FakeRun *failing_run(size_t budget)
{
    FakeRun *f = fake_run_new();
    for (size_t i = 0; i < 7; i++) {
        const char *name = arena_printf(f->arena, "file %zu", i);
        size_t id = fake_run_add(f, "put", name, 0);
        f->fake->actions[id].domain = i < 2 ? "first" : name;
        fake_world_fail(f->world, name, ERROR_REFUSED, 1);
    }
    f->input.workers = 1;
    f->input.failure_budget = budget;
    fake_run(f);
    return f;
}

static void nothing_new_is_started_after_too_many_failures(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = failing_run(3);
    assert_int_equal(f->execution->counts[ACTION_FAILED], 4); /* of three domains */
    assert_int_equal(f->execution->counts[ACTION_CANCELLED], 3);
    assert_int_equal(f->execution->failed_domains, 3);
    assert_true(f->execution->is_budget_spent);
    assert_int_equal(f->events[EVENT_BUDGET], 1);
}

static void without_a_budget_the_others_go_on(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = failing_run(0);
    assert_int_equal(f->execution->counts[ACTION_FAILED], 7);
    assert_int_equal(f->execution->failed_domains, 6);
    assert_false(f->execution->is_budget_spent);
    assert_int_equal(f->events[EVENT_BUDGET], 0);
}

static void unreachable_is_tried_again(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", FAKE_POST);
    fake_world_fail(f->world, "a", ERROR_UNREACHABLE, 2);
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_DONE);
    assert_int_equal(f->execution->results[action].attempt_count, 3);
}

static void three_tries_are_all(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", 0);
    fake_world_fail(f->world, "a", ERROR_UNREACHABLE, 9);
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_FAILED);
    assert_int_equal(f->execution->results[action].attempt_count, 3);
}

/* "Not now" was not done, so it may be asked again whatever it is; "no" is an answer. */
static void busy_is_tried_again(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t busy = fake_run_add(f, "put.ask", "a", 0), refused = fake_run_add(f, "put", "b", 0);
    fake_world_fail(f->world, "a", ERROR_BUSY, 2);
    fake_world_fail(f->world, "b", ERROR_REFUSED, 1);
    fake_run(f);
    assert_int_equal(fake_run_state(f, busy), ACTION_DONE);
    assert_int_equal(f->execution->results[busy].attempt_count, 3);
    assert_int_equal(fake_run_state(f, refused), ACTION_FAILED);
    assert_int_equal(f->execution->results[refused].attempt_count, 1);
}

/* It may have been done: a person must look, and the journal keeps it open. */
static void what_must_not_be_repeated_stays_open(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put.ask", "a", 0);
    fake_world_fail(f->world, "a", ERROR_UNREACHABLE, 1);
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_HALF);
    assert_int_equal(f->execution->results[action].attempt_count, 1);
    OpenIntent *open;
    size_t count;
    assert_null(journal_open_intents(f->arena, f->directory, &open, &count, NULL));
    assert_int_equal(count, 1);
    assert_string_equal(open[0].address, "a");
}

/* A node that was rebooted has restarted its server: nobody has to do that again. */
static void what_somebody_else_has_done_is_done(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t first = fake_run_add(f, "put", "a", 0),
           again = fake_run_add(f, "put", "a", FAKE_PRE_ABSENT | FAKE_POST);
    fake_plan_edge(f->fake, first, again);
    fake_run(f);
    assert_int_equal(fake_run_state(f, again), ACTION_DONE);
    assert_true(f->execution->results[again].was_done_before);
    assert_int_equal(fake_world_log_count(f->world), 1);
}

static void a_precondition_that_fails_changes_nothing(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t first = fake_run_add(f, "put", "a", 0),
           again = fake_run_add(f, "put", "a", FAKE_PRE_ABSENT);
    fake_plan_edge(f->fake, first, again);
    fake_run(f);
    const ActionResult *result = &f->execution->results[again];
    assert_int_equal(result->state, ACTION_STALE);
    assert_false(result->has_begun);
    assert_int_equal(result->misfit_count, 1);
    assert_string_equal(result->misfits[0].planned, "nothing");
    assert_string_equal(result->misfits[0].now, "\"\\\"plain\\\"\"");
    fake_run_error_has(f, again, ERROR_CONFLICT, "no longer fits");
    assert_int_equal(fake_world_log_count(f->world), 1);
}

static void a_precondition_that_cannot_be_read_is_not_stale(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", FAKE_PRE_ABSENT);
    fake_world_kill(f->world, FAKE_HOST, true);
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_FAILED);
    fake_run_error_has(f, action, ERROR_UNREACHABLE, "cannot check");
    assert_int_equal(fake_world_log_count(f->world), 0);
}

static void a_postcondition_is_waited_for_up_to_its_bound(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", FAKE_BAD_POST);
    int64_t start_ms = clock_monotonic_ms();
    fake_run(f);
    int64_t waited_ms = clock_monotonic_ms() - start_ms;
    assert_true(waited_ms >= 300 && waited_ms < 5000);
    assert_int_equal(fake_run_state(f, action), ACTION_FAILED);
    fake_run_error_has(f, action, ERROR_REFUSED, "waited 0.3 s");
}

/* -- secrets --------------------------------------------------------------------------------- */

static void secrets_reach_the_node_and_nothing_else(void **state)
{
    (void)state;
    CLEANUP(fake_run_endp) FakeRun *f = fake_run_new();
    size_t action = fake_run_add(f, "put", "a", FAKE_SECRET | FAKE_POST);
    fake_run(f);
    assert_int_equal(fake_run_state(f, action), ACTION_DONE);
    assert_non_null(strstr(fake_world_content(f->world, FAKE_HOST, "a"), "c4n'ary"));
    char *bytes;
    size_t length;
    char *path = arena_printf(f->arena, "%s/run-1.journal", f->directory);
    assert_null(file_read(f->arena, path, 1000000, &bytes, &length));
    assert_null(strstr(bytes, "ary"));
    assert_non_null(strstr(bytes, "(sensitive value)"));
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
        cmocka_unit_test(nothing_new_is_started_after_too_many_failures),
        cmocka_unit_test(without_a_budget_the_others_go_on),
        cmocka_unit_test(unreachable_is_tried_again),
        cmocka_unit_test(three_tries_are_all),
        cmocka_unit_test(busy_is_tried_again),
        cmocka_unit_test(what_must_not_be_repeated_stays_open),
        cmocka_unit_test(a_precondition_that_fails_changes_nothing),
        cmocka_unit_test(what_somebody_else_has_done_is_done),
        cmocka_unit_test(a_precondition_that_cannot_be_read_is_not_stale),
        cmocka_unit_test(a_postcondition_is_waited_for_up_to_its_bound),
        cmocka_unit_test(secrets_reach_the_node_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
