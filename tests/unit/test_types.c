/*
 * What types refuse: tests/cases/types/refused.case has lines "PARAMETER: VALUE", each followed by
 * what is said about it, "    CODE line:column message | advice". UPDATE_GOLDEN=1 rewrites that.
 */
#include "base/file.h"
#include "base/text.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "unit.h"

static const char path[] = TESTS_DIR "/cases/types/refused.case";

static bool is_definition(const char *line)
{
    return *line && *line != '#' && *line != ' ';
}

static void add_problem(Text *out, const Diagnostic *problem)
{
    text_addf(out, "    %s %d:%d %s", problem->code, problem->places[0].line,
              problem->places[0].column, problem->message);
    if (problem->advice)
        text_addf(out, " | %s", problem->advice);
    text_add_char(out, '\n');
}

static void play(Arena *arena, const char *line, bool refused[TYPE_COUNT], Text *out)
{
    const char *name = arena_strndup(arena, line, strcspn(line, ":"));
    const Parameter *row = params_find(name, NULL);
    const char *source = arena_printf(arena, "all:\n  vars:\n    %s\n", line);
    Diagnostics *diagnostics = diagnostics_new(arena);
    assert_non_null(row);
    inventory_load_bytes(arena, "f.yml", source, strlen(source), diagnostics);
    if (diagnostics_error_count(diagnostics) == 0)
        fail_msg("nothing is wrong with  %s", line);
    refused[row->type] = true;
    for (size_t i = 0; i < diagnostics_error_count(diagnostics); i++)
        add_problem(out, diagnostics_at(diagnostics, i));
}

static void each_type_refuses_something(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text out = TEXT_INIT;
    bool refused[TYPE_COUNT] = {false};
    char *text, **lines;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &text, &length));
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i + 1 < count; i++) {
        if (*lines[i] == ' ')
            continue;
        text_addf(&out, "%s\n", lines[i]);
        if (is_definition(lines[i]))
            play(arena, lines[i], refused, &out);
    }
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, text_get(&out), out.length));
    else
        assert_string_equal(text, text_get(&out));
    for (int type = 0; type < TYPE_COUNT; type++) {
        if (!refused[type])
            fail_msg("no line shows what is not %s", params_type_name((ParameterType)type));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_type_refuses_something, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
