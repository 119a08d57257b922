/* the commands on a world in memory: plan, apply, exit codes, texts, no secrets. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "fake_cli.h"
#include "unit.h"

/* -- plan and apply -------------------------------------------------------------------------- */

static void plan_changes_nothing_and_says_what_would(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "plan"), 0);
    text_has(f.out, "Plan: 3 to add, 0 to change, 0 to destroy.");
    text_has(f.err, "Observing 3 nodes...");
    assert_int_equal(fake_cli(&f, "plan -detailed-exitcode"), 2);
    assert_int_equal(fake_cli(&f, "plan -json"), 0);
    text_has(f.out, "\"conditions\":[]");
    assert_int_equal(fake_cli(&f, "plan -json -detailed-exitcode"), 2);
    text_has(f.out, "\"condition\":\"changes\",\"exit\":2");
    assert_int_equal(fake_cli(&f, "plan -json"), 0);
    const Value *document;
    assert_null(json_parse(f.arena, f.out, f.out_size, &document));
    assert_int_equal(value_count(value_get(document, "resource_changes")), 3);
    assert_int_equal(fake_cli(&f, "graph"), 0);
    text_has(f.out, "digraph");
    assert_int_equal(fake_cli(&f, "plan -target 10.10.10.11"), 0);
    text_has(f.out, "Plan: 1 to add");
    assert_int_equal(fake_world_log_count(f.world), 0);
    assert_false(file_exists(".pgsteer"));
}

static void apply_applies_and_the_next_plan_is_empty(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has(f.out, "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.\nImpact: none;");
    text_has(f.out, "Snapshot: run ");
    text_has(f.err, "  start    writing");
    assert_int_equal(fake_world_log_count(f.world), 3);
    assert_int_equal(fake_cli(&f, "plan -detailed-exitcode"), 0);
    text_has(f.out, "No changes. Your infrastructure matches the configuration.");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has(f.out, "Apply complete! Resources: 0 added, 0 changed, 0 destroyed.");
    assert_int_equal(fake_world_log_count(f.world), 3);
    assert_int_equal(fake_cli(&f, "state log"), 0);
    text_has(f.out, "3 added, 0 changed, 0 destroyed\n");
    assert_null(strchr(strchr(f.out, '\n') + 1, '\n')); /* one commit */
    assert_int_equal(fake_cli(&f, "state show"), 0);
    text_has(f.out, "+++ b/nodes/");
    assert_int_equal(fake_cli(&f, "state show -json HEAD"), 0);
    assert_int_equal(fake_cli(&f, "state log -json"), 0);
    assert_int_equal(fake_cli(&f, "state diff HEAD HEAD"), 0);
    assert_int_equal(f.out_size, 0);
    assert_int_equal(fake_cli(&f, "state timings"), 0);
    text_has(f.out, "VERB ");
    text_has(f.out, "app.put ");
    assert_int_equal(fake_cli(&f, "state timings -json"), 0);
    text_has(f.out, "\"executions\": 1");
    assert_int_equal(lines_of("ls .pgsteer/journal/*.journal 2>/dev/null"), 0);
    assert_int_equal(lines_of("ls .pgsteer/journal/done/*.journal"), 1);
}

static void plans_go_by_the_pace_of_earlier_executions(void **state)
{
    (void)state;
    static const char learned[] =
        "{\"format\": 1, \"verbs\": {\"app.put\": {\"pace\": 5000, \"executions\": 3}}}";
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "plan -json"), 0);
    text_has(f.out, "\"expected_ms\":10,");
    assert_null(file_make_dirs(".pgsteer", 0700));
    assert_null(file_write_all(".pgsteer/timings.json", 0600, learned, strlen(learned)));
    assert_int_equal(fake_cli(&f, "plan -json"), 0);
    text_has(f.out, "\"expected_ms\":50,");
}

static void a_saved_plan_is_applied_from_anywhere(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    struct stat status;
    assert_int_equal(fake_cli(&f, "plan -out first.plan"), 0);
    assert_int_equal(stat("first.plan", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(fake_cli(&f, "show first.plan"), 0);
    text_has(f.out, "Plan: 3 to add");
    assert_int_equal(fake_cli(&f, "show -json first.plan"), 0);
    assert_int_equal(fake_cli(&f, "graph first.plan"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(fake_cli(&f, arena_printf(f.arena, "apply %s/first.plan", f.directory)), 0);
    text_has(f.out, "Apply complete! Resources: 3 added");
    assert_true(file_exists(arena_printf(f.arena, "%s/.pgsteer/state.git", f.directory)));
}

/* A directory of inventories, and a link whose group_vars are beside the link. */
static void an_inventory_may_be_a_directory_or_a_link(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    static const char stray[] = "pg_version: 15\n";
    check_fine(file_make_dirs("there/group_vars", 0700));
    assert_int_equal(rename("pgsteer.yml", "there/main.yml"), 0);
    check_fine(file_write_all("there/group_vars/nobody", 0600, stray, strlen(stray)));
    assert_int_equal(fake_cli(&f, "plan -i there/ -out dir.plan"), 0);
    text_has(f.err, "there/group_vars/nobody is not read: there is no group nobody");
    assert_int_equal(symlink("there/main.yml", "link.yml"), 0);
    assert_int_equal(fake_cli(&f, "plan -i link.yml -out link.plan"), 0);
    assert_null(strstr(f.err, "nobody"));
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(fake_cli(&f, arena_printf(f.arena, "apply %s/link.plan", f.directory)), 0);
    assert_null(strstr(f.err, "nobody"));
    assert_true(file_exists(arena_printf(f.arena, "%s/there/.pgsteer/state.git", f.directory)));
    assert_int_equal(fake_cli(&f, arena_printf(f.arena, "apply %s/dir.plan", f.directory)), 0);
    text_has(f.err, "there/group_vars/nobody is not read");
}

static void without_a_terminal_nobody_has_approved(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "apply"), 4);
    text_has(f.err, "nobody can be asked for approval");
    f.is_tty = true;
    f.answer = "yes";
    assert_int_equal(fake_cli(&f, "apply -input=false"), 4);
    assert_int_equal(fake_world_log_count(f.world), 0);
}

static void only_yes_is_yes(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    static const char *const answers[] = {"", "y", "Yes", "yes please", "no"};
    f.is_tty = true;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        f.answer = answers[i];
        assert_int_equal(fake_cli(&f, "apply"), 4);
        text_has(f.err, "Only 'yes' will be accepted");
        text_has(f.err, "Apply cancelled. Nothing was changed.");
    }
    assert_int_equal(fake_world_log_count(f.world), 0);
    f.answer = "yes";
    assert_int_equal(fake_cli(&f, "apply"), 0);
    assert_int_equal(fake_world_log_count(f.world), 3);
}

static void a_failure_is_partial(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    fake_world_fail(f.world, "thing.pg-test-1/app", ERROR_REFUSED, 1);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 9);
    text_has(f.err, "thing.pg-test-1/app failed");
    text_has(f.err, "scripted fault");
    text_has(f.err, "Done 2, failed 1, skipped 0, not begun 0 of 3 actions.");
    text_has(f.out, "Apply incomplete. Resources: 2 added");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has(f.out, "Apply complete! Resources: 1 added");
}

static void an_unread_node_is_said_and_left_alone(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    fake_world_kill(f.world, "10.10.10.12", true);
    assert_int_equal(fake_cli(&f, "plan -detailed-exitcode"), 10);
    text_has(f.err, "something that was asked for could not be read; changes are pending");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 10);
    assert_int_equal(fake_world_log_count(f.world), 2);
    assert_int_equal(fake_cli(&f, "status"), 10);
    text_has(f.out, "Observed 2 of 3 nodes");
    text_has(f.out, "? 10.10.10.12");
    text_has(f.out, "10.10.10.12 does not answer");
    assert_int_equal(fake_cli(&f, "status -v -json"), 10);
    text_has(f.out, "\"known\": false");
    text_has(f.out, "\"round_trips\": {");
    text_has(f.out, "\"10.10.10.12\": 4"); /* plan, apply, and status twice */
}

static void members_are_listed(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "list pg-test"), 0);
    text_has(f.out, "+ Cluster: pg-test (not initialized) ");
    text_has(f.out, "| Member    | Host        | Role | State ");
    text_has(f.out, "| pg-test-2 | 10.10.10.12 |");
    size_t width = strcspn(f.out, "\n");
    for (const char *line = f.out; *line == '+' || *line == '|'; line += strcspn(line, "\n") + 1)
        assert_int_equal(strcspn(line, "\n"), width);
    assert_int_equal(fake_cli(&f, "list -json"), 0);
    text_has(f.out, "\"cluster\": \"pg-test\"");
}

static void events_are_json_lines(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    fake_world_fail(f.world, "thing.pg-test-1/app", ERROR_REFUSED, 1);
    assert_int_equal(fake_cli(&f, "apply -auto-approve -json"), 9);
    char **lines;
    size_t count = text_split(f.arena, f.out, '\n', &lines) - 1; /* the last one is empty */
    size_t started = 0, complete = 0, errored = 0;
    for (size_t i = 0; i < count; i++) {
        const Value *event;
        assert_null(json_parse(f.arena, lines[i], strlen(lines[i]), &event));
        const char *type = value_get_text(event, "type");
        assert_true(*value_get_text(event, "@level") && *value_get_text(event, "@message"));
        assert_int_equal(value_get_int(event, "seq", -1), i);
        if (i == 0)
            assert_string_equal(type, "version");
        started += strcmp(type, "apply_start") == 0;
        complete += strcmp(type, "apply_complete") == 0;
        errored += strcmp(type, "apply_errored") == 0;
        if (i + 2 == count)
            assert_int_equal(value_as_int(value_path(event, "changes/add"), -1), 2);
        if (i + 1 == count) {
            assert_int_equal(value_get_int(event, "exit", -1), 9);
            assert_string_equal(value_get_text(value_path(event, "conditions/0"), "condition"),
                                "partial");
        }
    }
    assert_int_equal(started, 3);
    assert_int_equal(complete, 2);
    assert_int_equal(errored, 1);
}

/* -- secrets --------------------------------------------------------------------------------- */

static void secrets_are_in_nothing_but_the_effect(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    static const char *const lines[] = {"validate",
                                        "plan -v",
                                        "plan -out p.plan",
                                        "plan -json",
                                        "graph",
                                        "show -v p.plan",
                                        "apply -json p.plan",
                                        "status -v",
                                        "state show",
                                        "inventory show -all",
                                        "inventory show -json"};
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        assert_int_equal(fake_cli(&f, lines[i]), 0);
        if (!strstr(lines[i], "status")) { /* the fake world shows what it was given */
            text_has_not(f.out, FAKE_CANARY);
            text_has_not(f.err, FAKE_CANARY);
        }
    }
    text_has(fake_world_content(f.world, "10.10.10.11", "thing.pg-test-1/app"), FAKE_CANARY);
    assert_int_equal(lines_of("grep -rl c4nary p.plan .pgsteer"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan_changes_nothing_and_says_what_would),
        cmocka_unit_test(apply_applies_and_the_next_plan_is_empty),
        cmocka_unit_test(plans_go_by_the_pace_of_earlier_executions),
        cmocka_unit_test(a_saved_plan_is_applied_from_anywhere),
        cmocka_unit_test(an_inventory_may_be_a_directory_or_a_link),
        cmocka_unit_test(without_a_terminal_nobody_has_approved),
        cmocka_unit_test(only_yes_is_yes),
        cmocka_unit_test(a_failure_is_partial),
        cmocka_unit_test(an_unread_node_is_said_and_left_alone),
        cmocka_unit_test(members_are_listed),
        cmocka_unit_test(events_are_json_lines),
        cmocka_unit_test(secrets_are_in_nothing_but_the_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
