#include "base/duration.h"
#include "unit.h"

static void durations_as_users_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want_ms; /* -1: must be refused */
    } cases[] = {
        {"250ms", 250},
        {"30s", 30000},
        {"5min", 300000},
        {"5m", 300000},
        {"2h", 7200000},
        {"7d", 604800000},
        {"0s", 0},
        {"9223372036854775807ms", INT64_MAX},
        {"", -1},
        {"30", -1},
        {"30 s", -1},
        {" 30s", -1},
        {"-1s", -1},
        {"+1s", -1},
        {"1.5s", -1},
        {"9e9s", -1},
        {"s", -1},
        {"1S", -1},
        {"1sec", -1},
        {"9223372036854775807h", -1},
        {"99999999999999999999s", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t got_ms = -1;
        Error *error = duration_parse(cases[i].text, &got_ms);
        if (got_ms != cases[i].want_ms || (error == NULL) != (cases[i].want_ms >= 0))
            fail_msg("'%s': got %lld", cases[i].text, (long long)got_ms);
        assert_true(!error || error->code == ERROR_INVALID);
        error_free(error);
    }
}

static void errors_name_the_value(void **state)
{
    (void)state;
    int64_t ret;
    check_error(duration_parse("30", &ret), ERROR_INVALID, "'30' is not a duration such as '30s'");
    check_error(duration_parse("9223372036854775807d", &ret), ERROR_INVALID, "too large");
    check_error(size_parse("8 GB", &ret), ERROR_INVALID, "'8 GB' is not a size such as '64MB'");
}

static void sizes_as_users_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t want; /* -1: must be refused */
    } cases[] = {
        {"8192", 8192},
        {"0", 0},
        {"1B", 1},
        {"64kB", 65536},
        {"64KiB", 65536},
        {"16MB", 16777216},
        {"16MiB", 16777216},
        {"2GB", 2147483648},
        {"2GiB", 2147483648},
        {"1TB", 1099511627776},
        {"1TiB", 1099511627776},
        {"8388607TB", 8388607LL * 1099511627776},
        {"8388608TB", -1},
        {"", -1},
        {"GB", -1},
        {"-1", -1},
        {"1gb", -1},
        {"1.5GB", -1},
        {"1GB ", -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t got = -1;
        Error *error = size_parse(cases[i].text, &got);
        if (got != cases[i].want || (error == NULL) != (cases[i].want >= 0))
            fail_msg("'%s': got %lld", cases[i].text, (long long)got);
        error_free(error);
    }
}

typedef struct FormatCase {
    int64_t number;
    const char *want;
} FormatCase;

static void check_formats(void (*format)(Text *, int64_t), const FormatCase *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        format(&text, cases[i].number);
        assert_string_equal(text_get(&text), cases[i].want);
    }
}

static void durations_for_people(void **state)
{
    (void)state;
    static const FormatCase cases[] = {
        {0, "0.0 s"},         {49, "0.0 s"},        {50, "0.1 s"},
        {900, "0.9 s"},       {2345, "2.3 s"},      {9949, "9.9 s"},
        {9950, "10 s"},       {46000, "46 s"},      {60000, "60 s"},
        {99499, "99 s"},      {99500, "1m40s"},     {124000, "2m04s"},
        {300000, "5m00s"},    {3599499, "59m59s"},  {3599500, "1h00m"},
        {3720000, "1h02m"},   {86399000, "23h59m"}, {86400000, "1d00h"},
        {273600000, "3d04h"}, {-2000, "-2.0 s"},    {INT64_MIN, "-106751991167d07h"},
    };
    check_formats(duration_format, cases, COUNT_OF(cases));
}

static void sizes_for_people(void **state)
{
    (void)state;
    static const FormatCase cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1 KiB"},
        {536870912, "512 MiB"},
        {1610612736, "1.5 GiB"},
        {8589934592, "8 GiB"},
        {40802189312, "38 GiB"},
        {1099511627776, "1 TiB"},
        {INT64_MAX, "8388608 TiB"},
        {-5, "-5 B"},
    };
    check_formats(size_format, cases, COUNT_OF(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_as_users_write_them),
        cmocka_unit_test(errors_name_the_value),
        cmocka_unit_test(sizes_as_users_write_them),
        cmocka_unit_test(durations_for_people),
        cmocka_unit_test(sizes_for_people),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
