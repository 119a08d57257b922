/* The table of rules itself; what each one says is in tests/cases/inventory. */
#include <ctype.h>
#include <time.h>

#include "base/text.h"
#include "schema/codes.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "schema/rules.h"
#include "schema/server_settings.h"
#include "unit.h"

static int rank(const Code *code)
{
    return (int)strtol(code->code + 1, NULL, 10) * 2 + (code->code[0] == 'W');
}

static void codes_are_sorted_and_explained(void **state)
{
    (void)state;
    assert_null(codes_at(codes_count()));
    assert_null(codes_find("E999"));
    for (size_t i = 0; i < codes_count(); i++) {
        const Code *code = codes_at(i);
        assert_ptr_equal(codes_find(code->code), code);
        assert_true(i == 0 || rank(codes_at(i - 1)) < rank(code));
        assert_true(*code->meaning && code->meaning[strlen(code->meaning) - 1] != '.');
        assert_true(text_ends_with(code->doc, "."));
    }
}

static void check_codes(Arena *arena, const Rule *rule)
{
    char **codes;
    size_t count = text_words(arena, rule->codes, false, &codes);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        bool fine = strlen(codes[i]) == 4 && strchr("EW", codes[i][0]) &&
                    isdigit((unsigned char)codes[i][1]) && isdigit((unsigned char)codes[i][2]) &&
                    isdigit((unsigned char)codes[i][3]);
        if (!fine || !codes_find(codes[i]))
            fail_msg("'%s' is no code", codes[i]);
    }
}

static void rows_are_whole(void **state)
{
    assert_true(rules_count() > 30);
    assert_null(rules_at(rules_count()));
    for (size_t i = 0; i < rules_count(); i++) {
        const Rule *rule = rules_at(i);
        check_codes(*state, rule);
        int functions = (rule->all != NULL) + (rule->cluster != NULL) + (rule->host != NULL) +
                        (rule->value != NULL);
        assert_int_equal(functions, 1);
        assert_true(rule->sentence && *rule->sentence);
        assert_int_equal(rule->value != NULL, rule->params[0] != NULL);
        for (size_t p = 0; p < RULE_PARAMS_MAX && rule->params[p]; p++)
            assert_non_null(params_find(rule->params[p], NULL));
    }
}

static void settings_have_versions(void **state)
{
    ServerSetting setting;
    assert_true(server_setting_find("work_mem", &setting));
    assert_true(setting.since == 0 && setting.until == 0);
    assert_true(server_setting_find("IO_Method", &setting));
    assert_string_equal(setting.name, "io_method");
    assert_int_equal(setting.since, 18);
    assert_true(server_setting_find("vacuum_defer_cleanup_age", &setting));
    assert_int_equal(setting.until, 16);
    for (size_t i = 0; server_setting_at(i); i++)
        assert_true(server_setting_find(server_setting_at(i), &setting));
    assert_false(server_setting_find("work_mem2", &setting));
    assert_false(server_setting_find("work", &setting));
    assert_false(server_setting_find("", &setting));
    assert_string_equal(server_setting_nearest(*state, "work_mme"), "work_mem");
    assert_string_equal(server_setting_nearest(*state, "io_metod"), "io_method");
    assert_null(server_setting_nearest(*state, "x"));
}

/* One long list costs no more a line than a short one: four thousand roles, each a member of the
 * next one, the last one of the first. */
static void long_lists_take_no_time(void **state)
{
    enum { ROLES = 4000 };
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text,
             "all: { children: { pg-a: { hosts: { 10.0.0.1: { pg_seq: 1, pg_role: primary } },"
             " vars: { pg_cluster: pg-a, pg_users: [");
    for (int i = 0; i < ROLES; i++)
        text_addf(&text, "{name: u%d, roles: [u%d]},", i, (i + 1) % ROLES);
    text_add(&text, "] } } } }\n");
    Diagnostics *diagnostics = diagnostics_new(*state);
    clock_t start = clock();
    inventory_load_bytes(*state, "f.yml", text_get(&text), text.length, diagnostics);
    assert_true(clock() - start < 5 * CLOCKS_PER_SEC);
    bool is_cycle = false;
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++)
        is_cycle |= strcmp(diagnostics_at(diagnostics, i)->code, "E018") == 0;
    assert_true(is_cycle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_sorted_and_explained),
        cmocka_unit_test_setup_teardown(rows_are_whole, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(settings_have_versions, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(long_lists_take_no_time, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
