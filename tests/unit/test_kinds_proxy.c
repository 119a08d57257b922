/* Services and proxies: what is wanted, what is seen, what is done about it. */
#include "kind_case.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/proxy_file.h"
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

/* --- services --------------------------------------------------------------------------------- */

static const char *const services[] = {"primary", "replica", "default", "offline"};

static KindCase *made_services(Arena *arena, const char *inventory)
{
    KindCase *play = kind_case(arena, inventory);
    case_bare(play);
    for (size_t i = 0; i < COUNT_OF(services); i++) {
        const char *path = proxy_service_path(arena, "pg-test", services[i]);
        const char *address = arena_printf(arena, "service.pg-test-1/%s", services[i]);
        case_write(play, &kind_service, address, (const char *const[]){path, NULL});
    }
    return play;
}

#define PRIMARY "/etc/haproxy/conf.d/pg-test-primary.cfg"

static void written_services_match(void **state)
{
    KindCase *play = made_services(*state, HEAD);
    case_edit(play, HOST, PRIMARY, "    maxconn 5000\n",
              "\n# a limit\n  maxconn   5000 # really\n");
    case_expect(play, &kind_service, "");
}

static void what_differs_in_a_service_is_told(void **state)
{
    static const struct {
        const char *from, *to, *story;
    } rows[] = {
        {"bind *:5433", "bind *:5533",
         "update service.pg-test-1/primary bind: \"*:5533\" -> \"*:5433\" (reload)\n"},
        {"uri /primary", "uri /replica",
         "update service.pg-test-1/primary check: \"/replica\" -> \"/primary\" (reload)\n"},
        {"    server pg-test-1", "    server odd\n    server pg-test-1",
         "update service.pg-test-1/primary members/odd: \"\" -> nothing (reload)\n"},
        {"port 8008 weight 100", "port 8008 weight 7",
         "update service.pg-test-1/primary members/pg-test-1: \"10.10.10.11:6432 check port 8008 "
         "weight 7\" -> \"10.10.10.11:6432 check port 8008 weight 100\" (reload)\n"},
        {"    maxconn 5000\n", "",
         "update service.pg-test-1/primary maxconn: nothing -> 5000 (reload)\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KindCase *play = made_services(*state, HEAD);
        case_edit(play, HOST, PRIMARY, rows[i].from, rows[i].to);
        case_expect(play, &kind_service, rows[i].story);
    }
    KindCase *play = made_services(*state, HEAD);
    case_edit(play, HOST, PRIMARY, "    option httpchk\n", "    option tcplog\n");
    assert_true(text_starts_with(case_story(play, &kind_service),
                                 "update service.pg-test-1/primary lines: "));
}

static void a_service_of_the_cluster_that_nobody_wants_goes(void **state)
{
    KindCase *play = made_services(*state, HEAD);
    case_fact(play, "node.proxy", HOST,
              "{'files': {"
              "'/etc/haproxy/conf.d/pg-test-primary.cfg': '# Managed by pgsteer: pg-test/primary',"
              "'/etc/haproxy/conf.d/pg-test-old.cfg': '# Managed by pgsteer: pg-test/old',"
              "'/etc/haproxy/conf.d/copy.cfg': '# Managed by pgsteer: pg-test/older',"
              "'/etc/haproxy/conf.d/pg-test-a-b.cfg': '# Managed by pgsteer: pg-test-a/b',"
              "'/etc/haproxy/conf.d/pg-test-c.cfg': '# Managed by pgsteer: pg-test/c/d',"
              "'/etc/haproxy/conf.d/pg-test-mine.cfg': 'listen pg-test-mine'}}");
    case_expect(play, &kind_service, "delete service.pg-test-1/old\n");
    const Action *action = case_action(play, &kind_service, "service.pg-test-1/old");
    assert_string_equal(case_effects(play, action),
                        "service.delete\nfile_set_put @" HOST " checker haproxy\n"
                        "--- remove /etc/haproxy/conf.d/pg-test-old.cfg\n");
    assert_string_equal(case_checks(play, action),
                        "post node.files@" HOST " ~1etc~1haproxy~1conf.d~1pg-test-old.cfg/exists "
                        "equal false within 0 ms: the file is gone\n");
}

/* Judged together by HAProxy: one goes, one comes, one changes. */
static void services_of_a_proxy_change_as_one_set(void **state)
{
    KindCase *play = made_services(*state, HEAD);
    case_edit(play, HOST, PRIMARY, "maxconn 5000", "maxconn 50");
    case_file(play, HOST, "/etc/haproxy/conf.d/pg-test-offline.cfg", NULL);
    case_fact(play, "node.proxy", HOST,
              "{'files': {"
              "'/etc/haproxy/conf.d/pg-test-old.cfg': '# Managed by pgsteer: pg-test/old'}}");
    const Action *action = case_batch(play, &kind_service, "service.update", "services.pg-test-1");
    const char *effects = case_effects(play, action);
    assert_true(text_starts_with(effects, "service.update\nfile_set_put @" HOST
                                          " checker haproxy\n--- " PRIMARY " root:root 0644\n"));
    assert_non_null(strstr(effects, "\n--- /etc/haproxy/conf.d/pg-test-offline.cfg root:root"));
    assert_true(text_ends_with(effects, "\n--- remove /etc/haproxy/conf.d/pg-test-old.cfg\n"));
    const char *checks = case_checks(play, action);
    assert_non_null(strstr(checks, "pg-test-primary.cfg/sha256 equal"));
    assert_non_null(strstr(checks, "pg-test-offline.cfg/sha256 equal"));
    assert_non_null(strstr(checks, "pg-test-old.cfg/exists equal false"));
}

static void a_service_of_an_unread_node_is_withheld(void **state)
{
    KindCase *play = made_services(*state, HEAD);
    case_unread(play, "node.files", HOST, "no answer within 10 s");
    assert_true(text_starts_with(case_story(play, &kind_service),
                                 "withhold service.pg-test-1/primary: no answer within 10 s\n"));
}

static void times_of_checks_follow_the_plan(void **state)
{
    static const struct {
        const char *vars, *options;
    } rows[] = {
        {"        pg_rto: safe\n",
         "default-server inter 3s fastinter 1500ms downinter 3s rise 3 fall 3 on-marked-down"},
        {"        pg_rto: fast\n"
         "        pg_rto_plan: { fast: [20, 5, 5, 15, 5, 0.25s, 1s, 2s, 2, 1] }\n",
         "default-server inter 250ms fastinter 1s downinter 2s rise 2 fall 1 on-marked-down"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KindCase *play = made_services(*state, arena_printf(*state, HEAD "%s", rows[i].vars));
        const char *text = value_get_text(
            value_get(facts_value(play->facts, "node.files", HOST), PRIMARY), "content");
        if (!strstr(text, rows[i].options))
            fail_msg("'%s' is not in\n%s", rows[i].options, text);
    }
}

static void a_service_says_whom_it_leads_to(void **state)
{
    KindCase *play = kind_case(
        *state, HEAD "        pg_services:\n"
                     "          - { name: any, port: 5441, selector: '[]', check: /health }\n"
                     "          - { name: own, port: 5442, selector: '[]', dest: postgres }\n");
    static const char *const notes[] = {":5433 leader, through the pooler",
                                        ":5434 replicas, through the pooler",
                                        ":5436 leader",
                                        ":5438 replicas",
                                        ":5441 /health, through the pooler",
                                        ":5442 leader"};
    ResourceSet *set = resource_set_new(*state, &kind_service, play->domain);
    check_fine(kind_service.desired(play->domain, play->facts, set));
    assert_int_equal(resource_set_count(set), COUNT_OF(notes));
    for (size_t i = 0; i < COUNT_OF(notes); i++)
        assert_string_equal(resource_set_at(set, i)->note, notes[i]);
}

/* --- proxies ---------------------------------------------------------------------------------- */

/* The main file as the probe shows it. */
static const char *masked_main(KindCase *play, const char *password)
{
    const Action *action = case_action(play, &kind_haproxy, "haproxy.pg-test-1");
    const char *text = case_content(play, action, PROXY_FILE);
    const char *at = strstr(text, "stats auth admin:");
    assert_non_null(at);
    at += strlen("stats auth admin:");
    return arena_printf(play->arena, "%.*s%s%s", (int)(at - text), text,
                        case_mask(play->arena, password), strchr(at, '\n'));
}

static KindCase *made_proxy(Arena *arena, const char *password)
{
    KindCase *play = kind_case(arena, HEAD);
    case_bare(play);
    const char *text = masked_main(play, password);
    case_secret_file(play, HOST, PROXY_FILE, text);
    case_file(play, HOST, PROXY_KEEPER_FILE, proxy_keeper_text);
    case_unit(play, HOST, "haproxy.service", "active");
    return play;
}

static void a_written_proxy_matches(void **state)
{
    /* The password as HAProxy wants it: blanks and hashes escaped. */
    case_expect(made_proxy(*state, "Stats\\ \\#1"), &kind_haproxy, "");
}

static void another_password_is_noticed(void **state)
{
    case_expect(made_proxy(*state, "Stats #1"), &kind_haproxy,
                "update haproxy.pg-test-1 config/listen stats/stats auth admin: \"differ\" -> "
                "(sensitive value) (reload)\n");
}

static void put_main(KindCase *play, const char *from, const char *to)
{
    const Value *files = value_get(facts_value(play->facts, "node.secret_files", HOST), "files");
    const char *text = value_get_text(value_get(files, PROXY_FILE), "content");
    const char *at = strstr(text, from);
    assert_non_null(at);
    case_secret_file(
        play, HOST, PROXY_FILE,
        arena_printf(play->arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)));
}

static void what_differs_in_a_proxy_is_told(void **state)
{
    static const struct {
        const char *from, *to, *story;
    } rows[] = {
        {"bind *:9101", "bind *:9102",
         "update haproxy.pg-test-1 config/listen stats/bind: \"*:9102\" -> \"*:9101\" "
         "(reload)\n"},
        {"    user haproxy\n", "    user haproxy\n    user root\n    daemon\n",
         "update haproxy.pg-test-1 config/global/user #2: \"root\" -> nothing (reload)\n"
         "update haproxy.pg-test-1 config/global/daemon: \"\" -> nothing (reload)\n"},
        {"listen stats\n", "backend own\n    mode tcp\nlisten stats\n",
         "update haproxy.pg-test-1 config/backend own/mode: \"tcp\" -> nothing (reload)\n"},
        {"    option tcpka\n", "",
         "update haproxy.pg-test-1 config/defaults/option tcpka: nothing -> \"\" (reload)\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        KindCase *play = made_proxy(*state, "Stats\\ \\#1");
        put_main(play, rows[i].from, rows[i].to);
        case_expect(play, &kind_haproxy, rows[i].story);
    }
}

static void a_proxy_that_stands_still_is_started(void **state)
{
    KindCase *play = made_proxy(*state, "Stats\\ \\#1");
    case_unit(play, HOST, "haproxy.service", "inactive");
    case_file(play, HOST, PROXY_KEEPER_FILE, NULL);
    const char *story = case_story(play, &kind_haproxy);
    assert_true(text_starts_with(story, "update haproxy.pg-test-1 keeper: nothing -> "));
    assert_non_null(strstr(story, "update haproxy.pg-test-1 running: false -> true\n"));
    const Action *action = case_action(play, &kind_haproxy, "haproxy.pg-test-1");
    assert_string_equal(action->verb->name, "haproxy.update");
    assert_non_null(strstr(case_effects(play, action),
                           "{\"name\":\"haproxy.service\",\"action\":\"start\",\"block\":true}"));
    case_unit(play, HOST, "haproxy.service", "active");
    action = case_action(play, &kind_haproxy, "haproxy.pg-test-1");
    assert_null(strstr(case_effects(play, action), "unit @"));
    assert_non_null(strstr(case_checks(play, action), "haproxy.service/active equal \"active\""));
}

static void an_empty_password_is_one(void **state)
{
    KindCase *play = kind_case(*state, HEAD "        haproxy_admin_username: ops\n"
                                            "        haproxy_exporter_port: 9109\n");
    case_bare(play);
    const Action *action = case_action(play, &kind_haproxy, "haproxy.pg-test-1");
    const char *text = case_content(play, action, PROXY_FILE);
    assert_non_null(strstr(text, "    stats auth ops:<"));
    assert_non_null(strstr(text, "    bind *:9109\n"));
    assert_non_null(strstr(case_checks(play, action), "tcp contains 9109 within 10000 ms"));
}

static void an_unread_proxy_is_withheld(void **state)
{
    KindCase *play = made_proxy(*state, "Stats\\ \\#1");
    case_unread(play, "node.secret_files", HOST, "no answer within 10 s");
    case_expect(play, &kind_haproxy, "withhold haproxy.pg-test-1: no answer within 10 s\n");
}

int main(void)
{
#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, arena_setup, arena_teardown)
    const struct CMUnitTest tests[] = {
        TEST(written_services_match),
        TEST(what_differs_in_a_service_is_told),
        TEST(a_service_of_the_cluster_that_nobody_wants_goes),
        TEST(services_of_a_proxy_change_as_one_set),
        TEST(a_service_of_an_unread_node_is_withheld),
        TEST(times_of_checks_follow_the_plan),
        TEST(a_service_says_whom_it_leads_to),
        TEST(a_written_proxy_matches),
        TEST(another_password_is_noticed),
        TEST(what_differs_in_a_proxy_is_told),
        TEST(a_proxy_that_stands_still_is_started),
        TEST(an_empty_password_is_one),
        TEST(an_unread_proxy_is_withheld),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
