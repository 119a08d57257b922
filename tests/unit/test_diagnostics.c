/* Problems: their order, their boxes, what of a source line is shown. */
#include <stdio.h>
#include <time.h>

#include "base/text.h"
#include "schema/diagnostics.h"
#include "unit.h"

static const char source[] = "all:\n"
                             "  vars: { pg_port: x, pg_admin_password: 'hunter2' }\n"
                             "\tb: \"caf\xc3\xa9 \x1b[31m\" z\n"
                             "last";

static const char *print(Arena *arena, Diagnostics *diagnostics, size_t limit, bool unicode,
                         bool color)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    diagnostics_print(stream, diagnostics, limit, unicode, color);
    fclose(stream);
    const char *copy = arena_strdup(arena, bytes);
    free(bytes);
    return copy;
}

static Diagnostics *with_source(Arena *arena)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    diagnostics_add_file(diagnostics, "f.yml", source, strlen(source));
    return diagnostics;
}

static void boxes_show_the_line_and_a_caret(void **state)
{
    Diagnostics *diagnostics = with_source(*state);
    Origin hidden = {"f.yml", 2, 42};
    diagnostics_hide(diagnostics, &hidden, 2, 51);
    diagnostics_add(diagnostics, "E002", &(Origin){"f.yml", 2, 20}, "Write a number.\nOr not.",
                    "pg_port is %s", "x");
    diagnostics_add(diagnostics, "W031", &hidden, NULL, "known")->width = 9;
    assert_string_equal(print(*state, diagnostics, 10, true, false),
                        "╷\n"
                        "│ Error E002: pg_port is x\n"
                        "│\n"
                        "│   f.yml:2:20   vars: { pg_port: x, pg_admin_password: *** }\n"
                        "│                                 ^\n"
                        "│ Write a number.\n"
                        "│ Or not.\n"
                        "╵\n"
                        "╷\n"
                        "│ Warning W031: known\n"
                        "│\n"
                        "│   f.yml:2:42   vars: { pg_port: x, pg_admin_password: *** }\n"
                        "│                                                       ^^^^^\n"
                        "╵\n"
                        "1 error, 1 warning.");
}

static void ascii_and_colour_differ_in_signs_only(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    diagnostics_add(diagnostics, "E001", NULL, "Do.", "no");
    assert_string_equal(print(*state, diagnostics, 10, false, false),
                        "+\n| Error E001: no\n|\n| Do.\n+\n1 error, 0 warnings.");
    assert_string_equal(print(*state, diagnostics, 10, false, true),
                        "+\n| \033[1;31mError E001:\033[0m no\n|\n| Do.\n+\n1 error, 0 warnings.");
    assert_non_null(strstr(print(*state, diagnostics, 10, true, true), "╷\n│ \033[1;31mError"));
}

static void at_most_limit_are_shown(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    for (int i = 0; i < 3; i++)
        diagnostics_add(diagnostics, "W001", NULL, NULL, "%d", i);
    assert_string_equal(print(*state, diagnostics, 1, false, false),
                        "+\n| Warning W001: 0\n+\n2 more not shown. 0 errors, 3 warnings.");
    assert_string_equal(print(*state, diagnostics_new(*state), 1, false, false),
                        "0 errors, 0 warnings.");
}

static void errors_come_first_then_places(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    diagnostics_add(diagnostics, "W001", &(Origin){"a.yml", 1, 1}, NULL, "6");
    diagnostics_add(diagnostics, "E002", NULL, NULL, "5");
    diagnostics_add(diagnostics, "E009", &(Origin){"b.yml", 1, 1}, NULL, "4");
    diagnostics_add(diagnostics, "E009", &(Origin){"a.yml", 2, 3}, NULL, "2");
    diagnostics_add(diagnostics, "E010", &(Origin){"a.yml", 2, 3}, NULL, "3");
    diagnostics_add(diagnostics, "E009", &(Origin){"a.yml", 2, 1}, NULL, "0");
    diagnostics_add(diagnostics, "E009", &(Origin){"a.yml", 2, 1}, NULL, "1");
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++)
        assert_int_equal(diagnostics_at(diagnostics, i)->message[0] - '0', i);
    assert_null(diagnostics_at(diagnostics, 7));
    assert_int_equal(diagnostics_error_count(diagnostics), 6);
    assert_int_equal(diagnostics_warning_count(diagnostics), 1);
}

static void waived_warnings_are_counted_not_shown(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    assert_string_equal(diagnostics_today(diagnostics), "");
    diagnostics_set_today(diagnostics, "2026-06-15");
    assert_string_equal(diagnostics_today(diagnostics), "2026-06-15");
    diagnostics_add(diagnostics, "W002", NULL, NULL, "shown");
    diagnostics_add(diagnostics, "W001", NULL, NULL, "not shown");
    diagnostics_add(diagnostics, "W008", NULL, NULL, "one too many");
    assert_string_equal(diagnostics_at(diagnostics, 0)->message, "not shown");
    diagnostics_waive(diagnostics, 0, "known", "2026-12-31");
    diagnostics_waive(diagnostics, 0, "well known", "2026-12-31");
    diagnostics_advise(diagnostics, 1, "One line.");
    diagnostics_advise(diagnostics, 1, "Two lines.");
    assert_int_equal(diagnostics_warning_count(diagnostics), 2);
    assert_int_equal(diagnostics_waived_count(diagnostics), 1);
    assert_string_equal(print(*state, diagnostics, 1, false, false),
                        "+\n| Warning W002: shown\n|\n| One line.\n| Two lines.\n+\n"
                        "1 more not shown. 0 errors, 2 warnings, 1 waived.");
    const Value *list = diagnostics_value(*state, diagnostics);
    const Value *waived = value_get(value_at(list, 0), "waived");
    assert_string_equal(value_get_text(waived, "reason"), "well known");
    assert_string_equal(value_get_text(waived, "until"), "2026-12-31");
    assert_null(value_get(value_at(list, 1), "waived"));
}

static void places_are_bounded(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    Diagnostic *problem = diagnostics_add(diagnostics, "E001", NULL, NULL, "x");
    diagnostic_add_place(problem, NULL);
    diagnostic_add_place(problem, &(Origin){"f", 0, 0});
    for (int i = 1; i < 10; i++)
        diagnostic_add_place(problem, &(Origin){"f", i, 1});
    assert_int_equal(problem->place_count, DIAGNOSTIC_PLACES_MAX);
    assert_int_equal(problem->places_left_off, 9 - DIAGNOSTIC_PLACES_MAX);
    const Value *value = value_at(diagnostics_value(*state, diagnostics), 0);
    assert_int_equal(value_get_int(value, "more_places", 0), 9 - DIAGNOSTIC_PLACES_MAX);
    assert_non_null(strstr(print(*state, diagnostics, 1, false, false), "and 5 more places\n"));
}

static void terminals_are_not_written_to_by_files(void **state)
{
    Diagnostics *diagnostics = with_source(*state);
    diagnostics_add(diagnostics, "E001", &(Origin){"f.yml", 3, 16}, NULL, "a\033[2Jb\x80");
    assert_string_equal(print(*state, diagnostics, 1, false, false),
                        "+\n"
                        "| Error E001: a?[2Jb?\n"
                        "|\n"
                        "|   f.yml:3:16   b: \"caf\xc3\xa9 ?[31m\" z\n"
                        "|                              ^\n"
                        "+\n"
                        "1 error, 0 warnings.");
}

static void lines_that_are_not_there_have_no_text(void **state)
{
    Diagnostics *diagnostics = with_source(*state);
    diagnostics_add(diagnostics, "E001", &(Origin){"f.yml", 4, 9}, NULL, "x");
    diagnostics_add(diagnostics, "E002", &(Origin){"f.yml", 40, 1}, NULL, "y");
    diagnostics_add(diagnostics, "E003", &(Origin){"g.yml", 1, 1}, NULL, "z");
    assert_string_equal(print(*state, diagnostics, 9, false, false),
                        "+\n| Error E001: x\n|\n|   f.yml:4:9   last\n|                   ^\n+\n"
                        "+\n| Error E002: y\n|\n|   f.yml:40:1\n+\n"
                        "+\n| Error E003: z\n|\n|   g.yml:1:1\n+\n"
                        "3 errors, 0 warnings.");
}

static void long_lines_are_cut_around_the_caret(void **state)
{
    char *line = arena_alloc(*state, 301);
    for (int i = 0; i < 300; i++)
        line[i] = (char)('a' + i % 26);
    Diagnostics *diagnostics = diagnostics_new(*state);
    diagnostics_add_file(diagnostics, "f.yml", line, 300);
    diagnostics_add(diagnostics, "E001", &(Origin){"f.yml", 1, 150}, NULL, "x");
    const char *text = print(*state, diagnostics, 1, false, false);
    const char *shown = strstr(text, "f.yml:1:150   ") + strlen("f.yml:1:150   ");
    size_t length = strcspn(shown, "\n");
    assert_in_range(length, 70, 100);
    const char *caret = strchr(shown, '^');
    const char *under = strchr(shown, '\n') + 1;
    assert_int_equal(shown[(caret - under) - (long)strlen("|   f.yml:1:150   ")], line[149]);
}

static void too_long_messages_lose_their_middle(void **state)
{
    static const size_t lengths[] = {700, 780, 789, 790, 791, 1000, 100000};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        CLEANUP(text_release) Text value = TEXT_INIT;
        text_add_repeat(&value, i % 2 ? "\xc3\xbc" : "v", i % 2 ? lengths[i] / 2 : lengths[i]);
        Diagnostics *diagnostics = diagnostics_new(*state);
        const Diagnostic *diagnostic =
            diagnostics_add(diagnostics, "E001", NULL, NULL, "x is %s, no y", text_get(&value));
        bool is_whole = value.length + strlen("x is , no y") <= 800;
        assert_int_equal(!strstr(diagnostic->message, " ... "), is_whole);
        assert_true(text_starts_with(diagnostic->message, "x is "));
        assert_true(text_ends_with(diagnostic->message, ", no y"));
        assert_in_range(strlen(diagnostic->message), 700, 800);
        assert_true(text_is_valid_utf8(diagnostic->message, strlen(diagnostic->message)));
    }
}

/* Each is found again without a look at all others. */
static void many_files_are_known(void **state)
{
    enum { FILES = 50000 };
    Diagnostics *diagnostics = diagnostics_new(*state);
    clock_t start = clock();
    for (int i = 0; i < FILES; i++)
        diagnostics_add_file(diagnostics, arena_printf(*state, "inventories/%d.yml", i), "a: 1", 4);
    assert_true(clock() - start < CLOCKS_PER_SEC * 2);
    diagnostics_add(diagnostics, "E001", &(Origin){"inventories/49999.yml", 1, 1}, NULL, "x");
    assert_non_null(strstr(print(*state, diagnostics, 1, false, false), "a: 1"));
}

static void long_messages_are_wrapped(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    char *words = arena_alloc(*state, 301);
    for (int i = 0; i < 300; i++)
        words[i] = i % 10 == 9 ? ' ' : 'w';
    words[120] = '\0';
    diagnostics_add(diagnostics, "E001", NULL, NULL, "%s", words);
    memset(words, 'x', 300);
    diagnostics_add(diagnostics, "E002", NULL, words, "y");
    const char *text = print(*state, diagnostics, 2, false, false);
    for (const char *line = text; strchr(line, '\n'); line = strchr(line, '\n') + 1) {
        if (!strstr(line, "xxx") || strstr(line, "xxx") > strchr(line, '\n'))
            assert_in_range(strcspn(line, "\n"), 1, 100);
    }
    assert_non_null(strstr(text, "\n| wwww"));
    assert_non_null(strstr(text, words)); /* a word is never broken */
}

static void files_that_did_not_parse_show_nothing_after_a_secret_key(void **state)
{
    static const char text[] = "a: { login: x, \"db_password\" : hunter2, b: c }\n"
                               "plain: line\n";
    Diagnostics *diagnostics = diagnostics_new(*state);
    diagnostics_add_file(diagnostics, "f.yml", text, strlen(text));
    diagnostics_distrust(diagnostics, "f.yml");
    diagnostics_add(diagnostics, "E000", &(Origin){"f.yml", 1, 45}, NULL, "x");
    diagnostics_add(diagnostics, "E000", &(Origin){"f.yml", 2, 1}, NULL, "x");
    const char *shown = print(*state, diagnostics, 2, false, false);
    assert_null(strstr(shown, "hunter2"));
    assert_non_null(strstr(shown, "a: { login: x, \"db_password\" :***\n"));
    assert_non_null(strstr(shown, "plain: line\n"));
}

static void spans_over_several_lines_are_hidden(void **state)
{
    static const char text[] = "a: |\n  one\n  two\nb: 1\n";
    Diagnostics *diagnostics = diagnostics_new(*state);
    diagnostics_add_file(diagnostics, "f.yml", text, strlen(text));
    diagnostics_hide(diagnostics, &(Origin){"f.yml", 1, 4}, 4, 1);
    for (int line = 1; line <= 4; line++)
        diagnostics_add(diagnostics, "E000", &(Origin){"f.yml", line, 3}, NULL, "x");
    const char *shown = print(*state, diagnostics, 9, false, false);
    assert_null(strstr(shown, "one"));
    assert_null(strstr(shown, "two"));
    assert_non_null(strstr(shown, "f.yml:1:3   a: ***\n"));
    assert_non_null(strstr(shown, "f.yml:2:3   ***\n"));
    assert_non_null(strstr(shown, "f.yml:4:3   b: 1\n"));
}

static void values_hold_everything(void **state)
{
    Diagnostics *diagnostics = diagnostics_new(*state);
    Origin place = {"f.yml", 3, 4};
    diagnostic_add_place(diagnostics_add(diagnostics, "E009", &place, "Do.", "two"), &place);
    diagnostics_add(diagnostics, "W001", NULL, NULL, "one");
    const Value *list = diagnostics_value(*state, diagnostics);
    assert_int_equal(value_count(list), 2);
    const Value *first = value_at(list, 0);
    assert_string_equal(value_get_text(first, "code"), "E009");
    assert_string_equal(value_get_text(first, "severity"), "error");
    assert_string_equal(value_get_text(first, "message"), "two");
    assert_string_equal(value_get_text(first, "advice"), "Do.");
    assert_int_equal(value_count(value_get(first, "places")), 2);
    assert_int_equal(value_get_int(value_path(first, "places/1"), "line", 0), 3);
    assert_string_equal(value_get_text(value_path(first, "places/0"), "file"), "f.yml");
    assert_string_equal(value_get_text(value_at(list, 1), "severity"), "warning");
    assert_int_equal(value_get(value_at(list, 1), "advice")->type, VALUE_NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(boxes_show_the_line_and_a_caret, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(ascii_and_colour_differ_in_signs_only, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(at_most_limit_are_shown, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(errors_come_first_then_places, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(waived_warnings_are_counted_not_shown, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(places_are_bounded, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(terminals_are_not_written_to_by_files, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(lines_that_are_not_there_have_no_text, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(long_lines_are_cut_around_the_caret, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(too_long_messages_lose_their_middle, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(many_files_are_known, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(long_messages_are_wrapped, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(files_that_did_not_parse_show_nothing_after_a_secret_key,
                                        arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(spans_over_several_lines_are_hidden, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(values_hold_everything, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
