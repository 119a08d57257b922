#include "base/json.h"
#include "base/value.h"
#include "unit.h"

static const Value *parsed(Arena *arena, const char *text)
{
    const Value *value = NULL;
    check_fine(json_parse_holes(arena, text, strlen(text), &value));
    return value;
}

static void check_format(const Value *value, const char *want)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    value_format(&text, value);
    assert_string_equal(text_get(&text), want);
}

static void scalars(void **state)
{
    Arena *arena = *state;
    assert_int_equal(value_as_int(value_int(arena, -5), 0), -5);
    assert_ptr_equal(value_bool(true), &value_true);
    assert_ptr_equal(value_bool(false), &value_false);
    assert_true(value_as_bool(&value_true, false));
    assert_string_equal(value_as_text(value_text(arena, "x"), NULL), "x");
    assert_int_equal(value_text(arena, NULL)->type, VALUE_NULL);
    assert_string_equal(value_as_text(value_textf(arena, "%s-%d", "pg", 3), NULL), "pg-3");
    assert_int_equal(value_real(arena, 1.5)->type, VALUE_REAL);
    assert_string_equal(value_secret(arena, "env:PW")->text, "env:PW");
    assert_string_equal(value_late(arena, "initdb")->text, "initdb");
}

static void reading_never_fails(void **state)
{
    Arena *arena = *state;
    Value *number = value_int(arena, 7);
    assert_null(value_get(NULL, "a"));
    assert_null(value_get(number, "a"));
    assert_null(value_at(NULL, 0));
    assert_null(value_at(number, 0));
    assert_null(value_at(&value_empty_list, 0));
    assert_int_equal(value_count(NULL), 0);
    assert_int_equal(value_count(number), 0);
    assert_int_equal(value_as_int(NULL, 9), 9);
    assert_int_equal(value_as_int(&value_true, 9), 9);
    assert_true(value_as_bool(number, true));
    assert_string_equal(value_as_text(number, "no"), "no");
    /* A hole is no text. */
    assert_string_equal(value_as_text(value_secret(arena, "a"), "no"), "no");
    assert_string_equal(value_get_text(&value_empty_map, "a"), "");
    assert_int_equal(value_get_int(&value_empty_map, "a", 3), 3);
    assert_true(value_get_bool(&value_empty_map, "a", true));
}

static void maps_keep_order_and_unique_keys(void **state)
{
    Arena *arena = *state;
    Value *map = value_map(arena);
    char key[] = "b";
    value_set_int(arena, map, key, 1);
    key[0] = 'x'; /* keys are copied */
    value_set_text(arena, map, "a", "text");
    value_set_bool(arena, map, "c", true);
    value_set_int(arena, map, "b", 2);
    assert_int_equal(value_count(map), 3);
    check_format(map, "{b: 2, a: \"text\", c: true}");
    assert_int_equal(value_get_int(map, "b", 0), 2);
    assert_string_equal(value_get_text(map, "a"), "text");
    assert_true(value_get_bool(map, "c", false));
}

static void big_maps(void **state)
{
    Arena *arena = *state;
    enum { COUNT = 20000 };
    Value *map = value_map(arena), *reversed = value_map(arena), *list = value_list(arena);
    for (int i = 0; i < COUNT; i++) {
        value_set_int(arena, map, arena_printf(arena, "key-%d", i), i);
        value_set_int(arena, reversed, arena_printf(arena, "key-%d", COUNT - 1 - i), COUNT - 1 - i);
        value_push(arena, list, value_int(arena, i));
    }
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(value_get_int(map, arena_printf(arena, "key-%d", i), -1), i);
        assert_int_equal(value_as_int(value_at(list, (size_t)i), -1), i);
    }
    assert_null(value_get(map, "key-20000"));
    assert_true(value_equal(map, reversed));
    assert_true(value_equal(map, value_copy(arena, map)));
    value_set_int(arena, reversed, "key-77", 0);
    assert_false(value_equal(map, reversed));
}

static void equality(void **state)
{
    Arena *arena = *state;
    /* Each differs from every other one. */
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "0",
        "1",
        "1.0",
        "2.5",
        "\"1\"",
        "\"\"",
        "[]",
        "[1]",
        "[1,2]",
        "[2,1]",
        "{}",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"b\":1}",
        "{\"a\":1,\"b\":1}",
        "{\"secret\":\"x\"}",
        "{\"secret\":\"y\"}",
        "{\"late\":\"x\"}",
        "[[[]]]",
    };
    for (size_t a = 0; a < COUNT_OF(texts); a++) {
        for (size_t b = 0; b < COUNT_OF(texts); b++) {
            bool equal = value_equal(parsed(arena, texts[a]), parsed(arena, texts[b]));
            if (equal != (a == b))
                fail_msg("%s and %s", texts[a], texts[b]);
        }
        assert_int_equal(value_equal(NULL, parsed(arena, texts[a])), a == 0);
    }
    assert_true(value_equal(NULL, NULL));
    assert_true(
        value_equal(parsed(arena, "{\"a\":1,\"b\":[2]}"), parsed(arena, "{\"b\":[2],\"a\":1}")));
}

static void copies_are_whole(void **state)
{
    static const char text[] = "{\"a\":[1,2.5,true,null,\"x\"],\"b\":{\"secret\":\"s\"},"
                               "\"c\":{\"late\":\"l\"},\"d\":{}}";
    Arena *first = arena_new();
    const Value *value = parsed(first, text);
    Value *copy = value_copy(*state, value);
    assert_true(value_equal(copy, value));
    arena_free(first);
    assert_true(value_equal(copy, parsed(*state, text)));
    assert_int_equal(value_copy(*state, NULL)->type, VALUE_NULL);
}

static void paths(void **state)
{
    Arena *arena = *state;
    const Value *value = parsed(
        arena, "{\"a\":{\"b\":[10,{\"c\":\"deep\"}]},\"x/y\":1,\"~z\":2,\"\":3,\"~2\":4,\"t~\":5}");
    static const struct {
        const char *path;
        const char *want; /* JSON, or NULL */
    } cases[] = {
        {"a/b/0", "10"},   {"a/b/1/c", "\"deep\""},
        {"a/b/2", NULL},   {"a/b/-1", NULL},
        {"a/b/+1", NULL},  {"a/b/", NULL},
        {"a/c/0", NULL},   {"a/b/0/c", NULL},
        {"x~1y", "1"},     {"~0z", "2"},
        {"/", NULL},       {"~2", "4"},
        {"t~", "5"},       {"a/b/99999999999999999999", NULL},
        {"nothing", NULL},
    };
    assert_ptr_equal(value_path(value, ""), value);
    assert_null(value_path(NULL, "a"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Value *got = value_path(value, cases[i].path);
        if ((got == NULL) != (cases[i].want == NULL))
            fail_msg("path '%s'", cases[i].path);
        if (got)
            assert_true(value_equal(got, parsed(arena, cases[i].want)));
    }
}

static const char *fill_known(void *context, const char *address)
{
    size_t *calls = context;
    (*calls)++;
    return strcmp(address, "known") == 0 ? "hunter2" : NULL;
}

static void filling_secrets(void **state)
{
    Arena *arena = *state;
    size_t calls = 0;
    const Value *plain = parsed(arena, "{\"a\":[1,\"x\"]}");
    assert_false(value_has_secret(plain));
    assert_false(value_has_secret(NULL));
    assert_ptr_equal(value_fill(arena, plain, fill_known, &calls), plain);
    assert_int_equal(calls, 0);

    const Value *holes = parsed(arena, "{\"a\":[1,{\"secret\":\"known\"}],"
                                       "\"b\":{\"secret\":\"other\"},\"c\":{\"late\":\"known\"}}");
    assert_true(value_has_secret(holes));
    assert_true(value_has_secret(value_get(holes, "a")));
    assert_false(value_has_secret(value_get(holes, "c")));
    const Value *filled = value_fill(arena, holes, fill_known, &calls);
    assert_int_equal(calls, 2);
    assert_true(value_equal(filled, parsed(arena, "{\"a\":[1,\"hunter2\"],"
                                                  "\"b\":{\"secret\":\"other\"},"
                                                  "\"c\":{\"late\":\"known\"}}")));
    assert_true(value_has_secret(value_get(holes, "a"))); /* the original is as it was */
}

static void for_people(void **state)
{
    Arena *arena = *state;
    check_format(NULL, "null");
    check_format(parsed(arena, "[\"a\",\"b\\n\",1,true,[]]"), "[\"a\", \"b\\n\", 1, true, []]");
    check_format(parsed(arena, "{\"pw\":{\"secret\":\"env:PW\"},\"id\":{\"late\":\"initdb\"}}"),
                 "{pw: (sensitive value), id: (known later)}");
    check_format(&value_empty_map, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars),
        cmocka_unit_test(reading_never_fails),
        cmocka_unit_test(maps_keep_order_and_unique_keys),
        cmocka_unit_test(big_maps),
        cmocka_unit_test(equality),
        cmocka_unit_test(copies_are_whole),
        cmocka_unit_test(paths),
        cmocka_unit_test(filling_secrets),
        cmocka_unit_test(for_people),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
