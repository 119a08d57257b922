/* The passwords of the vault, where they come from, and what they open. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "schema/vault.h"
#include "unit.h"
#include "vault_samples.h"

typedef struct Fixture {
    Arena *arena;
    Vault *vault;
    char directory[64];
    Text reason;
} Fixture;

static void fixture_end(Fixture *f)
{
    vault_freep(&f->vault);
    assert_null(f->vault);
    text_release(&f->reason);
    unsetenv("PGSTEER_VAULT_PASSWORD");
    unsetenv("ANSIBLE_VAULT_PASSWORD_FILE");
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->directory)), 0);
    arena_free(f->arena);
}

static Fixture fixture_new(void)
{
    Fixture f = {.arena = arena_new(), .vault = vault_new(), .directory = "/tmp/test_vault.XXXXXX"};
    assert_non_null(mkdtemp(f.directory));
    unsetenv("PGSTEER_VAULT_PASSWORD");
    unsetenv("ANSIBLE_VAULT_PASSWORD_FILE");
    return f;
}

static const char *put(Fixture *f, const char *name, const char *text, unsigned mode)
{
    const char *path = arena_printf(f->arena, "%s/%s", f->directory, name);
    check_fine(file_write_all(path, mode, text, strlen(text)));
    return path;
}

static void opens(Fixture *f, const char *text, const char *plain)
{
    const char *got = vault_open(f->vault, text, &f->reason);
    if (!got)
        fail_msg("%s", text_get(&f->reason));
    assert_string_equal(got, plain);
    assert_ptr_equal(vault_open(f->vault, text, &f->reason), got);
}

static void fails(Fixture *f, const char *text, const char *why)
{
    for (int i = 0; i < 2; i++) {
        text_clear(&f->reason);
        assert_null(vault_open(f->vault, text, &f->reason));
        if (!strstr(text_get(&f->reason), why) || strstr(text_get(&f->reason), VAULT_PASSWORD))
            fail_msg("%s", text_get(&f->reason));
    }
}

static void a_file_gives_the_password(void **state)
{
    (void)state;
    static const char *const contents[] = {VAULT_PASSWORD, VAULT_PASSWORD "\n",
                                           " \t" VAULT_PASSWORD "\r\n\n"};
    for (size_t i = 0; i < COUNT_OF(contents); i++) {
        CLEANUP(fixture_end) Fixture f = fixture_new();
        check_fine(vault_add_file(f.vault, put(&f, "a@b", contents[i], 0600)));
        opens(&f, vault_plain, "c4nary-vault \"x\" \xc3\xa9");
        opens(&f, vault_lines, "two\nlines\n");
        fails(&f, vault_with_id,
              "does not open with the vault password (its vault ID is prod): another");
        fails(&f, vault_nul, "holds a NUL character");
        fails(&f, vault_latin, "is not UTF-8");
    }
}

static void of_many_the_right_one_is_found(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture_new();
    const char *prod = put(&f, "prod", VAULT_PROD, 0600);
    check_fine(vault_add_file(f.vault, arena_printf(f.arena, "dev@%s", put(&f, "d", "no", 0600))));
    check_fine(vault_add_file(f.vault, arena_printf(f.arena, "prod@%s", prod)));
    fails(&f, vault_plain,
          "does not open with any of the vault passwords: another one is right, or it was");
    opens(&f, vault_with_id, "c4nary-prod");
    vault_freep(&f.vault);
    f.vault = vault_new(); /* under another ID, too */
    check_fine(vault_add_file(f.vault, arena_printf(f.arena, "x@%s", prod)));
    check_fine(vault_add_file(f.vault, put(&f, "p", VAULT_PASSWORD, 0600)));
    opens(&f, vault_with_id, "c4nary-prod");
    opens(&f, vault_block, "0123456789abcdef");
}

static void the_environment_gives_passwords(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture_new();
    setenv("PGSTEER_VAULT_PASSWORD", VAULT_PASSWORD, 1);
    setenv("ANSIBLE_VAULT_PASSWORD_FILE", put(&f, "prod", VAULT_PROD, 0600), 1);
    vault_add_environment(f.vault);
    opens(&f, vault_block, "0123456789abcdef");
    opens(&f, vault_with_id, "c4nary-prod");
}

static void without_a_password_nothing_opens(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture_new();
    fails(&f, vault_plain, "is encrypted, and there is no vault password");
    assert_null(vault_open(NULL, vault_plain, &f.reason));
    setenv("PGSTEER_VAULT_PASSWORD", "", 1);
    setenv("ANSIBLE_VAULT_PASSWORD_FILE", "", 1);
    vault_add_environment(f.vault);
    fails(&f, vault_block, "is encrypted, and there is no vault password");
}

/* A script beside the inventory leaves a mark when it runs. */
static void nothing_is_executed(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture_new();
    const char *mark = arena_printf(f.arena, "%s/mark", f.directory);
    const char *script =
        put(&f, "script", arena_printf(f.arena, "#!/bin/sh\ntouch %s\necho x\n", mark), 0700);
    CLEANUP(error_freep) Error *error = vault_add_file(f.vault, script);
    assert_non_null(error);
    assert_non_null(strstr(error->message, arena_printf(f.arena, "'%s' is executable", script)));
    setenv("ANSIBLE_VAULT_PASSWORD_FILE", script, 1);
    vault_add_environment(f.vault);
    fails(&f, vault_plain, "is executable, and nothing is executed here");
    assert_false(file_exists(mark));
}

static void unfit_files_are_refused(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture_new();
    char *large = arena_alloc(f.arena, 5001);
    memset(large, 'x', 5000);
    const struct {
        const char *path, *why;
    } cases[] = {
        {"/no/such/file", "the vault password file '/no/such/file' does not exist"},
        {f.directory, "is not a file"},
        {"/dev/zero", "is not a file"},
        {put(&f, "empty", "", 0600), "is empty"},
        {put(&f, "blank", " \n\n", 0600), "is empty"},
        {put(&f, "large", large, 0600), "is longer than 4096 bytes"},
        {put(&f, "latin", "\xe9", 0600), "is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(error_freep) Error *error = vault_add_file(f.vault, cases[i].path);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_INVALID);
        if (!strstr(error->message, cases[i].why))
            fail_msg("%s", error->message);
    }
}

/* As a shell's <(command) gives it. */
static void a_pipe_gives_the_password(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture_new();
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], VAULT_PASSWORD "\n", strlen(VAULT_PASSWORD) + 1),
                     strlen(VAULT_PASSWORD) + 1);
    close(ends[1]);
    check_fine(vault_add_file(f.vault, arena_printf(f.arena, "/dev/fd/%d", ends[0])));
    close(ends[0]);
    opens(&f, vault_block, "0123456789abcdef");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gives_the_password),
        cmocka_unit_test(of_many_the_right_one_is_found),
        cmocka_unit_test(the_environment_gives_passwords),
        cmocka_unit_test(without_a_password_nothing_opens),
        cmocka_unit_test(nothing_is_executed),
        cmocka_unit_test(unfit_files_are_refused),
        cmocka_unit_test(a_pipe_gives_the_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
