/* Instances, configuration, rules, roles, databases: what is wanted, seen and done. */
#include "base/digest.h"
#include "kind_case.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "unit.h"

#define FIRST   "10.10.10.11"
#define SECOND  "10.10.10.12"
#define PATRONI "/pg/conf/pg-test-1.yml"
#define HEAD                                                                                       \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      hosts:\n"                                                                               \
    "        " FIRST ": { pg_seq: 1, pg_role: primary }\n"                                         \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n"
#define SIZE "{'cpu_count': 4, 'memory_kb': 8388608, 'disk_bytes': 107374182400}"

static void cases_hold(void **state)
{
    case_play_folder(*state, "cluster");
}

static KindCase *bare(Arena *arena, const char *inventory)
{
    KindCase *play = kind_case(arena, inventory);
    case_bare(play);
    case_fact(play, "node.size", FIRST, SIZE);
    return play;
}

static void expect_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in\n%s", part, text);
}

/* --- instance --------------------------------------------------------------------------------- */

/* patroni.yml as the probe shows it: '<ADDRESS>' became what stands for that secret. */
static const char *masked(KindCase *play, const char *text)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (const char *at = strstr(text, "'<"); at; at = strstr(text, "'<")) {
        const char *end = strstr(at, ">'");
        assert_non_null(end);
        const char *address = arena_strndup(play->arena, at + 2, (size_t)(end - at - 2));
        const char *secret = inventory_secret(play->inventory, address);
        assert_non_null(secret);
        text_add_bytes(&out, text, (size_t)(at - text));
        text_add(&out, case_mask(play->arena, secret));
        text = end + 2;
    }
    text_add(&out, text);
    return text_copy(&out, play->arena);
}

static KindCase *running_instance(Arena *arena, const char *from, const char *to)
{
    KindCase *play = bare(arena, HEAD);
    const Action *action = case_action(play, &kind_instance, "instance.pg-test-1");
    const char *text = masked(play, case_content(play, action, PATRONI));
    const char *at = from ? strstr(text, from) : NULL;
    if (at)
        text = arena_printf(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_true(!from || at);
    case_secret_file(play, FIRST, PATRONI, text);
    case_unit(play, FIRST, PATRONI_UNIT, "active");
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    return play;
}

static void a_running_instance_matches(void **state)
{
    case_expect(running_instance(*state, NULL, NULL), &kind_instance, "");
}

static void what_differs_in_an_instance_is_told(void **state)
{
    const char *other = arena_printf(*state, "password: %s", case_mask(*state, "another"));
    const char *patroni = arena_printf(*state, "password: %s", case_mask(*state, "Patroni.API"));
    const struct {
        const char *from, *to, *story;
    } rows[] = {
        {"nosync: false", "nosync: 'true'",
         "update instance.pg-test-1 config/tags/nosync: \"true\" -> false (reload)\n"},
        {"nosync: false", "nosync: 'false'", ""},
        {"file_num: 4", "file_num: 5",
         "update instance.pg-test-1 config/log/file_num: \"5\" -> 4 (reload)\n"},
        {"scope: 'pg-test'", "scope: 'pg-test'\nodd: 1",
         "update instance.pg-test-1 config/odd: \"1\" -> nothing (reload)\n"},
        {patroni, other,
         "update instance.pg-test-1 config/restapi/authentication/password: \"differ\" -> "
         "(sensitive value) (reload)\n"},
        {"  method: 'initdb'", "  method: 'other'", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        case_expect(running_instance(*state, rows[i].from, rows[i].to), &kind_instance,
                    rows[i].story);
}

static void a_file_that_is_lost_or_broken_is_written_again(void **state)
{
    static const char *const contents[] = {NULL, "- no\n- map\n", "a: [\n"};
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        KindCase *play = running_instance(*state, NULL, NULL);
        case_secret_file(play, FIRST, PATRONI, contents[i]);
        expect_has(case_story(play, &kind_instance),
                   "update instance.pg-test-1 config/scope: nothing -> \"pg-test\" (reload)\n");
    }
}

static void a_stopped_patroni_is_started(void **state)
{
    KindCase *play = running_instance(*state, NULL, NULL);
    case_unit(play, FIRST, PATRONI_UNIT, "inactive");
    case_expect(play, &kind_instance, "update instance.pg-test-1 running: false -> true\n");
    const Action *action = case_action(play, &kind_instance, "instance.pg-test-1");
    expect_has(case_effects(play, action), "\"name\":\"patroni\",\"action\":\"start\"");
}

static void an_unread_instance_is_withheld(void **state)
{
    static const char *const needed[] = {"node.data", "node.secret_files", "node.units"};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        KindCase *play = running_instance(*state, NULL, NULL);
        case_unread(play, needed[i], FIRST, "no answer within 10 s");
        case_expect(play, &kind_instance, "withhold instance.pg-test-1: no answer within 10 s\n");
    }
}

static void a_replica_may_follow_another(void **state)
{
    KindCase *play =
        bare(*state, HEAD "    more: { hosts: { " SECOND ": { pg_seq: 2, pg_role: replica,"
                          " pg_cluster: pg-test, pg_upstream: " FIRST " } } }\n");
    ResourceSet *set = resource_set_new(*state, &kind_instance, play->domain);
    check_fine(kind_instance.desired(play->domain, play->facts, set));
    const Resource *second = resource_set_get(set, "instance.pg-test-2");
    assert_string_equal(second->note, "copied from pg-test-1");
    assert_string_equal(value_get_text(resource_value(second, "config"), "tags/replicatefrom"),
                        "pg-test-1");
    assert_string_equal(resource_set_get(set, "instance.pg-test-1")->note, "first leader");
}

/* Only what nobody works on and nothing was finished in is cleared. */
static void what_somebody_works_on_is_left(void **state)
{
    static const struct {
        const char *data, *member;
        bool is_cleared;
    } rows[] = {
        {"{'initialized': false, 'empty': false, 'path': '/pg/data'}", "{}", true},
        {"{'initialized': false, 'empty': false, 'path': '/pg/data'}", "{'state': 'stopped'}",
         true},
        {"{'initialized': false, 'empty': false, 'path': '/pg/data'}",
         "{'state': 'creating replica'}", false},
        {"{'initialized': false, 'empty': false, 'path': '/pg/data', 'postmaster_pid': 7}", "{}",
         false},
        {"{'initialized': false, 'empty': true, 'path': '/pg/data'}", "{}", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KindCase *play = bare(*state, HEAD);
        case_fact(play, "node.data", FIRST, rows[i].data);
        case_fact(play, "patroni.member", FIRST, rows[i].member);
        const Action *action = case_action(play, &kind_instance, "instance.pg-test-1");
        const char *effects = case_effects(play, action);
        assert_int_equal(strstr(effects, effect_rows[EFFECT_DATA_REMOVE].name) != NULL,
                         rows[i].is_cleared);
    }
}

/* --- config ----------------------------------------------------------------------------------- */

static KindCase *configured(Arena *arena, Value **ret_document)
{
    KindCase *play = bare(arena, HEAD);
    *ret_document = case_document(play);
    facts_put_known(play->facts, "patroni.config", FIRST, *ret_document);
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    case_fact(play, "sql.member", FIRST,
              "{'settings': {'shared_buffers': {'setting': '262144', 'unit': '8kB', 'vartype': "
              "'integer', 'context': 'postmaster'}, 'work_mem': {'setting': '65536', 'unit': 'kB', "
              "'vartype': 'integer', 'context': 'user'}}}");
    return play;
}

static Value *parameters(const Value *config)
{
    return (Value *)(uintptr_t)value_path(config, "postgresql/parameters");
}

static void what_patroni_was_given_matches(void **state)
{
    Value *config;
    KindCase *play = configured(*state, &config);
    case_expect(play, &kind_config, "");
    /* The same number of bytes in other words. */
    value_set_text(*state, parameters(config), "shared_buffers", "2048MB");
    case_expect(play, &kind_config, "");
}

static void a_setting_needs_what_its_context_says(void **state)
{
    Value *config;
    KindCase *play = configured(*state, &config);
    value_set_text(*state, parameters(config), "shared_buffers", "1GB");
    value_set_text(*state, parameters(config), "work_mem", "1MB");
    value_set_text(*state, parameters(config), "jit", "off");
    value_set_int(*state, config, "ttl", 99);
    const char *story = case_story(play, &kind_config);
    expect_has(story, "settings/shared_buffers: \"1GB\" -> \"2GB\" (restart)\n");
    expect_has(story, "settings/work_mem: \"1MB\" -> \"64MB\"\n");
    expect_has(story, "settings/jit: \"off\" -> nothing\n");
    expect_has(story, "patroni/ttl: 99 -> 30\n");
    const Action *action = case_action(play, &kind_config, "config.pg-test");
    const char *effects = case_effects(play, action);
    expect_has(effects, "\"method\":\"PATCH\",\"path\":\"/config\"");
    expect_has(effects, "\"shared_buffers\":\"2GB\"");
    expect_has(effects, "\"jit\":null");
    expect_has(effects, "\"ttl\":30");
    assert_null(strstr(effects, "max_connections"));
}

/* Somebody paused Patroni: that is no drift that an apply takes back. */
static void a_pause_is_nobodys_drift(void **state)
{
    Value *config;
    KindCase *play = configured(*state, &config);
    value_set_bool(*state, config, "pause", true);
    case_expect(play, &kind_config, "");
}

/* The machine was recorded when the cluster was made; another one changes nothing. */
static void another_machine_changes_nothing(void **state)
{
    Value *config;
    KindCase *play = configured(*state, &config);
    case_fact(play, "node.size", FIRST,
              "{'cpu_count': 64, 'memory_kb': 83886080, 'disk_bytes': 107374182400}");
    case_expect(play, &kind_config, "");
}

static void an_unread_configuration_is_withheld(void **state)
{
    Value *config;
    KindCase *play = configured(*state, &config);
    case_unread(play, "patroni.config", FIRST, "no answer");
    case_expect(play, &kind_config,
                "withhold config.pg-test: Patroni's dynamic configuration could not be read\n");
}

/* --- rules and settings of an instance -------------------------------------------------------- */

static KindCase *made_files(Arena *arena, const char *inventory)
{
    KindCase *play = bare(arena, inventory);
    case_write(play, &kind_hba, "hba.pg-test-1", (const char *const[]){PG_HBA_FILE, NULL});
    return play;
}

static void rules_are_compared_in_order(void **state)
{
    KindCase *play = made_files(*state, HEAD);
    case_expect(play, &kind_hba, "");
    case_edit(play, FIRST, PG_HBA_FILE, "# ", "\n  \t\n# more: ");
    case_expect(play, &kind_hba, "");
    case_edit(play, FIRST, PG_HBA_FILE, "\nlocal", "\nlocal all intruder trust\nlocal");
    const char *story = case_story(play, &kind_hba);
    expect_has(story, "update hba.pg-test-1 rules: ");
    expect_has(story, "local all intruder trust");
    assert_true(case_action(play, &kind_hba, "hba.pg-test-1")->verb->access_may_lock_out);
}

static void unread_files_are_withheld(void **state)
{
    KindCase *play = made_files(*state, HEAD "        pg_parameters: { work_mem: 1MB }\n");
    case_unread(play, "node.files", FIRST, "no answer");
    case_expect(play, &kind_hba, "withhold hba.pg-test-1: no answer\n");
    case_expect(play, &kind_autoconf, "withhold autoconf.pg-test-1: no answer\n");
    case_fact(play, "node.files", FIRST, "{'" PG_HBA_FILE "': {'exists': true, 'content': null}}");
    case_expect(play, &kind_hba, "create hba.pg-test-1\n");
}

#define SETTINGS                                                                                   \
    "        pg_parameters: { work_mem: 8MB, log_line_prefix: \"it's \\\\\", a.b: on }\n"

static void settings_of_an_instance_are_compared_by_name(void **state)
{
    KindCase *play = bare(*state, HEAD SETTINGS);
    case_write(play, &kind_autoconf, "autoconf.pg-test-1",
               (const char *const[]){PG_AUTOCONF_FILE, NULL});
    case_expect(play, &kind_autoconf, "");
    case_edit(play, FIRST, PG_AUTOCONF_FILE, "work_mem = '8MB'",
              "# Do not edit\n\nshared_buffers = '1GB'\nwork_mem=16MB # by hand\nodd\n"
              "cut = 'open");
    case_fact(play, "sql.member", FIRST,
              "{'settings': {'shared_buffers': {'context': 'postmaster'}}}");
    case_expect(play, &kind_autoconf,
                "update autoconf.pg-test-1 settings/work_mem: \"16MB\" -> \"8MB\" (reload)\n"
                "update autoconf.pg-test-1 settings/shared_buffers: \"1GB\" -> nothing (restart)\n"
                "update autoconf.pg-test-1 settings/cut: \"open\" -> nothing (reload)\n");
}

static void without_settings_a_bare_node_has_none(void **state)
{
    case_expect(bare(*state, HEAD), &kind_autoconf, "");
}

/* --- roles ------------------------------------------------------------------------------------ */

#define ROLES                                                                                      \
    HEAD "        pg_default_roles: []\n"                                                          \
         "        pg_users:\n"                                                                     \
         "          - { name: app, password: App-1234, roles: [readers], connlimit: 5,"            \
         " parameters: { jit: 'off' }, comment: it }\n"                                            \
         "          - { name: gone, state: absent }\n"

/* `app` as it should be, with one field changed. */
static const char *role_story(Arena *arena, const char *field, const char *json)
{
    KindCase *play = bare(arena, ROLES);
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    case_fact(play, "sql.roles", "pg-test",
              arena_printf(arena,
                           "{'roles': {'pg_monitor': {}, 'app': {'login': true, 'superuser': false,"
                           " 'connlimit': 5, 'valid_until': null, 'comment': 'it', 'config': "
                           "['jit=off', 'more=1', 'odd'], 'roles': {'readers': {}, 'others': {}},"
                           " 'password': '%s'}}}",
                           scram_verifier(arena, "App-1234")));
    Value *app = (Value *)(uintptr_t)facts_path(play->facts, "sql.roles", "pg-test", "roles/app");
    if (field) {
        case_fact(play, "value", "", json);
        value_set(arena, app, field, value_get(facts_value(play->facts, "value", ""), "is"));
    }
    return case_story(play, &kind_role);
}

static void roles_are_compared_by_what_is_managed(void **state)
{
    static const struct {
        const char *field, *json, *story;
    } rows[] = {
        {NULL, NULL, ""},
        {"superuser", "{'is': true}", ""}, /* not mentioned: not managed */
        {"login", "{'is': false}", "update role.pg-test/app login: false -> true\n"},
        {"connlimit", "{'is': -1}", "update role.pg-test/app connlimit: -1 -> 5\n"},
        {"comment", "{'is': null}", "update role.pg-test/app comment: nothing -> \"it\"\n"},
        {"roles", "{'is': {}}", "update role.pg-test/app roles: [] -> [\"readers\"]\n"},
        {"config", "{'is': ['jit=on']}",
         "update role.pg-test/app settings/jit: \"on\" -> \"off\"\n"},
        {"password", "{'is': null}",
         "update role.pg-test/app password: \"differ\" -> (sensitive value)\n"},
        {"password", "{'is': 'md5deadbeef'}",
         "update role.pg-test/app password: \"differ\" -> (sensitive value)\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(role_story(*state, rows[i].field, rows[i].json), rows[i].story);
}

static void roles_that_nobody_mentions_are_left(void **state)
{
    KindCase *play = bare(*state, ROLES);
    case_fact(play, "sql.roles", "pg-test", "{'roles': {'other': {}, 'pg_monitor': {}}}");
    case_expect(play, &kind_role, "create role.pg-test/app\norphan: role.pg-test/other\n");
}

static void a_cluster_without_a_leader_tells_no_roles(void **state)
{
    KindCase *play = bare(*state, ROLES);
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    static const char leaderless[] =
        "withhold role.pg-test/app: the cluster has no leader that could be asked\n"
        "withhold role.pg-test/gone: the cluster has no leader that could be asked\n";
    case_expect(play, &kind_role, leaderless);
    case_unread(play, "sql.roles", "pg-test", "permission denied");
    expect_has(case_story(play, &kind_role), "withhold role.pg-test/app: permission denied\n");
    play = kind_case(*state, ROLES);
    case_unread(play, "node.data", FIRST, "no route");
    expect_has(case_story(play, &kind_role), "withhold role.pg-test/app: no route\n");
}

/* --- databases -------------------------------------------------------------------------------- */

#define DATABASES                                                                                  \
    HEAD "        pg_databases:\n"                                                                 \
         "          - { name: app, owner: dba, encoding: UTF8, schemas: [shop],"                   \
         " extensions: [pg_trgm], parameters: { jit: 'off' }, comment: it }\n"

static KindCase *made_database(Arena *arena)
{
    KindCase *play = bare(arena, DATABASES);
    case_fact(
        play, "sql.databases", "pg-test",
        "{'databases': {'postgres': {}, 'template0': {}, 'template1': {}, 'app': {'owner': "
        "'dba', 'encoding': 'UTF8', 'collate': 'C', 'ctype': 'C', 'connlimit': -1, 'comment': "
        "'it', 'config': ['jit=off']}}}");
    case_fact(
        play, "sql.database", "pg-test/app",
        "{'schemas': {'public': {}, 'shop': {}}, 'extensions': {'plpgsql': {}, 'pg_trgm': {}}}");
    return play;
}

static void databases_are_compared(void **state)
{
    case_expect(made_database(*state), &kind_database, "");
    KindCase *play = made_database(*state);
    case_fact(
        play, "sql.databases", "pg-test",
        "{'databases': {'app': {'owner': 'x', 'encoding': 'LATIN1', 'config': null}, 'y': {}}}");
    case_fact(play, "sql.database", "pg-test/app", "{'schemas': {'public': {}}, 'extensions': {}}");
    case_expect(play, &kind_database,
                "update database.pg-test/app owner: \"x\" -> \"dba\"\n"
                "update database.pg-test/app comment: nothing -> \"it\"\n"
                "update database.pg-test/app settings/jit: nothing -> \"off\"\n"
                "update database.pg-test/app schemas: [\"public\"] -> [\"shop\"]\n"
                "update database.pg-test/app extensions/pg_trgm: nothing -> \"\"\n"
                "found: database.pg-test/app: encoding cannot be changed any more: is \"LATIN1\", "
                "wanted \"UTF8\"\n"
                "orphan: database.pg-test/y\n");
}

static void a_database_that_was_not_asked_is_withheld(void **state)
{
    KindCase *play = made_database(*state);
    case_unread(play, "sql.database", "pg-test/app", "too many connections");
    case_expect(play, &kind_database,
                "withhold database.pg-test/app: extensions could not be read: too many "
                "connections\n");
    play = bare(*state, DATABASES);
    case_expect(play, &kind_database, "create database.pg-test/app\n");
    case_fact(play, "node.data", FIRST, "{'initialized': true}");
    case_expect(play, &kind_database,
                "withhold database.pg-test/app: the cluster has no leader that could be asked\n");
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, arena_setup, arena_teardown)
    const struct CMUnitTest tests[] = {
        TEST(cases_hold),
        TEST(a_running_instance_matches),
        TEST(what_differs_in_an_instance_is_told),
        TEST(a_file_that_is_lost_or_broken_is_written_again),
        TEST(a_stopped_patroni_is_started),
        TEST(an_unread_instance_is_withheld),
        TEST(a_replica_may_follow_another),
        TEST(what_somebody_works_on_is_left),
        TEST(what_patroni_was_given_matches),
        TEST(a_setting_needs_what_its_context_says),
        TEST(a_pause_is_nobodys_drift),
        TEST(another_machine_changes_nothing),
        TEST(an_unread_configuration_is_withheld),
        TEST(rules_are_compared_in_order),
        TEST(unread_files_are_withheld),
        TEST(settings_of_an_instance_are_compared_by_name),
        TEST(without_settings_a_bare_node_has_none),
        TEST(roles_are_compared_by_what_is_managed),
        TEST(roles_that_nobody_mentions_are_left),
        TEST(a_cluster_without_a_leader_tells_no_roles),
        TEST(databases_are_compared),
        TEST(a_database_that_was_not_asked_is_withheld),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
