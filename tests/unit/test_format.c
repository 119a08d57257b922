/* format_text: what vsnprintf writes, whatever the format and the room. */
#include <limits.h>
#include <stdio.h>

#include "base/format.h"
#include "unit.h"

enum { ROOM = 64 };

static void check_room(size_t room, const char *fmt, va_list args)
{
    char expected[ROOM], got[ROOM];
    va_list again;
    memset(got, 'x', sizeof(got));
    va_copy(again, args);
    int length = vsnprintf(expected, room, fmt, again);
    va_end(again);
    va_copy(again, args);
    assert_int_equal(format_text(got, room, fmt, again), length);
    va_end(again);
    assert_string_equal(got, expected);
    assert_true(room == sizeof(got) || got[room] == 'x');
}

static void check(const char *fmt, ...) PRINTF_LIKE(1, 2);

static void check(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    for (size_t room = 1; room <= ROOM; room++)
        check_room(room, fmt, args);
    va_end(args);
}

static void plain(void **state)
{
    (void)state;
    check("%s", "");
    check("no conversion");
    check("%s.%s%s%s", "kind", "scope", "/", "name");
    check("100 %% of %c%s", 'x', "yz");
    check("%d %d %d", INT_MIN, 0, INT_MAX);
    check("%u %u", 0U, UINT_MAX);
    check("%ld %ld", LONG_MIN, LONG_MAX);
    check("%lu", ULONG_MAX);
    check("%lld %lld", LLONG_MIN, LLONG_MAX);
    check("%llu", ULLONG_MAX);
    check("%zu %zd", SIZE_MAX, (ssize_t)-1);
}

/* The others, also behind some of ours. */
static void the_rest(void **state)
{
    (void)state;
    check("%s %-6s|", "a", "b");
    check("%d %03d %x", 1, 2, 0xbeefU);
    check("%s %.*s", "left", 3, "abcdef");
    check("%lx %hd", 255UL, (short)7);
    check("%zu %.2f", (size_t)5, 1.005);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain), cmocka_unit_test(the_rest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
