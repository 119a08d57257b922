/* the command line: help, wrong words, the inventory, versions. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "fake_cli.h"
#include "unit.h"

static void help_lists_every_command_on_a_line(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "help"), 0);
    for (const Command *const *command = cli_commands; *command; command++) {
        char *line = arena_printf(f.arena, "\n  %-10s ", (*command)->name);
        text_has(f.out, line);
    }
    static const char *const ways[] = {"", "-help", "--help", "-h"};
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        assert_int_equal(fake_cli(&f, ways[i]), 0);
        text_has(f.out, "Usage: pgsteer COMMAND");
    }
}

static void every_command_has_help(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    for (const Command *const *command = cli_commands; *command; command++) {
        if (strcmp((*command)->name, "help") == 0)
            continue;
        char *usage = arena_printf(f.arena, "Usage: pgsteer %s", (*command)->name);
        assert_int_equal(fake_cli(&f, arena_printf(f.arena, "%s -help", (*command)->name)), 0);
        text_has(f.out, usage);
        assert_int_equal(fake_cli(&f, arena_printf(f.arena, "help %s", (*command)->name)), 0);
        text_has(f.out, usage);
        assert_int_equal(f.err_size, 0);
    }
}

static void wrong_words_are_invalid(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    static const struct {
        const char *line, *said;
    } cases[] = {
        {"pln", "did you mean 'plan'"},
        {"help nothing-like-it", "there is no command"},
        {"plan -detailed-exitcod", "did you mean '-detailed-exitcode'"},
        {"plan extra", "one argument too many"},
        {"plan -i none.yml", "none.yml"},
        {"plan -chdir /there/is/none", "there is no directory"},
        {"-chdir=/there/is/none plan", "there is no directory"},
        {"plan -max-impact=much", "is no level"},
        {"show", "say which plan file"},
        {"show none.plan", "none.plan"},
        {"apply none.plan", "none.plan"},
        {"state", "say what to do"},
        {"state diff one", "say what to do"},
        {"state log", "nothing was recorded yet"},
        {"list pg-none", "there is no cluster"},
        {"schema pg_verson", "did you mean 'pg_version'"},
        {"schema W999", "no parameter, object, setting or code 'W999'"},
        {"schema -man pg_version", "of all parameters"},
        {"schema -man -json-schema", "exclude each other"},
        {"validate -sarif -json", "exclude each other"},
        {"inventory", "say what to do"},
        {"inventory shw", "say what to do"},
        {"inventory list -all", "belong to inventory show"},
        {"inventory show -host pg-tst-1", "did you mean 'pg-test-1'"},
        {"inventory show -host 10.10.10.1", "did you mean '10.10.10.1"},
        {"inventory show -cluster pg-tes", "did you mean 'pg-test'"},
        {"inventory show -cluster nothing-like-it", "there is no cluster 'nothing-like-it'"},
        {"inventory show -host pg-test-1 -cluster pg-test", "exclude each other"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(fake_cli(&f, cases[i].line), 5);
        text_has(f.err, cases[i].said);
        text_has(f.err, "pgsteer: exit 5:");
    }
    assert_int_equal(unlink("pgsteer.yml"), 0);
    assert_int_equal(fake_cli(&f, "plan"), 5);
    text_has(f.err, "there is no pgsteer.yml, pigsty.yml or inventory.yml here");
}

static void the_inventory_is_checked(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "validate"), 0);
    text_has(f.out, "Success! The inventory is valid: 3 nodes, 1 cluster.");
    assert_int_equal(fake_cli(&f, "validate -json"), 0);
    text_has(f.out, "\"valid\": true");
    assert_null(file_write_all("bad.yml", 0600, "all: [", 6));
    assert_int_equal(fake_cli(&f, "plan -i bad.yml"), 5);
    text_has(f.err, "bad.yml:");
    text_has(f.err, "No node was contacted, nothing was changed.");
    assert_int_equal(fake_cli(&f, "validate -json -i bad.yml"), 5);
    text_has(f.out, "\"valid\": false");
}

static void sarif_has_the_exit_codes_of_validate(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    const Value *document;
    assert_int_equal(fake_cli(&f, "validate -sarif"), 0);
    text_has_not(f.out, "Success!");
    check_fine(json_parse(f.arena, f.out, f.out_size, &document));
    assert_string_equal(value_get_text(document, "version"), "2.1.0");
    text_has(f.out, "\"uri\": \"pgsteer.yml\"");
    assert_null(file_write_all("bad.yml", 0600, "all: [", 6));
    char *line = arena_printf(f.arena, "validate -sarif -i %s/bad.yml", f.directory);
    assert_int_equal(fake_cli(&f, line), 5);
    text_has(f.out, "\"ruleId\": \"E000\"");
    text_has(f.out, "\"uri\": \"bad.yml\"");
    text_has(f.out, "\"executionSuccessful\": true");
    assert_int_equal(fake_cli(&f, "validate -sarif -i none.yml"), 5);
    text_has(f.out, "\"executionSuccessful\": false");
}

static void the_inventory_is_listed(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    const Value *document;
    assert_int_equal(fake_cli(&f, "inventory list"), 0);
    text_has(f.out, "pg-test                 postgresql, 2 members\n"
                    "  pg-test-1             10.10.10.11     primary\n");
    text_has(f.out,
             "etcd                    etcd, 1 member\n  10.10.10.10           10.10.10.10\n");
    text_has(f.out, "Groups:\n  infra                 1 node\n");
    text_has(f.out, "\n3 nodes, 1 PostgreSQL cluster.\n");
    text_has_not(f.out, "Nodes of no cluster");
    static const char spare[] = "all: { hosts: { 10.10.10.99: { nodename: spare } } }";
    check_fine(file_write_all("spare.yml", 0600, spare, strlen(spare)));
    assert_int_equal(fake_cli(&f, "inventory list -i pgsteer.yml -i spare.yml"), 0);
    text_has(f.out, "Nodes of no cluster:\n  spare                 10.10.10.99\n");
    assert_int_equal(fake_cli(&f, "inventory list -json -i pgsteer.yml -i spare.yml"), 0);
    check_fine(json_parse(f.arena, f.out, f.out_size, &document));
    assert_string_equal(value_as_text(value_path(document, "clusters/2/kind"), ""), "postgresql");
    assert_string_equal(value_as_text(value_path(document, "clusters/2/members/1/address"), ""),
                        "10.10.10.12");
    assert_string_equal(value_as_text(value_path(document, "nodes_of_no_cluster/0/name"), ""),
                        "spare");
    assert_string_equal(value_as_text(value_path(document, "groups/3/members/0"), ""),
                        "10.10.10.99");
}

static void the_inventory_is_shown(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    const Value *document;
    assert_int_equal(fake_cli(&f, "inventory show"), 0);
    text_has(f.out, "pg_admin_password: (sensitive value) ");
    text_has_not(f.out, FAKE_CANARY);
    check_fine(file_write_all("shown.yml", 0600, f.out, f.out_size));
    assert_int_equal(fake_cli(&f, "validate -i shown.yml"), 0);
    assert_int_equal(fake_cli(&f, "inventory show -host pg-test-2"), 0);
    text_has(f.out, "        10.10.10.12:\n");
    text_has_not(f.out, "10.10.10.11");
    text_has_not(f.out, "# default");
    assert_int_equal(fake_cli(&f, "inventory show -cluster pg-test -all"), 0);
    text_has(f.out, " # default\n");
    text_has(f.out, "10.10.10.11:\n");
    text_has(f.out, "10.10.10.12:\n");
    text_has_not(f.out, "10.10.10.10:\n");
    assert_int_equal(fake_cli(&f, "inventory show -cluster etcd -json"), 0);
    check_fine(json_parse(f.arena, f.out, f.out_size, &document));
    assert_int_equal(value_count(document), 1);
    assert_int_equal(value_as_int(value_path(document, "0/vars/etcd_seq/value"), 0), 1);
    assert_string_equal(value_as_text(value_path(document, "0/vars/etcd_seq/file"), ""),
                        "pgsteer.yml");
}

static void versions_name_the_probe(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "probe"), 0);
    assert_string_equal(f.out, "#!/bin/sh\n# probe\n");
    assert_int_equal(fake_cli(&f, "-version"), 0);
    text_has(f.out, "pgsteer 0.1\nprobe   sha256:");
    assert_int_equal(fake_cli(&f, "version -json"), 0);
    text_has(f.out, "\"probe_sha256\":\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_every_command_on_a_line),
        cmocka_unit_test(every_command_has_help),
        cmocka_unit_test(wrong_words_are_invalid),
        cmocka_unit_test(the_inventory_is_checked),
        cmocka_unit_test(sarif_has_the_exit_codes_of_validate),
        cmocka_unit_test(the_inventory_is_listed),
        cmocka_unit_test(the_inventory_is_shown),
        cmocka_unit_test(versions_name_the_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
