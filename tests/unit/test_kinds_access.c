/* Pools, and the golden cases of all ways to a cluster. */
#include "base/digest.h"
#include "kind_case.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/pool_files.h"
#include "providers/kinds/proxy_file.h"
#include "providers/registry.h"
#include "unit.h"

#define HOST "10.10.10.11"
#define HEAD                                                                                       \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      hosts:\n"                                                                               \
    "        " HOST ": { pg_seq: 1, pg_role: primary }\n"                                          \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n"                                                                \
    "        haproxy_admin_password: 'Stats #1'\n"
#define USERS                                                                                      \
    "        pg_users: [{ name: dbuser_app, password: App-1234, pgbouncer: true }]\n"              \
    "        pg_databases: [{ name: app }, { name: my-db, pool_size: 5 }]\n"

static void cases_hold(void **state)
{
    case_play_folder(*state, "access");
}

/* --- a cluster as the inventory wants it ------------------------------------------------------ */

static const char *const verifier = "SCRAM-SHA-256$4096:c2FsdHNhbHRzYWx0c2FsdA==$stored:server";

/* The user list as the probe shows it: each hole became the masked verifier of the cluster. */
static const char *masked_userlist(KindCase *play, const char *const *names,
                                   const char *const *secrets)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; names[i]; i++)
        text_addf(&out, "\"%s\" \"%s\"\n", names[i], case_mask(play->arena, secrets[i]));
    return text_copy(&out, play->arena);
}

/* The catalog knows these verifiers. */
static void put_roles(KindCase *play, const char *const *names, const char *const *secrets)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add(&out, "{'roles': {");
    for (size_t i = 0; names[i]; i++)
        text_addf(&out, "%s'%s': {'password': '%s'}", i ? ", " : "", names[i], secrets[i]);
    text_add(&out, "}}");
    case_fact(play, "sql.roles", "pg-test", text_get(&out));
}

static const char *const pool_paths[] = {POOL_INI_FILE, POOL_DATABASE_FILE, POOL_USEROPTS_FILE,
                                         POOL_HBA_FILE, NULL};
static const char *const pool_users[] = {"postgres", "dbuser_dba", "dbuser_monitor", "dbuser_app",
                                         NULL};

typedef struct Made {
    KindCase *play;
    const char *secrets[4]; /* of pool_users */
} Made;

static Made made_pooler(Arena *arena, const char *inventory)
{
    Made made = {.play = kind_case(arena, inventory)};
    case_bare(made.play);
    case_write(made.play, &kind_pooler, "pooler.pg-test-1", pool_paths);
    made.secrets[0] = "";
    made.secrets[1] = scram_verifier(arena, "DBUser.DBA");
    made.secrets[2] = scram_verifier(arena, "DBUser.Monitor");
    made.secrets[3] = scram_verifier(arena, "App-1234");
    put_roles(made.play, pool_users, made.secrets);
    case_secret_file(made.play, HOST, POOL_USERLIST_FILE,
                     masked_userlist(made.play, pool_users, made.secrets));
    case_unit(made.play, HOST, "pgbouncer.service", "active");
    return made;
}

/* --- pooler ----------------------------------------------------------------------------------- */

static void a_written_pool_matches(void **state)
{
    Made made = made_pooler(*state, HEAD USERS);
    case_expect(made.play, &kind_pooler, "");
}

static void comments_and_blanks_mean_nothing(void **state)
{
    Made made = made_pooler(*state, HEAD USERS);
    case_edit(made.play, HOST, POOL_INI_FILE, "listen_port = 6432",
              "# a port\n  listen_port=6432 \r");
    case_edit(made.play, HOST, POOL_DATABASE_FILE, "app = ", "; a database\n\n\"app\"  =  ");
    case_expect(made.play, &kind_pooler, "");
}

static void what_differs_in_a_pool_is_told(void **state)
{
    static const struct {
        const char *path, *from, *to, *story;
    } rows[] = {
        {POOL_INI_FILE, "listen_port = 6432", "listen_port = 6433",
         "update pooler.pg-test-1 ini/pgbouncer/listen_port: \"6433\" -> \"6432\" (restart)\n"},
        {POOL_INI_FILE, "pool_mode = transaction", "pool_mode = session",
         "update pooler.pg-test-1 ini/pgbouncer/pool_mode: \"session\" -> \"transaction\" "
         "(reload)\n"},
        {POOL_INI_FILE, "server_lifetime = 600\n", "verbose = 3\nserver_lifetime = 600\nodd\n",
         "update pooler.pg-test-1 ini/pgbouncer/verbose: \"3\" -> nothing (reload)\n"
         "update pooler.pg-test-1 ini/pgbouncer/odd: \"\" -> nothing (reload)\n"},
        {POOL_DATABASE_FILE, "pool_size=5", "pool_size=6",
         "update pooler.pg-test-1 databases/my-db: \"host=/var/run/postgresql port=5432 "
         "pool_size=6\" -> \"host=/var/run/postgresql port=5432 pool_size=5\" (reload)\n"},
        {POOL_DATABASE_FILE, "app = ", "\"app = ",
         "update pooler.pg-test-1 databases/app: nothing -> \"host=/var/run/postgresql "
         "port=5432\" (reload)\n"
         "update pooler.pg-test-1 databases/\"app = host=/var/run/postgresql port=5432: \"\" -> "
         "nothing (reload)\n"},
        {POOL_USEROPTS_FILE, "dbuser_dba = pool_mode=session max_user_connections=16\n",
         "\"a \"\"b\"\"\" = pool_mode=session\n",
         "update pooler.pg-test-1 users/dbuser_dba: nothing -> \"pool_mode=session "
         "max_user_connections=16\" (reload)\n"
         "update pooler.pg-test-1 users/a \"b\": \"pool_mode=session\" -> nothing (reload)\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        Made made = made_pooler(*state, HEAD USERS);
        case_edit(made.play, HOST, rows[i].path, rows[i].from, rows[i].to);
        case_expect(made.play, &kind_pooler, rows[i].story);
    }
}

static void rules_of_a_pool_are_compared_in_order(void **state)
{
    Made made = made_pooler(*state, HEAD USERS);
    case_edit(made.play, HOST, POOL_HBA_FILE, "# everybody from this node\n",
              "local all intruder trust\n");
    const char *story = case_story(made.play, &kind_pooler);
    assert_true(text_starts_with(story, "update pooler.pg-test-1 hba: "));
    assert_non_null(strstr(story, "local all intruder trust"));
}

/* Whose verifier in the list is not the cluster's: a hole is wanted there. */
static const char *differing(void **state, size_t index, const char *in_list,
                             const char *in_catalog)
{
    Made made = made_pooler(*state, HEAD USERS);
    const char *list[4], *catalog[4];
    memcpy(list, made.secrets, sizeof(list));
    memcpy(catalog, made.secrets, sizeof(catalog));
    list[index] = in_list ? in_list : list[index];
    catalog[index] = in_catalog ? in_catalog : catalog[index];
    put_roles(made.play, pool_users, catalog);
    case_secret_file(made.play, HOST, POOL_USERLIST_FILE,
                     masked_userlist(made.play, pool_users, list));
    return case_story(made.play, &kind_pooler);
}

static void a_verifier_is_the_clusters(void **state)
{
    static const char app[] = "update pooler.pg-test-1 userlist/dbuser_app: \"differ\" -> "
                              "(sensitive value) (reload)\n";
    assert_string_equal(differing(state, 3, verifier, NULL), app);
    /* Equal in both, but of another password: both will be replaced. */
    assert_string_equal(differing(state, 3, verifier, verifier), app);
    /* Of the right password, with another salt: PgBouncer could not log in with it. */
    assert_string_equal(differing(state, 3, scram_verifier(*state, "App-1234"), NULL), app);
    assert_string_equal(differing(state, 0, "x", NULL),
                        "update pooler.pg-test-1 userlist/postgres: \"differ\" -> \"\" (reload)\n");
}

static void a_password_may_be_a_verifier(void **state)
{
    const char *stored = scram_verifier(*state, "App-1234");
    const char *inventory = arena_printf(
        *state,
        HEAD "        pg_users: [{ name: dbuser_app, password: '%s', pgbouncer: true }]\n"
             "        pg_databases: [{ name: app }]\n",
        stored);
    Made made = made_pooler(*state, inventory);
    made.secrets[3] = stored;
    put_roles(made.play, pool_users, made.secrets);
    case_secret_file(made.play, HOST, POOL_USERLIST_FILE,
                     masked_userlist(made.play, pool_users, made.secrets));
    case_expect(made.play, &kind_pooler, "");
}

static void strangers_in_the_user_list_are_seen(void **state)
{
    Made made = made_pooler(*state, HEAD USERS);
    const char *list = masked_userlist(made.play, pool_users, made.secrets);
    case_secret_file(made.play, HOST, POOL_USERLIST_FILE,
                     arena_printf(*state, "%s\n\"old\" \"%s\"\n\"cut\" \"\nodd\n\"alone\"\n", list,
                                  case_mask(*state, "x")));
    case_expect(made.play, &kind_pooler,
                "update pooler.pg-test-1 userlist/old: \"differ\" -> nothing (reload)\n"
                "update pooler.pg-test-1 userlist/\"cut\" \": \"differ\" -> nothing (reload)\n"
                "update pooler.pg-test-1 userlist/odd: \"differ\" -> nothing (reload)\n"
                "update pooler.pg-test-1 userlist/\"alone\": \"differ\" -> nothing (reload)\n");
}

/* Nobody leads, so nobody tells the verifiers: what cannot be compared is left alone. */
static void without_a_catalog_verifiers_are_left_alone(void **state)
{
    Made made = made_pooler(*state, HEAD USERS);
    case_unread(made.play, "sql.roles", "pg-test", "no leader");
    case_expect(made.play, &kind_pooler, "");
}

static void a_pool_that_stands_still_is_started(void **state)
{
    Made made = made_pooler(*state, HEAD USERS);
    case_unit(made.play, HOST, "pgbouncer.service", "failed");
    case_expect(made.play, &kind_pooler, "update pooler.pg-test-1 running: false -> true\n");
    const Action *action = case_action(made.play, &kind_pooler, "pooler.pg-test-1");
    assert_string_equal(action->verb->name, "pooler.update");
    assert_non_null(strstr(case_effects(made.play, action),
                           "unit @" HOST " {\"name\":\"pgbouncer.service\",\"action\":\"start\""));
    case_edit(made.play, HOST, POOL_INI_FILE, "pool_mode = transaction", "pool_mode = session");
    case_unit(made.play, HOST, "pgbouncer.service", "active");
    action = case_action(made.play, &kind_pooler, "pooler.pg-test-1");
    assert_null(strstr(case_effects(made.play, action), "unit @"));
}

static void what_could_not_be_read_is_withheld(void **state)
{
    static const char *const needed[] = {"node.files", "node.secret_files", "node.units"};
    for (size_t i = 0; i < COUNT_OF(needed); i++) {
        Made made = made_pooler(*state, HEAD USERS);
        case_unread(made.play, needed[i], HOST, "no answer within 10 s");
        case_expect(made.play, &kind_pooler, "withhold pooler.pg-test-1: no answer within 10 s\n");
    }
    KindCase *play = kind_case(*state, HEAD USERS);
    case_expect(play, &kind_pooler, "withhold pooler.pg-test-1: its node was not read\n");
}

/* The package brings a file of its own: ours is not there yet. */
static void the_packages_file_is_none_of_ours(void **state)
{
    KindCase *play = kind_case(*state, HEAD USERS);
    case_bare(play);
    case_file(play, HOST, POOL_INI_FILE, "[pgbouncer]\nlisten_port = 6432\n");
    case_secret_file(play, HOST, PROXY_FILE, "global\n    daemon\n");
    case_expect(play, &kind_pooler, "create pooler.pg-test-1\n");
    case_expect(play, &kind_haproxy, "create haproxy.pg-test-1\n");
}

static void only_a_newer_pool_keeps_prepared_statements(void **state)
{
    static const struct {
        const char *version;
        bool knows;
    } rows[] = {{"1.18.0-1", false}, {"1.21.0-1.pgdg", true},
                {"1.3", false},      {"2.0", true},
                {"", false},         {"1", false}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KindCase *play = kind_case(*state, HEAD USERS);
        case_bare(play);
        case_fact(play, "node.packages", HOST,
                  arena_printf(*state, "{'installed': {'pgbouncer': '%s'}}", rows[i].version));
        const Action *action = case_action(play, &kind_pooler, "pooler.pg-test-1");
        bool knows = strstr(case_content(play, action, POOL_INI_FILE),
                            "max_prepared_statements = 256\n") != NULL;
        assert_int_equal(knows, rows[i].knows);
    }
}

static void nothing_is_wanted_of_what_is_turned_off(void **state)
{
    KindCase *play = kind_case(*state, HEAD USERS "        pgbouncer_enabled: false\n"
                                                  "        haproxy_enabled: false\n");
    case_expect(play, &kind_pooler, "");
    case_expect(play, &kind_service, "");
    case_expect(play, &kind_haproxy, "");
}

/* --- what is left of the verbs ---------------------------------------------------------------- */

static void a_restart_is_one(void **state)
{
    KindCase *play = kind_case(*state, HEAD);
    const Verb *verb = registry_verb(&pgsteer_registry, "pgbouncer.restart");
    assert_non_null(verb);
    assert_int_equal(verb->availability, AVAILABLE_RECONNECT);
    assert_true(verb->disruptive);
    Action action = {.verb = verb, .host = HOST, .args = &value_empty_map};
    assert_string_equal(
        case_effects(play, &action),
        "pgbouncer.restart\nunit @" HOST
        " {\"name\":\"pgbouncer.service\",\"action\":\"restart\",\"block\":true}\n");
    assert_string_equal(case_checks(play, &action),
                        "post node.units@" HOST " pgbouncer.service/active equal \"active\" within "
                        "10000 ms: the service runs\n");
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, arena_setup, arena_teardown)
    const struct CMUnitTest tests[] = {
        TEST(cases_hold),
        TEST(a_written_pool_matches),
        TEST(comments_and_blanks_mean_nothing),
        TEST(what_differs_in_a_pool_is_told),
        TEST(rules_of_a_pool_are_compared_in_order),
        TEST(a_verifier_is_the_clusters),
        TEST(a_password_may_be_a_verifier),
        TEST(strangers_in_the_user_list_are_seen),
        TEST(without_a_catalog_verifiers_are_left_alone),
        TEST(a_pool_that_stands_still_is_started),
        TEST(what_could_not_be_read_is_withheld),
        TEST(the_packages_file_is_none_of_ours),
        TEST(only_a_newer_pool_keeps_prepared_statements),
        TEST(nothing_is_wanted_of_what_is_turned_off),
        TEST(a_restart_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
