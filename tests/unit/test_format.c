/* format_text() does what vsnprintf() does, whatever the format and the room. */
#include <limits.h>
#include <stdio.h>

#include "base/format.h"
#include "unit.h"

enum { ROOM = 64 };

static int format(char *buffer, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int format(char *buffer, size_t size, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    int length = format_text(buffer, size, fmt, args);
    va_end(args);
    return length;
}

/* In every size of room. */
#define check(...)                                                                                 \
    for (size_t size = 0; size <= ROOM; size++) {                                                  \
        char ours[ROOM + 1], theirs[ROOM + 1];                                                     \
        memset(ours, '#', sizeof(ours));                                                           \
        memset(theirs, '#', sizeof(theirs));                                                       \
        assert_int_equal(format(ours, size, __VA_ARGS__), snprintf(theirs, size, __VA_ARGS__));    \
        assert_memory_equal(ours, theirs, sizeof(ours));                                           \
    }

static void plain_formats(void **state)
{
    (void)state;
    check("%s", "");
    check("%s", "text");
    check("a%sb%sc", "1", "22");
    check("100%%");
    check("%%%s%%", "x");
    check("nothing else");
    check("%d %d %d", 0, 7, -7);
    check("%d", INT_MAX);
    check("%d", INT_MIN);
    check("%zu/%zu", (size_t)0, SIZE_MAX);
    check("%s: %d of %zu%%", "all", 3, (size_t)4);
    check("%s", "longer than nearly all of the rooms that there are");
}

static void others_are_left_to_the_library(void **state)
{
    (void)state;
    check("%5d|%-5s|%05d", 42, "ab", 42);
    check("%.3s%s", "abcdef", "gh");
    check("%lld %x %c", 1LL << 40, 255U, 'z');
    check("%.*s", 2, "abc");
    check("%s %ld", "mixed", -1L);
}

static void no_room_needs_no_buffer(void **state)
{
    (void)state;
    assert_int_equal(format(NULL, 0, "%s-%d", "abc", 12), 6);
    assert_int_equal(format(NULL, 0, "%4d", 12), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_formats),
        cmocka_unit_test(others_are_left_to_the_library),
        cmocka_unit_test(no_room_needs_no_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
