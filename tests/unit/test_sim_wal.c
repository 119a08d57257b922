/*
 * The write-ahead log of the simulated fleet: it grows while a leader takes writes, standbys
 * follow, fall behind and catch up, and who lags too far does not take over.
 */
#include "providers/sources/registry.h"
#include "rehearsal.h"
#include "unit.h"

static const int64_t minute_ms = 60000;

#define LEADER      "10.10.10.11"
#define SECOND      "10.10.10.12"
#define THIRD       "10.10.10.13"
#define PLAIN       REHEARSAL_FLEET("")
#define SYNCHRONOUS REHEARSAL_FLEET("        pg_rpo: 0\n")
#define STRICT      REHEARSAL_FLEET("        pg_conf: crit.yml\n")

static void begin(Rehearsal *it, const char *inventory)
{
    const char *why = "";
    rehearsal_begin(it, 1, inventory);
    rehearsal_plan(it);
    if (rehearsal_apply(it, &why) > 0)
        fail_msg("not done:\n%s", why);
    it->sim.wait_ms(it->sim.context, minute_ms);
    it->sim.forget_worst(it->sim.context);
}

static void befall(const Rehearsal *it, SimTroubleKind kind, const char *address, int64_t for_ms)
{
    SimTrouble trouble = {kind, address, 0, for_ms, 0};
    it->sim.trouble(it->sim.context, &trouble);
}

static void stop_patroni(Rehearsal *it, const char *address)
{
    Value *args = value_map(it->arena);
    value_set_text(it->arena, args, "name", "patroni.service");
    value_set_text(it->arena, args, "action", "stop");
    it->sim.meddle(it->sim.context, address, 0, &(Effect){EFFECT_UNIT, address, args, NULL});
}

static const Value *ask(const Rehearsal *it, const char *address, const char *source)
{
    ReadRequest request = {.source = source_find(source), .subject = address};
    Reading reading = {0};
    World *world = it->sim.world;
    check_fine(world->read(world, address, &request, 1, -1, it->arena, &reading));
    return reading.value;
}

/* How far the log of a member is. */
static int64_t position(const Rehearsal *it, const char *address)
{
    const Value *log = value_get(ask(it, address, "patroni.member"), "xlog");
    return value_get_int(log, "location", value_get_int(log, "replayed_location", -1));
}

/* Its entry in GET /cluster. */
static const Value *listed(const Rehearsal *it, const char *address)
{
    const Value *members = value_get(ask(it, LEADER, "patroni.cluster"), "members");
    for (size_t i = 0; i < value_count(members); i++) {
        if (strcmp(value_get_text(value_at(members, i), "host"), address) == 0)
            return value_at(members, i);
    }
    return NULL;
}

static void a_leader_writes_and_standbys_follow(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, PLAIN);
    int64_t before = position(&it, LEADER);
    it.sim.wait_ms(it.sim.context, minute_ms);
    int64_t written = position(&it, LEADER) - before;
    assert_true(written > minute_ms);
    assert_true(position(&it, LEADER) - position(&it, SECOND) < written / 60);
    assert_true(value_get_int(listed(&it, SECOND), "lag", -1) < written);
    assert_true(value_get_int(listed(&it, SECOND), "lag", -1) >= 0);
    rehearsal_end(&it);
}

static void who_is_isolated_falls_behind_and_catches_up(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, PLAIN);
    int64_t before = position(&it, THIRD);
    befall(&it, SIM_ISOLATED, THIRD, 10 * minute_ms);
    it.sim.wait_ms(it.sim.context, 9 * minute_ms);
    int64_t lag = value_get_int(listed(&it, THIRD), "lag", -1);
    assert_true(lag > 5 * minute_ms);
    it.sim.wait_ms(it.sim.context, 2 * minute_ms);
    assert_true(position(&it, THIRD) > before + lag);
    assert_true(value_get_int(listed(&it, THIRD), "lag", -1) < lag / 10);
    assert_int_equal(it.sim.worst(it.sim.context).lost_bytes, 0);
    rehearsal_end(&it);
}

/* What was on its way is lost with the leader, and no more. */
static void a_crash_loses_what_lagged(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, PLAIN);
    int64_t before = position(&it, LEADER);
    befall(&it, SIM_POWER_LOSS, LEADER, 5 * minute_ms);
    it.sim.wait_ms(it.sim.context, 2 * minute_ms);
    int64_t lost = it.sim.worst(it.sim.context).lost_bytes;
    assert_true(lost > 0 && lost < 10000);
    it.sim.wait_ms(it.sim.context, 5 * minute_ms);
    assert_true(position(&it, LEADER) > before); /* it follows now */
    const Value *old = ask(&it, LEADER, "patroni.member");
    assert_string_equal(value_get_text(old, "role"), "replica");
    assert_int_equal(value_get_int(old, "timeline", 0), 2);
    rehearsal_end(&it);
}

/* Documentation of Patroni, maximum_lag_on_failover: rather no leader than one without the data. */
static void who_lags_too_far_does_not_lead(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, PLAIN);
    stop_patroni(&it, SECOND);
    befall(&it, SIM_ISOLATED, THIRD, 10 * minute_ms);
    it.sim.wait_ms(it.sim.context, 10 * minute_ms - 10);
    befall(&it, SIM_POWER_LOSS, LEADER, 5 * minute_ms);
    it.sim.wait_ms(it.sim.context, 4 * minute_ms);
    assert_true(it.sim.worst(it.sim.context).gap_ms > 3 * minute_ms);
    assert_string_equal(value_get_text(ask(&it, THIRD, "patroni.member"), "role"), "replica");
    it.sim.wait_ms(it.sim.context, 2 * minute_ms);
    assert_string_equal(value_get_text(ask(&it, LEADER, "patroni.member"), "role"), "master");
    assert_int_equal(it.sim.worst(it.sim.context).lost_bytes, 0);
    rehearsal_end(&it);
}

/* -- synchronous standbys ---------------------------------------------------------------------- */

static bool is_sync(const Rehearsal *it, const char *address)
{
    return strcmp(value_get_text(listed(it, address), "role"), "sync_standby") == 0;
}

/* The one that is waited for goes: the other one is waited for, and it alone takes over. */
static void a_crash_loses_nothing_that_was_waited_for(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, SYNCHRONOUS);
    assert_true(is_sync(&it, SECOND) != is_sync(&it, THIRD));
    bool is_third = is_sync(&it, THIRD);
    const char *other = is_third ? SECOND : THIRD;
    stop_patroni(&it, is_third ? THIRD : SECOND);
    it.sim.wait_ms(it.sim.context, minute_ms);
    assert_true(is_sync(&it, other));
    assert_int_equal(it.sim.worst(it.sim.context).unguarded_ms, 0);
    befall(&it, SIM_POWER_LOSS, LEADER, 5 * minute_ms);
    it.sim.wait_ms(it.sim.context, 2 * minute_ms);
    assert_string_equal(value_get_text(ask(&it, other, "patroni.member"), "role"), "master");
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
        begin(&it, rows[i].vars);
        stop_patroni(&it, SECOND);
        stop_patroni(&it, THIRD);
        it.sim.wait_ms(it.sim.context, minute_ms);
        int64_t before = position(&it, LEADER);
        it.sim.wait_ms(it.sim.context, minute_ms);
        assert_int_equal(position(&it, LEADER) == before, rows[i].waits);
        assert_int_equal(it.sim.worst(it.sim.context).gap_ms > minute_ms, rows[i].waits);
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
