/* base/format.h: the same as vsnprintf, whatever is formatted and however little fits. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/format.h"
#include "unit.h"

enum { ROOM = 64 };

PRINTF_LIKE(1, 2) static void expect_same(const char *fmt, ...)
{
    for (size_t size = 0; size <= ROOM; size++) {
        char ours[ROOM], theirs[ROOM];
        va_list args;
        memset(ours, '#', sizeof(ours));
        memset(theirs, '#', sizeof(theirs));
        va_start(args, fmt);
        int length = format_text(ours, size, fmt, args);
        va_end(args);
        va_start(args, fmt);
        assert_int_equal(length, vsnprintf(theirs, size, fmt, args));
        va_end(args);
        assert_string_equal(size ? ours : "", size ? theirs : "");
        /* Nothing is written where there is no room. */
        for (size_t i = size; i < ROOM; i++)
            assert_int_equal(ours[i], '#');
    }
}

static void puts_texts_together(void **state)
{
    (void)state;
    const char *volatile none = NULL; /* the compiler shall not see it */
    expect_same("%s", "");
    expect_same("plain");
    expect_same("%s/%s:%d", "pg-test", "10.10.10.11", 5432);
    expect_same("100 %% of %s", "all");
    expect_same("<%.*s|%.*s|%.*s>", 3, "abcdef", 0, "abc", -1, "abc");
    expect_same("%s", none);
}

static void writes_numbers(void **state)
{
    (void)state;
    expect_same("%d %d %d", 0, INT_MIN, INT_MAX);
    expect_same("%lld %lld", LLONG_MIN, LLONG_MAX);
    expect_same("%zu %zu", (size_t)0, SIZE_MAX);
}

/* These take the C library's way, also after some that need not. */
static void leaves_the_rest_to_the_library(void **state)
{
    (void)state;
    expect_same("%s %5d %-4s| %c %x %.2f", "a", 42, "b", 'c', 255U, 1.5);
    expect_same("%s %lu %u %ld", "n", 7UL, 8U, -9L);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_texts_together),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(leaves_the_rest_to_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
