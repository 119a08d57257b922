/* secrets of every form through the whole program: what is missing is said, nothing is shown. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "fake_cli.h"
#include "unit.h"
#include "vault_samples.h"

/* Another inventory: these lines below the vars of all and of each node. */
static void write_inventory(FakeCli *f, const char *all, const char *first, const char *second)
{
    const char *text = arena_printf(
        f->arena,
        "all:\n"
        "  vars:\n"
        "    admin_ip: 10.10.10.10\n"
        "%s"
        "  children:\n"
        "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
        "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd } }\n"
        "    pg-test:\n"
        "      hosts:\n"
        "        10.10.10.11: { pg_seq: 1, pg_role: primary, %s }\n"
        "        10.10.10.12: { pg_seq: 2, pg_role: replica, %s }\n"
        "      vars: { pg_cluster: pg-test }\n",
        all, first, second);
    check_fine(file_write_all("pgsteer.yml", 0600, text, strlen(text)));
}

/* "NAME: !vault |" with the text below it. */
static const char *encrypted(FakeCli *f, const char *name, const char *text)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_addf(&out, "    %s: !vault |\n      ", name);
    for (; *text; text++) {
        text_add_char(&out, *text);
        text_add(&out, *text == '\n' && text[1] ? "      " : "");
    }
    return text_copy(&out, f->arena);
}

static void put_file(const char *name, const char *text)
{
    check_fine(file_write_all(name, 0600, text, strlen(text)));
}

/* -- apply ----------------------------------------------------------------------------------- */

static void what_is_missing_is_all_said_before_the_first_effect(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    unsetenv("PGSTEER_NO_SUCH");
    write_inventory(&f, encrypted(&f, "pg_admin_password", vault_plain),
                    "pg_admin_password: { from_env: PGSTEER_NO_SUCH }",
                    "pg_admin_password: { from_file: gone }");
    assert_int_equal(fake_cli(&f, "validate"), 0);
    assert_int_equal(fake_cli(&f, "plan -detailed-exitcode -out p.plan"), 2);
    assert_int_equal(fake_cli(&f, "graph"), 0);
    static const char *const lines[] = {"apply -auto-approve", "apply -json p.plan", "apply"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(fake_cli(&f, lines[i]), 5);
        text_has(f.err, "Error E055: pg_admin_password is to come from the environment: "
                        "PGSTEER_NO_SUCH is not set");
        text_has(f.err, "Error E055: pg_admin_password is to come from a file: '");
        text_has(f.err, "/gone' does not");
        text_has(f.err, "Error E055: pg_admin_password is encrypted, and there is no vault "
                        "password");
        text_has(f.err, "Give -vault-password-file=FILE, or set");
        text_has(f.err, "pgsteer.yml:4:24");
        text_has(f.err, "pgsteer.yml:16:72");
        text_has(f.err, "pgsteer.yml:17:72");
        text_has(f.err, "3 errors, 0 warnings. Nothing was changed.");
        text_has_not(f.out, "Enter a value");
    }
    assert_int_equal(fake_world_log_count(f.world), 0);
    assert_false(file_exists(".pgsteer/journal/done"));
}

static void one_definition_is_missing_once(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    write_inventory(&f, "    pg_admin_password: { from_env: PGSTEER_NO_SUCH }\n", "pg_weight: 1",
                    "pg_weight: 1");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 5);
    text_has(f.err, "1 error, 0 warnings.");
    setenv("PGSTEER_NO_SUCH", "", 1);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 5);
    text_has(f.err, "PGSTEER_NO_SUCH is empty");
    setenv("PGSTEER_NO_SUCH", "c4nary-env", 1);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    unsetenv("PGSTEER_NO_SUCH");
    text_has(fake_world_content(f.world, "10.10.10.11", "thing.pg-test-1/app"), "c4nary-env");
}

static void a_file_with_a_secret_must_be_fit(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    static const struct {
        const char *name, *content, *message;
    } cases[] = {
        {"empty", "", "/empty' is empty"},
        {"blank", "\r\n", "/blank' is empty"},
        {"lines", "c4nary\r\nc4nary\r\n", "pg_admin_password holds a line break"},
        {"bytes", "c4nary\xff", "/bytes' is not UTF-8"},
        {"folder", NULL, "/folder' is not a file"},
        {"folder/gone", NULL, "/folder/gone' does not exist"},
        {"empty/gone", NULL, "/empty/gone' cannot be read"},
    };
    assert_int_equal(mkdir("folder", 0700), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (cases[i].content)
            put_file(cases[i].name, cases[i].content);
        write_inventory(
            &f, arena_printf(f.arena, "    pg_admin_password: { from_file: %s }\n", cases[i].name),
            "pg_weight: 1", "pg_weight: 1");
        assert_int_equal(fake_cli(&f, "validate"), 0);
        assert_int_equal(fake_cli(&f, "apply -auto-approve"), 5);
        text_has(f.err, cases[i].message);
        text_has(f.err, "1 error, 0 warnings. Nothing was changed.");
        text_has_not(f.err, "c4nary");
    }
    assert_int_equal(fake_world_log_count(f.world), 0);
    put_file("folder/windows", "c4nary-file\r\n");
    write_inventory(&f, "    pg_admin_password: { from_file: folder/windows }\n", "pg_weight: 1",
                    "pg_weight: 1");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has(fake_world_content(f.world, "10.10.10.11", "thing.pg-test-1/app"), "c4nary-file");
    text_has_not(fake_world_content(f.world, "10.10.10.11", "thing.pg-test-1/app"), "\r");
}

/* A wrong password of the vault does not hide what else is missing. */
static void a_wrong_vault_password_is_one_of_many(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    unsetenv("PGSTEER_NO_SUCH");
    put_file("wrong", "nothing of this\n");
    write_inventory(&f, encrypted(&f, "pg_admin_password", vault_plain),
                    "pg_admin_password: { from_env: PGSTEER_NO_SUCH }",
                    "pg_admin_password: { from_file: gone }");
    assert_int_equal(fake_cli(&f, "apply -auto-approve -vault-password-file=wrong"), 5);
    text_has(f.err, "pg_admin_password does not open with the vault password");
    text_has(f.err, "PGSTEER_NO_SUCH is not set");
    text_has(f.err, "/gone' does not");
    text_has(f.err, "A relative path begins at the folder of the file that names it.");
    text_has(f.err, "3 errors, 0 warnings. Nothing was changed.");
    assert_int_equal(fake_world_log_count(f.world), 0);
}

static void paths_begin_where_they_are_written(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    write_inventory(&f, "", "pg_weight: 1", "pg_weight: 1");
    assert_int_equal(mkdir("group_vars", 0700), 0);
    put_file("group_vars/all.yml", "pg_admin_password: { from_file: secret }\n");
    put_file("secret", "c4nary-beside-the-inventory\n");
    put_file("group_vars/secret", "c4nary-beside-the-variable\n");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has(fake_world_content(f.world, "10.10.10.11", "thing.pg-test-1/app"),
             "c4nary-beside-the-variable");
}

static void a_changed_inventory_is_said(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "plan -out p.plan"), 0);
    write_inventory(&f, "    pg_admin_password: ''\n", "pg_weight: 1", "pg_weight: 1");
    assert_int_equal(fake_cli(&f, "apply p.plan"), 5);
    text_has(f.err, "pg_admin_password is not in the inventory any more");
    text_has(f.err, "make a new one");
}

/* -- the vault ------------------------------------------------------------------------------- */

static void the_vault_is_opened_when_it_is_needed(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    write_inventory(&f, encrypted(&f, "pg_admin_password", vault_with_id), "pg_weight: 1",
                    "pg_weight: 1");
    put_file("right", VAULT_PROD "\n");
    put_file("wrong", VAULT_PASSWORD "\n");
    assert_int_equal(fake_cli(&f, "validate -vault-password-file=wrong"), 0);
    assert_int_equal(fake_cli(&f, "plan -vault-password-file wrong"), 0);
    assert_int_equal(fake_cli(&f, "apply -auto-approve -vault-password-file=prod@wrong"), 5);
    text_has(f.err, "does not open with the vault password (its vault ID is prod)");
    text_has_not(f.err, VAULT_PASSWORD);
    assert_int_equal(fake_cli(&f, "apply -auto-approve -vault-password-file=wrong"
                                  " -vault-password-file=prod@right"),
                     0);
    text_has(fake_world_content(f.world, "10.10.10.11", "thing.pg-test-1/app"), "c4nary-prod");
}

static void a_password_file_that_is_named_must_be_fit(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "validate -vault-password-file=gone"), 5);
    text_has(f.err, "the vault password file 'gone' does not exist");
    put_file("script", "#!/bin/sh\ntouch ran\n");
    assert_int_equal(chmod("script", 0700), 0);
    assert_int_equal(fake_cli(&f, "plan -vault-password-file=x@script"), 5);
    text_has(f.err, "the vault password file 'script' is executable");
    assert_false(file_exists("ran"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_is_all_said_before_the_first_effect),
        cmocka_unit_test(one_definition_is_missing_once),
        cmocka_unit_test(a_file_with_a_secret_must_be_fit),
        cmocka_unit_test(a_wrong_vault_password_is_one_of_many),
        cmocka_unit_test(paths_begin_where_they_are_written),
        cmocka_unit_test(a_changed_inventory_is_said),
        cmocka_unit_test(the_vault_is_opened_when_it_is_needed),
        cmocka_unit_test(a_password_file_that_is_named_must_be_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
