/* Content of files in pieces: each value is quoted for the format that it stands in. */
#include "schema/contract/content.h"
#include "unit.h"

static void values_are_quoted_for_their_format(void **state)
{
    Arena *arena = *state;
    static const struct {
        const char *quote, *value, *want; /* want NULL: refused */
    } cases[] = {
        {"yaml", "it's", "'it''s'"},
        {"yaml", "a\n\t\"\\b\r", "\"a\\n\\t\\\"\\\\b\\r\""},
        {"userlist", "a\"b", "\"a\"\"b\""},
        {"userlist", "a\nb", NULL},
        {"conf", "it's \\ here", "'it''s \\\\ here'"},
        {"conf", "a\rb", NULL},
        {"pgpass", "a:b\\c", "a\\:b\\\\c"},
        {"pgpass", "a\nb", NULL},
        {"haproxy", "a b\t'c' #\\\"d", "a\\ b\\t\\'c\\'\\ \\#\\\\\\\"d"},
        {"haproxy", "a\nb", NULL},
        {"plain", "a'b\n", "a'b\n"},
        {"sql", "canary", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Value *content = value_list(arena);
        const char *text = "untouched";
        value_push(arena, content, value_text(arena, "<"));
        value_push(arena, content,
                   content_piece(arena, cases[i].quote, value_text(arena, cases[i].value)));
        value_push(arena, content, value_text(arena, ">"));
        Error *error = content_render(arena, content, &text);
        if (!cases[i].want) {
            assert_null(strstr(error->message, cases[i].value));
            check_error(error, ERROR_INVALID, cases[i].quote[0] == 's' ? "'sql'" : "line break");
            continue;
        }
        check_fine(error);
        assert_string_equal(text, arena_printf(arena, "<%s>", cases[i].want));
    }
}

static void a_text_is_content_and_a_hole_is_not(void **state)
{
    Arena *arena = *state;
    const char *text = NULL;
    check_fine(content_render(arena, value_text(arena, "as it is"), &text));
    assert_string_equal(text, "as it is");
    check_error(content_render(arena, NULL, &text), ERROR_INVALID, "neither text nor list");
    check_error(content_render(arena, value_map(arena), &text), ERROR_INVALID, "neither");
    Value *content = value_list(arena);
    value_push(arena, content, content_piece(arena, "plain", value_secret(arena, "canary")));
    check_error(content_render(arena, content, &text), ERROR_INVALID, "was not filled in");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_quoted_for_their_format, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(a_text_is_content_and_a_hole_is_not, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
