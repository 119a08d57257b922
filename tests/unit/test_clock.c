#include <signal.h>
#include <sys/time.h>

#include "base/clock.h"
#include "unit.h"

static void timestamps(void **state)
{
    static const struct {
        int64_t wall_ms;
        const char *want;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1795399823123, "2026-11-23T02:10:23.123Z"},
        {951826149007, "2000-02-29T12:09:09.007Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {-1000, "1969-12-31T23:59:59.000Z"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(clock_rfc3339(*state, cases[i].wall_ms), cases[i].want);
    assert_true(clock_wall_ms() > 1700000000000);
}

static void ignore(int number)
{
    (void)number;
}

static void sleeping_is_not_cut_short(void **state)
{
    (void)state;
    const struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGALRM, &action, NULL);
    const struct itimerval every = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &every, NULL);
    int64_t start_ms = clock_monotonic_ms();
    clock_sleep_ms(30);
    assert_true(clock_monotonic_ms() - start_ms >= 30);
    setitimer(ITIMER_REAL, &never, NULL);
    start_ms = clock_monotonic_ms();
    clock_sleep_ms(0);
    clock_sleep_ms(-5);
    assert_true(clock_monotonic_ms() - start_ms < 10000);
}

static void what_is_left(void **state)
{
    (void)state;
    assert_int_equal(clock_left_ms(-1), -1);
    assert_int_equal(clock_left_ms(0), 0);
    int64_t left_ms = clock_left_ms(clock_monotonic_ms() + 100000);
    assert_true(left_ms > 50000 && left_ms <= 100000);
}

static void work_costs_cpu_time(void **state)
{
    (void)state;
    int64_t before_ms = clock_cpu_ms(), end_ms = clock_monotonic_ms() + 30000;
    while (clock_cpu_ms() < before_ms + 5)
        assert_true(clock_monotonic_ms() < end_ms);
}

static void days_are_of_the_calendar(void **state)
{
    static const char *const days[] = {"2026-11-23", "2024-02-29", "2000-02-29", "0001-01-01"};
    static const char *const others[] = {
        "",           "2026-11-31", "2026-02-29", "1900-02-29",  "2026-13-01", "2026-00-10",
        "2026-01-00", "2026-1-1",   "2026/01/01", "2026-01-011", "infinity",
    };
    for (size_t i = 0; i < COUNT_OF(days); i++)
        assert_true(clock_is_date(days[i]));
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(clock_is_date(others[i]));
    assert_string_equal(clock_date(*state, 0), "1970-01-01");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(days_are_of_the_calendar, arena_setup, arena_teardown),
        cmocka_unit_test(timestamps),
        cmocka_unit_test(sleeping_is_not_cut_short),
        cmocka_unit_test(what_is_left),
        cmocka_unit_test(work_costs_cpu_time),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
