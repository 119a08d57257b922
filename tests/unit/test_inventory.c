/* Loading, looking up, identity, and that it stays fast. Messages and precedence: tests/cases. */
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "schema/inventory.h"
#include "schema/typing.h"
#include "unit.h"

static Inventory *load(Arena *arena, const char *text)
{
    return inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics_new(arena));
}

static const char sample[] =
    "all:\n"
    "  vars: { pg_version: 15 }\n"
    "  children:\n"
    "    etcd: { hosts: { 10.10.10.12: { etcd_seq: 1 }, 10.10.10.10: { etcd_seq: 2 } } }\n"
    "    pg-b:\n"
    "      hosts: { 10.10.10.13: { pg_seq: 3, pg_role: replica },\n"
    "               10.10.10.12: { pg_seq: 1, pg_role: primary, nodename: first },\n"
    "               10.10.10.11: { pg_seq: 2, pg_role: replica, node_id_from_pg: false } }\n"
    "      vars: { pg_cluster: pg-b, pg_users: [{ name: a, comment: b }] }\n"
    "    pg-a: { hosts: { 10.10.10.14: { pg_seq: 7, pg_role: primary } },\n"
    "            vars: { pg_cluster: pg-a, something: [1, { x: y }] } }\n";

static void hosts_and_groups_are_in_file_order(void **state)
{
    const Inventory *inventory = load(*state, sample);
    assert_int_equal(inventory_host_count(inventory), 5);
    assert_string_equal(host_address(inventory_host_at(inventory, 0)), "10.10.10.12");
    assert_string_equal(host_address(inventory_host_at(inventory, 2)), "10.10.10.13");
    assert_null(inventory_host_at(inventory, 5));
    assert_null(inventory_host(inventory, "10.10.10.99"));
    const Host *const *hosts;
    assert_int_equal(inventory_group_hosts(inventory, "pg-b", &hosts), 3);
    assert_string_equal(host_address(hosts[1]), "10.10.10.12");
    assert_int_equal(inventory_group_hosts(inventory, "none", &hosts), 0);
    assert_true(host_in_group(inventory_host(inventory, "10.10.10.12"), "etcd"));
    assert_false(host_in_group(inventory_host(inventory, "10.10.10.11"), "etcd"));
}

static void identity_follows_the_rules(void **state)
{
    static const struct {
        const char *address, *name, *instance, *cluster;
    } cases[] = {
        {"10.10.10.10", "10.10.10.10", "", ""},
        {"10.10.10.11", "10.10.10.11", "pg-b-2", "pg-b"},
        {"10.10.10.12", "first", "pg-b-1", "pg-b"},
        {"10.10.10.13", "pg-b-3", "pg-b-3", "pg-b"},
        {"10.10.10.14", "pg-a-7", "pg-a-7", "pg-a"},
    };
    const Inventory *inventory = load(*state, sample);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Host *host = inventory_host(inventory, cases[i].address);
        assert_string_equal(host_name(host), cases[i].name);
        assert_string_equal(host_instance(host), cases[i].instance);
        assert_string_equal(host_cluster(host), cases[i].cluster);
    }
}

static void clusters_have_sorted_members(void **state)
{
    const Inventory *inventory = load(*state, sample);
    assert_int_equal(inventory_cluster_count(inventory), 2);
    const PgCluster *cluster = inventory_cluster_at(inventory, 0);
    assert_string_equal(cluster->name, "pg-b");
    assert_int_equal(cluster->member_count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(host_int(cluster->members[i], "pg_seq", 0), i + 1);
    assert_string_equal(host_address(cluster->primary), "10.10.10.12");
    assert_int_equal(cluster->origin.line, 9);
    assert_ptr_equal(inventory_cluster(inventory, "pg-a"), inventory_cluster_at(inventory, 1));
    assert_null(inventory_cluster(inventory, "none"));
    assert_null(inventory_cluster_at(inventory, 2));
}

static void params_have_values_and_places(void **state)
{
    const Inventory *inventory = load(*state, sample);
    const Host *host = inventory_host(inventory, "10.10.10.13");
    assert_int_equal(host_int(host, "pg_version", 0), 15);
    assert_string_equal(host_text(host, "pg_version"), "15");
    assert_string_equal(host_text(host, "pg_port"), "5432");
    assert_string_equal(host_text(host, "pg_users"), "");
    assert_string_equal(host_text(host, "no_such"), "");
    assert_int_equal(host_int(host, "pg_role", -7), -7);
    assert_true(host_bool(host, "pgbouncer_enabled", false));
    assert_true(host_bool(host, "pg_role", true));
    assert_true(host_param_is_set(host, "pg_version"));
    assert_false(host_param_is_set(host, "pg_port"));
    assert_int_equal(host_param_origin(host, "pg_role")->line, 6);
    assert_null(host_param_origin(host, "pg_port"));
    assert_int_equal(host_param(host, "pg_upstream")->type, VALUE_NULL);
    assert_null(host_param(host, "no_such"));

    const Value *users = host_param(host, "pg_users");
    const Value *comment = value_path(users, "0/comment");
    assert_string_equal(value_as_text(comment, ""), "b");
    assert_int_equal(inventory_origin(inventory, comment)->line, 9);
    assert_int_equal(inventory_origin(inventory, comment)->column, 64);
    assert_int_equal(inventory_origin(inventory, value_at(users, 0))->line, 9);
    assert_null(inventory_origin(inventory, host_param(host, "pg_port")));
    assert_null(inventory_origin(inventory, &value_true));
    const Host *other = inventory_host(inventory, "10.10.10.14");
    assert_string_equal(value_as_text(value_path(host_param(other, "something"), "1/x"), ""), "y");
}

/* Files of one load are one inventory; the later one wins where both speak. */
static void several_files_are_one_inventory(void **state)
{
    char one[] = "/tmp/pgsteer-inventory-XXXXXX", two[] = "/tmp/pgsteer-inventory-XXXXXX";
    assert_true(close(mkstemp(one)) == 0 && close(mkstemp(two)) == 0);
    static const char more[] = "all: { vars: { pg_version: 16 }, children: { pg-b: { hosts: {"
                               " 10.10.10.15: { pg_seq: 4, pg_role: replica } }, vars: {"
                               " pg_port: 5440 } } } }";
    check_fine(file_write_all(one, 0600, sample, strlen(sample)));
    check_fine(file_write_all(two, 0600, more, strlen(more)));
    const char *const paths[] = {one, two, "/no/such/file"};
    Inventory *inventory;
    Diagnostics *diagnostics = diagnostics_new(*state);
    check_fine(inventory_load(*state, paths, 2, diagnostics, &inventory));
    assert_int_equal(inventory_cluster(inventory, "pg-b")->member_count, 4);
    const Host *host = inventory_host(inventory, "10.10.10.13");
    assert_int_equal(host_int(host, "pg_version", 0), 16);
    assert_int_equal(host_int(host, "pg_port", 0), 5440);
    assert_string_equal(host_param_origin(host, "pg_port")->file, two);
    check_error(inventory_load(*state, paths, 3, diagnostics, &inventory), ERROR_INVALID,
                "/no/such/file");
    assert_null(inventory);

    check_fine(file_write_all(two, 0600, "a: [", 4));
    diagnostics = diagnostics_new(*state);
    check_fine(inventory_load(*state, paths, 2, diagnostics, &inventory));
    assert_non_null(inventory); /* what could be read */
    assert_int_equal(diagnostics_error_count(diagnostics), 1);
    check_fine(inventory_load(*state, paths + 1, 1, diagnostics, &inventory));
    assert_null(inventory);
    unlink(one);
    unlink(two);
}

static void broken_text_gives_nothing(void **state)
{
    assert_null(load(*state, "all: ["));
    assert_non_null(load(*state, ""));
    assert_int_equal(inventory_host_count(load(*state, "all:")), 0);
}

static void tokens_and_addresses_are_strict(void **state)
{
    static const struct {
        const char *text;
        bool plain, masked, token;
    } cases[] = {
        {"10.0.0.1", true, true, true},
        {"255.255.255.255", true, true, true},
        {"10.0.0.1/24", false, true, false},
        {"10.0.0.1/33", false, false, false},
        {"10.0.0.1/", false, false, false},
        {"10.0.0.1/-1", false, false, false},
        {"10.0.0.1/024", false, false, false},
        {"256.0.0.1", false, false, true},
        {"10.0.0", false, false, true},
        {"10.0.0.1.2", false, false, true},
        {"10.0.0.01", false, false, true},
        {"1000.0.0.1", false, false, true},
        {"", false, false, false},
        {"-x", false, false, false},
        {"a b", false, false, false},
        {"a_b.c:d-e9", false, false, true},
        {"a/b", false, false, false},
        {"$(x)", false, false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (typing_is_ipv4(cases[i].text, false) != cases[i].plain ||
            typing_is_ipv4(cases[i].text, true) != cases[i].masked ||
            typing_is_token(cases[i].text) != cases[i].token)
            fail_msg("'%s'", cases[i].text);
    }
    assert_true(typing_has_word("a|bc|d", "bc"));
    assert_false(typing_has_word("a|bc|d", "b"));
    assert_false(typing_has_word("a|bc|d", ""));
    assert_false(typing_has_word("a|bc|d", "bc|d"));
}

static void examples_have_no_problems(void **state)
{
    static const struct {
        const char *name;
        size_t hosts, clusters;
    } cases[] = {{"one-node", 1, 1}, {"pg-test", 4, 1}, {"fleet", 15, 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *path =
            arena_printf(*state, TESTS_DIR "/../examples/inventories/%s.yml", cases[i].name);
        Diagnostics *diagnostics = diagnostics_new(*state);
        Inventory *inventory;
        check_fine(inventory_load(*state, &path, 1, diagnostics, &inventory));
        for (size_t p = 0; p < diagnostics_count(diagnostics); p++)
            print_error("%s: %s\n", path, diagnostics_at(diagnostics, p)->message);
        assert_int_equal(diagnostics_count(diagnostics), 0);
        assert_int_equal(inventory_host_count(inventory), cases[i].hosts);
        assert_int_equal(inventory_cluster_count(inventory), cases[i].clusters);
    }
}

static const char *large_inventory(Arena *arena, int cluster_count)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "all:\n  vars: { pg_version: 15 }\n  children:\n"
                    "    etcd: { hosts: { 10.0.0.1: { etcd_seq: 1 } } }\n");
    for (int i = 0; i < cluster_count; i++) {
        text_addf(&text, "    pg-%d:\n      hosts:\n", i);
        for (int m = 1; m <= 4; m++)
            text_addf(&text, "        10.%d.%d.%d: { pg_seq: %d, pg_role: %s }\n", 1 + i / 256,
                      i % 256, m, m, m == 1 ? "primary" : "replica");
        text_addf(&text,
                  "      vars:\n        pg_cluster: pg-%d\n"
                  "        pg_users: [{ name: a, password: b, roles: [dbrole_admin] }]\n"
                  "        pg_databases: [{ name: a, owner: a }]\n",
                  i);
    }
    return text_copy(&text, arena);
}

static int64_t load_ms(Arena *arena, int cluster_count)
{
    const char *text = large_inventory(arena, cluster_count);
    int64_t start_ms = clock_cpu_ms();
    const Inventory *inventory = load(arena, text);
    assert_int_equal(inventory_host_count(inventory), (size_t)cluster_count * 4 + 1);
    return clock_cpu_ms() - start_ms;
}

/* A bound that only a loss of linearity breaks, also under sanitizers. */
static void ten_thousand_hosts_load_in_linear_time(void **state)
{
    int64_t small_ms = load_ms(*state, 250), large_ms = load_ms(*state, 2500);
    print_message("1001 hosts %d ms, 10001 hosts %d ms\n", (int)small_ms, (int)large_ms);
    assert_true(large_ms < 30 * small_ms + 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(hosts_and_groups_are_in_file_order, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(identity_follows_the_rules, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(clusters_have_sorted_members, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(params_have_values_and_places, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(several_files_are_one_inventory, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(broken_text_gives_nothing, arena_setup, arena_teardown),
        cmocka_unit_test(tokens_and_addresses_are_strict),
        cmocka_unit_test_setup_teardown(examples_have_no_problems, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(ten_thousand_hosts_load_in_linear_time, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
