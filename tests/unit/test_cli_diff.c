/* diff on the command line: objects, ranges, exit codes, secrets, what is wrong on one side. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "fake_cli.h"
#include "git_repo.h"
#include "providers/registry.h"

/* -- over the kinds of the program ----------------------------------------------------------- */

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

static void commit(const char *path, const char *text)
{
    write_text(path, text);
    git_commit_all();
}

static FakeCli diff_cli(const char *text)
{
    FakeCli f = fake_cli_new();
    f.registry = &pgsteer_registry;
    git_init();
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
    text_has(f.out, "-- pg-test ");
    text_has(f.out, "~ max_connections         = \"500\" -> \"700\"    # needs a restart");
    text_has(f.out, "  ~ role.pg-test/app ");
    text_has(f.out, "      ~ connlimit               = 5 -> 9\n");
    text_has(f.out, "  + role.pg-test/new ");
    text_has(f.out, "  pgsteer.yml:11\n");
    text_has(f.out, "  - role.pg-test/old            no longer in the inventory: left alone");
    text_has(f.out, "\nDifference: 1 to add, 2 to change, 1 to remove.\n"
                    "Impact: 1 needs a restart; ");
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
    text_has(f.out, "\nNo difference. Both want the same.\n");
}

static void files_here_are_the_other_side(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = diff_cli(BEGIN);
    write_text("pgsteer.yml", BEGIN "        pg_max_conn: 700\n");
    assert_int_equal(fake_cli(&f, "diff HEAD"), 0);
    text_has(f.out, "max_connections");
    assert_int_equal(fake_cli(&f, "diff HEAD -json"), 0);
    const Value *told = NULL;
    check_fine(json_parse(f.arena, f.out, strlen(f.out), &told));
    assert_string_equal(value_as_text(value_path(told, "resource_changes/0/address"), ""),
                        "config.pg-test");
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
    write_text("pgsteer.yml", BEGIN "        pg_users:\n"
                                    "          - { name: a, password: canary-one }\n"
                                    "          - { name: b, password: canary-new }\n"
                                    "          - { name: c, password: { from_env: NOT_SET_B } }\n");
    assert_int_equal(fake_cli(&f, "diff HEAD"), 0);
    text_has_not(f.out, "role.pg-test/a ");
    text_has(f.out, "  ~ role.pg-test/b ");
    text_has(f.out, "      ~ password                = (sensitive value)\n");
    text_has(f.out, "  ~ role.pg-test/c ");
    text_has_not(f.out, "canary");
    text_has_not(f.err, "canary");
}

/* Directories, what lies beside a file, links: read from the commit, not from the disk. */
static void a_commit_has_folders_and_links(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    f.registry = &pgsteer_registry;
    git_init();
    assert_int_equal(mkdir("fleet", 0700), 0);
    assert_int_equal(mkdir("fleet/group_vars", 0700), 0);
    write_text("real.yml", "pg_max_conn: 600\n");
    assert_int_equal(symlink("../../real.yml", "fleet/group_vars/pg-test.yml"), 0);
    commit("fleet/hosts.yml", BEGIN);
    assert_int_equal(system("rm -r fleet real.yml"), 0);
    assert_int_equal(mkdir("fleet", 0700), 0);
    write_text("fleet/hosts.yml", BEGIN "        pg_max_conn: 800\n");
    assert_int_equal(fake_cli(&f, "diff HEAD -i fleet"), 0);
    text_has(f.out, "~ max_connections         = \"600\" -> \"800\"");
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
    text_has(f.out, "-- pg-two ");
    text_has(f.out, "  + instance.pg-two-1");
    assert_int_equal(fake_cli(&f, "diff HEAD..HEAD~1"), 0);
    text_has(f.out, "  - instance.pg-two-1           no longer in the inventory: left alone");
}

static void a_wrong_side_is_named(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"diff nosuch..HEAD", "there is no revision 'nosuch' in the repository"},
        {"diff HEAD -i other.yml", "other.yml"},
        {"diff HEAD~1..HEAD", "In HEAD~1:\n"},
        {"diff HEAD HEAD", "one argument too many"},
    };
    CLEANUP(fake_cli_end) FakeCli f = diff_cli("all: [ wrong\n");
    commit("pgsteer.yml", BEGIN);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(fake_cli(&f, cases[i][0]), 5);
        text_has(f.err, cases[i][1]);
    }
    assert_int_equal(system("rm -rf .git"), 0);
    assert_int_equal(fake_cli(&f, "diff HEAD"), 5);
    text_has(f.err, "is in no git repository");
}

/* -- over the one kind of fake_cli.h --------------------------------------------------------- */

#define HOSTS                                                                                      \
    "all:\n  children:\n"                                                                          \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: " \
    "pg-test } }\n"

static const char with_another_secret[] =
    HOSTS "  vars: { admin_ip: 10.10.10.10, pg_admin_password: c4nary-other }\n";
static const char with_the_same[] =
    "# the same, in other words\n" HOSTS "  vars: { pg_admin_password: c4nary-other, admin_ip: "
    "10.10.10.10 }\n";

/* Three commits: the inventory of fake_cli.h; a node less and another secret; the same again. */
static FakeCli three_commits(void)
{
    FakeCli f = fake_cli_new();
    git_init();
    git_commit_all();
    write_text("pgsteer.yml", with_another_secret);
    git_commit_all();
    write_text("pgsteer.yml", with_the_same);
    git_commit_all();
    return f;
}

static void revisions_are_compared(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = three_commits();
    assert_int_equal(fake_cli(&f, "diff HEAD~2..HEAD~1"), 0);
    text_has(f.out, "Compared HEAD~2 (");
    text_has(f.out, "). No node was contacted. 1 other block is the same.\n");
    text_has(f.out, "~ thing.pg-test-1/app");
    text_has(f.out, "= (sensitive value)");
    text_has(f.out, "- thing.pg-test-2/app         no longer in the inventory: left alone");
    text_has(f.out, "Difference: 0 to add, 2 to change, 1 to remove.\n");
    assert_int_equal(f.err_size, 0);
    assert_int_equal(fake_cli(&f, "diff -detailed-exitcode HEAD~2..HEAD~1"), 2);
    assert_int_equal(fake_cli(&f, "diff HEAD~1..HEAD~2"), 0);
    text_has(f.out, "Difference: 1 to add, 2 to change, 0 to remove.\n");
    assert_int_equal(fake_world_log_count(f.world), 0);
}

static void other_words_are_no_difference(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = three_commits();
    static const char *const lines[] = {
        "diff -detailed-exitcode HEAD~1..HEAD", "diff -detailed-exitcode HEAD~1..",
        "diff -detailed-exitcode ..HEAD~1", "diff -detailed-exitcode HEAD~1",
        "diff -detailed-exitcode"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(fake_cli(&f, lines[i]), 0);
        text_has(f.out, "No difference. Both want the same.\n");
    }
    text_has(f.out, ") with the working tree.");
}

static void the_working_tree_is_a_side(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = three_commits();
    const Value *document;
    shell("mkdir group_vars");
    write_text("group_vars/pg-test.yml", "pg_admin_password: { from_file: /not/here }\n");
    assert_int_equal(fake_cli(&f, "diff"), 0);
    text_has(f.out, "Difference: 0 to add, 1 to change, 0 to remove.\n");
    assert_int_equal(fake_cli(&f, "diff -json -detailed-exitcode"), 2);
    check_fine(json_parse(f.arena, f.out, f.out_size, &document));
    assert_true(value_get_bool(document, "different", false));
    assert_int_equal(value_get_int(document, "change_count", 0), 1);
    assert_int_equal(value_count(value_get(document, "resource_changes")), 1);
    assert_int_equal(value_path(document, "after/commit")->type, VALUE_NULL);
    assert_int_equal(strlen(value_as_text(value_path(document, "before/commit"), "")), 40);
    text_has(f.out, "\"condition\":\"changes\"");
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = three_commits();
    static const char *const lines[] = {"diff -v HEAD~2..HEAD", "diff -json HEAD~2..HEAD",
                                        "diff -json HEAD~1..HEAD~2"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(fake_cli(&f, lines[i]), 0);
        text_has_not(f.out, "c4nary");
        text_has_not(f.err, "c4nary");
    }
}

static void what_is_wrong_is_said_once(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = three_commits();
    static const char *const cases[][2] = {
        {"diff nothing", "there is no revision 'nothing'"},
        {"diff HEAD..nothing", "there is no revision 'nothing'"},
        {"diff HEAD...HEAD~1", "is no range; write REV1..REV2"},
        {"diff HEAD~1 HEAD", "one argument too many"},
        {"diff HEAD -i none.yml", "cannot read 'none.yml' in the revision HEAD"},
        {"diff HEAD -i /etc/none.yml", "is in no git repository"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(fake_cli(&f, cases[i][0]), 5);
        text_has(f.err, cases[i][1]);
        assert_int_equal(f.out_size, 0);
    }
    write_text("pgsteer.yml", "all: [");
    git_commit_all();
    assert_int_equal(fake_cli(&f, "diff HEAD~1..HEAD"), 5);
    text_has(f.err, "In HEAD:\n");
    text_has(f.err, "pgsteer.yml:1:");
    text_has_not(f.err, "In HEAD~1:");
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
        cmocka_unit_test(a_wrong_side_is_named),
        cmocka_unit_test(revisions_are_compared),
        cmocka_unit_test(other_words_are_no_difference),
        cmocka_unit_test(the_working_tree_is_a_side),
        cmocka_unit_test(secrets_are_not_shown),
        cmocka_unit_test(what_is_wrong_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
