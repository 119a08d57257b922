/* Desired against observed: every pair of states, of resources and of params. */
#include <string.h>

#include "fake_kinds.h"
#include "plans/diff.h"
#include "unit.h"

static Domain domain = {.type = DOMAIN_NODE, .name = "n", .block = "n"};

/* A secret that is not at hand: 10.0.0.1|pg_admin_password. */
static const char inventory_text[] =
    "all:\n"
    "  vars: { pg_admin_password: { from_env: PGSTEER_TEST_ABSENT }, pg_monitor_password: x }\n"
    "  children:\n"
    "    pg-a:\n"
    "      hosts: { 10.0.0.1: { pg_seq: 1, pg_role: primary } }\n"
    "      vars: { pg_cluster: pg-a }\n";

static int load_inventory(void **state)
{
    *state = arena_new();
    domain.inventory = inventory_load_bytes(*state, "f.yml", inventory_text, strlen(inventory_text),
                                            diagnostics_new(*state));
    return domain.inventory ? 0 : -1;
}

/* Both readings in JSON, of one kind. */
static Diff diff_of(Arena *arena, const char *kind_name, const char *wanted, const char *seen)
{
    const Kind *kind = registry_kind(&fake_registry, kind_name);
    Facts *facts = facts_new(arena);
    facts_put_known(facts, "test.desired", "n", fake_json(arena, wanted));
    facts_put_known(facts, "test.observed", "n", fake_json(arena, seen));
    ResourceSet *desired = resource_set_new(arena, kind, &domain);
    ResourceSet *observed = resource_set_new(arena, kind, &domain);
    assert_null(kind->desired(&domain, facts, desired));
    assert_null(kind->read(&domain, facts, observed));
    return diff_sets(arena, &domain, facts, desired, observed);
}

static ChangeOp op_of(const Diff *diff)
{
    assert_true(diff->change_count <= 1);
    assert_int_equal(diff->change_count + diff->unchanged_count <= 1, 1);
    return diff->change_count ? diff->changes[0].op : CHANGE_NONE;
}

static void all_pairs_of_resource_states(void **state)
{
    (void)state;
    static const char *const wanted[WANTED_COUNT] = {
        [WANTED_PRESENT] = "[{\"scope\": \"n\", \"name\": \"/f\", \"params\": {\"mode\": \"1\"}}]",
        [WANTED_ABSENT] = "[{\"scope\": \"n\", \"name\": \"/f\", \"absent\": true}]",
        [WANTED_NOT] = "[]",
    };
    static const char *const seen[] = {
        "{\"file\": {\"resources\": [{\"scope\": \"n\", \"name\": \"/f\", \"params\": "
        "{\"mode\": \"2\"}}]}}",
        "{\"file\": {\"resources\": [{\"scope\": \"n\", \"name\": \"/f\", \"params\": "
        "{\"mode\": \"1\"}}]}}",
        "{}",
        "{\"file\": {\"complete\": false, \"reason\": \"no answer\"}}",
        "{\"file\": {\"complete\": false}}",
        "{\"file\": {\"scopes\": {\"n\": \"denied\"}}}",
        "{\"file\": {\"scopes\": {\"other\": \"denied\"}}}",
        "{\"file\": {\"complete\": false, \"resources\": [{\"scope\": \"n\", \"name\": \"/f\", "
        "\"params\": {\"mode\": \"2\"}}]}}",
    };
    static const ChangeOp want[COUNT_OF(seen)][WANTED_COUNT] = {
        {CHANGE_UPDATE, CHANGE_DELETE, CHANGE_NONE},
        {CHANGE_NONE, CHANGE_DELETE, CHANGE_NONE},
        {CHANGE_CREATE, CHANGE_NONE, CHANGE_NONE},
        {CHANGE_WITHHOLD, CHANGE_WITHHOLD, CHANGE_NONE},
        {CHANGE_WITHHOLD, CHANGE_WITHHOLD, CHANGE_NONE},
        {CHANGE_WITHHOLD, CHANGE_WITHHOLD, CHANGE_NONE},
        {CHANGE_CREATE, CHANGE_NONE, CHANGE_NONE},
        {CHANGE_UPDATE, CHANGE_DELETE, CHANGE_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        for (int w = 0; w < WANTED_COUNT; w++) {
            CLEANUP(arena_freep) Arena *arena = arena_new();
            Diff diff = diff_of(arena, "file", wanted[w], seen[i]);
            if (op_of(&diff) != want[i][w])
                fail_msg("seen %zu, wanted %d: %s", i, w, change_op_name(op_of(&diff)));
            bool is_orphan = w == WANTED_NOT && (i < 2 || i == 7);
            assert_int_equal(diff.note_count, is_orphan);
        }
    }
}

static void the_table_of_resource_states_is_whole(void **state)
{
    (void)state;
    for (int wanted = 0; wanted < WANTED_COUNT; wanted++) {
        /* What is unknown is never created, changed or removed. */
        ChangeOp op = diff_resource_op((Wanted)wanted, SEEN_UNKNOWN);
        assert_true(op == CHANGE_WITHHOLD || op == CHANGE_NONE);
        assert_int_equal(diff_resource_op((Wanted)wanted, SEEN_ABSENT),
                         wanted == WANTED_PRESENT ? CHANGE_CREATE : CHANGE_NONE);
    }
    for (int seen = 0; seen < SEEN_COUNT; seen++)
        assert_int_equal(diff_resource_op(WANTED_NOT, (Seen)seen), CHANGE_NONE);
}

#define MISSING "10.0.0.1|pg_admin_password"

/* What is said of a secret, and is no change. */
static void check_secret(const char *address, const char *seen, const char *note)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(arena, "role",
                        arena_printf(arena,
                                     "[{\"scope\": \"n\", \"name\": \"r\", \"params\": "
                                     "{\"password\": {\"secret\": \"%s\"}}}]",
                                     address),
                        arena_printf(arena,
                                     "{\"role\": {\"resources\": [{\"scope\": \"n\", "
                                     "\"name\": \"r\", %s}]}}",
                                     seen));
    assert_int_equal(diff.change_count, 0);
    assert_int_equal(diff.unchanged_count, 1);
    assert_int_equal(diff.note_count, note != NULL);
    if (!note)
        return;
    assert_string_equal(diff.notes[0].kind, PLAN_NOT_COMPARED);
    assert_string_equal(diff.notes[0].text, note);
    assert_int_equal(diff.notes[0].origin->line, 2);
}

static void a_secret_that_is_not_at_hand_is_no_change(void **state)
{
    (void)state;
    static const char note[] = "pg_admin_password (not compared): it is to come from the "
                               "environment: PGSTEER_TEST_ABSENT is not set";
    static const char *const unread[] = {"\"unknown\": {\"password\": \"not at hand\"}",
                                         "\"params\": {\"password\": \"not compared\"}",
                                         "\"params\": {}"};
    unsetenv("PGSTEER_TEST_ABSENT");
    for (size_t i = 0; i < COUNT_OF(unread); i++) {
        check_secret(MISSING, unread[i], note);
        check_secret("scram|pg-a|dbuser_dba|" MISSING, unread[i], note);
        check_secret("10.0.0.1|pg_monitor_password", unread[i], NULL);
        check_secret("somebody|else", unread[i], NULL);
    }
    check_secret(MISSING, "\"params\": {\"password\": \"match\"}", NULL);
    setenv("PGSTEER_TEST_ABSENT", "there", 1);
    check_secret(MISSING, unread[0], NULL);
    unsetenv("PGSTEER_TEST_ABSENT");
}

static void all_pairs_of_param_states(void **state)
{
    (void)state;
    static const char *const wanted[WANTED_PARAM_COUNT] = {
        [WANTED_UNMANAGED] = "{}",
        [WANTED_VALUE] = "{\"password\": \"plain\"}",
        [WANTED_LATE] = "{\"password\": {\"late\": \"ca\"}}",
        [WANTED_SECRET] = "{\"password\": {\"secret\": \"s\"}}",
    };
    static const struct {
        const char *params;
        ChangeOp want[WANTED_PARAM_COUNT];
    } seen[] = {
        {"\"params\": {\"password\": \"plain\"}",
         {CHANGE_NONE, CHANGE_NONE, CHANGE_NONE, CHANGE_NONE}},
        {"\"params\": {\"password\": \"differ\"}",
         {CHANGE_NONE, CHANGE_UPDATE, CHANGE_NONE, CHANGE_UPDATE}},
        {"\"params\": {\"password\": \"match\"}",
         {CHANGE_NONE, CHANGE_UPDATE, CHANGE_NONE, CHANGE_NONE}},
        {"\"params\": {\"password\": null}",
         {CHANGE_NONE, CHANGE_UPDATE, CHANGE_NONE, CHANGE_UPDATE}},
        {"\"params\": {}", {CHANGE_NONE, CHANGE_NONE, CHANGE_NONE, CHANGE_NONE}},
        {"\"unknown\": {\"password\": \"denied\"}",
         {CHANGE_NONE, CHANGE_WITHHOLD, CHANGE_WITHHOLD, CHANGE_NONE}},
    };
    for (size_t i = 0; i < COUNT_OF(seen); i++) {
        for (int w = 0; w < WANTED_PARAM_COUNT; w++) {
            CLEANUP(arena_freep) Arena *arena = arena_new();
            Diff diff = diff_of(
                arena, "role",
                arena_printf(arena, "[{\"scope\": \"n\", \"name\": \"r\", \"params\": %s}]",
                             wanted[w]),
                arena_printf(arena,
                             "{\"role\": {\"resources\": [{\"scope\": \"n\", \"name\": \"r\", "
                             "%s}]}}",
                             seen[i].params));
            if (op_of(&diff) != seen[i].want[w])
                fail_msg("seen %zu, wanted %d: %s", i, w, change_op_name(op_of(&diff)));
        }
    }
    for (int wanted_state = 0; wanted_state < WANTED_PARAM_COUNT; wanted_state++)
        assert_int_equal(diff_param_verdict((WantedParam)wanted_state, SEEN_UNTOLD), PARAM_LEAVE);
}

static void a_withheld_resource_says_why(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(arena, "role",
                        "[{\"scope\": \"n\", \"name\": \"r\", \"params\": {\"login\": true, "
                        "\"comment\": \"x\"}}]",
                        "{\"role\": {\"resources\": [{\"scope\": \"n\", \"name\": \"r\", "
                        "\"params\": {\"comment\": \"y\"}, \"unknown\": {\"login\": "
                        "\"permission denied\"}}]}}");
    assert_int_equal(op_of(&diff), CHANGE_WITHHOLD);
    assert_string_equal(diff.changes[0].withhold_reason,
                        "login could not be read: permission denied");
    assert_int_equal(diff.changes[0].param_count, 0);
    diff = diff_of(arena, "role", "[{\"scope\": \"n\", \"name\": \"r\"}]",
                   "{\"role\": {\"complete\": false}}");
    assert_string_equal(diff.changes[0].withhold_reason, "no reason given");
}

static void settings_differ_key_by_key(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(
        arena, "config",
        "[{\"scope\": \"n\", \"params\": {\"settings\": {\"shared_buffers\": \"4GB\", "
        "\"work_mem\": \"64MB\", \"jit\": \"off\", \"ssl\": null}}, \"lines\": {\"settings\": 7}, "
        "\"key_reasons\": {\"settings\": {\"jit\": \"not for short queries\"}}}]",
        "{\"config\": {\"resources\": [{\"scope\": \"n\", \"params\": {\"settings\": "
        "{\"shared_buffers\": {\"setting\": \"262144\", \"unit\": \"8kB\", \"vartype\": "
        "\"integer\"}, \"work_mem\": {\"setting\": \"65536\", \"unit\": \"kB\", \"vartype\": "
        "\"integer\"}, \"ssl\": \"on\", \"port\": \"5432\"}}}]}}");
    assert_int_equal(op_of(&diff), CHANGE_UPDATE);
    const Change *change = &diff.changes[0];
    assert_int_equal(change->param_count, 3);
    assert_string_equal(change->params[0].key, "shared_buffers");
    assert_string_equal(change->params[0].before->text, "2GB");
    assert_string_equal(change->params[0].after->text, "4GB");
    assert_int_equal(change->params[0].need, NEED_RESTART);
    assert_int_equal(change->params[0].origin->line, 7);
    assert_string_equal(change->params[1].key, "jit");
    assert_null(change->params[1].before);
    assert_string_equal(change->params[1].reason, "not for short queries");
    assert_int_equal(change->params[1].need, NEED_RELOAD);
    assert_string_equal(change->params[2].key, "ssl");
}

static void keys_of_maps_go_away_unless_only_added(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff =
        diff_of(arena, "config", "[{\"scope\": \"n\", \"params\": {\"patroni\": {\"ttl\": 30}}}]",
                "{\"config\": {\"resources\": [{\"scope\": \"n\", \"params\": "
                "{\"patroni\": {\"ttl\": 30, \"old\": 1}}}]}}");
    assert_int_equal(op_of(&diff), CHANGE_UPDATE);
    assert_int_equal(diff.changes[0].param_count, 1);
    assert_string_equal(diff.changes[0].params[0].key, "old");
    assert_null(diff.changes[0].params[0].after);
    diff =
        diff_of(arena, "config", "[{\"scope\": \"n\", \"params\": {\"patroni\": {\"ttl\": 30}}}]",
                "{\"config\": {\"resources\": [{\"scope\": \"n\", \"params\": {\"patroni\": "
                "null}}]}}");
    assert_int_equal(diff.changes[0].param_count, 1);
}

static void what_is_fixed_for_life_is_a_finding(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff =
        diff_of(arena, "instance",
                "[{\"scope\": \"n\", \"params\": {\"encoding\": \"UTF8\", \"token\": "
                "{\"secret\": \"canary\"}}}]",
                "{\"instance\": {\"resources\": [{\"scope\": \"n\", \"params\": {\"encoding\": "
                "\"LATIN1\", \"token\": \"differ\"}}]}}");
    assert_int_equal(op_of(&diff), CHANGE_NONE);
    assert_int_equal(diff.unchanged_count, 1);
    assert_int_equal(diff.note_count, 2);
    assert_string_equal(diff.notes[0].kind, "found");
    assert_string_equal(diff.notes[0].text, "instance.n: encoding cannot be changed any more: is "
                                            "\"LATIN1\", wanted \"UTF8\"");
    assert_string_equal(diff.notes[1].text, "instance.n: token cannot be changed any more");
}

static void what_has_no_data_is_replaced(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(arena, "link",
                        "[{\"scope\": \"n\", \"name\": \"/l\", \"params\": {\"target\": \"/a\"}}]",
                        "{\"link\": {\"resources\": [{\"scope\": \"n\", \"name\": \"/l\", "
                        "\"params\": {\"target\": \"/b\"}}]}}");
    assert_int_equal(op_of(&diff), CHANGE_REPLACE);
    assert_int_equal(diff.changes[0].params[0].need, NEED_RECREATE);
}

static void what_a_kind_cannot_do_is_said(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(arena, "hba", "[{\"scope\": \"n\", \"absent\": true}]",
                        "{\"hba\": {\"resources\": [{\"scope\": \"n\"}]}}");
    assert_int_equal(op_of(&diff), CHANGE_WITHHOLD);
    assert_string_equal(diff.changes[0].withhold_reason, "pgsteer cannot delete a hba yet");
}

static void a_new_resource_lists_what_is_set(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(arena, "role",
                        "[{\"scope\": \"n\", \"name\": \"r\", \"params\": {\"login\": true, "
                        "\"comment\": null, \"password\": {\"late\": \"x\"}}, \"reasons\": "
                        "{\"login\": \"users log in\"}}]",
                        "{}");
    assert_int_equal(op_of(&diff), CHANGE_CREATE);
    assert_int_equal(diff.changes[0].param_count, 2);
    assert_string_equal(diff.changes[0].params[0].reason, "users log in");
    assert_int_equal(diff.changes[0].params[1].after->type, VALUE_LATE);
    diff =
        diff_of(arena, "config",
                "[{\"scope\": \"n\", \"params\": {\"settings\": {\"a\": 1, \"b\": null}}}]", "{}");
    assert_int_equal(diff.changes[0].param_count, 1);
    assert_string_equal(diff.changes[0].params[0].key, "a");
}

static void orphans_are_named(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diff diff = diff_of(arena, "role", "[{\"scope\": \"n\", \"name\": \"a\"}]",
                        "{\"role\": {\"resources\": [{\"scope\": \"n\", \"name\": \"a\"}, "
                        "{\"scope\": \"n\", \"name\": \"b\"}, {\"scope\": \"n\", \"name\": "
                        "\"c\"}]}}");
    assert_int_equal(diff.note_count, 1);
    assert_string_equal(diff.notes[0].kind, "orphan");
    assert_string_equal(diff.notes[0].text, "role.n/b, role.n/c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_pairs_of_resource_states),
        cmocka_unit_test(the_table_of_resource_states_is_whole),
        cmocka_unit_test(all_pairs_of_param_states),
        cmocka_unit_test(a_secret_that_is_not_at_hand_is_no_change),
        cmocka_unit_test(a_withheld_resource_says_why),
        cmocka_unit_test(settings_differ_key_by_key),
        cmocka_unit_test(keys_of_maps_go_away_unless_only_added),
        cmocka_unit_test(what_is_fixed_for_life_is_a_finding),
        cmocka_unit_test(what_has_no_data_is_replaced),
        cmocka_unit_test(what_a_kind_cannot_do_is_said),
        cmocka_unit_test(a_new_resource_lists_what_is_set),
        cmocka_unit_test(orphans_are_named),
    };
    return cmocka_run_group_tests(tests, load_inventory, arena_teardown);
}
