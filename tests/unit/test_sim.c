/* The simulated fleet under the real engine: plans are made, carried out, and leave nothing to do.
 */
#include "rehearsal.h"
#include "unit.h"

static void expect_applied(Rehearsal *it)
{
    const char *why = "";
    if (rehearsal_apply(it, &why) > 0)
        fail_msg("not done:\n%s", why);
}

static void expect_nothing(Rehearsal *it)
{
    if (!rehearsal_is_done(it))
        fail_msg("left:\n%s", rehearsal_rest(it));
}

/* From bare nodes to one inventory, and on to another. */
static void expect_way(uint64_t seed, const char *from, const char *to, const char *const *verbs)
{
    Rehearsal it;
    rehearsal_begin(&it, seed, from);
    rehearsal_plan(&it);
    assert_true(it.plan->action_count > 50);
    expect_applied(&it);
    expect_nothing(&it);
    rehearsal_load(&it, to);
    rehearsal_plan(&it);
    for (size_t i = 0; verbs[i]; i++) {
        bool is_there = false;
        for (size_t k = 0; k < it.plan->action_count; k++)
            is_there = is_there || strcmp(it.plan->actions[k].verb->name, verbs[i]) == 0;
        if (!is_there)
            fail_msg("nothing is planned that does %s", verbs[i]);
    }
    expect_applied(&it);
    expect_nothing(&it);
    rehearsal_end(&it);
}

static void bare_nodes_become_a_cluster(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    for (uint64_t seed = 1; seed <= 20; seed++)
        expect_way(seed, REHEARSAL_FLEET(""), REHEARSAL_FLEET(""), none);
}

static void a_raised_limit_restarts_standbys_first(void **state)
{
    (void)state;
    static const char *const verbs[] = {"config.patch", "postgres.restart", "cluster.switchover",
                                        NULL};
    for (uint64_t seed = 1; seed <= 10; seed++)
        expect_way(seed, REHEARSAL_FLEET(""), REHEARSAL_FLEET("        pg_max_conn: 700\n"), verbs);
}

/* Whoever restarts is not waited for any more: who may take over in the end depends on that. */
static void a_raised_limit_restarts_a_synchronous_cluster(void **state)
{
    (void)state;
    static const char *const verbs[] = {"config.patch", "postgres.restart", "cluster.switchover",
                                        NULL};
    for (uint64_t seed = 1; seed <= 10; seed++)
        expect_way(seed, REHEARSAL_FLEET("        pg_rpo: 0\n"),
                   REHEARSAL_FLEET("        pg_rpo: 0\n        pg_max_conn: 700\n"), verbs);
}

/* Patroni does not know of what is in the file of a member alone: its server does. */
static void an_own_setting_restarts_all(void **state)
{
    (void)state;
    static const char *const verbs[] = {"autoconf.write", "postgres.reload", "postgres.restart",
                                        "cluster.switchover", NULL};
    for (uint64_t seed = 1; seed <= 10; seed++)
        expect_way(
            seed, REHEARSAL_FLEET(""),
            REHEARSAL_FLEET("        pg_parameters: { max_pred_locks_per_transaction: 100 }\n"),
            verbs);
}

static void a_lowered_limit_restarts_the_primary_first(void **state)
{
    (void)state;
    static const char *const verbs[] = {"config.patch", "postgres.restart", NULL};
    for (uint64_t seed = 1; seed <= 10; seed++)
        expect_way(seed, REHEARSAL_FLEET("        pg_max_conn: 700\n"), REHEARSAL_FLEET(""), verbs);
}

static void lose_power(Rehearsal *it, const char *address, int64_t for_ms)
{
    SimTrouble trouble = {SIM_POWER_LOSS, address, 1000, for_ms, 0};
    it->sim.trouble(it->sim.context, &trouble);
}

/* A replica reboots while the others are restarted: its own restart is then done, and the rest of
 * the rolling restart goes on. */
static void a_reboot_is_a_restart(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        Rehearsal it;
        rehearsal_begin(&it, seed, REHEARSAL_FLEET(""));
        rehearsal_plan(&it);
        expect_applied(&it);
        rehearsal_load(&it, REHEARSAL_FLEET("        pg_max_conn: 700\n"));
        rehearsal_plan(&it);
        lose_power(&it, "10.10.10.12", 30000);
        expect_applied(&it);
        expect_nothing(&it);
        rehearsal_end(&it);
    }
}

/* The leader cannot be reached when its turn comes: its restart is owed, and planned again. */
static void a_restart_that_is_owed_is_planned(void **state)
{
    (void)state;
    Rehearsal it;
    rehearsal_begin(&it, 1, REHEARSAL_FLEET(""));
    rehearsal_plan(&it);
    expect_applied(&it);
    rehearsal_load(&it, REHEARSAL_FLEET("        pg_max_conn: 700\n"));
    rehearsal_plan(&it);
    lose_power(&it, "10.10.10.12", 400000);
    assert_true(rehearsal_apply(&it, NULL) > 0);
    it.sim.wait_ms(it.sim.context, 600000);
    rehearsal_plan(&it);
    assert_int_equal(it.plan->action_count, 1);
    assert_string_equal(it.plan->actions[0].address, "restart.pg-test-1");
    expect_applied(&it);
    expect_nothing(&it);
    rehearsal_end(&it);
}

/* The same seed gives the same run, to the millisecond. */
static void a_seed_is_a_run(void **state)
{
    (void)state;
    int64_t took_ms[2];
    for (size_t i = 0; i < COUNT_OF(took_ms); i++) {
        Rehearsal it;
        rehearsal_begin(&it, 7, REHEARSAL_FLEET(""));
        rehearsal_plan(&it);
        expect_applied(&it);
        took_ms[i] = it.execution->took_ms;
        rehearsal_end(&it);
    }
    assert_int_equal(took_ms[0], took_ms[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_nodes_become_a_cluster),
        cmocka_unit_test(a_raised_limit_restarts_standbys_first),
        cmocka_unit_test(an_own_setting_restarts_all),
        cmocka_unit_test(a_raised_limit_restarts_a_synchronous_cluster),
        cmocka_unit_test(a_lowered_limit_restarts_the_primary_first),
        cmocka_unit_test(a_reboot_is_a_restart),
        cmocka_unit_test(a_restart_that_is_owed_is_planned),
        cmocka_unit_test(a_seed_is_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
