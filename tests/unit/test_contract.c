/* The value types of schema/contract: facts, kinds, resources, effects, checks, verbs. */
#include <string.h>

#include "base/json.h"
#include "schema/contract/change.h"
#include "schema/contract/check.h"
#include "schema/contract/effect.h"
#include "schema/contract/owed.h"
#include "schema/contract/verb.h"
#include "unit.h"

static const ParamRow params[] = {
    {"login", PARAM_BOOL, NEED_NOTHING, SERVICE_NONE, 0, "may log in", NULL},
    {"roles", PARAM_SET, NEED_NOTHING, SERVICE_NONE, 0, "member of", NULL},
};

static const Kind kind = {
    .name = "role", .domain = DOMAIN_CLUSTER, .params = params, .param_count = COUNT_OF(params)};

static const Value *json(Arena *arena, const char *text)
{
    const Value *value = NULL;
    Error *error = json_parse(arena, text, strlen(text), &value);
    assert_null(error);
    return value;
}

static void facts_keep_readings_apart(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Facts *facts = facts_new(arena);
    facts_put_known(facts, "node.units", "10.0.0.1", json(arena, "{\"a\": {\"b\": 7}}"));
    facts_put_known(facts, "node.units", "10.0.0.2", &value_empty_map);
    facts_put_unknown(facts, "sql.roles", "pg-test", ERROR_REFUSED, "permission denied");

    assert_int_equal(facts_count(facts), 3);
    assert_int_equal(value_as_int(facts_path(facts, "node.units", "10.0.0.1", "a/b"), 0), 7);
    assert_null(facts_path(facts, "node.units", "10.0.0.2", "a/b"));
    assert_null(facts_path(facts, "node.units", "10.0.0.3", "a"));
    assert_null(facts_get(facts, "node.files", "10.0.0.1"));
    assert_string_equal(facts_at(facts, 2)->subject, "pg-test");

    const char *reason = NULL;
    assert_true(facts_is_unknown(facts, "sql.roles", "pg-test", &reason));
    assert_string_equal(reason, "permission denied");
    assert_true(facts_is_unknown(facts, "sql.roles", "pg-test", NULL));
    assert_int_equal(facts_get(facts, "sql.roles", "pg-test")->unknown_code, ERROR_REFUSED);
    assert_null(facts_value(facts, "sql.roles", "pg-test"));
    assert_false(facts_is_unknown(facts, "node.units", "10.0.0.1", &reason));
    assert_false(facts_is_unknown(facts, "sql.roles", "other", &reason)); /* never asked */
}

static void a_later_reading_replaces(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Facts *facts = facts_new(arena);
    facts_put_unknown(facts, "s.x", "a", ERROR_UNREACHABLE, "no answer");
    facts_put_known(facts, "s.x", "a", &value_true);
    assert_int_equal(facts_count(facts), 1);
    assert_ptr_equal(facts_value(facts, "s.x", "a"), &value_true);
}

static void resources_have_addresses_and_slots(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    ResourceSet *set = resource_set_new(arena, &kind, NULL);
    assert_true(set->complete);
    Origin origin = {"inventory.yml", 3, 1};
    Resource *app = resource_add(set, "pg-test", "app", "");
    Resource *whole = resource_add(set, "pg-test", "", "10.0.0.1");
    assert_string_equal(app->address, "role.pg-test/app");
    assert_string_equal(whole->address, "role.pg-test");
    assert_string_equal(whole->host, "10.0.0.1");
    assert_int_equal(resource_set_count(set), 2);
    assert_ptr_equal(resource_set_at(set, 1), whole);
    assert_ptr_equal(resource_set_get(set, "role.pg-test/app"), app);
    assert_null(resource_set_get(set, "role.pg-test/nobody"));

    assert_int_equal(resource_slot(app, "login")->state, SLOT_UNMANAGED);
    assert_null(resource_value(app, "login"));
    resource_set(app, "login", &value_true, &origin);
    resource_set_reason(app, "login", "users log in");
    assert_int_equal(resource_slot(app, "login")->state, SLOT_SET);
    assert_ptr_equal(resource_slot(app, "login")->origin, &origin);
    assert_string_equal(resource_slot(app, "login")->reason, "users log in");
    assert_ptr_equal(resource_value(app, "login"), &value_true);
    assert_string_equal(resource_text(app, "login"), "");
    resource_set(app, "login", NULL, NULL);
    assert_int_equal(resource_slot(app, "login")->state, SLOT_UNMANAGED);
    resource_set(app, "roles", value_text(arena, "one"), NULL);
    assert_string_equal(resource_text(app, "roles"), "one");
    resource_set(app, "roles", value_late(arena, "ca"), NULL);
    assert_int_equal(resource_slot(app, "roles")->state, SLOT_LATE);
    assert_null(resource_value(app, "roles"));
    resource_set_unknown_param(app, "roles", arena, "not shown");
    assert_int_equal(resource_slot(app, "roles")->state, SLOT_UNKNOWN);
    assert_string_equal(resource_slot(app, "roles")->value->text, "not shown");
    resource_set_unknown_scope(set, "pg-test", "no leader");
    assert_string_equal(map_get(set->unknown_scopes, "pg-test"), "no leader");
}

static void questions_are_kept_in_order(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Domain domain = {.type = DOMAIN_CLUSTER, .name = "pg-test"};
    ResourceSet *set = resource_set_new(arena, &kind, &domain);
    Resource *role = resource_add(set, "pg-test", "app", "10.0.0.1");
    assert_null(role->asks);
    resource_ask(role, arena, "node.files", "/b");
    resource_ask(role, arena, "node.units", "patroni.service");
    resource_ask(role, arena, "node.files", "/a");
    resource_ask(role, arena, "node.files", "/b");
    CLEANUP(text_release) Text asks = TEXT_INIT;
    json_write(&asks, role->asks);
    assert_string_equal(text_get(&asks), "{\"node.files\":[\"/b\",\"/a\",\"/b\"],"
                                         "\"node.units\":[\"patroni.service\"]}");
}

static void a_change_is_about_what_is_there(void **state)
{
    (void)state;
    Resource desired = {.name = "d"}, observed = {.name = "o"};
    assert_ptr_equal(change_resource(&(Change){.desired = &desired, .observed = &observed}),
                     &desired);
    assert_ptr_equal(change_resource(&(Change){.observed = &observed}), &observed);
}

static void names_are_complete(void **state)
{
    (void)state;
    for (int i = 0; i < NEED_COUNT; i++)
        assert_true(need_name((Need)i)[0]);
    for (int i = 0; i < SERVICE_COUNT; i++)
        assert_true(service_name((Service)i)[0]);
    for (int i = 0; i < RELATION_COUNT; i++)
        assert_true(relation_name((Relation)i)[0]);
    assert_string_equal(need_name(NEED_RESTART), "restart");
    assert_string_equal(service_name(SERVICE_PGBOUNCER), "pgbouncer");
    assert_int_equal(kind_param(&kind, "roles"), 1);
    assert_int_equal(kind_param(&kind, "superuser"), -1);
}

static void checks_hold_fail_or_are_unknown(void **state)
{
    (void)state;
    static const struct {
        const char *fact; /* NULL: never asked, "?": unknown */
        const char *path;
        Relation relation;
        const char *value; /* JSON or NULL */
        CheckResult want;
    } cases[] = {
        {NULL, "a", RELATION_ABSENT, NULL, CHECK_UNKNOWN},
        {"?", "a", RELATION_ABSENT, NULL, CHECK_UNKNOWN},
        {"{\"a\": 3}", "a", RELATION_EQUAL, "3", CHECK_HOLDS},
        {"{\"a\": 3}", "a", RELATION_EQUAL, "\"3\"", CHECK_FAILS},
        {"{\"a\": 3}", "b", RELATION_EQUAL, "3", CHECK_FAILS},
        {"{\"a\": 3}", "a", RELATION_NOT_EQUAL, "4", CHECK_HOLDS},
        {"{\"a\": 3}", "a", RELATION_NOT_EQUAL, "3", CHECK_FAILS},
        {"{\"a\": 3}", "b", RELATION_NOT_EQUAL, "3", CHECK_HOLDS},
        {"{\"a\": 3}", "a", RELATION_AT_LEAST, "3", CHECK_HOLDS},
        {"{\"a\": 3}", "a", RELATION_AT_LEAST, "4", CHECK_FAILS},
        {"{\"a\": \"9\"}", "a", RELATION_AT_LEAST, "4", CHECK_FAILS},
        {"{\"a\": 3}", "b", RELATION_AT_LEAST, "1", CHECK_FAILS},
        {"{\"a\": 3}", "a", RELATION_AT_MOST, "3", CHECK_HOLDS},
        {"{\"a\": 3}", "a", RELATION_AT_MOST, "2", CHECK_FAILS},
        {"{\"a\": 3}", "b", RELATION_AT_MOST, "2", CHECK_FAILS},
        {"{\"a\": null}", "a", RELATION_EXISTS, NULL, CHECK_FAILS},
        {"{\"a\": false}", "a", RELATION_EXISTS, NULL, CHECK_HOLDS},
        {"{\"a\": false}", "b", RELATION_EXISTS, NULL, CHECK_FAILS},
        {"{\"a\": null}", "a", RELATION_ABSENT, NULL, CHECK_HOLDS},
        {"{\"a\": 1}", "a", RELATION_ABSENT, NULL, CHECK_FAILS},
        {"{\"a\": \"x\"}", "a", RELATION_IN, "[\"w\", \"x\"]", CHECK_HOLDS},
        {"{\"a\": \"y\"}", "a", RELATION_IN, "[\"w\", \"x\"]", CHECK_FAILS},
        {"{\"a\": \"y\"}", "a", RELATION_IN, "\"y\"", CHECK_FAILS},
        {"{\"a\": [\"x\", \"y\"]}", "a", RELATION_CONTAINS, "\"y\"", CHECK_HOLDS},
        {"{\"a\": [\"x\", \"y\"]}", "a", RELATION_CONTAINS, "\"z\"", CHECK_FAILS},
        {"{\"a\": [{\"x\": 1, \"y\": 2}]}", "a", RELATION_CONTAINS, "{\"x\": 1}", CHECK_HOLDS},
        {"{\"a\": [{\"x\": 1}, {\"y\": 2}]}", "a", RELATION_CONTAINS, "{\"x\": 1, \"y\": 2}",
         CHECK_FAILS},
        {"{\"a\": {\"x\": 1}}", "a", RELATION_CONTAINS, "{\"x\": 1}", CHECK_FAILS},
        {"{\"a\": {\"x\": 1}}", "a", RELATION_CONTAINS, "\"x\"", CHECK_HOLDS},
        {"{\"a\": {\"x\": 1}}", "a", RELATION_CONTAINS, "\"y\"", CHECK_FAILS},
        {"{\"a\": {\"x\": 1}}", "b", RELATION_CONTAINS, "\"y\"", CHECK_FAILS},
        {"{\"a\": 1}", "a", RELATION_COUNT, NULL, CHECK_FAILS},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Facts *facts = facts_new(arena);
        if (text_equal(cases[i].fact, "?"))
            facts_put_unknown(facts, "s.x", "node", ERROR_UNREACHABLE, "no answer");
        else if (cases[i].fact)
            facts_put_known(facts, "s.x", "node", json(arena, cases[i].fact));
        Check check = {.source = "s.x",
                       .subject = "node",
                       .path = cases[i].path,
                       .relation = cases[i].relation,
                       .value = cases[i].value ? json(arena, cases[i].value) : NULL};
        if (check_evaluate(&check, facts) != cases[i].want)
            fail_msg("case %zu: %s %s", i, cases[i].fact, cases[i].path);
    }
}

static void every_effect_has_a_row(void **state)
{
    (void)state;
    for (int i = 0; i < EFFECT_TYPE_COUNT; i++) {
        const EffectRow *row = &effect_rows[i];
        assert_int_equal(row->type, i);
        assert_true(row->name[0] && row->doc[0] && row->args[0]);
        assert_true(row->deadline_ms > 0);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(row->name, effect_rows[j].name);
    }
    assert_true(effect_rows[EFFECT_PACKAGES].is_job);
}

static void effects_are_checked_against_their_rows(void **state)
{
    (void)state;
    static const struct {
        EffectType type;
        const char *host, *args;
        const char *want; /* NULL: fine, else part of the message */
    } cases[] = {
        {EFFECT_LINK, "n", "{\"path\": \"/a\", \"target\": \"/b\"}", NULL},
        {EFFECT_LINK, "n", "{\"path\": \"/a\"}", "lacks the argument 'target'"},
        {EFFECT_LINK, "n", "{\"path\": 1, \"target\": 2, \"mode\": 3}", "know the argument 'mode'"},
        {EFFECT_LINK, "", "{\"path\": \"/a\", \"target\": \"/b\"}", "names no node"},
        {EFFECT_LINK, NULL, "{\"path\": \"/a\", \"target\": \"/b\"}", "names no node"},
        {EFFECT_LINK, "n", "[]", "no map"},
        {EFFECT_LINK, "n", NULL, "no map"},
        {EFFECT_APT_UPDATE, "n", "{}", NULL},
        {EFFECT_APT_UPDATE, "n", "{\"list\": \"/etc/a.list\"}", NULL},
        {EFFECT_SQL, "n", "{\"op\": \"role_create\", \"name\": \"app\"}", NULL},
        {EFFECT_SQL, "n", "{\"name\": \"app\"}", "lacks the argument 'op'"},
        {EFFECT_TYPE_COUNT, "n", "{}", "no effect number"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Effect effect = {.type = cases[i].type,
                         .host = cases[i].host,
                         .args = cases[i].args ? json(arena, cases[i].args) : NULL};
        CLEANUP(error_freep) Error *error = effect_check(&effect);
        if ((error == NULL) != (cases[i].want == NULL))
            fail_msg("case %zu: %s", i, error ? error->message : "was accepted");
        if (error && cases[i].want && !strstr(error->message, cases[i].want))
            fail_msg("case %zu: '%s' has no '%s'", i, error->message, cases[i].want);
    }
}

/* What is owed is noted before anything is done, and taken away after all is done. */
static void debts_are_noted_first_and_settled_last(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Value *args = value_map(arena), *owes = value_map(arena);
    const char *key = owed_key(arena, "pg-test", "haproxy");
    assert_string_equal(key, "owed.pg-test.haproxy");
    value_set_text(arena, owes, key, "haproxy.reload");
    value_set(arena, args, "owes", owes);
    value_set_text(arena, args, "settles", "owed.pg-test.postgres");
    Action action = {.host = "10.0.0.1", .args = args};
    EffectList effects = {0};
    CheckList post = {0};
    owed_add(arena, &action, &effects, &post);
    assert_int_equal(effects.count, 0); /* an action that only looks owes nothing */

    effect_add(arena, &effects, EFFECT_LINK, "10.0.0.1", &value_empty_map);
    owed_add(arena, &action, &effects, &post);
    assert_int_equal(effects.count, 3);
    const Effect *noted = &effects.items[0], *settled = &effects.items[2];
    assert_int_equal(noted->type, EFFECT_MARKER);
    assert_string_equal(value_get_text(noted->args, "key"), key);
    assert_string_equal(owed_verb(value_get(noted->args, "value")), "haproxy.reload");
    assert_int_equal(effects.items[1].type, EFFECT_LINK);
    assert_string_equal(value_get_text(settled->args, "key"), "owed.pg-test.postgres");
    assert_null(value_get(settled->args, "value"));
    assert_null(effect_check(settled));
    assert_int_equal(post.count, 1);
    assert_int_equal(post.items[0].relation, RELATION_ABSENT);
    assert_string_equal(post.items[0].path, "owed.pg-test.postgres");
}

static void effects_and_checks_are_collected(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    EffectList effects = {0};
    CheckList checks = {0};
    for (int i = 0; i < 20; i++) {
        effect_add(arena, &effects, EFFECT_DIR, "n", value_int(arena, i));
        check_add(arena, &checks, (Check){.source = "s", .bound_ms = i});
    }
    assert_int_equal(effects.count, 20);
    assert_int_equal(effects.items[19].args->integer, 19);
    assert_int_equal(checks.count, 20);
    assert_int_equal(checks.items[7].bound_ms, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_keep_readings_apart),
        cmocka_unit_test(a_later_reading_replaces),
        cmocka_unit_test(resources_have_addresses_and_slots),
        cmocka_unit_test(questions_are_kept_in_order),
        cmocka_unit_test(a_change_is_about_what_is_there),
        cmocka_unit_test(names_are_complete),
        cmocka_unit_test(checks_hold_fail_or_are_unknown),
        cmocka_unit_test(every_effect_has_a_row),
        cmocka_unit_test(effects_are_checked_against_their_rows),
        cmocka_unit_test(debts_are_noted_first_and_settled_last),
        cmocka_unit_test(effects_and_checks_are_collected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
