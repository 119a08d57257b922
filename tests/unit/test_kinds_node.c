/* Kinds and verbs of infra and nodes, on nodes made of facts. */
#include "base/json.h"
#include "fleet.h"
#include "providers/kinds/aliases.h"
#include "unit.h"

#define DATA "/data/postgres/pg-test-15"

static void bare_nodes_converge(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS);
    Plan *plan = fleet_plan(fleet);
    assert_true(plan->add_count > 100);
    assert_int_equal(plan->withheld_count, 0);
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void packages_wait_for_what_they_read(void **state)
{
    Plan *plan = fleet_plan(fleet_bare(*state, HOSTS));
    static const char *const before[] = {
        "repo.infra",
        "unit.infra/nginx.service",
        "packages.infra",
        "file.infra//etc/nginx/conf.d/pgsteer.conf",
        "apt.pg-test-1",
        "reload.pg-test-1/apt",
        "user.pg-test-1/postgres",
        "file.pg-test-1//etc/apt/apt.conf.d/52pgsteer",
        "file.pg-test-1//etc/systemd/system/etcd.service",
        "file.pg-test-1//etc/postgresql-common/createcluster.d/pgsteer.conf",
    };
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        if (!fleet_waits(plan, "packages.pg-test-1", before[i]))
            fail_msg("packages do not wait for %s", before[i]);
    }
    assert_string_equal(fleet_action(plan, "reload.infra/apt")->verb->name, "apt.local");
    assert_string_equal(fleet_action(plan, "reload.pg-test-1/apt")->verb->name, "apt.update");
    assert_false(fleet_waits(plan, "packages.infra", "unit.infra/nginx.service"));
    assert_false(fleet_waits(plan, "packages.pg-test-1", "packages.pg-test-2"));
}

static void the_layout_follows_packages(void **state)
{
    Plan *plan = fleet_plan(fleet_bare(*state, HOSTS));
    static const struct {
        const char *after;
        const char *before;
    } pairs[] = {
        {"dir.pg-test-1/" DATA, "packages.pg-test-1"},
        {"dir.pg-test-1/" DATA "/log/patroni", "dir.pg-test-1/" DATA "/log"},
        {"link.pg-test-1//pg", "dir.pg-test-1/" DATA},
        {"cert.pg-test-1/postgres", "link.pg-test-1//pg"},
        {"cert.pg-test-1/postgres", "ca.infra"},
        {"ca.infra", "packages.infra"},
        {"unit.pg-test-1/patroni.service", "packages.pg-test-1"},
        {"unit.pg-test-1/patroni.service", "file.pg-test-1//etc/systemd/system/patroni.service"},
        {"unit.pg-test-1/patroni.service", "reload.pg-test-1/systemd"},
    };
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (!fleet_waits(plan, pairs[i].after, pairs[i].before))
            fail_msg("%s does not wait for %s", pairs[i].after, pairs[i].before);
    }
}

/* What is done together stays together when only part of it was asked for. */
static void a_target_brings_what_it_needs(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS);
    Plan *plan = fleet_plan_for(fleet, "cert.pg-test-1/postgres");
    assert_true(fleet_waits(plan, "cert.pg-test-1/postgres", "dir.pg-test-1/" DATA "/cert"));
    assert_true(fleet_waits(plan, "cert.pg-test-1/postgres", "packages.pg-test-1"));
    assert_null(fleet_change(plan, "cert.pg-test-2/postgres"));
    assert_null(fleet_change(plan, "unit.pg-test-1/patroni.service"));
    fleet_apply(fleet, plan);
    assert_null(fleet_change(fleet_plan(fleet), "cert.pg-test-1/postgres"));
}

static void an_unreachable_node_is_left_alone(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS);
    fleet_lose(fleet, FIRST);
    Plan *plan = fleet_plan(fleet);
    for (size_t i = 0; i < plan->action_count; i++)
        assert_string_not_equal(plan->actions[i].host, FIRST);
    static const char *const addresses[] = {
        "node.pg-test-1",
        "apt.pg-test-1",
        "packages.pg-test-1",
        "user.pg-test-1/postgres",
        "dir.pg-test-1/" DATA,
        "link.pg-test-1//pg",
        "file.pg-test-1//etc/profile.d/pgsql.sh",
        "unit.pg-test-1/patroni.service",
        "cert.pg-test-1/postgres",
    };
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        fleet_expect_withheld(fleet, addresses[i], "no answer within 10 s");
}

static void folders(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    Value *dir = fleet_known(fleet, "node.paths", FIRST, DATA "/log");
    value_set_text(fleet->arena, dir, "mode", "0777");
    value_set_text(fleet->arena, dir, "owner", "root");
    fleet_expect_heals(fleet, "dir.pg-test-1/" DATA "/log", "dir.put",
                       "dir {\"path\":\"" DATA
                       "/log\",\"owner\":\"postgres\",\"group\":\"postgres\","
                       "\"mode\":\"0750\"}");
    value_set_text(fleet->arena, dir, "type", "link");
    fleet_expect_withheld(fleet, "dir.pg-test-1/" DATA "/log", "is no folder but a link");
    value_set_text(fleet->arena, dir, "type", "file");
    fleet_expect_withheld(fleet, "dir.pg-test-1/" DATA "/log", "is no folder but a file");
}

static void links(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    Value *link = fleet_known(fleet, "node.paths", FIRST, "/usr/pgsql");
    value_set_text(fleet->arena, link, "target", "/usr/lib/postgresql/14");
    fleet_expect_heals(fleet, "link.pg-test-1//usr/pgsql", "link.put",
                       "link {\"path\":\"/usr/pgsql\",\"target\":\"/usr/lib/postgresql/15\"}");
    value_set_text(fleet->arena, link, "type", "dir");
    fleet_expect_withheld(fleet, "link.pg-test-1//usr/pgsql", "something that is no link");
}

static void a_link_never_leads_to_itself(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS "    pg_bin_dir: /usr/lib/postgresql/15/bin\n");
    assert_null(fleet_desired(fleet, "link.pg-test-1//usr/lib/postgresql/15"));
    assert_null(fleet_desired(fleet, "link.pg-test-1//usr/pgsql"));
    assert_non_null(fleet_desired(fleet, "link.pg-test-1//pg"));
}

static void files(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    static const char path[] = "/etc/tmpfiles.d/pgsteer.conf";
    Value *file = fleet_known(fleet, "node.files", FIRST, path);
    static const char put[] =
        "file_put {\"path\":\"/etc/tmpfiles.d/pgsteer.conf\","
        "\"content\":\"# Written by pgsteer; a change here is undone.\\n"
        "d /run/postgresql 2775 postgres postgres -\\n\",\"owner\":\"root\",\"group\":\"root\","
        "\"mode\":\"0644\"}";
    value_set_text(fleet->arena, file, "mode", "0666");
    fleet_expect_heals(fleet, "file.pg-test-1//etc/tmpfiles.d/pgsteer.conf", "file.put", put);
    value_set_bool(fleet->arena, file, "exists", false);
    fleet_expect_heals(fleet, "file.pg-test-1//etc/tmpfiles.d/pgsteer.conf", "file.put", put);

    /* Too long or no text: whatever it is, it is not ours. */
    value_set(fleet->arena, file, "content", &value_null);
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 1);
}

static void the_plan_is_bound_to_the_file_that_it_saw(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    Value *file = fleet_known(fleet, "node.files", FIRST, "/etc/profile.d/pgsql.sh");
    value_set_text(fleet->arena, file, "content", "mine\n");
    value_set_text(fleet->arena, file, "sha256", "0");
    const Action *action =
        fleet_action(fleet_plan(fleet), "file.pg-test-1//etc/profile.d/pgsql.sh");
    CheckList pre = {0};
    action->verb->pre(fleet->arena, action, &pre);
    assert_int_equal(pre.count, 1);
    assert_string_equal(pre.items[0].path, "~1etc~1profile.d~1pgsql.sh/sha256");
    assert_int_equal(check_evaluate(&pre.items[0], fleet->facts), CHECK_FAILS);
}

static void a_changed_unit_file_reloads_systemd(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    static const char path[] = "/etc/systemd/system/patroni.service";
    value_set_text(fleet->arena, fleet_known(fleet, "node.files", FIRST, path), "owner",
                   "postgres");
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 2);
    assert_true(fleet_waits(plan, "reload.pg-test-1/systemd",
                            "file.pg-test-1//etc/systemd/system/patroni.service"));
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void a_changed_site_reloads_the_web_server(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    static const char path[] = "/etc/nginx/conf.d/pgsteer.conf";
    value_set_bool(fleet->arena, fleet_known(fleet, "node.files", INFRA, path), "exists", false);
    Plan *plan = fleet_plan(fleet);
    assert_string_equal(fleet_action(plan, "reload.infra/nginx")->verb->name, "nginx.reload");
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void units(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    Value *unit = fleet_known(fleet, "node.units", FIRST, "patroni.service");
    value_set_text(fleet->arena, unit, "enabled", "disabled");
    fleet_expect_heals(fleet, "unit.pg-test-1/patroni.service", "unit.set",
                       "unit {\"name\":\"patroni.service\",\"action\":\"enable\",\"block\":true}");
    value_set_bool(fleet->arena, unit, "need_reload", true);
    fleet_expect_heals(
        fleet, "unit.pg-test-1/patroni.service", "unit.set",
        "unit {\"name\":\"patroni.service\",\"action\":\"daemon-reload\",\"block\":true}");
    value_set_text(fleet->arena, unit, "active", "failed"); /* not this kind's business */
    fleet_expect_nothing(fleet);
    value_set_text(fleet->arena, fleet_known(fleet, "node.units", INFRA, "nginx.service"), "active",
                   "inactive");
    fleet_expect_heals(fleet, "unit.infra/nginx.service", "unit.web",
                       "unit {\"name\":\"nginx.service\",\"action\":\"enable\",\"block\":true}\n"
                       "unit {\"name\":\"nginx.service\",\"action\":\"restart\",\"block\":true}");
}

static void only_missing_packages_are_named(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    Value *installed = value_map(fleet->arena);
    const Value *names = resource_value(fleet_desired(fleet, "packages.pg-test-1"), "names");
    for (size_t i = 1; i < value_count(names); i++)
        value_set_text(fleet->arena, installed, value_as_text(value_at(names, i), ""), "2");
    value_set(fleet->arena, fleet_fact(fleet, "node.packages", FIRST), "installed", installed);
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 2);
    assert_string_equal(fleet_effects(fleet, fleet_action(plan, "packages.pg-test-1")),
                        arena_printf(fleet->arena,
                                     "packages {\"names\":[\"%s\"],\"job\":\"packages\"}",
                                     value_as_text(value_at(names, 0), "")));
    assert_string_equal(fleet_effects(fleet, fleet_action(plan, "reload.pg-test-1/apt")),
                        "apt_update {\"list\":\"/etc/apt/sources.list.d/pgsteer.list\"}");
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static const char *names_of(Fleet *fleet, const char *address)
{
    return fleet_words(fleet->arena, resource_value(fleet_desired(fleet, address), "names"));
}

static void packages_follow_the_roles(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS);
    assert_string_equal(names_of(fleet, "packages.infra"), "nginx openssl");
    assert_string_equal(
        names_of(fleet, "packages.pg-test-1"),
        "etcd-server etcd-client openssl postgresql-15 postgresql-client-15 sudo "
        "patroni python3-etcd python3-psycopg2 pgbouncer haproxy postgresql-15-repack");
    fleet = fleet_bare(*state, HOSTS "    pgbouncer_enabled: false\n"
                                     "    haproxy_enabled: false\n"
                                     "    pg_packages: [pgsql-server]\n"
                                     "    pg_extensions: [ pgaudit, 'postgresql-$v-cron, jq' ]\n"
                                     "    node_packages: [ openssh-server ]\n");
    assert_string_equal(names_of(fleet, "packages.pg-test-1"),
                        "etcd-server etcd-client openssl postgresql-15 postgresql-client-15 sudo "
                        "patroni python3-etcd python3-psycopg2 postgresql-15-pgaudit "
                        "postgresql-15-cron jq openssh-server postgresql-15-repack");
}

static void aliases(void **state)
{
    static const struct {
        const char *alias;
        const char *names;
    } cases[] = {
        {"pgsql-main", "postgresql-16 postgresql-client-16 postgresql-16-repack"},
        {"pgsql-common", "patroni python3-etcd python3-psycopg2"},
        {"postgis", "postgresql-16-postgis-3"},
        {"postgresql-${pg_version}-x", "postgresql-16-x"},
        {"postgresql-$v", "postgresql-16"},
        {"less", "less"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Value *names = value_list(*state);
        aliases_expand(*state, cases[i].alias, "16", names);
        aliases_expand(*state, cases[i].alias, "16", names); /* each name once */
        assert_string_equal(fleet_words(*state, names), cases[i].names);
    }
}

static void services_that_are_off_leave_nothing_behind(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS "    pgbouncer_enabled: false\n"
                                            "    haproxy_enabled: false\n"
                                            "    patroni_enabled: false\n");
    static const char *const addresses[] = {
        "unit.pg-test-1/pgbouncer.service",  "unit.pg-test-1/haproxy.service",
        "unit.pg-test-1/patroni.service",    "dir.pg-test-1//etc/pgbouncer",
        "dir.pg-test-1//etc/haproxy/conf.d", "file.pg-test-1//etc/systemd/system/haproxy.service",
    };
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_null(fleet_desired(fleet, addresses[i]));
    assert_non_null(fleet_desired(fleet, "unit.pg-test-1/etcd.service"));
}

static void a_user_that_is_there_keeps_its_number(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    const Resource *user = fleet_desired(fleet, "user.pg-test-1/postgres");
    assert_int_equal(value_as_int(resource_value(user, "uid"), 0), 543);
    value_set_int(fleet->arena, fleet_known(fleet, "node.users", FIRST, "postgres"), "uid", 101);
    fleet_expect_nothing(fleet);
    fleet = fleet_bare(*state, HOSTS "    pg_dbsu_uid: 700\n");
    user = fleet_desired(fleet, "user.pg-test-1/postgres");
    assert_int_equal(value_as_int(resource_value(user, "uid"), 0), 700);
}

static void names_and_hosts(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS "    node_etc_hosts: [ '10.9.9.9 other' ]\n");
    const char *hosts =
        value_get_text(fleet_known(fleet, "node.files", FIRST, "/etc/hosts"), "content");
    assert_string_equal(hosts, "127.0.0.1 localhost\n"
                               "# BEGIN pgsteer hosts\n"
                               "10.10.10.10 infra\n"
                               "10.10.10.11 pg-test-1 pg-test\n"
                               "10.10.10.12 pg-test-2 pg-test\n"
                               "10.10.10.13 pg-test-3 pg-test\n"
                               "10.10.10.10 i.pigsty\n"
                               "10.9.9.9 other\n"
                               "# END pgsteer hosts\n");
    value_set_text(fleet->arena, fleet_fact(fleet, "node.os", FIRST), "hostname", "debian");
    fleet_expect_heals(fleet, "node.pg-test-1", "node.set", "hostname {\"name\":\"pg-test-1\"}");
}

static const char *with_stranger(Arena *arena, const char *vars)
{
    return arena_printf(
        arena,
        "all:\n  children:\n    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
        "    other: { hosts: { 10.10.10.20: { %s } } }\n"
        "  vars: { admin_ip: 10.10.10.10, node_default_etc_hosts: [] }\n",
        vars);
}

static void a_node_without_a_name_keeps_its_own(void **state)
{
    Fleet *fleet = fleet_made(state, with_stranger(*state, ""));
    const Resource *node = fleet_desired(fleet, "node.10.10.10.20");
    assert_null(resource_value(node, "hostname"));
    assert_int_equal(value_count(resource_value(node, "hosts")), 0);
    fleet_expect_nothing(fleet);
    fleet = fleet_made(state, with_stranger(*state, "nodename: lonely, nodename_overwrite: false"));
    node = fleet_desired(fleet, "node.lonely");
    assert_null(resource_value(node, "hostname"));
    fleet_expect_nothing(fleet);
    fleet = fleet_made(state, with_stranger(*state, "node_write_etc_hosts: false"));
    assert_null(fleet_desired(fleet, "node.10.10.10.20"));
    assert_null(fleet_observed(fleet, "node.10.10.10.20"));
    fleet_expect_nothing(fleet);
}

static void only_those_concerned_are_known_by_name(void **state)
{
    static const char two[] = "all:\n"
                              "  children:\n"
                              "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
                              "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"
                              "    a: { vars: { pg_cluster: a }, hosts: { 10.10.10.11: "
                              "{ pg_seq: 1, pg_role: primary } } }\n"
                              "    b: { vars: { pg_cluster: b EXTRA }, hosts: { 10.10.10.12: "
                              "{ pg_seq: 1, pg_role: primary } } }\n"
                              "  vars: { admin_ip: 10.10.10.10, pg_version: 15, "
                              "node_default_etc_hosts: [] }\n";
    const char *at = strstr(two, " EXTRA");
    const char *plain = arena_printf(*state, "%.*s%s", (int)(at - two), two, at + 6);
    const char *open =
        arena_printf(*state, "%.*s, nodename_exchange: true%s", (int)(at - two), two, at + 6);
    Fleet *fleet = fleet_bare(*state, plain);
    assert_string_equal(
        fleet_words(*state, resource_value(fleet_desired(fleet, "node.b-1"), "hosts")),
        "10.10.10.12 b-1 b");
    assert_string_equal(
        fleet_words(*state, resource_value(fleet_desired(fleet, "node.10.10.10.10"), "hosts")),
        "10.10.10.11 a-1 a 10.10.10.12 b-1 b");
    fleet = fleet_bare(*state, open);
    assert_string_equal(
        fleet_words(*state, resource_value(fleet_desired(fleet, "node.b-1"), "hosts")),
        "10.10.10.11 a-1 a 10.10.10.12 b-1 b");
}

/* A fact of another node is not a fact of this one. */
static void what_was_not_asked_about_is_unknown(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    facts_put_known(fleet->facts, "node.paths", FIRST, value_map(fleet->arena));
    const Kind *kind = registry_kind(&fleet->registry, "dir");
    ResourceSet *set = resource_set_new(fleet->arena, kind, &fleet->domains[2]);
    assert_string_equal(fleet->domains[2].name, "pg-test-1");
    check_fine(kind->read(&fleet->domains[2], fleet->facts, set));
    assert_int_equal(resource_set_count(set), 0);
    assert_non_null(strstr(map_get(set->unknown_scopes, "pg-test-1"), "was not asked about"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_setup, arena_teardown)
        TEST(bare_nodes_converge),
        TEST(packages_wait_for_what_they_read),
        TEST(the_layout_follows_packages),
        TEST(a_target_brings_what_it_needs),
        TEST(an_unreachable_node_is_left_alone),
        TEST(folders),
        TEST(links),
        TEST(a_link_never_leads_to_itself),
        TEST(files),
        TEST(the_plan_is_bound_to_the_file_that_it_saw),
        TEST(a_changed_unit_file_reloads_systemd),
        TEST(a_changed_site_reloads_the_web_server),
        TEST(units),
        TEST(only_missing_packages_are_named),
        TEST(packages_follow_the_roles),
        TEST(aliases),
        TEST(services_that_are_off_leave_nothing_behind),
        TEST(a_user_that_is_there_keeps_its_number),
        TEST(names_and_hosts),
        TEST(a_node_without_a_name_keeps_its_own),
        TEST(only_those_concerned_are_known_by_name),
        TEST(what_was_not_asked_about_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
