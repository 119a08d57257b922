/* pg_dcs: what it adds to Patroni's dynamic configuration is planned, sent, and seen again. */
#include "kind_case.h"
#include "providers/kinds/kinds.h"
#include "schema/contract/check.h"
#include "schema/contract/verb.h"
#include "unit.h"

#define FIRST "10.10.10.11"
#define HEAD                                                                                       \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      hosts:\n"                                                                               \
    "        " FIRST ": { pg_seq: 1, pg_role: primary }\n"                                         \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n"                                                                \
    "        pg_databases: [ { name: app } ]\n"
#define SERVER                                                                                     \
    "{'settings': {'max_wal_senders': {'setting': '50', 'unit': null, 'vartype': 'integer', "      \
    "'context': 'postmaster'}, 'work_mem': {'setting': '65536', 'unit': 'kB', 'vartype': "         \
    "'integer', 'context': 'user'}}}"

/* Patroni has what this inventory without pg_dcs wants, and then `pg_dcs` is written. */
static KindCase *running(Arena *arena, const char *dcs, Value **ret_document)
{
    static const char size[] = "{'cpu_count': 4, 'memory_kb': 8388608, 'disk_bytes': 107374182400}";
    KindCase *before = kind_case(arena, HEAD);
    KindCase *play = kind_case(arena, arena_printf(arena, HEAD "        pg_dcs: %s\n", dcs));
    case_bare(play);
    case_fact(before, "node.size", FIRST, size);
    case_fact(before, "node.size", "10.10.10.12", size);
    case_fact(play, "node.size", FIRST, size);
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    case_fact(play, "sql.member", FIRST, SERVER);
    *ret_document = case_document(before);
    facts_put_known(play->facts, "patroni.config", FIRST, *ret_document);
    return play;
}

/* RFC 7396, as Patroni does it. NOLINTNEXTLINE(misc-no-recursion): as deep as the patch */
static const Value *merged(Arena *arena, const Value *target, const Value *patch)
{
    if (patch->type != VALUE_MAP)
        return patch;
    Value *out = value_map(arena);
    bool is_map = target && target->type == VALUE_MAP;
    for (size_t i = 0; is_map && i < value_count(target); i++) {
        if (!value_get(patch, target->map.keys[i]))
            value_set(arena, out, target->map.keys[i], target->map.values[i]);
    }
    for (size_t i = 0; i < value_count(patch); i++) {
        const char *key = patch->map.keys[i];
        const Value *old = is_map ? value_get(target, key) : NULL;
        if (patch->map.values[i]->type != VALUE_NULL)
            value_set(arena, out, key, merged(arena, old, patch->map.values[i]));
    }
    return out;
}

/* Sends what is planned and reads it back: the checks hold, and nothing is left to do. */
static const Value *apply(KindCase *play, const Value *document)
{
    const Action *action = case_action(play, &kind_config, "config.pg-test");
    EffectList effects = {0};
    CheckList checks = {0};
    action->verb->effects(play->arena, action, &effects);
    assert_int_equal(effects.count, 1);
    document = merged(play->arena, document, value_get(effects.items[0].args, "body"));
    facts_put_known(play->facts, "patroni.config", FIRST, document);
    action->verb->post(play->arena, action, &checks);
    assert_true(checks.count > 0);
    for (size_t i = 0; i < checks.count; i++) {
        checks.items[i].subject = FIRST; /* who leads */
        if (check_evaluate(&checks.items[i], play->facts) != CHECK_HOLDS)
            fail_msg("%s does not hold", checks.items[i].path);
    }
    case_expect(play, &kind_config, "");
    return document;
}

/* What one pg_dcs plans where there was none. */
static const struct {
    const char *dcs, *story;
} cases[] = {
    {"{ synchronous_mode: quorum, synchronous_node_count: 2, failsafe_mode: off }",
     "update config.pg-test patroni/synchronous_mode: false -> \"quorum\"\n"
     "update config.pg-test patroni/failsafe_mode: true -> false\n"
     "update config.pg-test patroni/synchronous_node_count: nothing -> 2\n"},
    {"{ member_slots_ttl: 2h, max_timelines_history: 100, check_timeline: yes }",
     "update config.pg-test patroni/member_slots_ttl: nothing -> 7200\n"
     "update config.pg-test patroni/max_timelines_history: nothing -> 100\n"
     "update config.pg-test patroni/check_timeline: nothing -> true\n"},
    {"{ slots: { cdc: { type: logical, database: app, plugin: pgoutput }, b: { type: physical } } "
     "}",
     "update config.pg-test patroni/slots/cdc/type: nothing -> \"logical\"\n"
     "update config.pg-test patroni/slots/cdc/database: nothing -> \"app\"\n"
     "update config.pg-test patroni/slots/cdc/plugin: nothing -> \"pgoutput\"\n"
     "update config.pg-test patroni/slots/b/type: nothing -> \"physical\"\n"},
    {"{ ignore_slots: [ probe, { type: logical, plugin: wal2json } ] }",
     "update config.pg-test patroni/ignore_slots: nothing -> "
     "[{name: \"probe\"}, {type: \"logical\", plugin: \"wal2json\"}]\n"},
    {"{ postgresql: { parameters: { max_wal_senders: 100, work_mem: 8MB, jit: off } } }",
     "update config.pg-test settings/max_wal_senders: \"50\" -> \"100\" (restart)\n"
     "update config.pg-test settings/work_mem: \"64MB\" -> \"8MB\"\n"
     "update config.pg-test settings/jit: nothing -> \"off\"\n"},
    {"{ postgresql: { parameters: { work_mem: ~ } } }",
     "update config.pg-test settings/work_mem: \"64MB\" -> nothing\n"},
    {"{ postgresql: { use_slots: off, pg_ident: [ a b c ],"
     " parameters_replica: { max_wal_senders: 5, work_mem: 4MB } } }",
     "update config.pg-test patroni/postgresql/use_slots: true -> false\n"
     "update config.pg-test patroni/postgresql/pg_ident: nothing -> [\"a b c\"]\n"
     "update config.pg-test patroni/postgresql/parameters_replica/max_wal_senders: nothing -> "
     "\"5\" (restart)\n"
     "update config.pg-test patroni/postgresql/parameters_replica/work_mem: nothing -> \"4MB\"\n"},
    {"{ a_key_of_the_future: { x: 1, y: [ a ] } }",
     "update config.pg-test patroni/a_key_of_the_future/x: nothing -> 1\n"
     "update config.pg-test patroni/a_key_of_the_future/y: nothing -> [\"a\"]\n"},
};

static void a_change_is_planned_once(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Value *document;
        KindCase *play = running(*state, cases[i].dcs, &document);
        const char *story = case_story(play, &kind_config);
        if (strcmp(story, cases[i].story) != 0)
            fail_msg("%s plans\n%snot\n%s", cases[i].dcs, story, cases[i].story);
        apply(play, document);
    }
}

static void nothing_written_is_nothing_to_do(void **state)
{
    static const char *const none[] = {"{}", "{ slots: {} }",
                                       "{ slots: { gone: { state: absent } } }",
                                       "{ failsafe_mode: true, postgresql: { use_slots: true } }"};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        Value *document;
        case_expect(running(*state, none[i], &document), &kind_config, "");
    }
}

/* -- what is there already --------------------------------------------------------------------- */

static void put(Value *document, Arena *arena, const char *key, const Value *value)
{
    value_set(arena, document, key, value);
}

static Value *slot(Arena *arena, const char *type)
{
    Value *map = value_map(arena);
    value_set_text(arena, map, "type", type);
    return map;
}

/* Slots, slots to ignore and a standby cluster are left alone by who does not mention them; a plain
 * key that nobody wants goes. */
static void what_is_not_mentioned(void **state)
{
    Value *document, *slots = value_map(*state), *ignored = value_list(*state);
    KindCase *play = running(*state, "{}", &document);
    value_set(*state, slots, "cdc", slot(*state, "physical"));
    value_push(*state, ignored, slot(*state, "logical"));
    put(document, *state, "slots", slots);
    put(document, *state, "ignore_slots", ignored);
    put(document, *state, "standby_cluster", slot(*state, "x"));
    case_expect(play, &kind_config, "");
    put(document, *state, "synchronous_node_count", value_int(*state, 2));
    case_expect(play, &kind_config,
                "update config.pg-test patroni/synchronous_node_count: 2 -> nothing\n");
    apply(play, document);
}

/* Only the slot that is told to go goes, and the plan says what that means. */
static void a_slot_is_dropped_when_told(void **state)
{
    Value *document, *slots = value_map(*state);
    KindCase *play =
        running(*state, "{ slots: { cdc: { state: absent }, b: { type: physical } } }", &document);
    value_set(*state, slots, "cdc", slot(*state, "physical"));
    value_set(*state, slots, "other", slot(*state, "physical"));
    put(document, *state, "slots", slots);
    case_expect(play, &kind_config,
                "update config.pg-test patroni/slots/cdc: {type: \"physical\"} -> nothing\n"
                "update config.pg-test patroni/slots/b/type: nothing -> \"physical\"\n");
    Diff diff = case_diff(play, &kind_config);
    assert_string_equal(diff.changes[0].params[0].reason,
                        "dropped: who reads this slot loses its place");
    assert_string_equal(diff.changes[0].params[1].reason, "pg_dcs");
    const Value *after = apply(play, document);
    assert_non_null(value_path(after, "slots/other/type"));
    assert_null(value_path(after, "slots/cdc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_is_planned_once, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(nothing_written_is_nothing_to_do, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_mentioned, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_slot_is_dropped_when_told, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
