/* Equality of values by param type, and of PostgreSQL settings in the server's units. */
#include <string.h>

#include "base/json.h"
#include "plans/compare.h"
#include "plans/pg_setting.h"
#include "unit.h"

static const Value *json(Arena *arena, const char *text)
{
    const Value *value = NULL;
    Error *error = json_parse_holes(arena, text, strlen(text), &value);
    assert_null(error);
    return value;
}

static const struct {
    const char *name, *desired, *observed;
    bool equal;
} setting_cases[] = {
    /* without the server's word */
    {"x", "\"on\"", "true", true},
    {"x", "\"ON\"", "\"yes\"", true},
    {"x", "\"off\"", "true", false},
    {"x", "\"2GB\"", "\"2048MB\"", true},
    {"x", "\"2GB\"", "\"2047MB\"", false},
    {"x", "\"5min\"", "\"300s\"", true},
    {"x", "\"5min\"", "\"300MB\"", false},
    {"x", "\"2GB\"", "262144", false},
    {"x", "100", "\"100\"", true},
    {"x", "\"0.9\"", "0.90", true},
    {"x", "\"1\"", "\"1.0\"", true},
    {"x", "\"scram-sha-256\"", "\"md5\"", false},
    {"x", "\"1\"", "\"on\"", true},
    {"x", "\"1\"", "\"0\"", false},
    {"x", "\"o\"", "\"off\"", false},
    {"x", "\"\"", "\"off\"", false},
    {"x", "\"1e999\"", "\"5\"", false},
    {"x", "\"5 min\"", "\"300000ms\"", true},
    {"x", "\"12 parsecs\"", "\"12\"", false},
    {"x", "null", "null", true},
    {"x", "null", "\"5\"", false},
    {"x", "[1]", "[1]", true},
    {"x", "[1]", "{\"setting\": [1]}", true},
    {"x", "{\"a\": 1}", "\"5\"", false},
    /* lists of names */
    {"shared_preload_libraries", "\"a, b\"", "\"a,b \"", true},
    {"shared_preload_libraries", "\" a,b\"", "\"a, b\"", true},
    {"shared_preload_libraries", "\"a, b\"", "\"a,b,c\"", false},
    {"shared_preload_libraries", "\"a b\"", "\"ab\"", false},
    {"shared_preload_libraries", "\"a\"", "\"b\"", false},
    {"shared_preload_libraries", "\"\"", "\" \"", true},
    {"log_line_prefix", "\"%m, %p\"", "\"%m,%p\"", false},
    /* with it */
    {"x", "\"2GB\"", "{\"setting\": \"262144\", \"unit\": \"8kB\", \"vartype\": \"integer\"}",
     true},
    {"x", "\"2GB\"", "{\"setting\": \"2GB\", \"unit\": \"8kB\", \"vartype\": \"integer\"}", true},
    {"x", "\"4GB\"", "{\"setting\": \"262144\", \"unit\": \"8kB\", \"vartype\": \"integer\"}",
     false},
    {"x", "\"100kB\"", "{\"setting\": \"12\", \"unit\": \"8kB\", \"vartype\": \"integer\"}",
     true}, /* 12.5 is rounded to even */
    {"x", "262144", "{\"setting\": \"262144\", \"unit\": \"8kB\", \"vartype\": \"integer\"}", true},
    {"x", "-1", "{\"setting\": \"-1\", \"unit\": \"ms\", \"vartype\": \"integer\"}", true},
    {"x", "\"30s\"", "{\"setting\": \"30000\", \"unit\": \"ms\", \"vartype\": \"integer\"}", true},
    {"x", "\"30MB\"", "{\"setting\": \"30\", \"unit\": \"ms\", \"vartype\": \"integer\"}", false},
    {"x", "500", "{\"setting\": \"500\", \"unit\": \"\", \"vartype\": \"integer\"}", true},
    {"x", "\"1MB\"", "{\"setting\": \"1024kB\", \"unit\": \"\", \"vartype\": \"integer\"}", true},
    {"x", "\"many\"", "{\"setting\": \"few\", \"unit\": \"\", \"vartype\": \"integer\"}", false},
    {"x", "0.9", "{\"setting\": \"0.90\", \"unit\": \"\", \"vartype\": \"real\"}", true},
    {"x", "0.9", "{\"setting\": \"0.8\", \"unit\": \"\", \"vartype\": \"real\"}", false},
    {"x", "true", "{\"setting\": \"on\", \"unit\": null, \"vartype\": \"bool\"}", true},
    {"x", "1", "{\"setting\": \"on\", \"unit\": null, \"vartype\": \"bool\"}", true},
    {"x", "\"f\"", "{\"setting\": \"on\", \"unit\": null, \"vartype\": \"bool\"}", false},
    {"x", "\"Local\"", "{\"setting\": \"local\", \"vartype\": \"enum\"}", true},
    {"x", "true", "{\"setting\": \"on\", \"vartype\": \"enum\"}", true},
    {"x", "\"local\"", "{\"setting\": \"on\", \"vartype\": \"enum\"}", false},
    {"x", "\"1\"", "{\"setting\": \"1.0\", \"vartype\": \"string\"}", false},
};

static void settings_compare_as_the_server_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(setting_cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        bool equal = pg_setting_equal(setting_cases[i].name, json(arena, setting_cases[i].desired),
                                      json(arena, setting_cases[i].observed));
        if (equal != setting_cases[i].equal)
            fail_msg("case %zu: %s, %s", i, setting_cases[i].desired, setting_cases[i].observed);
    }
}

static void settings_are_shown_in_large_units(void **state)
{
    (void)state;
    static const struct {
        const char *observed, *want;
    } cases[] = {
        {"{\"setting\": \"262144\", \"unit\": \"8kB\"}", "\"2GB\""},
        {"{\"setting\": \"1000\", \"unit\": \"8kB\"}", "\"8000kB\""},
        {"{\"setting\": 5, \"unit\": \"min\"}", "\"5min\""},
        {"{\"setting\": \"120\", \"unit\": \"s\"}", "\"2min\""},
        {"{\"setting\": \"-1\", \"unit\": \"s\"}", "\"-1\""},
        {"{\"setting\": \"2GB\", \"unit\": \"8kB\"}", "\"2GB\""},
        {"{\"setting\": \"5\", \"unit\": \"\"}", "\"5\""},
        {"{\"setting\": [1], \"unit\": \"s\"}", "[1]"},
        {"{\"set\": \"5\"}", "{\"set\":\"5\"}"},
        {"\"on\"", "\"on\""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        CLEANUP(text_release) Text text = TEXT_INIT;
        json_write(&text, pg_setting_plain(arena, json(arena, cases[i].observed)));
        assert_string_equal(text_get(&text), cases[i].want);
    }
    CLEANUP(arena_freep) Arena *arena = arena_new();
    assert_null(pg_setting_plain(arena, NULL));
}

static const struct {
    ParamType type;
    unsigned flags;
    const char *desired, *observed;
    Comparison want;
} param_cases[] = {
    {PARAM_BOOL, 0, "true", "true", COMPARE_EQUAL},
    {PARAM_BOOL, 0, "true", "\"on\"", COMPARE_EQUAL},
    {PARAM_BOOL, 0, "true", "false", COMPARE_DIFFER},
    {PARAM_BOOL, 0, "false", "null", COMPARE_DIFFER},
    {PARAM_INT, 0, "5", "5", COMPARE_EQUAL},
    {PARAM_INT, 0, "5", "\"5\"", COMPARE_EQUAL},
    {PARAM_INT, 0, "5", "6", COMPARE_DIFFER},
    {PARAM_STRING, 0, "\"a\"", "\"a\"", COMPARE_EQUAL},
    {PARAM_STRING, 0, "\"\"", "null", COMPARE_EQUAL},
    {PARAM_STRING, 0, "\"a\"", "null", COMPARE_DIFFER},
    {PARAM_STRING, 0, "null", "\"a\"", COMPARE_DIFFER},
    {PARAM_SIZE, 0, "\"1GB\"", "\"1024MB\"", COMPARE_EQUAL},
    {PARAM_SIZE, 0, "\"1kB\"", "1024", COMPARE_EQUAL},
    {PARAM_SIZE, 0, "\"1GB\"", "\"1MB\"", COMPARE_DIFFER},
    {PARAM_SIZE, 0, "\"big\"", "\"big\"", COMPARE_EQUAL},
    {PARAM_DURATION, 0, "\"60s\"", "\"1min\"", COMPARE_EQUAL},
    {PARAM_DURATION, 0, "\"60s\"", "60000", COMPARE_EQUAL},
    {PARAM_DURATION, 0, "\"60s\"", "\"2min\"", COMPARE_DIFFER},
    {PARAM_DURATION, 0, "\"soon\"", "\"later\"", COMPARE_DIFFER},
    {PARAM_LIST, 0, "[\"a\", \"b\"]", "[\"a\", \"b\"]", COMPARE_EQUAL},
    {PARAM_LIST, 0, "[1, \"b\"]", "[\"1\", \"b\"]", COMPARE_EQUAL},
    {PARAM_LIST, 0, "[\"a\", \"b\"]", "[\"b\", \"a\"]", COMPARE_DIFFER},
    {PARAM_LIST, 0, "[\"a\"]", "[\"a\", \"b\"]", COMPARE_DIFFER},
    {PARAM_LIST, 0, "[\"a\", \"b\"]", "[\"a\"]", COMPARE_DIFFER},
    {PARAM_LIST, PARAM_FLAG_ADD_ONLY, "[\"a\", \"b\"]", "[\"a\", \"x\", \"b\", \"y\"]",
     COMPARE_EQUAL},
    {PARAM_LIST, PARAM_FLAG_ADD_ONLY, "[\"b\", \"a\"]", "[\"a\", \"x\", \"b\"]", COMPARE_DIFFER},
    {PARAM_LIST, 0, "[]", "null", COMPARE_EQUAL},
    {PARAM_LIST, 0, "[]", "[1]", COMPARE_DIFFER},
    {PARAM_LIST, PARAM_FLAG_ADD_ONLY, "[]", "[1]", COMPARE_EQUAL},
    {PARAM_LIST, 0, "[\"a\"]", "\"a\"", COMPARE_DIFFER},
    {PARAM_SET, 0, "[\"a\", \"b\"]", "[\"b\", \"a\"]", COMPARE_EQUAL},
    {PARAM_SET, 0, "[\"a\", \"a\"]", "[\"a\"]", COMPARE_EQUAL},
    {PARAM_SET, 0, "[\"a\"]", "[\"b\"]", COMPARE_DIFFER},
    {PARAM_SET, 0, "[\"a\"]", "[\"a\", \"b\"]", COMPARE_DIFFER},
    {PARAM_SET, PARAM_FLAG_ADD_ONLY, "[\"a\"]", "[\"a\", \"b\"]", COMPARE_EQUAL},
    {PARAM_SET, 0, "[{\"x\": 1, \"y\": 2}]", "[{\"y\": 2, \"x\": 1}]", COMPARE_EQUAL},
    {PARAM_SET, 0, "[\"a\"]", "{\"a\": 1}", COMPARE_DIFFER},
    {PARAM_MAP, 0, "{\"a\": 1}", "{\"a\": 1}", COMPARE_EQUAL},
    {PARAM_TEXT, 0, "\"a\\nb\"", "\"a\\nb\"", COMPARE_EQUAL},
    {PARAM_TEXT, 0, "\"a\\nb\"", "\"a\\nc\"", COMPARE_DIFFER},
    {PARAM_LINES, 0, "[\"a\"]", "[\"a\"]", COMPARE_EQUAL},
    {PARAM_SETTINGS, 0, "\"on\"", "\"yes\"", COMPARE_EQUAL},
    {PARAM_STRING, 0, "{\"late\": \"ca\"}", "\"a\"", COMPARE_NOT_POSSIBLE},
    {PARAM_STRING, 0, "{\"secret\": \"s\"}", "\"match\"", COMPARE_EQUAL},
    {PARAM_STRING, 0, "{\"secret\": \"s\"}", "{\"matches\": true}", COMPARE_EQUAL},
    {PARAM_STRING, 0, "{\"secret\": \"s\"}", "\"differ\"", COMPARE_DIFFER},
    {PARAM_STRING, 0, "{\"secret\": \"s\"}", "{\"matches\": false}", COMPARE_DIFFER},
    {PARAM_STRING, 0, "{\"secret\": \"s\"}", "null", COMPARE_DIFFER},
    {PARAM_STRING, 0, "{\"secret\": \"s\"}", "\"5f3c\"", COMPARE_NOT_POSSIBLE},
    {PARAM_LIST, 0, "[\"a\", {\"secret\": \"s\"}]", "\"match\"", COMPARE_EQUAL},
};

static void params_compare_by_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(param_cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        ParamRow row = {.name = "p", .type = param_cases[i].type, .flags = param_cases[i].flags};
        Comparison got = compare_param(&row, json(arena, param_cases[i].desired),
                                       json(arena, param_cases[i].observed));
        if (got != param_cases[i].want)
            fail_msg("case %zu: %s, %s gives %d", i, param_cases[i].desired,
                     param_cases[i].observed, (int)got);
    }
}

static void keys_compare_one_by_one(void **state)
{
    (void)state;
    static const struct {
        ParamType type;
        const char *desired, *observed; /* NULL: not there */
        Comparison want;
    } cases[] = {
        {PARAM_MAP, "1", "1", COMPARE_EQUAL},
        {PARAM_MAP, "1", "\"1\"", COMPARE_EQUAL},
        {PARAM_MAP, "\"1GB\"", "\"1024MB\"", COMPARE_DIFFER},
        {PARAM_SETTINGS, "\"1GB\"", "\"1024MB\"", COMPARE_EQUAL},
        {PARAM_MAP, "1", NULL, COMPARE_DIFFER},
        {PARAM_MAP, "1", "null", COMPARE_DIFFER},
        {PARAM_MAP, NULL, "1", COMPARE_DIFFER},
        {PARAM_MAP, "null", "1", COMPARE_DIFFER},
        {PARAM_MAP, "null", NULL, COMPARE_EQUAL},
        {PARAM_MAP, NULL, "null", COMPARE_EQUAL},
        {PARAM_MAP, "{\"late\": \"x\"}", "1", COMPARE_NOT_POSSIBLE},
        {PARAM_MAP, "{\"late\": \"x\"}", NULL, COMPARE_DIFFER},
        {PARAM_MAP, "{\"secret\": \"x\"}", "\"match\"", COMPARE_EQUAL},
        {PARAM_MAP, "{\"secret\": \"x\"}", "\"differ\"", COMPARE_DIFFER},
        {PARAM_MAP, "{\"secret\": \"x\"}", NULL, COMPARE_DIFFER},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        ParamRow row = {.name = "p", .type = cases[i].type};
        Comparison got =
            compare_key(&row, "k", cases[i].desired ? json(arena, cases[i].desired) : NULL,
                        cases[i].observed ? json(arena, cases[i].observed) : NULL);
        if (got != cases[i].want)
            fail_msg("case %zu gives %d", i, (int)got);
    }
}

static void maps_and_settings_are_keyed(void **state)
{
    (void)state;
    for (int type = PARAM_BOOL; type <= PARAM_SETTINGS; type++) {
        ParamRow row = {.type = (ParamType)type};
        assert_int_equal(compare_is_keyed(&row), type == PARAM_MAP || type == PARAM_SETTINGS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_compare_as_the_server_does),
        cmocka_unit_test(settings_are_shown_in_large_units),
        cmocka_unit_test(params_compare_by_type),
        cmocka_unit_test(keys_compare_one_by_one),
        cmocka_unit_test(maps_and_settings_are_keyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
