/* Kinds and verbs of etcd, on nodes made of facts. */
#include "base/json.h"
#include "fleet.h"
#include "unit.h"

#define ETCD(n) "10.10.10." #n ": { etcd_seq: " #n ", nodename: e" #n " }"

#define INVENTORY(hosts, vars)                                                                     \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.9: { infra_seq: 1 } } }\n"                                     \
    "    etcd: { hosts: { " hosts " } }\n"                                                         \
    "    pg-a: { vars: { pg_cluster: pg-a }, hosts: { 10.10.10.21: "                               \
    "{ pg_seq: 1, pg_role: primary } } }\n"                                                        \
    "    pg-b: { vars: { pg_cluster: pg-b, pg_etcd_password: hush }, hosts: { 10.10.10.22: "       \
    "{ pg_seq: 1, pg_role: primary } } }\n"                                                        \
    "  vars: { admin_ip: 10.10.10.9, pg_version: 15 " vars " }\n"

#define THREE_HOSTS ETCD(1) ", " ETCD(2) ", " ETCD(3)
#define THREE       INVENTORY(THREE_HOSTS, "")
#define FIVE        INVENTORY(THREE_HOSTS ", " ETCD(4) ", " ETCD(5), "")

static Fleet *made(void **state, const char *inventory)
{
    Fleet *fleet = fleet_bare(*state, inventory);
    fleet_apply(fleet, fleet_plan(fleet));
    return fleet;
}

static const char *config(Fleet *fleet, const char *address, const char *key)
{
    return value_get_text(resource_value(fleet_desired(fleet, address), "config"), key);
}

/* The member has lost its process, or its data with it. */
static void stop(Fleet *fleet, const char *host, bool data_too)
{
    Value *reading = fleet_fact(fleet, "etcd.member", host);
    value_set_bool(fleet->arena, reading, "healthy", false);
    value_set_bool(fleet->arena, reading, "data_initialized", !data_too);
    Value *unit =
        (Value *)(uintptr_t)value_get(fleet_fact(fleet, "node.units", host), "etcd.service");
    value_set_text(fleet->arena, unit, "active", "failed");
}

static void members_start_together_and_users_come_after_the_quorum(void **state)
{
    Fleet *fleet = fleet_bare(*state, THREE);
    Plan *plan = fleet_plan(fleet);
    for (int i = 1; i <= 3; i++) {
        const char *member = arena_printf(*state, "etcd.etcd-%d", i);
        assert_string_equal(fleet_action(plan, member)->verb->name, "etcd.create");
        assert_true(fleet_waits(plan, "quorum.etcd", member));
        assert_true(fleet_waits(plan, member, arena_printf(*state, "cert.e%d/etcd", i)));
        assert_true(fleet_waits(plan, member, arena_printf(*state, "packages.e%d", i)));
        assert_false(fleet_waits(plan, member, "etcd.etcd-1") && i != 1);
    }
    assert_true(fleet_waits(plan, "etcd_auth.etcd", "quorum.etcd"));
    assert_true(fleet_waits(plan, "etcd_user.etcd/pg-a", "etcd_auth.etcd"));
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void the_configuration_of_a_new_member(void **state)
{
    Fleet *fleet = fleet_bare(*state, THREE);
    const Resource *member = fleet_desired(fleet, "etcd.etcd-2");
    CLEANUP(text_release) Text out = TEXT_INIT;
    json_write_pretty(&out, resource_value(member, "config"));
    assert_string_equal(
        text_get(&out),
        "{\n"
        "  \"name\": \"etcd-2\",\n"
        "  \"data-dir\": \"/data/etcd\",\n"
        "  \"listen-peer-urls\": \"https://10.10.10.2:2380\",\n"
        "  \"listen-client-urls\": \"https://10.10.10.2:2379,https://127.0.0.1:2379\",\n"
        "  \"advertise-client-urls\": \"https://10.10.10.2:2379\",\n"
        "  \"initial-advertise-peer-urls\": \"https://10.10.10.2:2380\",\n"
        "  \"initial-cluster\": \"etcd-1=https://10.10.10.1:2380,etcd-2=https://10.10.10.2:2380,"
        "etcd-3=https://10.10.10.3:2380\",\n"
        "  \"initial-cluster-state\": \"new\",\n"
        "  \"initial-cluster-token\": \"etcd\",\n"
        "  \"heartbeat-interval\": 100,\n"
        "  \"election-timeout\": 1000,\n"
        "  \"auto-compaction-mode\": \"periodic\",\n"
        "  \"auto-compaction-retention\": \"24h\",\n"
        "  \"quota-backend-bytes\": 8589934592,\n"
        "  \"enable-grpc-gateway\": true,\n"
        "  \"client-transport-security/cert-file\": \"/etc/etcd/server.crt\",\n"
        "  \"client-transport-security/key-file\": \"/etc/etcd/server.key\",\n"
        "  \"client-transport-security/trusted-ca-file\": \"/etc/etcd/ca.crt\",\n"
        "  \"client-transport-security/client-cert-auth\": true,\n"
        "  \"peer-transport-security/cert-file\": \"/etc/etcd/server.crt\",\n"
        "  \"peer-transport-security/key-file\": \"/etc/etcd/server.key\",\n"
        "  \"peer-transport-security/trusted-ca-file\": \"/etc/etcd/ca.crt\",\n"
        "  \"peer-transport-security/client-cert-auth\": true\n"
        "}");
}

static void users_and_their_passwords(void **state)
{
    Fleet *fleet = fleet_bare(*state, THREE);
    Plan *plan = fleet_plan(fleet);
    assert_string_equal(
        fleet_effects(fleet, fleet_action(plan, "etcd_user.etcd/pg-a")),
        "etcd {\"op\":\"role_put\",\"name\":\"pg-a\",\"prefix\":\"/pg/pg-a/\"}\n"
        "etcd {\"op\":\"user_put\",\"name\":\"pg-a\",\"password\":\"pg-a\",\"roles\":[\"pg-a\"]}");
    assert_string_equal(fleet_effects(fleet, fleet_action(plan, "etcd_user.etcd/pg-b")),
                        "etcd {\"op\":\"role_put\",\"name\":\"pg-b\",\"prefix\":\"/pg/pg-b/\"}\n"
                        "etcd {\"op\":\"user_put\",\"name\":\"pg-b\",\"password\":{\"secret\":"
                        "\"10.10.10.22|pg_etcd_password\"},\"roles\":[\"pg-b\"]}");
    assert_string_equal(fleet_effects(fleet, fleet_action(plan, "etcd_auth.etcd")),
                        "etcd {\"op\":\"role_put\",\"name\":\"root\"}\n"
                        "etcd {\"op\":\"user_put\",\"name\":\"root\",\"password\":{\"secret\":"
                        "\"10.10.10.1|etcd_root_password\"},\"roles\":[\"root\"]}\n"
                        "etcd {\"op\":\"auth_enable\"}\n"
                        "marker {\"key\":\"etcd\",\"value\":{\"cluster\":\"etcd\"}}");
}

static void a_user_of_another_prefix_is_changed(void **state)
{
    Fleet *fleet = made(state, THREE);
    Value *roles = (Value *)(uintptr_t)value_get(fleet->etcd, "roles");
    Value *other = value_list(*state);
    value_push(*state, other, value_text(*state, "/other/"));
    value_set(*state, roles, "pg-a", other);
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 1);
    assert_int_equal(plan->change_count, 1);
    value_set(*state, roles, "pg-a", value_list(*state));
    assert_int_equal(fleet_plan(fleet)->change_count, 1);
    fleet_apply(fleet, fleet_plan(fleet));
    fleet_expect_nothing(fleet);
}

static void newcomers_join_one_by_one(void **state)
{
    Fleet *fleet = made(state, THREE);
    fleet_set_inventory(fleet, FIVE);
    Plan *plan = fleet_plan(fleet);
    assert_string_equal(config(fleet, "etcd.etcd-4", "initial-cluster-state"), "existing");
    assert_string_equal(config(fleet, "etcd.etcd-4", "initial-cluster"),
                        "etcd-1=https://10.10.10.1:2380,etcd-2=https://10.10.10.2:2380,"
                        "etcd-3=https://10.10.10.3:2380,etcd-4=https://10.10.10.4:2380");
    assert_string_equal(config(fleet, "etcd.etcd-5", "initial-cluster"),
                        "etcd-1=https://10.10.10.1:2380,etcd-2=https://10.10.10.2:2380,"
                        "etcd-3=https://10.10.10.3:2380,etcd-4=https://10.10.10.4:2380,"
                        "etcd-5=https://10.10.10.5:2380");
    assert_string_equal(
        fleet_effects(fleet, fleet_action(plan, "join.etcd-4")),
        "etcd "
        "{\"op\":\"member_add\",\"name\":\"etcd-4\",\"peer_url\":\"https://10.10.10.4:2380\","
        "\"learner\":true}");
    assert_string_equal(fleet_effects(fleet, fleet_action(plan, "promote.etcd-4")),
                        "etcd {\"op\":\"member_promote\",\"name\":\"etcd-4\","
                        "\"peer_url\":\"https://10.10.10.4:2380\"}");
    assert_string_equal(fleet_action(plan, "join.etcd-4")->host, "10.10.10.1");
    assert_string_equal(fleet_action(plan, "promote.etcd-4")->host, "10.10.10.1");
    assert_true(fleet_waits(plan, "etcd.etcd-4", "join.etcd-4"));
    assert_true(fleet_waits(plan, "promote.etcd-4", "etcd.etcd-4"));
    assert_true(fleet_waits(plan, "join.etcd-5", "promote.etcd-4"));
    assert_null(fleet_change(plan, "etcd.etcd-1"));
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

/* The effects of one action of the plan, and of no other. */
static void perform(Fleet *fleet, const char *address)
{
    EffectList effects = {0};
    const Action *action = fleet_action(fleet_plan(fleet), address);
    action->verb->effects(fleet->arena, action, &effects);
    for (size_t i = 0; i < effects.count; i++)
        fleet_perform(fleet, &effects.items[i]);
}

static bool is_planned(const Plan *plan, const char *address)
{
    bool is = false;
    for (size_t i = 0; i < plan->action_count; i++)
        is = is || strcmp(plan->actions[i].address, address) == 0;
    return is;
}

/* Killed after the member list, before the start: the list is not extended again. The learner has
 * the one place that there is: the fourth joins after it, though it comes first in the inventory.
 */
static void a_newcomer_that_is_listed_only_starts(void **state)
{
    Fleet *fleet = made(state, THREE);
    fleet_set_inventory(fleet, INVENTORY(THREE_HOSTS ", " ETCD(5), ""));
    perform(fleet, "join.etcd-5");
    fleet_set_inventory(fleet, FIVE);
    Plan *plan = fleet_plan(fleet);
    assert_false(is_planned(plan, "join.etcd-5"));
    assert_false(is_planned(plan, "quorum.etcd"));
    assert_string_equal(config(fleet, "etcd.etcd-5", "initial-cluster-state"), "existing");
    assert_string_equal(config(fleet, "etcd.etcd-5", "initial-cluster"),
                        "etcd-1=https://10.10.10.1:2380,etcd-2=https://10.10.10.2:2380,"
                        "etcd-3=https://10.10.10.3:2380,etcd-5=https://10.10.10.5:2380");
    assert_true(fleet_waits(plan, "promote.etcd-5", "etcd.etcd-5"));
    assert_true(fleet_waits(plan, "join.etcd-4", "promote.etcd-5"));
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

/* Killed before its vote: it has data, runs, and tells nothing. Its file, if it is another now,
 * counts after a restart, which is over when it answers: so it comes after the vote. */
static void a_learner_that_runs_gets_its_vote(void **state)
{
    Fleet *fleet = made(state, FIVE);
    const Value *last = value_at(value_get(fleet->etcd, "members"), 4);
    value_set_bool(*state, (Value *)(uintptr_t)last, "learner", true);
    value_set_bool(*state, fleet_fact(fleet, "etcd.member", "10.10.10.5"), "healthy", false);
    fleet_set_inventory(
        fleet, INVENTORY(THREE_HOSTS ", " ETCD(4) ", " ETCD(5), ", etcd_heartbeat_interval: 200"));
    Plan *plan = fleet_plan(fleet);
    assert_false(is_planned(plan, "join.etcd-5"));
    assert_true(fleet_waits(plan, "promote.etcd-5", "etcd.etcd-5"));
    assert_true(fleet_waits(plan, "restart.etcd-5", "promote.etcd-5"));
    assert_true(fleet_waits(plan, "restart.etcd-1", "promote.etcd-5"));
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void a_learner_that_left_the_inventory_is_removed(void **state)
{
    Fleet *fleet = made(state, THREE);
    fleet_set_inventory(fleet, INVENTORY(THREE_HOSTS ", " ETCD(5), ""));
    perform(fleet, "join.etcd-5");
    fleet_set_inventory(fleet, THREE);
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 1);
    assert_string_equal(
        fleet_effects(fleet, fleet_action(plan, "etcd_learner.etcd/10.10.10.5:2380")),
        "etcd {\"op\":\"learner_remove\",\"peer_url\":\"https://10.10.10.5:2380\"}");
    fleet_set_inventory(fleet, INVENTORY(THREE_HOSTS ", " ETCD(4), ""));
    plan = fleet_plan(fleet);
    assert_true(fleet_waits(plan, "join.etcd-4", "etcd_learner.etcd/10.10.10.5:2380"));
    assert_string_equal(config(fleet, "etcd.etcd-4", "initial-cluster"),
                        "etcd-1=https://10.10.10.1:2380,etcd-2=https://10.10.10.2:2380,"
                        "etcd-3=https://10.10.10.3:2380,etcd-4=https://10.10.10.4:2380");
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void strangers_of_a_living_cluster_are_named(void **state)
{
    Fleet *fleet = made(state, FIVE);
    fleet_set_inventory(fleet, INVENTORY(THREE_HOSTS ", " ETCD(6), ""));
    assert_string_equal(config(fleet, "etcd.etcd-6", "initial-cluster"),
                        "etcd-1=https://10.10.10.1:2380,etcd-2=https://10.10.10.2:2380,"
                        "etcd-3=https://10.10.10.3:2380,etcd-6=https://10.10.10.6:2380,"
                        "etcd-4=https://10.10.10.4:2380,etcd-5=https://10.10.10.5:2380");
}

static void members_restart_one_by_one(void **state)
{
    Fleet *fleet = made(state, THREE);
    fleet_set_inventory(fleet, INVENTORY(THREE_HOSTS, ", etcd_heartbeat_interval: 200"));
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->change_count, 3);
    for (int i = 1; i <= 3; i++) {
        const char *restart = arena_printf(*state, "restart.etcd-%d", i);
        assert_true(fleet_waits(plan, restart, arena_printf(*state, "etcd.etcd-%d", i)));
        if (i > 1)
            assert_true(fleet_waits(plan, restart, arena_printf(*state, "restart.etcd-%d", i - 1)));
        assert_string_equal(fleet_effects(fleet, fleet_action(plan, restart)),
                            "unit {\"name\":\"etcd.service\",\"action\":\"restart\","
                            "\"block\":true}");
    }
    assert_int_equal(plan->limit_count, 1);
    assert_string_equal(plan->limits[0].name, "disrupt.etcd");
    assert_int_equal(plan->limits[0].action_count, 3);
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void what_decided_at_creation_is_past(void **state)
{
    Fleet *fleet = made(state, THREE);
    Value *file = (Value *)(uintptr_t)value_get(fleet_fact(fleet, "node.files", "10.10.10.1"),
                                                "/etc/etcd/etcd.yml");
    const char *text = value_get_text(file, "content");
    assert_non_null(strstr(text, "initial-cluster-state: 'new'\n"));
    fleet_expect_nothing(fleet); /* though "existing" is what a newcomer would get now */
    const Kind *kind = registry_kind(&fleet->registry, "etcd");
    assert_int_equal(kind->key_need(NULL, NULL, "config", "initial-cluster"), NEED_NOTHING);
    assert_int_equal(kind->key_need(NULL, NULL, "config", "name"), NEED_RESTART);
    value_set_text(*state, file, "content", "- no mapping\n");
    Plan *plan = fleet_plan(fleet);
    assert_non_null(fleet_action(plan, "restart.etcd-1"));
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void a_member_that_is_down_is_started(void **state)
{
    Fleet *fleet = made(state, THREE);
    stop(fleet, "10.10.10.2", false);
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 1);
    assert_string_equal(fleet_effects(fleet, fleet_action(plan, "etcd.etcd-2")),
                        "unit {\"name\":\"etcd.service\",\"action\":\"restart\",\"block\":false}");
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void a_member_without_its_data_is_not_made_again(void **state)
{
    Fleet *fleet = made(state, THREE);
    stop(fleet, "10.10.10.2", true);
    fleet_expect_withheld(fleet, "etcd.etcd-2", "its data is gone");
}

static void a_creation_that_was_interrupted_goes_on(void **state)
{
    Fleet *fleet = fleet_bare(*state, THREE);
    Plan *plan = fleet_plan(fleet);
    EffectList effects = {0};
    const Action *first = fleet_action(plan, "etcd.etcd-1");
    value_set_text(*state,
                   (Value *)(uintptr_t)value_get(fleet_fact(fleet, "node.units", "10.10.10.1"),
                                                 "etcd.service"),
                   "load", "loaded");
    first->verb->effects(*state, first, &effects);
    for (size_t i = 0; i < effects.count; i++)
        fleet_perform(fleet, &effects.items[i]);
    plan = fleet_plan(fleet);
    assert_null(fleet_change(plan, "etcd.etcd-1"));
    assert_true(fleet_waits(plan, "quorum.etcd", "etcd.etcd-2"));
    assert_string_equal(config(fleet, "etcd.etcd-2", "initial-cluster-state"), "new");
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

static void without_quorum_nothing_is_decided(void **state)
{
    Fleet *fleet = made(state, THREE);
    stop(fleet, "10.10.10.1", false);
    stop(fleet, "10.10.10.2", false);
    stop(fleet, "10.10.10.3", true);
    fleet_expect_withheld(fleet, "etcd.etcd-3", "no quorum");
    fleet_expect_withheld(fleet, "etcd_auth.etcd", "no quorum");
    fleet_expect_withheld(fleet, "etcd_user.etcd/pg-a", "no quorum");
    assert_non_null(fleet_action(fleet_plan(fleet), "etcd.etcd-1")); /* started again */
}

static void an_unread_node_may_be_the_one_with_the_data(void **state)
{
    Fleet *fleet = fleet_bare(*state, THREE);
    fleet_lose(fleet, "10.10.10.2");
    static const char *const addresses[] = {"etcd.etcd-1", "etcd.etcd-2", "etcd_auth.etcd",
                                            "etcd_user.etcd/pg-b"};
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        fleet_expect_withheld(fleet, addresses[i], "no answer within 10 s");
    facts_put_known(fleet->facts, "etcd.member", "10.10.10.2", value_map(*state));
    fleet_expect_withheld(fleet, "etcd_auth.etcd", "no answer within 10 s"); /* its markers */
}

static void etcd_that_is_seen_by_one_is_seen(void **state)
{
    Fleet *fleet = made(state, THREE);
    fleet_lose(fleet, "10.10.10.1");
    fleet_expect_withheld(fleet, "etcd.etcd-1", "no answer");
    Plan *plan = fleet_plan(fleet);
    assert_null(fleet_change(plan, "etcd_auth.etcd"));
    assert_null(fleet_change(plan, "etcd.etcd-2"));
    Fleet *silent = made(state, THREE);
    stop(silent, "10.10.10.1", false);
    stop(silent, "10.10.10.3", false);
    fleet_lose(silent, "10.10.10.2");
    fleet_expect_withheld(silent, "etcd_auth.etcd", "no quorum");
}

static void authentication_that_is_not_told_is_unknown(void **state)
{
    Fleet *fleet = made(state, THREE);
    for (int i = 1; i <= 3; i++)
        value_set(*state, fleet_fact(fleet, "etcd.member", arena_printf(*state, "10.10.10.%d", i)),
                  "auth_enabled", &value_null);
    fleet_expect_withheld(fleet, "etcd_auth.etcd", "does not tell");
}

static void authentication_that_is_off_is_enabled(void **state)
{
    Fleet *fleet = made(state, THREE);
    for (int i = 1; i <= 3; i++)
        value_set_bool(*state,
                       fleet_fact(fleet, "etcd.member", arena_printf(*state, "10.10.10.%d", i)),
                       "auth_enabled", false);
    Plan *plan = fleet_plan(fleet);
    assert_int_equal(plan->action_count, 1);
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, arena_setup, arena_teardown)
        TEST(members_start_together_and_users_come_after_the_quorum),
        TEST(the_configuration_of_a_new_member),
        TEST(users_and_their_passwords),
        TEST(a_user_of_another_prefix_is_changed),
        TEST(newcomers_join_one_by_one),
        TEST(a_newcomer_that_is_listed_only_starts),
        TEST(a_learner_that_runs_gets_its_vote),
        TEST(a_learner_that_left_the_inventory_is_removed),
        TEST(strangers_of_a_living_cluster_are_named),
        TEST(members_restart_one_by_one),
        TEST(what_decided_at_creation_is_past),
        TEST(a_member_that_is_down_is_started),
        TEST(a_member_without_its_data_is_not_made_again),
        TEST(a_creation_that_was_interrupted_goes_on),
        TEST(without_quorum_nothing_is_decided),
        TEST(an_unread_node_may_be_the_one_with_the_data),
        TEST(etcd_that_is_seen_by_one_is_seen),
        TEST(authentication_that_is_not_told_is_unknown),
        TEST(authentication_that_is_off_is_enabled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
