#include "base/text.h"
#include "unit.h"

static void texts_grow(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text text = TEXT_INIT;
    assert_string_equal(text_get(&text), "");
    assert_string_equal(text_copy(&text, arena), "");
    text_add_bytes(&text, NULL, 0);
    text_add(&text, "");
    assert_null(text.bytes);

    text_add(&text, "ab");
    text_add_char(&text, 'c');
    text_add_bytes(&text, "de\0f", 4);
    text_addf(&text, "%d%s", 42, "");
    text_addf(&text, "%s", "");
    assert_int_equal(text.length, 9);
    assert_memory_equal(text_get(&text), "abcde\0f42", 10);
    assert_memory_equal(text_copy(&text, arena), "abcde\0f42", 10);

    text_clear(&text);
    assert_string_equal(text_get(&text), "");
    text_add_repeat(&text, "xyz", 1000);
    assert_int_equal(strlen(text_get(&text)), 3000);
    text_addf(&text, "%2000d", 5);
    assert_int_equal(strlen(text_get(&text)), 5000);

    Text empty = TEXT_INIT;
    text_clear(&empty);
    assert_string_equal(text_get(&empty), "");
}

static void quoting_is_a_json_literal(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "\"\""},
        {"plain text", "\"plain text\""},
        {"a\"b\\c/d", "\"a\\\"b\\\\c/d\""},
        {"\n\t\r\b\f", "\"\\n\\t\\r\\b\\f\""},
        {"\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\""},
        {"caf\xc3\xa9 \xf0\x9f\x90\x98", "\"caf\xc3\xa9 \xf0\x9f\x90\x98\""},
        {"\xc2\x9b[2J", "\"\\u009b[2J\""},
        {"\xff z \xc3", "\"\\ufffd z \\ufffd\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        text_add_quoted(&text, cases[i].text);
        assert_string_equal(text_get(&text), cases[i].want);
    }
}

static void questions(void **state)
{
    (void)state;
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "b"));
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal(NULL, ""));
    assert_false(text_equal("", NULL));
    assert_true(text_starts_with("pg-test", "pg-"));
    assert_true(text_starts_with("pg", ""));
    assert_false(text_starts_with("pg", "pg-"));
    assert_true(text_ends_with("a.yml", ".yml"));
    assert_true(text_ends_with("a", ""));
    assert_false(text_ends_with("yml", ".yml"));
    assert_false(text_ends_with("a.yaml", ".yml"));
    const char *words[] = {"b", "c", "a"};
    qsort(words, COUNT_OF(words), sizeof(*words), text_compare);
    assert_string_equal(words[0], "a");
    assert_string_equal(words[2], "c");
}

static void utf8_is_strict(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool is_valid;
        size_t columns;
    } cases[] = {
        {"", true, 0},
        {"abc", true, 3},
        {"\xc3\xa9", true, 1},
        {"\xe2\x82\xac", true, 1},
        {"\xf0\x9f\x90\x98", true, 1},
        {"\xf4\x8f\xbf\xbf", true, 1},
        {"\xed\x9f\xbf", true, 1},
        {"\xc3", false, 1},         /* cut off */
        {"\xe2\x82", false, 1},     /* cut off */
        {"\xc3z", false, 2},        /* no continuation */
        {"\x80", false, 0},         /* a continuation alone */
        {"\xc0\x80", false, 1},     /* overlong NUL */
        {"\xe0\x80\x80", false, 1}, /* overlong */
        {"\xf0\x80\x80\x80", false, 1},
        {"\xed\xa0\x80", false, 1},     /* a surrogate */
        {"\xf4\x90\x80\x80", false, 1}, /* above U+10FFFF */
        {"\xf8\x88\x80\x80\x80", false, 1},
        {"\xff", false, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(text_is_valid_utf8(cases[i].bytes, strlen(cases[i].bytes)),
                         cases[i].is_valid);
        assert_int_equal(text_columns(cases[i].bytes), cases[i].columns);
    }
    assert_true(text_is_valid_utf8("a\0b", 3));
    assert_false(text_is_valid_utf8("\xc3\xa9", 1));
}

static void whole_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_number;
        int64_t want;
    } cases[] = {
        {"0", true, 0},
        {"-12", true, -12},
        {"+7", true, 7},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.5", false, 0},
        {"0x10", false, 0},
        {"--1", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t got = 99;
        assert_int_equal(text_to_int(cases[i].text, &got), cases[i].is_number);
        assert_int_equal(got, cases[i].is_number ? cases[i].want : 99);
    }
}

/* The parts joined with '|'. */
static const char *joined(Arena *arena, char **parts, size_t count)
{
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(arena, "%s%s%s", all, i ? "|" : "", parts[i]);
    return all;
}

static void splitting(void **state)
{
    Arena *arena = *state;
    char **parts;
    size_t count = text_split(arena, "a::b:", ':', &parts);
    assert_int_equal(count, 4);
    assert_string_equal(joined(arena, parts, count), "a||b|");
    count = text_split(arena, "", ':', &parts);
    assert_int_equal(count, 1);
    assert_string_equal(parts[0], "");

    count = text_words(arena, "  one\ttwo,three\n four ", false, &parts);
    assert_string_equal(joined(arena, parts, count), "one|two,three|four");
    count = text_words(arena, ", one,\ttwo,,three\r\n", true, &parts);
    assert_string_equal(joined(arena, parts, count), "one|two|three");
    assert_int_equal(text_words(arena, " \n", true, &parts), 0);
}

static void did_you_mean(void **state)
{
    (void)state;
    static const char *const names[] = {"plan", "apply", "switchover", "drift", "pg_parameters"};
    char lengthy[101];
    memset(lengthy, 'x', 100);
    lengthy[100] = '\0';
    static const struct {
        const char *word, *want;
    } cases[] = {
        {"plan", "plan"},
        {"plna", "plan"},
        {"pla", "plan"},
        {"pl", NULL},
        {"aply", "apply"},
        {"appyl", "apply"},
        {"switchvoer", "switchover"},
        {"swtchovr", "switchover"},
        {"swtchvr", NULL},
        {"pg_paramters", "pg_parameters"},
        {"drfit", "drift"},
        {"", NULL},
        {"completely", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *got = text_nearest(cases[i].word, names, COUNT_OF(names));
        if (!text_equal(got, cases[i].want))
            fail_msg("'%s' gives '%s'", cases[i].word, got ? got : "nothing");
    }
    assert_null(text_nearest(lengthy, names, COUNT_OF(names)));
    const char *const long_names[] = {lengthy};
    assert_null(text_nearest("xxx", long_names, 1));
    assert_null(text_nearest("plan", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_grow),    cmocka_unit_test(quoting_is_a_json_literal),
        cmocka_unit_test(questions),     cmocka_unit_test(utf8_is_strict),
        cmocka_unit_test(whole_numbers), cmocka_unit_test(splitting),
        cmocka_unit_test(did_you_mean),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
