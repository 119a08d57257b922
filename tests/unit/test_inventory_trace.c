/* which definitions apply to a host, in Ansible's order (tests/cases/inventory-ansible: several).
 */
#include "base/text.h"
#include "schema/inventory_trace.h"
#include "schema/params.h"
#include "unit.h"

static const char folder[] = TESTS_DIR "/cases/inventory-ansible/several/";

static const Inventory *load(Arena *arena)
{
    static const char *const names[] = {"base/pigsty.yml", "site", "late.yml"};
    const char *paths[COUNT_OF(names)];
    Inventory *inventory;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        paths[i] = arena_printf(arena, "%s%s", folder, names[i]);
    check_fine(inventory_load(arena, paths, COUNT_OF(paths), diagnostics_new(arena), &inventory));
    return inventory;
}

/* "> 2 pg-a site/group_vars/pg-a.yml:2 "crit"" a definition: the layer, its owner, its place. */
static const char *chain(Arena *arena, const Host *host, const char *name)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Definition *definitions;
    size_t count = inventory_trace(arena, host, name, &definitions);
    for (size_t i = 0; i < count; i++) {
        const Definition *one = &definitions[i];
        text_addf(&text, "%s%d %s", one->counts ? "> " : "", (int)one->layer, one->owner);
        if (one->origin)
            text_addf(&text, " %s:%d", one->origin->file + strlen(folder), one->origin->line);
        text_add(&text, " = ");
        if (one->written)
            value_format(&text, one->written);
        text_add(&text, "\n");
    }
    return text_copy(&text, arena);
}

static void the_order_is_ansibles(void **state)
{
    Arena *arena = *state;
    const Inventory *inventory = load(arena);
    assert_string_equal(chain(arena, inventory_host(inventory, "10.30.3.11"), "node_tune"),
                        "> 2 pg-a site/group_vars/pg-a.yml:2 = \"crit\"\n"
                        "2 zz base/group_vars/zz.yml:2 = \"olap\"\n"
                        "2 pg-a base/group_vars/pg-a.yml:3 = \"oltp\"\n"
                        "0  = \"oltp\"\n");
    assert_string_equal(chain(arena, inventory_host(inventory, "10.30.3.13"), "pg_weight"),
                        "> 3 10.30.3.13 late.yml:4 = 7\n"
                        "0  = 100\n");
    assert_string_equal(chain(arena, inventory_host(inventory, "10.30.3.10"), "pg_conf"),
                        "> 1  site/nodes.yml:2 = \"oltp.yml\"\n"
                        "1  base/pigsty.yml:7 = \"tiny.yml\"\n"
                        "0  = \"oltp.yml\"\n");
    assert_string_equal(chain(arena, inventory_host(inventory, "10.30.3.12"), "no_such_thing"), "");
}

/* On every host, for every row: one counts, and it is the one whose value the host has. */
static void what_counts_is_what_the_host_has(void **state)
{
    Arena *arena = *state;
    const Inventory *inventory = load(arena);
    size_t written = 0;
    for (size_t i = 0; i < inventory_host_count(inventory) * params_count(); i++) {
        const Host *host = inventory_host_at(inventory, i / params_count());
        const char *name = params_at(i % params_count())->name;
        const Definition *definitions;
        size_t count = inventory_trace(arena, host, name, &definitions), counting = 0;
        for (size_t k = 0; k < count; k++) {
            if (!definitions[k].counts)
                continue;
            counting++;
            assert_ptr_equal(definitions[k].origin, host_param_origin(host, name));
        }
        assert_int_equal(counting, 1);
        assert_int_equal(definitions[count - 1].layer, DEFINITION_DEFAULT);
        written += host_param_is_set(host, name);
    }
    assert_true(written > 50);
}

static void a_secret_is_told_and_not_opened(void **state)
{
    Arena *arena = *state;
    static const char text[] = "all:\n"
                               "  hosts: { 10.1.1.1: { pg_admin_password: c4nary } }\n"
                               "  vars: { pg_admin_password: { from_file: there/is/none } }\n";
    const Inventory *inventory =
        inventory_load_bytes(arena, "x.yml", text, strlen(text), diagnostics_new(arena));
    const Definition *definitions;
    const Host *host = inventory_host_at(inventory, 0);
    assert_int_equal(inventory_trace(arena, host, "pg_admin_password", &definitions), 3);
    assert_string_equal(definitions[0].secret, "plain text");
    assert_string_equal(definitions[1].secret, "the file ./there/is/none");
    assert_int_equal(definitions[0].written->type, VALUE_SECRET);
    const char *address = host_param(host, "pg_admin_password")->text;
    const Origin *origin;
    assert_string_equal(inventory_secret_source(arena, inventory, address, &origin), "plain text");
    assert_int_equal(origin->line, 2);
    assert_null(inventory_secret_source(arena, inventory, "10.1.1.1|pg_port", &origin));
    const char *known = host_param(host, "pg_monitor_password")->text;
    assert_non_null(inventory_secret_source(arena, inventory, known, &origin));
    assert_null(origin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_order_is_ansibles, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_counts_is_what_the_host_has, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(a_secret_is_told_and_not_opened, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
