#include "base/options.h"
#include "unit.h"

typedef struct Values {
    bool json;
    const char *out;
    OptionList target;
    size_t parallelism;
    int64_t timeout_ms;
    char **arguments;
} Values;

enum { OPTION_TABLE_COUNT = 5 };

static void table(Values *values, Option ret[OPTION_TABLE_COUNT])
{
    const Option options[OPTION_TABLE_COUNT] = {
        {"json", OPTION_FLAG, &values->json, NULL, "print JSON"},
        {"out", OPTION_TEXT, &values->out, "FILE", "write the plan there"},
        {"target", OPTION_LIST, &values->target, "ADDRESS", "only this and what it needs"},
        {"parallelism", OPTION_COUNT, &values->parallelism, "N", "workers"},
        {"lock-timeout", OPTION_DURATION, &values->timeout_ms, "TIME", "wait for the lease"},
    };
    memcpy(ret, options, sizeof(options));
}

static Error *parse(Arena *arena, const char *line, Values *values)
{
    char **argv = ARENA_ARRAY(arena, char *, 20);
    size_t count = 0;
    char *rest = arena_strdup(arena, line);
    for (char *word; (word = strtok_r(rest, " ", &rest));)
        argv[count++] = word;
    *values = (Values){.parallelism = 128};
    Option options[OPTION_TABLE_COUNT];
    table(values, options);
    return options_parse(arena, options, COUNT_OF(options), argv, &values->arguments);
}

static void all_types_and_spellings(void **state)
{
    Values values;
    check_fine(parse(*state,
                     "prod --json -out plan.json -target=a one -target b --lock-timeout=5m "
                     "-parallelism 16 - -- -json",
                     &values));
    assert_true(values.json);
    assert_string_equal(values.out, "plan.json");
    assert_int_equal(values.target.count, 2);
    assert_string_equal(values.target.items[0], "a");
    assert_string_equal(values.target.items[1], "b");
    assert_int_equal(values.parallelism, 16);
    assert_int_equal(values.timeout_ms, 300000);
    static const char *const want[] = {"prod", "one", "-", "-json"};
    for (size_t i = 0; i < COUNT_OF(want); i++)
        assert_string_equal(values.arguments[i], want[i]);
    assert_null(values.arguments[4]);
}

static void flags_and_empty_values(void **state)
{
    Values values;
    check_fine(parse(*state, "", &values));
    assert_false(values.json);
    assert_int_equal(values.parallelism, 128);
    assert_null(values.arguments[0]);
    check_fine(parse(*state, "-json=false", &values));
    assert_false(values.json);
    check_fine(parse(*state, "-json=true -out=", &values));
    assert_true(values.json);
    assert_string_equal(values.out, "");
    check_fine(parse(*state, "-out=a=b", &values));
    assert_string_equal(values.out, "a=b");
    check_fine(parse(*state, "-json plan", &values)); /* a flag takes no argument */
    assert_string_equal(values.arguments[0], "plan");
}

static void refused_lines(void **state)
{
    static const struct {
        const char *line, *part;
    } cases[] = {
        {"-jsno", "unknown option '-jsno', did you mean '-json'?"},
        {"--paralellism=3", "did you mean '-parallelism'?"},
        {"-what", "unknown option '-what'"},
        {"-out", "option '-out' needs a value: FILE"},
        {"-json=yes", "option '-json': 'yes' is neither true nor false"},
        {"-parallelism=x", "option '-parallelism': 'x' is not a whole number"},
        {"-parallelism -1", "'-1' is not a whole number"},
        {"-lock-timeout 5", "option '-lock-timeout': '5' is not a duration"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Values values;
        check_error(parse(*state, cases[i].line, &values), ERROR_INVALID, cases[i].part);
    }
}

static void help_is_aligned(void **state)
{
    (void)state;
    Values values = {0};
    Option options[OPTION_TABLE_COUNT];
    table(&values, options);
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    options_help(out, options, COUNT_OF(options));
    fclose(out);
    assert_string_equal(text, "  -json               print JSON\n"
                              "  -out=FILE           write the plan there\n"
                              "  -target=ADDRESS     only this and what it needs\n"
                              "  -parallelism=N      workers\n"
                              "  -lock-timeout=TIME  wait for the lease\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_types_and_spellings),
        cmocka_unit_test(flags_and_empty_values),
        cmocka_unit_test(refused_lines),
        cmocka_unit_test(help_is_aligned),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
