/* Resolved inventories: what is written reads back as the same, and no secret is in it. */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "schema/inventory_resolved.h"
#include "schema/params.h"
#include "unit.h"

enum { INVENTORIES_MIN = 15 };

static const char the_case[] = TESTS_DIR "/cases/resolved/inventory.yml";

static const Host **all_hosts(Arena *arena, const Inventory *inventory)
{
    size_t count = inventory_host_count(inventory);
    const Host **hosts = ARENA_ARRAY(arena, const Host *, count);
    for (size_t i = 0; i < count; i++)
        hosts[i] = inventory_host_at(inventory, i);
    return hosts;
}

static ResolvedView whole(Arena *arena, const Inventory *inventory, bool with_defaults)
{
    return (ResolvedView){.hosts = all_hosts(arena, inventory),
                          .host_count = inventory_host_count(inventory),
                          .is_whole = true,
                          .with_defaults = with_defaults};
}

static const char *yaml_of(Arena *arena, const Inventory *inventory, const ResolvedView *view)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    inventory_resolved_yaml(&text, inventory, view);
    return text_copy(&text, arena);
}

/* NULL: it has errors. */
static const Inventory *read_back(Arena *arena, const char *name, const char *text)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    const Inventory *inventory = inventory_load_bytes(arena, name, text, strlen(text), diagnostics);
    return diagnostics_error_count(diagnostics) == 0 ? inventory : NULL;
}

/* -- there and back -------------------------------------------------------------------------- */

static const char *masked(void *context, const char *address)
{
    (void)context;
    (void)address;
    return "hidden";
}

static const char *text_of(Arena *arena, const Host *host, const char *name)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_canonical(&text, value_fill(arena, host_param(host, name), masked, NULL));
    return text_copy(&text, arena);
}

static void compare_host(Arena *arena, const Host *before, const Host *after, bool with_defaults,
                         const char *what)
{
    assert_non_null(after);
    assert_string_equal(host_name(before), host_name(after));
    assert_string_equal(host_instance(before), host_instance(after));
    for (size_t i = 0; i < params_count(); i++) {
        const char *name = params_at(i)->name;
        const char *left = text_of(arena, before, name), *right = text_of(arena, after, name);
        if (strcmp(left, right) != 0)
            fail_msg("%s: %s of %s was %s, reads back as %s", what, name, host_name(before), left,
                     right);
        if (!with_defaults && host_param_is_set(before, name) != host_param_is_set(after, name))
            fail_msg("%s: %s of %s is written in one of both only", what, name, host_name(before));
    }
}

static void check_inventory(Arena *arena, const Inventory *inventory, const char *what)
{
    for (int with_defaults = 0; with_defaults < 2; with_defaults++) {
        ResolvedView view = whole(arena, inventory, with_defaults);
        const char *text = yaml_of(arena, inventory, &view);
        const Inventory *again = read_back(arena, "again.yml", text);
        if (!again)
            fail_msg("%s does not read back:\n%s", what, text);
        assert_int_equal(inventory_host_count(again), view.host_count);
        assert_int_equal(inventory_group_count(again), inventory_group_count(inventory));
        for (size_t i = 0; i < view.host_count; i++)
            compare_host(arena, view.hosts[i], inventory_host(again, host_address(view.hosts[i])),
                         with_defaults, what);
    }
}

/* The part of a case that is an inventory; a file that is no case is one as a whole. */
static const char *inventory_in(Arena *arena, const char *text)
{
    static const char head[] = "\n@inventory\n";
    const char *start = strstr(text, head);
    if (!start)
        return text;
    start += strlen(head);
    const char *end = strstr(start - 1, "\n@");
    return end ? arena_strndup(arena, start, (size_t)(end + 1 - start)) : start;
}

/* Returns how many were compared: inventories with errors are not. */
static size_t check_folder(const char *folder)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *const *names;
    size_t count, compared = 0;
    check_fine(file_list(arena, folder, &names, &count));
    for (size_t i = 0; i < count; i++) {
        char *text;
        size_t length;
        if (!text_ends_with(names[i], ".yml") && !text_ends_with(names[i], ".case"))
            continue;
        check_fine(file_read(arena, arena_printf(arena, "%s/%s", folder, names[i]), 1 << 20, &text,
                             &length));
        const Inventory *inventory = read_back(arena, names[i], inventory_in(arena, text));
        if (!inventory)
            continue;
        check_inventory(arena, inventory, names[i]);
        compared++;
    }
    return compared;
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    size_t compared = check_folder(TESTS_DIR "/cases/inventory");
    compared += check_folder(TESTS_DIR "/cases/resolved");
    compared += check_folder(TESTS_DIR "/samples");
    compared += check_folder(TESTS_DIR "/../examples/inventories");
    assert_true(compared >= INVENTORIES_MIN);
}

static void directories_read_back(void **state)
{
    static const char *const paths[] = {TESTS_DIR "/cases/inventory-ansible/directory"};
    Diagnostics *diagnostics = diagnostics_new(*state);
    Inventory *inventory;
    check_fine(inventory_load(*state, paths, 1, diagnostics, &inventory));
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    check_inventory(*state, inventory, "directory");
}

/* -- how it looks ---------------------------------------------------------------------------- */

static const Inventory *load_case(Arena *arena)
{
    char *text;
    size_t length;
    check_fine(file_read(arena, the_case, 1 << 20, &text, &length));
    const Inventory *inventory = read_back(arena, "pigsty.yml", text);
    assert_non_null(inventory);
    return inventory;
}

static void check_golden(Arena *arena, const char *name, const char *now)
{
    const char *path = arena_printf(arena, TESTS_DIR "/cases/resolved/%s", name);
    char *golden;
    size_t length;
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, now, strlen(now)));
    check_fine(file_read(arena, path, 1 << 20, &golden, &length));
    assert_string_equal(now, golden);
    assert_null(strstr(now, "Secret-"));
    assert_null(strstr(now, "abc"));
}

static void views_are_golden(void **state)
{
    const Inventory *inventory = load_case(*state);
    ResolvedView view = whole(*state, inventory, false);
    check_golden(*state, "whole.txt", yaml_of(*state, inventory, &view));
    view = (ResolvedView){.hosts = all_hosts(*state, inventory) + 2, .host_count = 1};
    check_golden(*state, "host.txt", yaml_of(*state, inventory, &view));
    const PgCluster *cluster = inventory_cluster(inventory, "pg-test");
    view = (ResolvedView){.hosts = cluster->members, .host_count = cluster->member_count};
    check_golden(*state, "cluster.txt", yaml_of(*state, inventory, &view));
    CLEANUP(text_release) Text json = TEXT_INIT;
    json_write_pretty(&json, inventory_resolved_value(*state, &view));
    text_add_char(&json, '\n');
    check_golden(*state, "cluster.json", text_get(&json));
}

static void defaults_are_marked(void **state)
{
    const Inventory *inventory = load_case(*state);
    ResolvedView view = {
        .hosts = all_hosts(*state, inventory), .host_count = 1, .with_defaults = true};
    const char *text = yaml_of(*state, inventory, &view);
    const char *line = strstr(text, " pg_port: 5432 ");
    assert_non_null(line);
    assert_memory_equal(strchr(line, '#'), "# default\n", strlen("# default\n"));
    const Value *vars = value_path(inventory_resolved_value(*state, &view), "0/vars");
    assert_true(value_as_bool(value_path(vars, "pg_port/default"), false));
    assert_null(value_path(vars, "pg_cluster/default"));
    assert_int_equal(value_as_int(value_path(vars, "pg_cluster/line"), 0), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_written_reads_back, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(directories_read_back, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(views_are_golden, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(defaults_are_marked, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
