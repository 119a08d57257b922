/*
 * What etcd has of each member of the simulated fleet: who is gone is listed until its ttl is over.
 */
#include "onlooker.h"
#include "unit.h"

#define PLAIN REHEARSAL_FLEET("")

enum { SECOND_MS = 1000, LOOP_MS = 10 * SECOND_MS, TTL_MS = 30 * SECOND_MS };

static const char *listed_state(const Rehearsal *it, const char *address)
{
    const Value *listed = onlooker_listed(it, address);
    return listed ? value_get_text(listed, "state") : "(gone)";
}

/* As it was when it was last heard of. */
static void who_is_gone_is_listed_for_its_ttl(void **state)
{
    (void)state;
    static const SimTroubleKind kinds[] = {SIM_POWER_LOSS, SIM_ISOLATED};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        Rehearsal it;
        onlooker_begin(&it, PLAIN);
        onlooker_befall(&it, kinds[i], THIRD, 5 * MINUTE_MS);
        onlooker_wait(&it, TTL_MS - LOOP_MS - SECOND_MS);
        assert_string_equal(listed_state(&it, THIRD), "running");
        assert_int_equal(value_get_int(onlooker_listed(&it, THIRD), "timeline", 0), 1);
        onlooker_wait(&it, LOOP_MS + 2 * SECOND_MS);
        assert_string_equal(listed_state(&it, THIRD), "(gone)");
        assert_string_equal(listed_state(&it, SECOND), "running");
        onlooker_wait(&it, 5 * MINUTE_MS);
        assert_string_equal(listed_state(&it, THIRD), "running");
        rehearsal_end(&it);
    }
}

static void who_is_stopped_is_listed_as_stopped(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    onlooker_service(&it, THIRD, "patroni.service", "stop");
    onlooker_wait(&it, TTL_MS - SECOND_MS);
    assert_string_equal(listed_state(&it, THIRD), "stopped");
    assert_string_equal(value_get_text(onlooker_listed(&it, THIRD), "lag"), "unknown");
    assert_null(value_get(onlooker_listed(&it, THIRD), "timeline"));
    onlooker_wait(&it, 2 * SECOND_MS);
    assert_string_equal(listed_state(&it, THIRD), "(gone)");
    onlooker_service(&it, THIRD, "patroni.service", "start");
    onlooker_wait(&it, LOOP_MS);
    assert_string_equal(listed_state(&it, THIRD), "running");
    rehearsal_end(&it);
}

static void the_ttl_is_the_clusters(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    onlooker_patch(&it, "{\"ttl\": 120}");
    onlooker_wait(&it, LOOP_MS);
    onlooker_service(&it, THIRD, "patroni.service", "stop");
    onlooker_wait(&it, 119 * SECOND_MS);
    assert_string_equal(listed_state(&it, THIRD), "stopped");
    onlooker_wait(&it, 2 * SECOND_MS);
    assert_string_equal(listed_state(&it, THIRD), "(gone)");
    rehearsal_end(&it);
}

/* etcd's own documentation, "Lease": a new leader of it lets all of them begin anew. */
static void without_a_quorum_no_key_ends(void **state)
{
    (void)state;
    Rehearsal it;
    onlooker_begin(&it, PLAIN);
    onlooker_service(&it, THIRD, "patroni.service", "stop");
    onlooker_wait(&it, SECOND_MS);
    onlooker_befall(&it, SIM_ISOLATED, SECOND, 2 * MINUTE_MS);
    onlooker_befall(&it, SIM_ISOLATED, THIRD, 2 * MINUTE_MS);
    onlooker_wait(&it, 2 * MINUTE_MS + LOOP_MS);
    assert_string_equal(listed_state(&it, THIRD), "stopped");
    onlooker_wait(&it, TTL_MS);
    assert_string_equal(listed_state(&it, THIRD), "(gone)");
    rehearsal_end(&it);
}

/* Patroni's documentation, "DCS Failsafe Mode": it asks those that had a key, and nobody else. */
static void only_who_has_a_key_is_asked_without_etcd(void **state)
{
    (void)state;
    static const struct {
        int64_t away_ms;
        bool goes_on;
    } rows[] = {{LOOP_MS, false}, {TTL_MS + LOOP_MS, true}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Rehearsal it;
        onlooker_begin(&it, PLAIN);
        onlooker_patch(&it, "{\"failsafe_mode\": true}");
        onlooker_service(&it, THIRD, "patroni.service", "stop");
        onlooker_wait(&it, rows[i].away_ms);
        onlooker_service(&it, SECOND, "etcd.service", "stop");
        onlooker_service(&it, THIRD, "etcd.service", "stop");
        onlooker_wait(&it, MINUTE_MS);
        assert_int_equal(it.sim.worst(it.sim.context).gap_ms == 0, rows[i].goes_on);
        rehearsal_end(&it);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_gone_is_listed_for_its_ttl),
        cmocka_unit_test(who_is_stopped_is_listed_as_stopped),
        cmocka_unit_test(the_ttl_is_the_clusters),
        cmocka_unit_test(without_a_quorum_no_key_ends),
        cmocka_unit_test(only_who_has_a_key_is_asked_without_etcd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
