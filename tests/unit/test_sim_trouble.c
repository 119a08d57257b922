/*
 * What the lab cannot show, a named trouble each: clocks that disagree, nodes that are slow, cut
 * off, isolated or full, answers of a moment ago, unequal machines, other people. Whatever happens
 * meanwhile, never do two members take writes, and once it is over an apply leaves nothing to do.
 */
#include "rehearsal.h"
#include "unit.h"

enum { APPLIES_MAX = 3, PAUSE_MS = 120000, HOUR_MS = 3600000 };

#define MORE_CONNECTIONS "        pg_max_conn: 700\n"

static void expect_applied(Rehearsal *it)
{
    const char *why = "";
    if (rehearsal_apply(it, &why) > 0)
        fail_msg("not done:\n%s", why);
}

/* A cluster that stands; the plan of what is wanted next is made. */
static void begin_from(Rehearsal *it, const char *first, const char *next)
{
    rehearsal_begin(it, 1, first);
    rehearsal_plan(it);
    expect_applied(it);
    it->sim.forget_worst(it->sim.context);
    rehearsal_load(it, next);
    rehearsal_plan(it);
}

static void begin(Rehearsal *it, const char *next)
{
    begin_from(it, REHEARSAL_FLEET(""), next);
}

static void end(Rehearsal *it)
{
    size_t left = 1;
    for (int i = 0; i < APPLIES_MAX && left > 0; i++) {
        it->sim.wait_ms(it->sim.context, PAUSE_MS);
        rehearsal_plan(it);
        left = rehearsal_apply(it, NULL);
    }
    assert_int_equal(left, 0);
    if (!rehearsal_is_done(it))
        fail_msg("left:\n%s", rehearsal_rest(it));
    assert_int_equal(it->sim.worst(it->sim.context).primaries, 1);
    rehearsal_end(it);
}

static void befall(const Rehearsal *it, SimTrouble trouble)
{
    it->sim.trouble(it->sim.context, &trouble);
}

/* -- nodes ------------------------------------------------------------------------------------- */

/* Nothing is concluded from two clocks: one apply does it all. */
static void clocks_that_disagree_do_not_matter(void **state)
{
    (void)state;
    static const int64_t skews_ms[] = {HOUR_MS, -HOUR_MS, 400 * 24 * (int64_t)HOUR_MS};
    for (size_t i = 0; i < COUNT_OF(skews_ms); i++) {
        Rehearsal it;
        begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
        befall(&it, (SimTrouble){SIM_SKEW, "10.10.10.12", 0, HOUR_MS, skews_ms[i]});
        befall(&it, (SimTrouble){SIM_SKEW, "10.10.10.11", 500, HOUR_MS, -skews_ms[i]});
        expect_applied(&it);
        assert_int_equal(it.sim.worst(it.sim.context).down, 1);
        end(&it);
    }
}

static void a_slow_node_is_waited_for(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
    befall(&it, (SimTrouble){SIM_SLOW, "10.10.10.12", 0, HOUR_MS, 4000});
    expect_applied(&it);
    assert_int_equal(it.sim.worst(it.sim.context).down, 1);
    end(&it);
}

/* The replica whose turn it is cannot be reached: nobody else is disrupted meanwhile. */
static void a_node_that_is_cut_off_stops_the_roll_out(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
    befall(&it, (SimTrouble){SIM_CUT_OFF, "10.10.10.13", 0, HOUR_MS, 0});
    assert_true(rehearsal_apply(&it, NULL) > 0);
    assert_int_equal(it.sim.worst(it.sim.context).down, 0);
    it.sim.wait_ms(it.sim.context, HOUR_MS);
    end(&it);
}

/* A few seconds without an answer, at whatever moment, are waited out: one apply does it all. */
static void a_short_silence_is_waited_out(void **state)
{
    (void)state;
    for (int64_t after_ms = 0; after_ms < 16000; after_ms += 800) {
        Rehearsal it;
        begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
        befall(&it, (SimTrouble){SIM_CUT_OFF, "10.10.10.12", after_ms, 8000, 0});
        expect_applied(&it);
        end(&it);
    }
}

/* Patroni without etcd gives up leadership; another member has it before the first is back. */
static void an_isolated_leader_takes_no_writes(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
    befall(&it, (SimTrouble){SIM_ISOLATED, "10.10.10.11", 1000, HOUR_MS, 0});
    (void)rehearsal_apply(&it, NULL);
    it.sim.wait_ms(it.sim.context, HOUR_MS);
    end(&it);
}

static void a_full_disk_is_said(void **state)
{
    (void)state;
    Rehearsal it;
    const char *why = "";
    begin(&it, REHEARSAL_FLEET("        pg_parameters: { work_mem: 32MB }\n"
                               "        pgbouncer_poolmode: session\n"));
    befall(&it, (SimTrouble){SIM_DISK_FULL, "10.10.10.12", 0, HOUR_MS, 0});
    assert_true(rehearsal_apply(&it, &why) > 0);
    assert_non_null(strstr(why, "No space left on device"));
    it.sim.wait_ms(it.sim.context, HOUR_MS);
    end(&it);
}

/* A larger machine that joins changes nothing on those that are there. */
static void unequal_machines_stay_as_they_are(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, REHEARSAL_FLEET(""));
    it.sim.resize(it.sim.context, "10.10.10.12", &(SimSize){.memory_kb = 64 * 1024 * 1024});
    rehearsal_plan(&it);
    if (it.plan->action_count > 0)
        fail_msg("planned:\n%s", rehearsal_rest(&it));
    end(&it);
}

static void answers_of_a_moment_ago_are_not_the_last_word(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
    it.sim.set_faults(it.sim.context, &(SimFaults){.stale_answers = 800});
    (void)rehearsal_apply(&it, NULL);
    assert_true(it.sim.worst(it.sim.context).down <= 1);
    it.sim.set_faults(it.sim.context, &(SimFaults){0});
    end(&it);
}

static bool is_planned(const Rehearsal *it, const char *address)
{
    for (size_t i = 0; i < it->plan->action_count; i++) {
        if (strcmp(it->plan->actions[i].address, address) == 0)
            return true;
    }
    return false;
}

/* -- other people ------------------------------------------------------------------------------ */

static Value *args_of(Rehearsal *it, const char *const *pairs)
{
    Value *args = value_map(it->arena);
    for (; *pairs; pairs += 2)
        value_set_text(it->arena, args, pairs[0], pairs[1]);
    return args;
}

static void somebody_does(Rehearsal *it, const char *address, int64_t after_ms, EffectType type,
                          const Value *args)
{
    it->sim.meddle(it->sim.context, address, after_ms, &(Effect){type, address, args, NULL});
}

/* patronictl restart of the candidate, just when it is to take over: at whatever moment. */
static void somebody_restarts_the_candidate(void **state)
{
    (void)state;
    static const char *const restart[] = {"method", "POST", "path", "/restart", NULL};
    for (int64_t after_ms = 0; after_ms < 16000; after_ms += 400) {
        Rehearsal it;
        begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
        somebody_does(&it, "10.10.10.12", after_ms, EFFECT_REST, args_of(&it, restart));
        expect_applied(&it);
        end(&it);
    }
}

/* patronictl switchover in the middle of the roll-out. */
static void somebody_switches_over(void **state)
{
    (void)state;
    static const char *const call[] = {"method", "POST", "path", "/switchover", NULL};
    static const char *const names[] = {"leader", "pg-test-1", "candidate", "pg-test-3", NULL};
    for (int64_t after_ms = 0; after_ms < 16000; after_ms += 800) {
        Rehearsal it;
        begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
        Value *args = args_of(&it, call);
        value_set(it.arena, args, "body", args_of(&it, names));
        somebody_does(&it, "10.10.10.11", after_ms, EFFECT_REST, args);
        (void)rehearsal_apply(&it, NULL);
        end(&it);
    }
}

/* A file of ours that somebody edits is put back. */
static void somebody_edits_a_file(void **state)
{
    (void)state;
    static const char *const file[] = {"path",    "/etc/pgbouncer/pgbouncer.ini",
                                       "content", "[pgbouncer]\npool_mode = statement\n",
                                       "owner",   "postgres",
                                       "group",   "postgres",
                                       "mode",    "0640",
                                       NULL};
    Rehearsal it;
    begin(&it, REHEARSAL_FLEET(""));
    assert_int_equal(it.plan->action_count, 0);
    somebody_does(&it, "10.10.10.13", 100, EFFECT_FILE_PUT, args_of(&it, file));
    it.sim.wait_ms(it.sim.context, 1000);
    rehearsal_plan(&it);
    assert_true(it.plan->action_count > 0);
    expect_applied(&it);
    end(&it);
}

/* ALTER ROLE app NOLOGIN in the middle of the roll-out is put back. */
static void somebody_alters_a_role(void **state)
{
    (void)state;
    static const char *const alter[] = {"op", "role_alter", "name", "app", NULL};
    for (int64_t after_ms = 0; after_ms < 16000; after_ms += 1600) {
        Rehearsal it;
        begin(&it, REHEARSAL_FLEET(MORE_CONNECTIONS));
        Value *args = args_of(&it, alter), *attributes = value_map(it.arena);
        value_set_bool(it.arena, attributes, "login", false);
        value_set(it.arena, args, "attributes", attributes);
        somebody_does(&it, "10.10.10.11", after_ms, EFFECT_SQL, args);
        (void)rehearsal_apply(&it, NULL);
        rehearsal_plan(&it);
        if (after_ms == 0)
            assert_true(is_planned(&it, "role.pg-test/app"));
        end(&it);
    }
}

#define OWN_SETTING "        pg_parameters: { work_mem: 8MB }\n"

/* ALTER SYSTEM on one member: its file and its server are as they should be again. */
static void somebody_alters_the_system(void **state)
{
    (void)state;
    static const char *const file[] = {"path",    "/pg/data/postgresql.auto.conf",
                                       "content", "work_mem = '1GB'\n",
                                       "owner",   "postgres",
                                       "group",   "postgres",
                                       "mode",    "0600",
                                       NULL};
    static const char *const reload[] = {"op", "reload", NULL};
    Rehearsal it;
    begin_from(&it, REHEARSAL_FLEET(OWN_SETTING), REHEARSAL_FLEET(OWN_SETTING));
    assert_int_equal(it.plan->action_count, 0);
    somebody_does(&it, "10.10.10.12", 100, EFFECT_FILE_PUT, args_of(&it, file));
    somebody_does(&it, "10.10.10.12", 200, EFFECT_SQL, args_of(&it, reload));
    it.sim.wait_ms(it.sim.context, 1000);
    rehearsal_plan(&it);
    assert_true(is_planned(&it, "autoconf.pg-test-2"));
    expect_applied(&it);
    end(&it);
}

/* -- etcd that grows --------------------------------------------------------------------------- */

#define ETCD_OF(members)                                                                           \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"                                    \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 }" members " } }\n"                           \
    "    pg-test: { vars: { pg_cluster: pg-test },"                                                \
    " hosts: { 10.10.10.13: { pg_seq: 1, pg_role: primary } } }\n"                                 \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"
#define SECOND ", 10.10.10.12: { etcd_seq: 2 }"

/* Its power goes that long after the begin, for longer than anybody waits. */
static void grow_until(Rehearsal *it, int64_t at_ms)
{
    begin_from(it, ETCD_OF(""), ETCD_OF(SECOND));
    befall(it, (SimTrouble){SIM_POWER_LOSS, "10.10.10.12", at_ms, 2 * PAUSE_MS, 0});
    rehearsal_apply(it, NULL);
    it->sim.wait_ms(it->sim.context, 2 * PAUSE_MS);
    rehearsal_plan(it);
}

/* Who has no vote yet costs no quorum, whenever it fails: until the moment that leaves a learner
 * behind. Returns that moment. */
static int64_t moment_that_leaves_a_learner(void)
{
    for (int64_t at_ms = 0; at_ms < 60000; at_ms += 1000) {
        Rehearsal it;
        grow_until(&it, at_ms);
        SimWorst worst = it.sim.worst(it.sim.context);
        bool is_left = is_planned(&it, "promote.etcd-2") && !is_planned(&it, "join.etcd-2");
        assert_true(is_planned(&it, "promote.etcd-2"));
        assert_int_equal(worst.etcd_gap_ms + worst.gap_ms, 0);
        end(&it); /* the next run goes on from there */
        if (is_left)
            return at_ms;
    }
    fail_msg("no learner is ever left behind");
    return 0;
}

static void a_newcomer_that_fails_costs_etcd_nothing(void **state)
{
    (void)state;
    Rehearsal it;
    grow_until(&it, moment_that_leaves_a_learner());
    rehearsal_load(&it, ETCD_OF(", 10.10.10.14: { etcd_seq: 3 }"));
    rehearsal_plan(&it);
    assert_true(is_planned(&it, "etcd_learner.etcd/10.10.10.12:2380"));
    expect_applied(&it);
    assert_int_equal(it.sim.worst(it.sim.context).etcd_gap_ms, 0);
    end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_that_disagree_do_not_matter),
        cmocka_unit_test(a_slow_node_is_waited_for),
        cmocka_unit_test(a_node_that_is_cut_off_stops_the_roll_out),
        cmocka_unit_test(a_short_silence_is_waited_out),
        cmocka_unit_test(an_isolated_leader_takes_no_writes),
        cmocka_unit_test(a_full_disk_is_said),
        cmocka_unit_test(unequal_machines_stay_as_they_are),
        cmocka_unit_test(answers_of_a_moment_ago_are_not_the_last_word),
        cmocka_unit_test(somebody_restarts_the_candidate),
        cmocka_unit_test(somebody_switches_over),
        cmocka_unit_test(somebody_edits_a_file),
        cmocka_unit_test(somebody_alters_a_role),
        cmocka_unit_test(somebody_alters_the_system),
        cmocka_unit_test(a_newcomer_that_fails_costs_etcd_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
