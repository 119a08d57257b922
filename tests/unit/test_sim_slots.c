/*
 * Replication slots of the simulated fleet: log that a standby needs is held back as long as its
 * member has a key; who comes too late is left behind until it is copied anew.
 */
#include "onlooker.h"
#include "unit.h"

enum { HOUR_MS = 60 * MINUTE_MS };

#define PLAIN            REHEARSAL_FLEET("")
#define SETTINGS(more)   "{\"postgresql\": {\"parameters\": {\"checkpoint_timeout\": 60, " more "}}}"
#define KEEPS(size)      SETTINGS("\"wal_keep_size\": \"" size "\"")
#define SLOTS_HOLD(size) SETTINGS("\"wal_keep_size\": 0, \"max_slot_wal_keep_size\": \"" size "\"")
#define LONG_TTL         "{\"ttl\": 7200}"

static bool streams(const Rehearsal *it, const char *leader, const char *address)
{
    const Value *senders = value_get(onlooker_ask(it, leader, "patroni.member"), "replication");
    for (size_t i = 0; i < value_count(senders); i++) {
        if (strcmp(value_get_text(value_at(senders, i), "client_addr"), address) == 0)
            return true;
    }
    return false;
}

static void stay(const Rehearsal *it)
{
    (void)it;
}

static void restart_leader(const Rehearsal *it)
{
    onlooker_post(it, LEADER, "/restart", "{}");
}

static void switch_over(const Rehearsal *it)
{
    onlooker_post(it, LEADER, "/switchover",
                  "{\"leader\": \"pg-test-1\", \"candidate\": \"pg-test-2\"}");
}

/* The third one is not there for an hour; something happens in the middle. */
static const struct {
    const char *name, *settings, *ttl;
    void (*happens)(const Rehearsal *it);
    const char *leader;
    bool follows;
} rows[] = {
    {"its slot holds it while its key lives", KEEPS("0"), LONG_TTL, stay, LEADER, true},
    {"its slot goes with its key", KEEPS("0"), NULL, stay, LEADER, false},
    {"enough is kept anyway", KEEPS("1GB"), NULL, stay, LEADER, true},
    {"by default enough is kept, too", SETTINGS("\"work_mem\": \"8MB\""), NULL, stay, LEADER, true},
    {"without slots", KEEPS("0"), "{\"ttl\": 7200, \"postgresql\": {\"use_slots\": false}}", stay,
     LEADER, false},
    {"its slot holds more than it may", SLOTS_HOLD("16MB"), LONG_TTL, stay, LEADER, false},
    {"its slot may hold as much", SLOTS_HOLD("1GB"), LONG_TTL, stay, LEADER, true},
    {"its slot outlives a restart", KEEPS("0"), LONG_TTL, restart_leader, LEADER, true},
    {"another leader has no slot from before", KEEPS("0"), LONG_TTL, switch_over, SECOND, false},
};

static void begin(Rehearsal *it, const char *settings, const char *more)
{
    onlooker_begin(it, PLAIN);
    onlooker_patch(it, settings);
    if (more)
        onlooker_patch(it, more);
    onlooker_wait(it, MINUTE_MS);
    assert_true(streams(it, LEADER, THIRD));
    onlooker_befall(it, SIM_ISOLATED, THIRD, HOUR_MS);
}

static void a_slot_holds_log_for_who_has_a_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Rehearsal it;
        begin(&it, rows[i].settings, rows[i].ttl);
        onlooker_wait(&it, HOUR_MS / 2);
        rows[i].happens(&it);
        onlooker_wait(&it, HOUR_MS / 2 + MINUTE_MS);
        if (streams(&it, rows[i].leader, THIRD) != rows[i].follows)
            fail_msg("%s: it %s", rows[i].name, rows[i].follows ? "does not follow" : "follows");
        assert_true(streams(&it, rows[i].leader, strcmp(rows[i].leader, LEADER) ? LEADER : SECOND));
        assert_int_equal(it.sim.worst(it.sim.context).left_behind, !rows[i].follows);
        rehearsal_end(&it);
    }
}

/* Patroni 3.0 says "running" of it; its lag grows. */
static void who_is_left_behind_is_copied_anew(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, KEEPS("0"), NULL);
    onlooker_wait(&it, HOUR_MS + MINUTE_MS);
    const Value *listed = onlooker_listed(&it, THIRD);
    int64_t lag = value_get_int(listed, "lag", -1);
    assert_string_equal(value_get_text(listed, "state"), "running");
    onlooker_wait(&it, MINUTE_MS);
    assert_true(value_get_int(onlooker_listed(&it, THIRD), "lag", -1) > lag + MINUTE_MS);
    onlooker_service(&it, THIRD, "patroni.service", "stop");
    onlooker_wait(&it, MINUTE_MS);
    onlooker_empty(&it, THIRD);
    onlooker_service(&it, THIRD, "patroni.service", "start");
    onlooker_wait(&it, MINUTE_MS);
    assert_true(streams(&it, LEADER, THIRD));
    assert_true(value_get_int(onlooker_listed(&it, THIRD), "lag", -1) < lag / 10);
    rehearsal_end(&it);
}

static void who_is_left_behind_takes_nothing_over(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    onlooker_patch(&it, KEEPS("0"));
    onlooker_befall(&it, SIM_ISOLATED, SECOND, HOUR_MS);
    onlooker_wait(&it, HOUR_MS + MINUTE_MS);
    rehearsal_load(&it, REHEARSAL_FLEET("        pg_max_conn: 700\n"));
    rehearsal_plan(&it);
    (void)rehearsal_apply(&it, NULL);
    assert_true(streams(&it, THIRD, LEADER));
    assert_false(streams(&it, THIRD, SECOND));
    assert_int_equal(it.sim.worst(it.sim.context).lost_bytes, 0);
    rehearsal_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slot_holds_log_for_who_has_a_key),
        cmocka_unit_test(who_is_left_behind_is_copied_anew),
        cmocka_unit_test(who_is_left_behind_takes_nothing_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
