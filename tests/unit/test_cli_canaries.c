/* An inventory full of canaries through every command that prints or keeps something, on nodes that
 * tell all they were given: nothing is in what is printed, and nothing in what is kept. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "canary.h"
#include "sim_cli.h"
#include "unit.h"
#include "vault_samples.h"

enum { FILE_MAX_BYTES = 64 << 20, APPLIES_MAX = 60, SECRET_EFFECTS_MIN = 12 };

/* What a stored form of a password begins with: as good as the password for who tries many. */
#define VERIFIER "SCRAM-SHA-256$4096:"

static void check_text(const char *text, size_t length, const char *what)
{
    canary_is_not_in(text, length, what);
    if (memmem(text, length, VERIFIER, strlen(VERIFIER)))
        fail_msg("a verifier is in %s", what);
}

/* Run it, and look at what it prints. */
static int quiet(FakeCli *f, const char *line)
{
    int status = fake_cli(f, line);
    check_text(f->out, f->out_size, line);
    check_text(f->err, f->err_size, line);
    return status;
}

static void expect(FakeCli *f, const char *line, int wanted)
{
    int status = quiet(f, line);
    if (status != wanted)
        fail_msg("%s: exit %d\n%s", line, status, f->err);
}

/* -- what is kept -------------------------------------------------------------------------------
 */

static void check_file(Arena *arena, const char *path)
{
    char *bytes;
    size_t length;
    check_fine(file_read(arena, path, FILE_MAX_BYTES, &bytes, &length));
    check_text(bytes, length, path);
}

/* Everything below a directory; but for what the test itself has put there. */
static void check_tree(Arena *arena, const char *directory)
{
    const char *const *names;
    size_t count;
    check_fine(file_list(arena, directory, &names, &count));
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "%s/%s", directory, names[i]);
        if (file_type(path) == FILE_DIRECTORY)
            check_tree(arena, path);
        else if (strcmp(path, "./pgsteer.yml") != 0 && strcmp(path, "./bird") != 0)
            check_file(arena, path);
    }
}

/* Objects of a repository are compressed. */
static void check_history(FakeCli *f)
{
    static const char command[] =
        "git -C .pgsteer/state.git cat-file --batch --batch-all-objects > objects";
    assert_int_equal(system(command), 0);
    char *bytes;
    size_t length;
    check_fine(file_read(f->arena, "objects", FILE_MAX_BYTES, &bytes, &length));
    assert_non_null(memmem(bytes, length, "pg-test", strlen("pg-test")));
    check_text(bytes, length, "the history");
}

/* -- all forms ----------------------------------------------------------------------------------
 */

static FakeCli nest(CanaryForm form)
{
    FakeCli f = sim_cli_new(1);
    size_t count;
    const char *text = canary_inventory(f.arena, form, &count);
    check_fine(file_write_all("pgsteer.yml", 0600, text, strlen(text)));
    /* The revision before has other secrets. */
    static const char commit[] =
        "git init -q . && sed 's/" CANARY "/" CANARY "-old/' pgsteer.yml > new && mv new"
        " pgsteer.yml && git add pgsteer.yml && git -c user.name=a -c user.email=a commit -qm a";
    assert_int_equal(system(commit), 0);
    check_fine(file_write_all("pgsteer.yml", 0600, text, strlen(text)));
    check_fine(file_write_all("bird", 0600, CANARY "-file\n", strlen(CANARY "-file\n")));
    setenv(CANARY_ENV, CANARY "-env", 1);
    setenv("PGSTEER_VAULT_PASSWORD", VAULT_PASSWORD, 1);
    return f;
}

static const char *const readers[] = {
    "validate",
    "validate -json",
    "validate -sarif",
    "inventory list -json",
    "inventory show -all",
    "inventory show -all -json",
    "explain -v -var pg_admin_password",
    "explain -v -var pg_users",
    "explain -json -var pgbackrest_repo",
    "explain -json -v -var pg_exporters",
    "explain -v role.pg-test/x1",
    "explain -json role.pg-test/x1",
    "explain -v instance.pg-test-1",
    "explain -v -json pooler.pg-test-1",
    "graph",
    "plan",
    "plan -v",
    "plan -json",
    "plan -v -out p.plan",
    "show p.plan",
    "show -v p.plan",
    "show -json p.plan",
    "graph p.plan",
    "list",
    "list -json",
    "status",
    "status -v",
    "status -json",
    "schema pg_admin_password",
    "sim",
    "sim -json",
    "diff HEAD",
    "diff -json HEAD",
};

static const char *const history[] = {"state log", "state log -json", "state show",
                                      "state show -json"};

static void read_all(FakeCli *f)
{
    for (size_t i = 0; i < COUNT_OF(readers); i++)
        expect(f, readers[i], 0);
}

/* Each effect with a secret fails once, and its error quotes it. */
static void apply_until_done(FakeCli *f)
{
    static const char *const words[] = {CANARY, VERIFIER, NULL};
    static const char *const lines[] = {"apply -auto-approve -json", "apply -auto-approve -v",
                                        "apply -auto-approve"};
    sim_cli_tell(words);
    int status = 9;
    for (size_t i = 0; i < APPLIES_MAX && status != 0; i++)
        status = quiet(f, lines[i % COUNT_OF(lines)]);
    assert_int_equal(status, 0);
    assert_true(sim_cli_told() >= SECRET_EFFECTS_MIN);
    sim_cli_tell(NULL);
}

static void nothing_sings(CanaryForm form)
{
    CLEANUP(sim_cli_end) FakeCli f = nest(form);
    expect(&f, "validate", 0);
    read_all(&f);

    apply_until_done(&f);
    read_all(&f);
    expect(&f, "plan -detailed-exitcode", 0);
    for (size_t i = 0; i < COUNT_OF(history); i++)
        expect(&f, history[i], 0);
    check_history(&f);
    check_tree(f.arena, ".");
}

static void plain_texts(void **state)
{
    (void)state;
    nothing_sings(CANARY_PLAIN);
}

static void texts_with_quotes(void **state)
{
    (void)state;
    nothing_sings(CANARY_QUOTED);
}

static void texts_of_lines(void **state)
{
    (void)state;
    nothing_sings(CANARY_BLOCK);
}

static void the_environment(void **state)
{
    (void)state;
    nothing_sings(CANARY_FROM_ENV);
}

static void files(void **state)
{
    (void)state;
    nothing_sings(CANARY_FROM_FILE);
}

static void the_vault(void **state)
{
    (void)state;
    nothing_sings(CANARY_VAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_texts),    cmocka_unit_test(texts_with_quotes),
        cmocka_unit_test(texts_of_lines), cmocka_unit_test(the_environment),
        cmocka_unit_test(files),          cmocka_unit_test(the_vault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
