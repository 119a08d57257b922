/* pgsteer diff: two revisions of an inventory, compared as objects. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "fake_cli.h"
#include "providers/registry.h"
#include "unit.h"

#define BEGIN                                                                                      \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"                                          \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"                                    \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }\n"                              \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n"

/* git without the user's configuration. */
static void git(const char *words)
{
    char line[512];
    snprintf(line, sizeof(line),
             "GIT_CONFIG_NOSYSTEM=1 HOME=. git -c user.name=n -c user.email=e@x -c "
             "init.defaultBranch=main %s >/dev/null 2>&1",
             words);
    assert_int_equal(system(line), 0);
}

static void put(const char *path, const char *text)
{
    check_fine(file_write_all(path, 0600, text, strlen(text)));
}

static void commit(const char *path, const char *text)
{
    put(path, text);
    git("add .");
    git("commit -qm x");
}

static FakeCli diff_cli(const char *text)
{
    FakeCli f = fake_cli_new();
    f.registry = &pgsteer_registry;
    git("init -q");
    commit("pgsteer.yml", text);
    return f;
}

static void objects_are_compared_not_lines(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end)
    FakeCli f =
        diff_cli(BEGIN "        pg_users: [ { name: app, connlimit: 5 }, { name: old } ]\n");
    commit("pgsteer.yml",
           BEGIN "        pg_max_conn: 700\n"
                 "        pg_users: [ { name: app, connlimit: 9 }, { name: new } ]\n");
    assert_int_equal(fake_cli(&f, "diff HEAD~1..HEAD"), 0);
    text_has(f.out, "cluster pg-test\n");
    text_has(f.out, "settings.max_connections: \"500\" -> \"700\"");
    text_has(f.out, "  ~ role.pg-test/app\n      connlimit: 5 -> 9   pgsteer.yml:");
    text_has(f.out, "  + role.pg-test/new   pgsteer.yml:11\n");
    text_has(f.out, "  - role.pg-test/old   (no longer mentioned: a plan leaves it alone");
    text_has(f.out, "\n1 added, 2 changed, 1 no longer mentioned.\n");
    assert_int_equal(fake_cli(&f, "diff HEAD~1..HEAD -detailed-exitcode"), 2);
}

static void what_means_the_same_is_no_difference(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end)
    FakeCli f = diff_cli(BEGIN "        pg_users: [ { name: a }, { name: b } ]\n");
    commit("pgsteer.yml", "# moved\n" BEGIN "        pg_users:\n          - name: b\n"
                          "          - { name: 'a' }\n");
    assert_int_equal(fake_cli(&f, "diff HEAD~1..HEAD -detailed-exitcode"), 0);
    assert_string_equal(f.out, "No difference: HEAD~1 and HEAD want the same.\n");
}

static void files_here_are_the_other_side(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = diff_cli(BEGIN);
    put("pgsteer.yml", BEGIN "        pg_max_conn: 700\n");
    assert_int_equal(fake_cli(&f, "diff HEAD"), 0);
    text_has(f.out, "max_connections");
    assert_int_equal(fake_cli(&f, "diff HEAD -json"), 0);
    const Value *told = NULL;
    check_fine(json_parse(f.arena, f.out, strlen(f.out), &told));
    assert_string_equal(value_as_text(value_path(told, "changes/0/address"), ""), "config.pg-test");
}

/* A password is the same or not; neither is shown, and none is looked for. */
static void secrets_are_the_same_or_not(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end)
    FakeCli f = diff_cli(BEGIN "        pg_users:\n"
                               "          - { name: a, password: canary-one }\n"
                               "          - { name: b, password: canary-two }\n"
                               "          - { name: c, password: { from_env: NOT_SET_A } }\n");
    put("pgsteer.yml", BEGIN "        pg_users:\n"
                             "          - { name: a, password: canary-one }\n"
                             "          - { name: b, password: canary-new }\n"
                             "          - { name: c, password: { from_env: NOT_SET_B } }\n");
    assert_int_equal(fake_cli(&f, "diff HEAD"), 0);
    text_has_not(f.out, "role.pg-test/a\n");
    text_has(f.out, "  ~ role.pg-test/b\n      password: (sensitive value) -> (sensitive value)");
    text_has(f.out, "  ~ role.pg-test/c\n");
    text_has_not(f.out, "canary");
    text_has_not(f.err, "canary");
}

/* Directories, what lies beside a file, links: read from the commit, not from the disk. */
static void a_commit_has_folders_and_links(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    f.registry = &pgsteer_registry;
    git("init -q");
    assert_int_equal(mkdir("fleet", 0700), 0);
    assert_int_equal(mkdir("fleet/group_vars", 0700), 0);
    put("real.yml", "pg_max_conn: 600\n");
    assert_int_equal(symlink("../../real.yml", "fleet/group_vars/pg-test.yml"), 0);
    commit("fleet/hosts.yml", BEGIN);
    assert_int_equal(system("rm -r fleet real.yml"), 0);
    assert_int_equal(mkdir("fleet", 0700), 0);
    put("fleet/hosts.yml", BEGIN "        pg_max_conn: 800\n");
    assert_int_equal(fake_cli(&f, "diff HEAD -i fleet"), 0);
    text_has(f.out, "settings.max_connections: \"600\" -> \"800\"");
}

static void a_cluster_that_comes_or_goes_is_told(void **state)
{
    (void)state;
    static const char two[] =
        BEGIN "    pg-two:\n"
              "      hosts: { 10.10.10.12: { pg_seq: 1, pg_role: primary } }\n"
              "      vars: { pg_cluster: pg-two }\n";
    CLEANUP(fake_cli_end) FakeCli f = diff_cli(BEGIN);
    commit("pgsteer.yml", two);
    assert_int_equal(fake_cli(&f, "diff HEAD~1..HEAD"), 0);
    text_has(f.out, "cluster pg-two\n");
    text_has(f.out, "  + instance.pg-two-1");
    assert_int_equal(fake_cli(&f, "diff HEAD..HEAD~1"), 0);
    text_has(f.out, "  - instance.pg-two-1   (no longer mentioned");
}

static void wrong_words_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"diff", "say which revisions"},
        {"diff ..HEAD", "say which revisions"},
        {"diff nosuch..HEAD", "the repository has no revision 'nosuch'"},
        {"diff HEAD -i other.yml", "other.yml"},
        {"diff HEAD~1..HEAD", "That is HEAD~1."},
        {"diff HEAD HEAD", "HEAD"},
    };
    CLEANUP(fake_cli_end) FakeCli f = diff_cli("all: [ wrong\n");
    commit("pgsteer.yml", BEGIN);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(fake_cli(&f, cases[i][0]), 5);
        text_has(f.err, cases[i][1]);
    }
    assert_int_equal(system("rm -rf .git"), 0);
    assert_int_equal(fake_cli(&f, "diff HEAD"), 5);
    text_has(f.err, "there is no git repository here");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_compared_not_lines),
        cmocka_unit_test(what_means_the_same_is_no_difference),
        cmocka_unit_test(files_here_are_the_other_side),
        cmocka_unit_test(secrets_are_the_same_or_not),
        cmocka_unit_test(a_commit_has_folders_and_links),
        cmocka_unit_test(a_cluster_that_comes_or_goes_is_told),
        cmocka_unit_test(wrong_words_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
