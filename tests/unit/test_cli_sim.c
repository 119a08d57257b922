/* pgsteer sim: what a user reads of a rehearsal. */
#include "base/file.h"
#include "base/json.h"
#include "fake_cli.h"
#include "providers/registry.h"
#include "providers/sim/sim.h"
#include "sim_cli.h"
#include "unit.h"

#define TODAY                                                                                      \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"                                          \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n"                                                                \
    "        pg_users: [ { name: app, password: { from_env: NOBODY_HAS_SET_THIS } } ]\n"           \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"

#define REPLICA "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"

static const char *snapshot_inventory(const FakeCli *f, const char *setting, const char *replica)
{
    static const char text[] =
        "all:\n"
        "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"
        "  children:\n"
        "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"
        "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 } } }\n"
        "    pg-test:\n"
        "      vars: { pg_cluster: pg-test, pg_users: [ { name: app, password: app-1 } ], %s }\n"
        "      hosts:\n"
        "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"
        "%s";
    return arena_printf(f->arena, text, setting, replica);
}

static FakeCli sim_cli(void)
{
    static const char change[] = "        pg_max_conn: 700\n      hosts:\n        10.10.10.11";
    FakeCli f = fake_cli_new();
    f.registry = &pgsteer_registry;
    f.simulation_new = sim_new;
    const char *at = strstr(TODAY, "      hosts:\n        10.10.10.11");
    const char *tomorrow = arena_printf(f.arena, "%.*s%s%s", (int)(at - TODAY), TODAY, change,
                                        at + strlen("      hosts:\n        10.10.10.11"));
    check_fine(file_write_all("pgsteer.yml", 0600, TODAY, strlen(TODAY)));
    check_fine(file_write_all("tomorrow.yml", 0600, tomorrow, strlen(tomorrow)));
    return f;
}

static void bare_nodes_are_rehearsed_without_any_secret(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    assert_int_equal(fake_cli(&f, "sim"), 0);
    text_has(f.out, "actions done in");
    text_has(f.out, "a new plan has nothing to do");
    text_has(f.err, "instance.pg-test-1");
}

static void a_change_says_what_users_notice(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    assert_int_equal(fake_cli(&f, "sim -from=pgsteer.yml -i tomorrow.yml -seed=3"), 0);
    text_has(f.err, "Standing already: pgsteer.yml");
    text_has(f.err, "switching over");
    text_has(f.out, "1 down at once at most; never two that took writes");
    text_has(f.out, "(seed 3)");
}

/* Neither the binaries nor the settings of another major version come to data of this one. */
static void nobody_upgrades_by_accident(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    const char *text = arena_printf(f.arena, "%.*s16%s", (int)(strstr(TODAY, "15 }") - TODAY),
                                    TODAY, strstr(TODAY, "15 }") + strlen("15"));
    check_fine(file_write_all("tomorrow.yml", 0600, text, strlen(text)));
    assert_int_equal(fake_cli(&f, "sim -from=tomorrow.yml -i tomorrow.yml"), 0);
    assert_int_equal(fake_cli(&f, "sim -from=pgsteer.yml -i tomorrow.yml"), 9);
    text_has(f.out, "pg-test-1 holds data of PostgreSQL 15, and pg_version is 16");
    text_has(f.out, "0 of 0 actions");
    text_has(f.out, "a new plan still refuses");
}

static void the_same_seed_tells_the_same(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    assert_int_equal(fake_cli(&f, "sim -json -seed=5 -lost-answers=50"), 0);
    const char *first = arena_strdup(f.arena, f.out);
    assert_int_equal(fake_cli(&f, "sim -json -seed=5 -lost-answers=50"), 0);
    assert_string_equal(f.out, first);
    const Value *told = NULL;
    check_fine(json_parse(f.arena, first, strlen(first), &told));
    assert_int_equal(value_get_int(told, "left", -1), 0);
    assert_true(value_get_int(told, "took_ms", 0) > 1000);
}

/* The leader is lost in the middle: what is left is said, and the status, too. */
static void what_is_left_is_said(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    assert_int_equal(
        fake_cli(&f, "sim -from=pgsteer.yml -i tomorrow.yml -power-loss=10.10.10.12@1s+400s"), 9);
    text_has(f.out, "left; apply again goes on");
}

/* Trouble that is over in the end leaves nothing to do, if only one waits or applies again. */
static void each_kind_of_trouble_has_an_option(void **state)
{
    (void)state;
    static const char *const troubles[] = {
        "-cut-off=10.10.10.12@1s+5s",
        "-isolate=10.10.10.12@1s+5s",
        "-slow=10.10.10.12@0s+10m=1s",
        "-skew=10.10.10.12@0s+10m=1h",
        "-repeated-requests=100 -stale-answers=300",
    };
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    for (size_t i = 0; i < COUNT_OF(troubles); i++) {
        int status = fake_cli(
            &f, arena_printf(f.arena, "sim -from=pgsteer.yml -i tomorrow.yml %s", troubles[i]));
        if (status != 0)
            fail_msg("%s: exit %d\n%s%s", troubles[i], status, f.out, f.err);
    }
    assert_int_equal(fake_cli(&f, "sim -disk-full=10.10.10.12@0s+10m"), 9);
    text_has(f.err, "No space left on device");
}

/* Hours are longer than its slot and wal_keep_size hold log for it. */
static void who_comes_too_late_is_told(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    static const char command[] = "sim -from=pgsteer.yml -i pgsteer.yml -isolate=10.10.10.12@0s+";
    assert_int_equal(fake_cli(&f, arena_printf(f.arena, "%s1h", command)), 0);
    text_has_not(f.out, "behind");
    assert_int_equal(fake_cli(&f, arena_printf(f.arena, "%s4h", command)), 9);
    text_has(f.out, "  behind      1 standby for want of log that is gone: to be copied anew");
}

static void wrong_words_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"sim -power-loss=nobody@1s+2s", "the inventory has no host nobody"},
        {"sim -power-loss=10.10.10.11", "write HOST@AFTER+FOR"},
        {"sim -power-loss=10.10.10.11@1+2s", "reading -power-loss=10.10.10.11@1+2s"},
        {"sim -slow=10.10.10.11@1s+2s", "write HOST@AFTER+FOR=AMOUNT, say n1@20s+1m=5s"},
        {"sim -isolate=10.10.10.11@1s+2s=3s", "write HOST@AFTER+FOR, say"},
        {"sim -skew=10.10.10.11@1s+2s=x", "reading -skew=10.10.10.11@1s+2s=x"},
        {"sim -seed=x", "-seed=x is not a whole number"},
        {"sim -from=nowhere.yml", "nowhere.yml"},
        {"sim more", "more"},
    };
    CLEANUP(fake_cli_end) FakeCli f = sim_cli();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(fake_cli(&f, cases[i][0]), 5);
        text_has(f.err, cases[i][1]);
    }
}

/* One cluster is applied, its snapshot is what stands; the inventory wants more connections and has
 * lost a replica. */
static void what_was_applied_stands(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(1);
    Program program = *f.program;
    program.simulation_new = sim_new;
    f.program = &program;
    const char *today = snapshot_inventory(&f, "", REPLICA);
    const char *tomorrow = snapshot_inventory(&f, "pg_max_conn: 700", "");
    check_fine(file_write_all("pgsteer.yml", 0600, today, strlen(today)));
    assert_int_equal(fake_cli(&f, "sim -snapshot=HEAD"), 5);
    text_has(f.err, "nothing was recorded yet");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    assert_int_equal(fake_cli(&f, "sim -snapshot=HEAD"), 0);
    text_has(f.err, "Standing already: the snapshot HEAD, made by");
    text_has(f.out, "0 of 0 actions done");
    check_fine(file_write_all("tomorrow.yml", 0600, tomorrow, strlen(tomorrow)));
    assert_int_equal(fake_cli(&f, "sim -snapshot=HEAD -i tomorrow.yml"), 0);
    text_has(f.err, "resources of the snapshot are left out");
    assert_int_equal(fake_cli(&f, "sim -snapshot=HEAD -from=pgsteer.yml -i tomorrow.yml"), 9);
    text_has(f.out, "would stop to replay WAL");
    text_has_not(f.err, "left out");
    assert_int_equal(fake_cli(&f, "sim -snapshot=0000000"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_nodes_are_rehearsed_without_any_secret),
        cmocka_unit_test(a_change_says_what_users_notice),
        cmocka_unit_test(nobody_upgrades_by_accident),
        cmocka_unit_test(the_same_seed_tells_the_same),
        cmocka_unit_test(what_is_left_is_said),
        cmocka_unit_test(each_kind_of_trouble_has_an_option),
        cmocka_unit_test(who_comes_too_late_is_told),
        cmocka_unit_test(wrong_words_are_refused),
        cmocka_unit_test(what_was_applied_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
