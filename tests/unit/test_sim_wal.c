/*
 * The write-ahead log of the simulated fleet: it grows while a leader takes writes, standbys
 * follow, fall behind and catch up, and who lags too far does not take over.
 */
#include "onlooker.h"
#include "unit.h"

#define PLAIN       REHEARSAL_FLEET("")
#define SYNCHRONOUS REHEARSAL_FLEET("        pg_rpo: 0\n")
#define STRICT      REHEARSAL_FLEET("        pg_conf: crit.yml\n")

static void a_leader_writes_and_standbys_follow(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    int64_t before = onlooker_position(&it, LEADER);
    onlooker_wait(&it, MINUTE_MS);
    int64_t written = onlooker_position(&it, LEADER) - before;
    assert_true(written > MINUTE_MS);
    assert_true(onlooker_position(&it, LEADER) - onlooker_position(&it, SECOND) < written / 60);
    assert_true(value_get_int(onlooker_listed(&it, SECOND), "lag", -1) < written);
    assert_true(value_get_int(onlooker_listed(&it, SECOND), "lag", -1) >= 0);
    rehearsal_end(&it);
}

static void who_is_isolated_falls_behind_and_catches_up(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    int64_t before = onlooker_position(&it, THIRD);
    onlooker_befall(&it, SIM_ISOLATED, THIRD, 10 * MINUTE_MS);
    onlooker_wait(&it, 10 * MINUTE_MS);
    int64_t lag = onlooker_position(&it, LEADER) - onlooker_position(&it, THIRD);
    assert_true(lag > 5 * MINUTE_MS);
    onlooker_wait(&it, MINUTE_MS);
    assert_true(onlooker_position(&it, THIRD) > before + lag);
    assert_true(value_get_int(onlooker_listed(&it, THIRD), "lag", -1) < lag / 10);
    assert_int_equal(it.sim.worst(it.sim.context).lost_bytes, 0);
    rehearsal_end(&it);
}

/* What was on its way is lost with the leader, and no more. */
static void a_crash_loses_what_lagged(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    int64_t before = onlooker_position(&it, LEADER);
    onlooker_befall(&it, SIM_POWER_LOSS, LEADER, 5 * MINUTE_MS);
    onlooker_wait(&it, 2 * MINUTE_MS);
    int64_t lost = it.sim.worst(it.sim.context).lost_bytes;
    assert_true(lost > 0 && lost < 10000);
    onlooker_wait(&it, 5 * MINUTE_MS);
    assert_true(onlooker_position(&it, LEADER) > before); /* it follows now */
    const Value *old = onlooker_ask(&it, LEADER, "patroni.member");
    assert_string_equal(value_get_text(old, "role"), "replica");
    assert_int_equal(value_get_int(old, "timeline", 0), 2);
    rehearsal_end(&it);
}

/* Documentation of Patroni, maximum_lag_on_failover: rather no leader than one without the data. */
static void who_lags_too_far_does_not_lead(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    onlooker_service(&it, SECOND, "patroni.service", "stop");
    onlooker_befall(&it, SIM_ISOLATED, THIRD, 10 * MINUTE_MS);
    onlooker_wait(&it, 10 * MINUTE_MS - 10);
    onlooker_befall(&it, SIM_POWER_LOSS, LEADER, 5 * MINUTE_MS);
    onlooker_wait(&it, 4 * MINUTE_MS);
    assert_true(it.sim.worst(it.sim.context).gap_ms > 3 * MINUTE_MS);
    assert_string_equal(value_get_text(onlooker_ask(&it, THIRD, "patroni.member"), "role"),
                        "replica");
    onlooker_wait(&it, 2 * MINUTE_MS);
    assert_string_equal(value_get_text(onlooker_ask(&it, LEADER, "patroni.member"), "role"),
                        "master");
    assert_int_equal(it.sim.worst(it.sim.context).lost_bytes, 0);
    rehearsal_end(&it);
}

/* -- synchronous standbys ---------------------------------------------------------------------- */

static bool is_sync(const Rehearsal *it, const char *address)
{
    return strcmp(value_get_text(onlooker_listed(it, address), "role"), "sync_standby") == 0;
}

/* The one that is waited for goes: the other one is waited for, and it alone takes over. */
static void a_crash_loses_nothing_that_was_waited_for(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, SYNCHRONOUS);
    assert_true(is_sync(&it, SECOND) != is_sync(&it, THIRD));
    bool is_third = is_sync(&it, THIRD);
    const char *other = is_third ? SECOND : THIRD;
    onlooker_service(&it, is_third ? THIRD : SECOND, "patroni.service", "stop");
    onlooker_wait(&it, MINUTE_MS);
    assert_true(is_sync(&it, other));
    assert_int_equal(it.sim.worst(it.sim.context).unguarded_ms, 0);
    onlooker_befall(&it, SIM_POWER_LOSS, LEADER, 5 * MINUTE_MS);
    onlooker_wait(&it, 2 * MINUTE_MS);
    assert_string_equal(value_get_text(onlooker_ask(&it, other, "patroni.member"), "role"),
                        "master");
    assert_int_equal(it.sim.worst(it.sim.context).lost_bytes, 0);
    rehearsal_end(&it);
}

/* Without any standby it goes on when it is not strict, and waits when it is. */
static void without_a_standby_strict_waits(void **state)
{
    (void)state;
    static const struct {
        const char *vars;
        bool waits;
    } rows[] = {{SYNCHRONOUS, false}, {STRICT, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Rehearsal it;
        onlooker_begin(&it, rows[i].vars);
        onlooker_service(&it, SECOND, "patroni.service", "stop");
        onlooker_service(&it, THIRD, "patroni.service", "stop");
        onlooker_wait(&it, MINUTE_MS);
        int64_t before = onlooker_position(&it, LEADER);
        onlooker_wait(&it, MINUTE_MS);
        assert_int_equal(onlooker_position(&it, LEADER) == before, rows[i].waits);
        assert_int_equal(it.sim.worst(it.sim.context).gap_ms > MINUTE_MS, rows[i].waits);
        rehearsal_end(&it);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leader_writes_and_standbys_follow),
        cmocka_unit_test(who_is_isolated_falls_behind_and_catches_up),
        cmocka_unit_test(a_crash_loses_what_lagged),
        cmocka_unit_test(who_lags_too_far_does_not_lead),
        cmocka_unit_test(a_crash_loses_nothing_that_was_waited_for),
        cmocka_unit_test(without_a_standby_strict_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
