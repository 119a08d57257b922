/* paces: what executions teach about how long verbs take. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/paces.h"
#include "unit.h"

static const Verb start = {.name = "instance.start"}, reload = {.name = "haproxy.reload"};

static ActionResult done(int64_t took_ms)
{
    return (ActionResult){
        .state = ACTION_DONE, .has_begun = true, .attempt_count = 1, .took_ms = took_ms};
}

static Action action(const Verb *verb, int64_t guess_ms)
{
    return (Action){.verb = verb, .guess_ms = guess_ms, .expected_ms = guess_ms};
}

static const Value *learn(Arena *arena, const Value *verbs, Action *actions, ActionResult *results,
                          size_t count)
{
    Plan plan = {.actions = actions, .action_count = count};
    Execution execution = {.plan = &plan, .results = results};
    return paces_learn(arena, verbs, &execution);
}

static int64_t get(const Value *verbs, const char *verb, const char *key)
{
    return value_get_int(value_get(verbs, verb), key, -1);
}

static void later_executions_count_less(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Action actions[] = {action(&start, 1000)};
    ActionResult results[] = {done(3000)};
    static const int64_t paces[] = {2000, 2333, 2499, 2624};
    const Value *verbs = &value_empty_map;
    for (size_t i = 0; i < COUNT_OF(paces); i++) {
        verbs = learn(arena, verbs, actions, results, 1);
        assert_int_equal(get(verbs, "instance.start", "pace"), paces[i]);
        assert_int_equal(get(verbs, "instance.start", "executions"), i + 1);
    }
}

static void an_execution_counts_once_whatever_its_size(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Action actions[] = {action(&start, 1000), action(&start, 3000), action(&reload, 100)};
    ActionResult results[] = {done(2000), done(2000), done(50)};
    const Value *verbs = learn(arena, &value_empty_map, actions, results, 3);
    assert_int_equal(get(verbs, "instance.start", "pace"), 1000); /* 4 s for 4 s */
    assert_int_equal(get(verbs, "instance.start", "executions"), 1);
    assert_int_equal(get(verbs, "instance.start", "planned_ms"), 2000);
    assert_int_equal(get(verbs, "instance.start", "took_ms"), 2000);
    assert_int_equal(get(verbs, "haproxy.reload", "pace"), 750);
}

static void what_was_not_done_at_once_teaches_nothing(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Action actions[] = {action(&start, 1000), action(&start, 1000), action(&start, 1000),
                        action(&start, 1000), action(&start, 0)};
    ActionResult results[] = {done(9000), done(9000), done(9000), done(9000), done(9000)};
    results[0].state = ACTION_FAILED;
    results[1].was_done_before = true;
    results[2].attempt_count = 2;
    results[3].has_begun = false;
    assert_null(learn(arena, &value_empty_map, actions, results, 5));
}

static void one_odd_execution_has_bounds(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Action actions[] = {action(&start, 1), action(&reload, 3600000)};
    ActionResult results[] = {done(3600000), done(0)};
    const Value *verbs = learn(arena, &value_empty_map, actions, results, 2);
    assert_int_equal(get(verbs, "instance.start", "pace"), 50500);
    assert_int_equal(get(verbs, "haproxy.reload", "pace"), 510);
}

static void what_is_known_is_kept_in_a_file(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char folder[] = "/tmp/paces.XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = arena_printf(arena, "%s/timings.json", folder);
    assert_int_equal(value_count(paces_read(arena, path)), 0);
    Action actions[] = {action(&start, 1000), action(&reload, 1000)};
    ActionResult results[] = {done(3000), done(1000)};
    Plan plan = {.actions = actions, .action_count = 2};
    Execution execution = {.run = "run-0", .plan = &plan, .results = results};
    assert_null(paces_update(arena, path, &execution));
    plan.action_count = 1;
    assert_null(paces_update(arena, path, &execution));
    const Value *verbs = paces_read(arena, path);
    assert_int_equal(get(verbs, "instance.start", "pace"), 2333);
    assert_int_equal(get(verbs, "haproxy.reload", "pace"), 1000);
    static const char *const foreign[] = {"", "[1, 2]", "{\"format\": 2, \"verbs\": {\"x\": {}}}",
                                          "{\"format\": 1, \"verbs\": 7}"};
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        assert_null(file_write_all(path, 0600, foreign[i], strlen(foreign[i])));
        assert_int_equal(value_count(paces_read(arena, path)), 0);
    }
    unlink(path);
    unlink(arena_printf(arena, "%s.lock", path));
    rmdir(folder);
}

enum { RUNS = 4, UPDATES = 25 };

static void learn_often(const char *path)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Action actions[] = {action(&start, 1000)};
    ActionResult results[] = {done(3000)};
    Plan plan = {.actions = actions, .action_count = 1};
    Execution execution = {.run = "run-0", .plan = &plan, .results = results};
    for (int i = 0; i < UPDATES; i++) {
        if (paces_update(arena, path, &execution))
            _exit(EXIT_FAILURE);
    }
    _exit(EXIT_SUCCESS);
}

/* What one of several runs learned is not overwritten by what another had read before. */
static void runs_side_by_side_all_count(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char folder[] = "/tmp/paces.XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *path = arena_printf(arena, "%s/timings.json", folder);
    for (int i = 0; i < RUNS; i++) {
        if (fork() == 0)
            learn_often(path);
    }
    int status = 0, failed = 0;
    while (wait(&status) > 0)
        failed += status != 0;
    assert_int_equal(failed, 0);
    assert_int_equal(get(paces_read(arena, path), "instance.start", "executions"), RUNS * UPDATES);
    unlink(path);
    unlink(arena_printf(arena, "%s.lock", path));
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_executions_count_less),
        cmocka_unit_test(an_execution_counts_once_whatever_its_size),
        cmocka_unit_test(what_was_not_done_at_once_teaches_nothing),
        cmocka_unit_test(one_odd_execution_has_bounds),
        cmocka_unit_test(what_is_known_is_kept_in_a_file),
        cmocka_unit_test(runs_side_by_side_all_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
