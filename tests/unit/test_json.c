#include <math.h>

#include "base/json.h"
#include "unit.h"

typedef void Writer(Text *out, const Value *value);

static void check_written(Writer *write, const Value *value, const char *want)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    write(&text, value);
    assert_string_equal(text_get(&text), want);
}

static const Value *parsed(Arena *arena, const char *text)
{
    const Value *value = NULL;
    check_fine(json_parse(arena, text, strlen(text), &value));
    return value;
}

static void what_is_read_is_written_again(void **state)
{
    static const char *const texts[] = {
        "null",
        "true",
        "[false,0,-1,9223372036854775807,-9223372036854775808]",
        "{\"b\":1,\"a\":{\"y\":[],\"x\":{}}}",
        "\"a\\\"b\\\\c\\nd\\u0001 \xc3\xa9 \xf0\x9f\x90\x98\"",
        "[0.1,1.0,-2.5,1e+300,3.141592653589793,4.94065645841247e-324]",
        "{\"\":\"\"}",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        check_written(json_write, parsed(*state, texts[i]), texts[i]);
}

static void other_spellings(void **state)
{
    Arena *arena = *state;
    check_written(json_write, parsed(arena, " [ 1 ,\t2 ]\n"), "[1,2]");
    check_written(json_write, parsed(arena, "\"\\u0041\\/\\ud83d\\udc18\""),
                  "\"A/\xf0\x9f\x90\x98\"");
    check_written(json_write, parsed(arena, "1e2"), "100.0");
}

static void refused_texts(void **state)
{
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"", "line 1"},
        {"{", "line 1"},
        {"[1,]", "line 1"},
        {"[1] x", "end of file expected"},
        {"{\"a\":1,\n\"a\":2}", "line 2, column 3: duplicate object key"},
        {"\"\xff\"", "unable to decode byte 0xff"},
        {"\"\xed\xa0\x80\"", "unable to decode byte 0xed"},
        {"\"\\u0000\"", "\\u0000"},
        {"{\"\\u0000\":1}", "\\u0000"},
        {"\"a\nb\"", "unexpected newline"},
        {"\"a\x01\"", "control character"},
        {"9223372036854775808", "too big integer"},
        {"1e999", "overflow"},
        {"nul", "line 1"},
        {"'a'", "line 1"},
        {"]]]", "line 1"},
        {"[1 /* no comments */]", "line 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Value *value = &value_true;
        check_error(json_parse(*state, cases[i].text, strlen(cases[i].text), &value), ERROR_INVALID,
                    cases[i].part);
        assert_ptr_equal(value, &value_true);
    }
    const Value *value = NULL;
    check_error(json_parse(*state, "\"a\0b\"", 5, &value), ERROR_INVALID, "line 1");
}

/* `depth` lists inside each other, with brackets in texts that must not count. */
static Text nested(size_t depth)
{
    Text text = TEXT_INIT;
    text_add(&text, "\n");
    text_add_repeat(&text, "[\"\\\"[[{\",", depth - 1);
    text_add(&text, "{}");
    text_add_repeat(&text, "]", depth - 1);
    return text;
}

static void depth_is_bounded(void **state)
{
    const Value *value = NULL;
    CLEANUP(text_release) Text deepest = nested(JSON_MAX_DEPTH);
    check_fine(json_parse(*state, deepest.bytes, deepest.length, &value));
    CLEANUP(text_release) Text deeper = nested(JSON_MAX_DEPTH + 1);
    check_error(json_parse(*state, deeper.bytes, deeper.length, &value), ERROR_INVALID,
                "line 2: nested more than 256 levels deep");
    CLEANUP(text_release) Text wide = TEXT_INIT;
    text_add(&wide, "[");
    text_add_repeat(&wide, "[{}],", 1000);
    text_add(&wide, "0]");
    check_fine(json_parse(*state, wide.bytes, wide.length, &value));
    assert_int_equal(value_count(value), 1001);
}

static void holes(void **state)
{
    static const char text[] = "{\"a\":{\"secret\":\"env:PW\"},\"b\":{\"late\":\"initdb\"},"
                               "\"c\":{\"secret\":1},\"d\":{\"secret\":\"x\",\"more\":1}}";
    const Value *value = NULL;
    check_fine(json_parse_holes(*state, text, strlen(text), &value));
    assert_int_equal(value_get(value, "a")->type, VALUE_SECRET);
    assert_string_equal(value_get(value, "a")->text, "env:PW");
    assert_int_equal(value_get(value, "b")->type, VALUE_LATE);
    assert_int_equal(value_get(value, "c")->type, VALUE_MAP);
    assert_int_equal(value_get(value, "d")->type, VALUE_MAP);
    check_written(json_write, value, text);
    check_written(json_write_pretty, value_get(value, "a"), "{\"secret\": \"env:PW\"}");

    check_fine(json_parse(*state, text, strlen(text), &value));
    assert_int_equal(value_get(value, "a")->type, VALUE_MAP);
    check_written(json_write, value, text);
}

static void canonical_sorts_by_bytes(void **state)
{
    Arena *arena = *state;
    const char *want = "{\"A\":1,\"a\":{\"x\":1,\"y\":[{\"p\":1,\"q\":2}]},\"b\":2,\"\xc3\xa9\":3}";
    check_written(json_write_canonical,
                  parsed(arena, "{\"\xc3\xa9\":3,\"b\":2,\"a\":{\"y\":[{\"q\":2,\"p\":1}],"
                                "\"x\":1},\"A\":1}"),
                  want);
    check_written(json_write_canonical, parsed(arena, want), want);
}

static void pretty_indents(void **state)
{
    check_written(json_write_pretty, parsed(*state, "{\"b\":[1,{\"c\":null}],\"a\":{},\"d\":[]}"),
                  "{\n"
                  "  \"b\": [\n"
                  "    1,\n"
                  "    {\n"
                  "      \"c\": null\n"
                  "    }\n"
                  "  ],\n"
                  "  \"a\": {},\n"
                  "  \"d\": []\n"
                  "}");
}

static void what_json_cannot_say(void **state)
{
    check_written(json_write, value_real(*state, (double)NAN), "null");
    check_written(json_write, value_real(*state, (double)INFINITY), "null");
    check_written(json_write, NULL, "null");
}

static void big_documents(void **state)
{
    Arena *arena = *state;
    Value *map = value_map(arena);
    for (int i = 0; i < 20000; i++)
        value_set_int(arena, map, arena_printf(arena, "key-%d", i), i);
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, map);
    const Value *again = NULL;
    check_fine(json_parse(arena, text.bytes, text.length, &again));
    assert_true(value_equal(map, again));
    check_written(json_write, again, text_get(&text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_is_written_again),
        cmocka_unit_test(other_spellings),
        cmocka_unit_test(refused_texts),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(holes),
        cmocka_unit_test(canonical_sorts_by_bytes),
        cmocka_unit_test(pretty_indents),
        cmocka_unit_test(what_json_cannot_say),
        cmocka_unit_test(big_documents),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
