/* SARIF: a golden document, and what code scanning wants of every result and rule. */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "schema/codes.h"
#include "schema/inventory.h"
#include "schema/sarif.h"
#include "unit.h"

static const char folder[] = TESTS_DIR "/cases/sarif";

static const SarifRun the_run = {.version = "0.1", .directory = "/repo", .inventory = "pigsty.yml"};

static const char *contents(Arena *arena, const char *name, size_t *ret_length)
{
    char *text;
    check_fine(
        file_read(arena, arena_printf(arena, "%s/%s", folder, name), 1 << 20, &text, ret_length));
    return text;
}

static Diagnostics *problems(Arena *arena)
{
    size_t length;
    const char *text = contents(arena, "problems.yml", &length);
    Diagnostics *diagnostics = diagnostics_new(arena);
    diagnostics_set_today(diagnostics, "2026-06-15");
    inventory_load_bytes(arena, "conf/pigsty.yml", text, length, diagnostics);
    diagnostics_add(diagnostics, "W060", NULL, NULL, "conf/group_vars/x.ini is not read");
    return diagnostics;
}

static void the_document_is_golden(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text now = TEXT_INIT;
    json_write_pretty(&now, sarif_document(arena, problems(arena), &the_run));
    text_add_char(&now, '\n');
    const char *path = arena_printf(arena, "%s/problems.sarif", folder);
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, text_get(&now), now.length));
    size_t length;
    assert_string_equal(text_get(&now), contents(arena, "problems.sarif", &length));
}

/* -- what GitHub asks for ("SARIF support for code scanning") -------------------------------- */

static const Value *needed(const Value *value, const char *path, ValueType type)
{
    const Value *found = value_path(value, path);
    if (!found || found->type != type)
        fail_msg("%s is missing", path);
    return found;
}

static void check_place(const Value *place)
{
    static const char *const numbers[] = {"startLine", "startColumn", "endLine", "endColumn"};
    const Value *region = needed(place, "physicalLocation/region", VALUE_MAP);
    needed(place, "physicalLocation/artifactLocation/uri", VALUE_TEXT);
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        assert_true(value_get_int(region, numbers[i], 0) >= 1);
    assert_true(value_get_int(region, "endColumn", 0) > value_get_int(region, "startColumn", 0));
}

static void check_result(const Value *result, const Value *rules)
{
    const char *code = needed(result, "ruleId", VALUE_TEXT)->text;
    const Value *rule = value_at(rules, (size_t)needed(result, "ruleIndex", VALUE_INT)->integer);
    assert_string_equal(value_get_text(rule, "id"), code);
    assert_string_equal(value_get_text(result, "level"), code[0] == 'E' ? "error" : "warning");
    needed(result, "message/text", VALUE_TEXT);
    needed(result, "partialFingerprints/problem~1v1", VALUE_TEXT);
    assert_int_equal(value_count(value_get(result, "locations")), 1);
    check_place(value_path(result, "locations/0"));
    const Value *related = value_get(result, "relatedLocations");
    for (size_t i = 0; i < value_count(related); i++) {
        check_place(value_at(related, i));
        needed(value_at(related, i), "message/text", VALUE_TEXT);
    }
}

static void check_rule(const Value *rules, size_t i)
{
    const Value *rule = value_at(rules, i);
    const Code *code = codes_find(needed(rule, "id", VALUE_TEXT)->text);
    assert_non_null(code);
    assert_string_equal(needed(rule, "shortDescription/text", VALUE_TEXT)->text, code->meaning);
    needed(rule, "fullDescription/text", VALUE_TEXT);
    assert_string_equal(needed(rule, "help/text", VALUE_TEXT)->text, code->doc);
    for (size_t k = 0; k < i; k++)
        assert_string_not_equal(value_get_text(value_at(rules, k), "id"), code->code);
}

static void what_code_scanning_needs_is_there(void **state)
{
    Arena *arena = *state;
    Diagnostics *diagnostics = problems(arena);
    const Value *document = sarif_document(arena, diagnostics, &the_run);
    assert_string_equal(value_get_text(document, "version"), "2.1.0");
    const Value *rules = needed(document, "runs/0/tool/driver/rules", VALUE_LIST);
    const Value *results = needed(document, "runs/0/results", VALUE_LIST);
    assert_string_equal(needed(document, "runs/0/tool/driver/name", VALUE_TEXT)->text, "pgsteer");
    assert_int_equal(value_count(results), diagnostics_count(diagnostics));
    assert_true(value_count(rules) > 2 && value_count(rules) < value_count(results));
    for (size_t i = 0; i < value_count(results); i++)
        check_result(value_at(results, i), rules);
    for (size_t i = 0; i < value_count(rules); i++)
        check_rule(rules, i);
}

static void waived_warnings_are_suppressed(void **state)
{
    Arena *arena = *state;
    Diagnostics *diagnostics = problems(arena);
    const Value *results =
        value_path(sarif_document(arena, diagnostics, &the_run), "runs/0/results");
    size_t suppressed = 0;
    for (size_t i = 0; i < value_count(results); i++) {
        const Value *why = value_path(value_at(results, i), "suppressions/0/justification");
        assert_int_equal(why != NULL, diagnostics_at(diagnostics, i)->waived_for != NULL);
        if (!why)
            continue;
        suppressed++;
        assert_string_equal(why->text, "backups are made by the storage (until 2026-12-31)");
    }
    assert_int_equal(suppressed, 1);
}

static void nothing_wrong_is_a_document_too(void **state)
{
    Arena *arena = *state;
    const Value *document = sarif_document(arena, diagnostics_new(arena), &the_run);
    assert_int_equal(value_count(needed(document, "runs/0/results", VALUE_LIST)), 0);
    assert_int_equal(value_count(needed(document, "runs/0/tool/driver/rules", VALUE_LIST)), 0);
    assert_true(
        value_as_bool(value_path(document, "runs/0/invocations/0/executionSuccessful"), false));
    SarifRun run = the_run;
    run.failure = "it cannot be read";
    document = sarif_document(arena, diagnostics_new(arena), &run);
    assert_false(
        value_as_bool(value_path(document, "runs/0/invocations/0/executionSuccessful"), true));
    const char *text = "runs/0/invocations/0/toolExecutionNotifications/0/message/text";
    assert_string_equal(needed(document, text, VALUE_TEXT)->text, "it cannot be read");
}

static void paths_become_uris(void **state)
{
    static const char *const cases[][3] = {
        {"pigsty.yml", "/repo", "pigsty.yml"},
        {"./conf//pigsty.yml", "/repo", "conf//pigsty.yml"},
        {".//conf/a.yml", "/repo", "conf/a.yml"},
        {"../a.yml", "/repo", "../a.yml"},
        {"/repo/conf/a.yml", "/repo", "conf/a.yml"},
        {"/repo/conf/a.yml", "/repo/", "conf/a.yml"},
        {"/repository/a.yml", "/repo", "file:///repository/a.yml"},
        {"/a.yml", "/", "a.yml"},
        {"/a.yml", "", "a.yml"},
        {"my conf/\xc3\xa9:100%#?.yml", "/repo", "my%20conf/%C3%A9%3A100%25%23%3F.yml"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(sarif_uri(*state, cases[i][0], cases[i][1]), cases[i][2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_document_is_golden, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_code_scanning_needs_is_there, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(waived_warnings_are_suppressed, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(nothing_wrong_is_a_document_too, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(paths_become_uris, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
