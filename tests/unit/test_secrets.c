/* Secrets of the inventory: holes, what is behind them, and that nothing else shows it. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "schema/secret_name.h"
#include "unit.h"

static Inventory *load(Arena *arena, const char *text, Diagnostics *diagnostics)
{
    return inventory_load_bytes(arena, "/tmp/f.yml", text, strlen(text), diagnostics);
}

/* A cluster of two with these variables. */
static Inventory *cluster(Arena *arena, const char *vars)
{
    const char *text =
        arena_printf(arena,
                     "all:\n  children:\n"
                     "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"
                     "    pg-a:\n"
                     "      hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary },"
                     " 10.10.10.12: { pg_seq: 2, pg_role: replica, pg_monitor_password: own } }\n"
                     "      vars:\n        pg_cluster: pg-a\n%s",
                     vars);
    return load(arena, text, diagnostics_new(arena));
}

static const char *secret_of(const Inventory *inventory, const char *address, const char *param,
                             const char *path)
{
    const Value *value = host_param(inventory_host(inventory, address), param);
    value = value_path(value, path);
    assert_non_null(value);
    assert_int_equal(value->type, VALUE_SECRET);
    return inventory_secret(inventory, value->text);
}

static void every_character_survives(void **state)
{
    static const struct {
        const char *yaml, *text;
    } cases[] = {
        {"plain", "plain"},
        {"'it''s \" \\ : @ # % / ! & * ${x} $(y) `z`'", "it's \" \\ : @ # % / ! & * ${x} $(y) `z`"},
        {"\"a\\nb\\tc\\u00e9\"", "a\nb\tc\xc3\xa9"},
        {"|\n          two\n          lines\n", "two\nlines\n"},
        {"'0123'", "0123"},
        {"0123", "0123"},
        {"yes", "yes"},
        {"2030-12-31", "2030-12-31"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Inventory *inventory =
            cluster(*state, arena_printf(*state, "        pg_admin_password: %s\n", cases[i].yaml));
        assert_string_equal(secret_of(inventory, "10.10.10.11", "pg_admin_password", ""),
                            cases[i].text);
    }
}

static void members_share_holes_of_one_definition(void **state)
{
    const Inventory *inventory = cluster(*state, "        pg_admin_password: x\n"
                                                 "        pg_monitor_password: shared\n");
    const Host *a = inventory_host(inventory, "10.10.10.11");
    const Host *b = inventory_host(inventory, "10.10.10.12");
    assert_ptr_equal(host_param(a, "pg_admin_password"), host_param(b, "pg_admin_password"));
    assert_string_equal(host_param(b, "pg_admin_password")->text, "10.10.10.11|pg_admin_password");
    assert_string_equal(host_param(b, "pg_monitor_password")->text,
                        "10.10.10.12|pg_monitor_password");
    assert_string_equal(inventory_secret(inventory, "10.10.10.11|pg_monitor_password"), "shared");
    assert_string_equal(inventory_secret(inventory, "10.10.10.12|pg_monitor_password"), "own");
    /* An address that names another member is the same secret while both see one definition. */
    assert_string_equal(inventory_secret(inventory, "10.10.10.12|pg_admin_password"), "x");
}

static void unknown_addresses_have_no_text(void **state)
{
    const Inventory *inventory = cluster(*state, "        pg_users: [{ name: a, password: x }]\n");
    static const char *const addresses[] = {
        "",
        "nothing",
        "10.10.10.99|pg_admin_password",
        "10.10.10.11|pg_port",
        "10.10.10.11|pg_users|b|password",
        "10.10.10.12|pg_users|a|other",
        "10.10.10.12|x",
    };
    for (size_t i = 0; i < COUNT_OF(addresses); i++)
        assert_null(inventory_secret(inventory, addresses[i]));
    assert_string_equal(inventory_secret(inventory, "10.10.10.12|pg_users|a|password"), "x");
}

static void fields_of_objects_have_addresses(void **state)
{
    const Inventory *inventory =
        cluster(*state, "        pg_users: [{ name: a, password: one }, { name: 'b|c', password:"
                        " two }]\n"
                        "        pgbackrest_repo: { s3: { cipher_pass: 'k.${pg_cluster}', path:"
                        " '/x/${pg_cluster}' } }\n"
                        "        minio_users: [{ access_key: a, secret_key: three }]\n");
    assert_string_equal(secret_of(inventory, "10.10.10.12", "pg_users", "0/password"), "one");
    assert_string_equal(secret_of(inventory, "10.10.10.12", "pg_users", "1/password"), "two");
    assert_string_equal(secret_of(inventory, "10.10.10.12", "pgbackrest_repo", "s3/cipher_pass"),
                        "k.pg-a");
    assert_string_equal(secret_of(inventory, "10.10.10.12", "minio_users", "0/secret_key"),
                        "three");
    const Host *host = inventory_host(inventory, "10.10.10.11");
    assert_string_equal(value_path(host_param(host, "pg_users"), "0/password")->text,
                        "10.10.10.11|pg_users|a|password");
    assert_string_equal(
        value_as_text(value_path(host_param(host, "pgbackrest_repo"), "s3/path"), ""), "/x/pg-a");
    assert_int_equal(
        inventory_origin(inventory, value_path(host_param(host, "pg_users"), "0/password"))->line,
        8);
}

static void environment_is_asked_late(void **state)
{
    const Inventory *inventory =
        cluster(*state, "        pg_admin_password: { from_env: PGSTEER_TEST_SECRET }\n");
    unsetenv("PGSTEER_TEST_SECRET");
    assert_null(secret_of(inventory, "10.10.10.11", "pg_admin_password", ""));
    setenv("PGSTEER_TEST_SECRET", "from outside", 1);
    assert_string_equal(secret_of(inventory, "10.10.10.11", "pg_admin_password", ""),
                        "from outside");
}

static void files_are_read_late(void **state)
{
    char path[] = "/tmp/pgsteer-secret-XXXXXX";
    assert_int_equal(close(mkstemp(path)), 0);
    const Inventory *inventory =
        cluster(*state, arena_printf(*state,
                                     "        pg_admin_password: { from_file: %s }\n"
                                     "        pg_dbsu_password: { from_file: %s }\n"
                                     "        pg_etcd_password: { from_file: /no/such/file }\n",
                                     path, path + strlen("/tmp/")));
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {"", 0, NULL}, {"\n", 1, NULL}, {"a\0b", 3, NULL}, {"two\nlines\n", 10, "two\nlines"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check_fine(file_write_all(path, 0600, cases[i].bytes, cases[i].length));
        const char *text = secret_of(inventory, "10.10.10.11", "pg_admin_password", "");
        if (cases[i].text)
            assert_string_equal(text, cases[i].text);
        else
            assert_null(text);
    }
    char *large = arena_alloc(*state, 5000);
    memset(large, 'x', 5000);
    check_fine(file_write_all(path, 0600, large, 5000));
    assert_null(secret_of(inventory, "10.10.10.11", "pg_dbsu_password", ""));
    check_fine(file_write_all(path, 0600, large, 4096));
    assert_int_equal(strlen(secret_of(inventory, "10.10.10.11", "pg_dbsu_password", "")), 4096);
    assert_string_equal(secret_of(inventory, "10.10.10.11", "pg_admin_password", ""), "two\nlines");
    Diagnostics *diagnostics = diagnostics_new(*state);
    assert_null(inventory_secret_needed(inventory, "10.10.10.11|pg_admin_password", diagnostics));
    assert_string_equal(diagnostics_at(diagnostics, 0)->code, "E031");
    assert_non_null(strstr(diagnostics_at(diagnostics, 0)->message, "holds a line break"));
    assert_null(secret_of(inventory, "10.10.10.11", "pg_etcd_password", ""));
    unlink(path);
}

/* A canary in every password, also in wrong and misspelt ones, and everything printed. */
static void nothing_shows_a_secret(void **state)
{
    static const char text[] =
        "all:\n"
        "  vars: { pg_admin_password: canary, pg_admin_passwrd: canary, redis_password: canary,\n"
        "          patroni_password: [canary], pg_monitor_password: { from_vault: canary },\n"
        "          pg_replication_password: !vault canary, pg_dbsu_password: '{{ canary }}',\n"
        "          etcd_root_password: &p canary, haproxy_admin_password: *p, pg_x: 1 }\n"
        "  children:\n"
        "    x-secrets: { vars: { hidden_token: canary, app: { deep: [{ api_key: canary }] } } }\n"
        "    pg-a:\n"
        "      hosts: { 10.10.10.11: { pg_seq: one, pg_role: main, vip_auth_pass: canary } }\n"
        "      vars:\n"
        "        pg_cluster: pg-a\n"
        "        pg_users: [{ name: A, password: canary, roles: [x] }, { nam: b, password: canary "
        "},\n"
        "                   { name: c, pasword: canary, passw: canary, roles: [y] }]\n"
        "        pg_databases: [{ name: d, owner: e, password: canary }]\n"
        "        pgbackrest_repo: { r: { cipher_pass: canary, s3_key_secret: canary, block: true } "
        "}\n"
        "        pg_exporter_url: postgres://u:canary@h/x\n"
        "        pg_port: 99999\n";
    Diagnostics *diagnostics = diagnostics_new(*state);
    const Inventory *inventory = load(*state, text, diagnostics);
    CLEANUP(text_release) Text all = TEXT_INIT;
    const Host *host = inventory_host_at(inventory, 0);
    static const char *const others[] = {"pg_admin_passwrd", "redis_password"};
    for (size_t i = 0; i < params_count() + COUNT_OF(others); i++) {
        const Value *value =
            host_param(host, i < params_count() ? params_at(i)->name : others[i - params_count()]);
        value_format(&all, value);
        json_write(&all, value);
    }
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    assert_true(diagnostics_error_count(diagnostics) > 8);
    diagnostics_print(stream, diagnostics, 1000, true, true);
    fclose(stream);
    json_write(&all, diagnostics_value(*state, diagnostics));
    text_add(&all, bytes);
    free(bytes);
    const char *canary = strstr(text_get(&all), "canary");
    if (canary)
        fail_msg("the canary sings: ...%.200s",
                 canary > text_get(&all) + 100 ? canary - 100 : canary);
}

static void names_that_look_secret(void **state)
{
    static const char *const secret[] = {"password",      "pg_admin_passwrd", "vip_auth_pass",
                                         "s3_key_secret", "API_TOKEN",        "minio_access_key"};
    static const char *const plain[] = {"name", "pg_version", "keys", "tok", "comment"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(secret); i++)
        assert_true(secret_name(secret[i]));
    for (size_t i = 0; i < COUNT_OF(plain); i++)
        assert_false(secret_name(plain[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_character_survives, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(members_share_holes_of_one_definition, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(unknown_addresses_have_no_text, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(fields_of_objects_have_addresses, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(environment_is_asked_late, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(files_are_read_late, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(nothing_shows_a_secret, arena_setup, arena_teardown),
        cmocka_unit_test(names_that_look_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
