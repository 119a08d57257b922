/* Where packages come from, who certifies, and who may do what on a node. */
#include "fleet.h"
#include "unit.h"

#define DATA "/data/postgres/pg-test-15"

static void package_sources(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    static const char list[] = "/etc/apt/sources.list.d/pgsteer.list";
    assert_string_equal(value_get_text(fleet_known(fleet, "node.files", INFRA, list), "content"),
                        "deb [trusted=yes] file:/www/pigsty ./\n");
    assert_string_equal(value_get_text(fleet_known(fleet, "node.files", FIRST, list), "content"),
                        "deb [trusted=yes] http://10.10.10.10/pigsty ./\n");
    value_set_text(fleet->arena, fleet_known(fleet, "node.files", FIRST, list), "content",
                   "deb x\n");
    value_set_text(fleet->arena, fleet_known(fleet, "node.files", FIRST, list), "sha256", "0");
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 2);
    assert_true(fleet_waits(plan, "reload.pg-test-1/apt", "apt.pg-test-1"));

    fleet = fleet_bare(*state, HOSTS "    node_repo_modules: 'node,infra'\n");
    assert_null(fleet_desired(fleet, "apt.pg-test-1"));
    assert_string_equal(
        fleet_effects(fleet, fleet_action(fleet_plan(fleet), "reload.pg-test-1/apt")),
        "apt_update {\"list\":\"\"}");
    fleet = fleet_bare(*state, HOSTS "    repo_enabled: false\n");
    assert_null(fleet_desired(fleet, "apt.pg-test-1"));
    assert_null(fleet_desired(fleet, "repo.infra"));
    assert_null(fleet_desired(fleet, "unit.infra/nginx.service"));
}

static bool has_note(const Plan *plan, const char *part)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        for (size_t k = 0; k < plan->blocks[i].note_count; k++) {
            if (strstr(plan->blocks[i].notes[k].text, part))
                return true;
        }
    }
    return false;
}

static void the_repository(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS);
    assert_string_equal(fleet_desired(fleet, "repo.infra")->note, "5 packages");
    assert_false(has_note(fleet_plan(fleet), "holds no packages"));
    Value *repo = fleet_known(fleet, "node.repo", INFRA, "/www/pigsty");
    value_set_int(fleet->arena, repo, "deb_count", 0);
    assert_string_equal(fleet_desired(fleet, "repo.infra")->note, "no package is in the folder");
    assert_true(has_note(fleet_plan(fleet), "/www/pigsty holds no packages"));

    fleet = fleet_made(state, HOSTS);
    repo = fleet_known(fleet, "node.repo", INFRA, "/www/pigsty");
    value_set_bool(fleet->arena, repo, "index_current", false);
    fleet_expect_heals(fleet, "repo.infra", "repo.index", "repo_index {\"path\":\"/www/pigsty\"}");
    fleet_lose(fleet, INFRA);
    fleet_expect_withheld(fleet, "repo.infra", "no answer");
    fleet_expect_withheld(fleet, "ca.infra", "no answer");
}

static void the_authority_is_made_once(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS);
    assert_string_equal(fleet_effects(fleet, fleet_action(fleet_plan(fleet), "ca.infra")),
                        "ca {\"path\":\"/etc/pgsteer/ca\",\"cn\":\"pigsty-ca\",\"days\":36500}");
    fleet = fleet_made(state, HOSTS);
    Value *ca = fleet_known(fleet, "node.certs", INFRA, "/etc/pgsteer/ca/ca.crt");
    value_set_text(fleet->arena, ca, "cn", "another");
    assert_null(fleet_change(fleet_plan(fleet), "ca.infra"));
    assert_true(has_note(fleet_plan(fleet), "ca.infra: cn cannot be changed any more"));
    value_set_bool(fleet->arena, ca, "key_matches", false);
    fleet_expect_withheld(fleet, "ca.infra", "is missing or is another one's");
    fleet = fleet_bare(*state, HOSTS "    ca_create: false\n");
    fleet_expect_withheld(fleet, "ca.infra", "ca_create is false");
}

static void the_authority_without_infra_is_on_etcd(void **state)
{
    static const char slim[] = "all:\n"
                               "  children:\n"
                               "    etcd: { hosts: { 10.10.10.12: { etcd_seq: 2 },"
                               " 10.10.10.11: { etcd_seq: 1 } } }\n"
                               "    a: { vars: { pg_cluster: a }, hosts: { 10.10.10.11: "
                               "{ pg_seq: 1, pg_role: primary } } }\n"
                               "  vars: { admin_ip: 10.10.10.11, pg_version: 15 }\n";
    Fleet *fleet = fleet_made(state, slim);
    assert_non_null(fleet_observed(fleet, "ca.a-1"));
    assert_null(fleet_desired(fleet, "ca.10.10.10.12"));
    fleet_expect_nothing(fleet);
}

static void certificates(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    Value *cert = fleet_known(fleet, "node.certs", FIRST, "/pg/cert/server.crt");
    assert_string_equal(fleet_words(fleet->arena, value_get(cert, "sans")),
                        "DNS:localhost DNS:pg-test DNS:pg-test-1 IP:127.0.0.1 IP:10.10.10.11");
    static const char issue[] =
        "cert {\"ca_host\":\"10.10.10.10\",\"ca_path\":\"/etc/pgsteer/ca\",\"cn\":\"pg-test-1\","
        "\"sans\":[\"DNS:localhost\",\"DNS:pg-test\",\"DNS:pg-test-1\",\"IP:127.0.0.1\","
        "\"IP:10.10.10.11\"],\"days\":7300,\"key\":\"/pg/cert/server.key\","
        "\"cert\":\"/pg/cert/server.crt\",\"ca\":\"/pg/cert/ca.crt\",\"owner\":\"postgres\","
        "\"group\":\"postgres\",\"key_mode\":\"0600\"}";
    value_set_int(fleet->arena, cert, "not_after_s", 1700000000 + 29 * 86400);
    Plan *plan = fleet_plan(fleet);
    assert_true(fleet_waits(plan, "reload.pg-test-1/postgres", "cert.pg-test-1/postgres"));
    fleet_expect_heals(fleet, "cert.pg-test-1/postgres", "cert.issue", issue);
    value_set_bool(fleet->arena, cert, "key_matches", false);
    fleet_expect_heals(fleet, "cert.pg-test-1/postgres", "cert.issue", issue);
    value_set_text(fleet->arena, cert, "issuer", "another");
    fleet_expect_heals(fleet, "cert.pg-test-1/postgres", "cert.issue", issue);
    value_set_text(fleet->arena, fleet_known(fleet, "node.paths", FIRST, "/pg/cert/server.key"),
                   "mode", "0644");
    fleet_expect_heals(fleet, "cert.pg-test-1/postgres", "cert.issue", issue);
}

static void certificates_last_as_long_as_the_inventory_says(void **state)
{
    static const struct {
        const char *vars;
        int64_t days;
    } cases[] = {{"    cert_validity: 90d\n", 90}, {"    cert_validity: 1h\n", 1}, {"", 7300}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Fleet *fleet = fleet_bare(*state, arena_printf(*state, "%s%s", HOSTS, cases[i].vars));
        const Resource *cert = fleet_desired(fleet, "cert.pg-test-1/etcd");
        assert_int_equal(value_as_int(resource_value(cert, "days"), 0), cases[i].days);
    }
}

static void sudo(void **state)
{
    static const struct {
        const char *level;
        const char *part; /* NULL: no file */
    } cases[] = {
        {"limit", "postgres ALL=(root) NOPASSWD: PGSTEER_UNITS"},
        {"all", "postgres ALL=(ALL:ALL) ALL"},
        {"nopass", "postgres ALL=(ALL:ALL) NOPASSWD: ALL"},
        {"none", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Fleet *fleet = fleet_bare(
            *state, arena_printf(*state, "%s    pg_dbsu_sudo: %s\n", HOSTS, cases[i].level));
        const Resource *file = fleet_desired(fleet, "file.pg-test-1//etc/sudoers.d/postgres");
        assert_int_equal(file->ensure, cases[i].part ? ENSURE_PRESENT : ENSURE_ABSENT);
        if (cases[i].part && !strstr(resource_text(file, "content"), cases[i].part))
            fail_msg("%s: %s", cases[i].level, resource_text(file, "content"));
    }
}

static void a_right_that_is_taken_back_is_removed(void **state)
{
    Fleet *fleet = fleet_made(state, HOSTS);
    value_set_text(fleet->arena, fleet_known(fleet, "node.paths", FIRST, "/data/postgres"), "type",
                   "dir");
    fleet_set_inventory(fleet, HOSTS "    pg_dbsu_sudo: none\n");
    Plan *plan = fleet_plan(fleet);
    const Action *action = fleet_action(plan, "file.pg-test-1//etc/sudoers.d/postgres");
    assert_string_equal(action->verb->name, "file.remove");
    assert_string_equal(fleet_effects(fleet, action),
                        "file_remove {\"path\":\"/etc/sudoers.d/postgres\"}");
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void upgrades_leave_our_packages_alone(void **state)
{
    Fleet *fleet = fleet_bare(*state, HOSTS "    node_packages: [ libstdc++6 ]\n");
    const char *text = resource_text(
        fleet_desired(fleet, "file.pg-test-1//etc/apt/apt.conf.d/52pgsteer"), "content");
    assert_non_null(strstr(text, "    \"^postgresql-15$\";\n"));
    assert_non_null(strstr(text, "    \"^libstdc[+][+]6$\";\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_setup, arena_teardown)
        TEST(package_sources),
        TEST(the_repository),
        TEST(the_authority_is_made_once),
        TEST(the_authority_without_infra_is_on_etcd),
        TEST(certificates),
        TEST(certificates_last_as_long_as_the_inventory_says),
        TEST(sudo),
        TEST(a_right_that_is_taken_back_is_removed),
        TEST(upgrades_leave_our_packages_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
