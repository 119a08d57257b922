/* What every database starts with, default privileges in one spelling, and roles that others name.
 */
#include "kind_case.h"
#include "providers/kinds/default_acl.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_roles.h"
#include "unit.h"

#define FIRST "10.10.10.11"
#define HEAD                                                                                       \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      hosts:\n"                                                                               \
    "        " FIRST ": { pg_seq: 1, pg_role: primary }\n"                                         \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n"

static KindCase *running(Arena *arena, const char *inventory)
{
    KindCase *play = kind_case(arena, inventory);
    case_bare(play);
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    return play;
}

/* --- default privileges ----------------------------------------------------------------------- */

static const char *joined(Arena *arena, const Value *list)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < value_count(list); i++)
        text_addf(&out, "%s%s", i ? "; " : "", value_as_text(value_at(list, i), "?"));
    return text_copy(&out, arena);
}

static void grants_have_one_spelling(void **state)
{
    static const struct {
        const char *grant, *want;
    } rows[] = {
        {"GRANT SELECT ON TABLES TO reader", "dba: SELECT ON TABLES TO reader"},
        {"grant insert, update on tables to app",
         "dba: INSERT ON TABLES TO app; dba: UPDATE ON TABLES TO app"},
        {"GRANT ALL PRIVILEGES ON SEQUENCES TO app",
         "dba: SELECT ON SEQUENCES TO app; dba: UPDATE ON SEQUENCES TO app; "
         "dba: USAGE ON SEQUENCES TO app"},
        {"GRANT ALL ON schemas TO app",
         "dba: USAGE ON SCHEMAS TO app; dba: CREATE ON SCHEMAS TO app"},
        {"GRANT EXECUTE ON ROUTINES TO app", "dba: EXECUTE ON FUNCTIONS TO app"},
        {"GRANT ALL ON CHAIRS TO app", ""},
        /* Of another form: as it is. */
        {"REVOKE ALL ON TABLES FROM app", "dba: REVOKE ALL ON TABLES FROM app"},
        {"GRANT SELECT ON TABLES TO app WITH GRANT OPTION",
         "dba: GRANT SELECT ON TABLES TO app WITH GRANT OPTION"},
        {"GRANT reader TO app", "dba: GRANT reader TO app"},
        {"", "dba: "},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Value *list = value_list(*state);
        default_acl_add_grant(*state, list, "dba", rows[i].grant);
        assert_string_equal(joined(*state, list), rows[i].want);
    }
}

static void what_the_catalog_says_is_spelled_the_same(void **state)
{
    KindCase *play = running(*state, HEAD);
    case_fact(play, "acl", "",
              "[{'role': 'dba', 'schema': '', 'type': 'r', 'acl': ['reader=r/dba', '=a*w/dba']},"
              " {'role': 'dba', 'schema': '', 'type': 'f', 'acl': ['app=X?/dba', 'odd']},"
              " {'role': 'dba', 'schema': 'shop', 'type': 'r', 'acl': ['app=r/dba']},"
              " {'role': 'dba', 'schema': '', 'type': '?', 'acl': ['app=r/dba']}]");
    assert_string_equal(
        joined(*state, default_acl_read(*state, facts_value(play->facts, "acl", ""))),
        "dba: SELECT ON TABLES TO reader; dba: INSERT ON TABLES TO public; "
        "dba: UPDATE ON TABLES TO public; dba: EXECUTE ON FUNCTIONS TO app");
    assert_int_equal(value_count(default_acl_read(*state, NULL)), 0);
}

/* --- provision -------------------------------------------------------------------------------- */

#define PROVISION                                                                                  \
    HEAD "        pg_default_schemas: [monitor, { name: old, state: absent }]\n"                   \
         "        pg_default_extensions:\n"                                                        \
         "          - { name: pg_stat_statements, schema: monitor }\n"                             \
         "          - { name: pg_trgm }\n"                                                         \
         "          - { name: dropped, state: absent }\n"                                          \
         "        pg_default_privileges: [GRANT SELECT ON TABLES TO dbrole_readonly]\n"

#define ROLE_ACL(ROLE)                                                                             \
    "{'role': '" ROLE "', 'schema': '', 'type': 'r', 'acl': ['dbrole_readonly=r/" ROLE "']}"
#define INSIDE                                                                                     \
    "{'schemas': {'public': {}, 'monitor': {}}, 'extensions': {'plpgsql': {'schema': "             \
    "'pg_catalog'}, 'pg_stat_statements': {'schema': 'monitor'}, 'pg_trgm': {'schema': "           \
    "'public'}}, 'default_acl': [" ROLE_ACL("postgres") ", " ROLE_ACL("dbuser_dba") ", " ROLE_ACL( \
        "dbrole_admin") "], 'functions': ['monitor.user_lookup(name)', 'monitor.beating()']}"

static KindCase *provisioned(Arena *arena)
{
    KindCase *play = running(arena, PROVISION);
    case_fact(play, "sql.databases", "pg-test", "{'databases': {'postgres': {}, 'template1': {}}}");
    case_fact(play, "sql.database", "pg-test/template1", INSIDE);
    case_fact(play, "sql.database", "pg-test/postgres", INSIDE);
    return play;
}

static void what_is_there_is_not_made_again(void **state)
{
    case_expect(provisioned(*state), &kind_provision, "");
}

static void what_is_missing_is_added(void **state)
{
    KindCase *play = provisioned(*state);
    case_fact(play, "sql.database", "pg-test/postgres",
              "{'schemas': {'public': {}}, 'extensions': {'pg_stat_statements': {'schema': "
              "'public'}}, 'default_acl': []}");
    case_expect(
        play, &kind_provision,
        "update provision.pg-test/postgres schemas: [\"public\"] -> [\"monitor\"]\n"
        "update provision.pg-test/postgres extensions/pg_stat_statements: \"public\" -> "
        "\"monitor\"\n"
        "update provision.pg-test/postgres extensions/pg_trgm: nothing -> \"\"\n"
        "update provision.pg-test/postgres privileges: [] -> [\"postgres: SELECT ON TABLES TO "
        "dbrole_readonly\", \"dbuser_dba: SELECT ON TABLES TO dbrole_readonly\", \"dbrole_admin: "
        "SELECT ON TABLES TO dbrole_readonly\"]\n"
        "update provision.pg-test/postgres functions: [] -> [\"monitor.user_lookup(name)\"]\n");
    assert_string_equal(
        case_effects(play, case_action(play, &kind_provision, "provision.pg-test/postgres")),
        "provision.update\n"
        "sql @@leader {\"op\":\"schema_create\",\"database\":\"postgres\",\"name\":\"monitor\"}\n"
        "sql @@leader {\"op\":\"extension_create\",\"database\":\"postgres\",\"name\":"
        "\"pg_stat_statements\",\"schema\":\"monitor\"}\n"
        "sql @@leader {\"op\":\"extension_create\",\"database\":\"postgres\",\"name\":"
        "\"pg_trgm\"}\n"
        "sql @@leader {\"op\":\"default_privileges\",\"database\":\"postgres\",\"role\":"
        "\"postgres\",\"grant\":\"GRANT SELECT ON TABLES TO dbrole_readonly\"}\n"
        "sql @@leader {\"op\":\"default_privileges\",\"database\":\"postgres\",\"role\":"
        "\"dbuser_dba\",\"grant\":\"GRANT SELECT ON TABLES TO dbrole_readonly\"}\n"
        "sql @@leader {\"op\":\"default_privileges\",\"database\":\"postgres\",\"role\":"
        "\"dbrole_admin\",\"grant\":\"GRANT SELECT ON TABLES TO dbrole_readonly\"}\n"
        "sql @@leader {\"op\":\"function_create\",\"database\":\"postgres\",\"name\":"
        "\"monitor.user_lookup(name)\"}\n");
}

static void a_database_that_was_not_asked_is_withheld(void **state)
{
    KindCase *play = provisioned(*state);
    case_unread(play, "sql.database", "pg-test/postgres", "no more connections");
    assert_non_null(strstr(case_story(play, &kind_provision),
                           "withhold provision.pg-test/postgres: functions could not be read: no "
                           "more connections\n"));
    play = running(*state, PROVISION);
    assert_non_null(strstr(case_story(play, &kind_provision),
                           "withhold provision.pg-test/template1: the cluster has no leader"));
}

/* --- roles ------------------------------------------------------------------------------------ */

static void a_user_replaces_a_default_role_in_its_place(void **state)
{
    KindCase *play = running(*state, HEAD "        pg_default_roles: [{ name: a }, { name: b }]\n"
                                          "        pg_users: [{ name: c, password: '' },"
                                          " { name: a, password: Abc-1234, state: absent }]\n");
    WantedRole *roles = NULL;
    assert_int_equal(pg_wanted_roles(*state, play->domain, &roles), 3);
    assert_string_equal(roles[0].name, "a");
    assert_true(roles[0].is_absent);
    assert_string_equal(roles[0].verifier->text,
                        arena_printf(*state, "scram|pg-test|a|%s", roles[0].password->text));
    assert_string_equal(roles[1].name, "b");
    assert_null(roles[1].password);
    assert_null(roles[1].verifier);
    assert_string_equal(roles[2].name, "c");
    assert_null(roles[2].password); /* an empty one is none */
}

static void scalars_are_written_as_they_are(void **state)
{
    const Value *text = value_text(*state, "a b");
    assert_string_equal(pg_scalar_text(*state, value_int(*state, 5))->text, "5");
    assert_string_equal(pg_scalar_text(*state, &value_true)->text, "true");
    assert_ptr_equal(pg_scalar_text(*state, text), text);
    assert_string_equal(pg_scalar_text(*state, NULL)->text, "");
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, arena_setup, arena_teardown)
    const struct CMUnitTest tests[] = {
        TEST(grants_have_one_spelling),
        TEST(what_the_catalog_says_is_spelled_the_same),
        TEST(what_is_there_is_not_made_again),
        TEST(what_is_missing_is_added),
        TEST(a_database_that_was_not_asked_is_withheld),
        TEST(a_user_replaces_a_default_role_in_its_place),
        TEST(scalars_are_written_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
