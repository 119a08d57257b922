/* Line diffs: small ones to the letter, random ones by applying them. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "plans/text_diff.h"
#include "unit.h"

static const char *joined(Arena *arena, const DiffLine *lines, size_t count)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].mark == '@')
            text_addf(&text, "@%zu|", lines[i].line_number);
        else
            text_addf(&text, "%c%s|", lines[i].mark, lines[i].text);
    }
    return text_copy(&text, arena);
}

static void small_texts_to_the_letter(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *want; /* one letter a line */
    } cases[] = {
        {"", "", ""},
        {"abc", "abc", ""},
        {"", "ab", "@1|+a|+b|"},
        {"ab", "", "@1|-a|-b|"},
        {"abc", "axc", "@1| a|-b|+x| c|"},
        {"abcde", "abXcde", "@2| b|+X| c|"},
        {"abcde", "abcdeX", "@5| e|+X|"},
        {"Xabcde", "abcde", "@1|-X| a|"},
        {"abcdefgh", "aXcdefYh", "@1| a|-b|+X| c|@6| f|-g|+Y| h|"},
        {"ab", "ba", "@1|-a| b|+a|"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        const char *a[16], *b[16];
        size_t n = strlen(cases[i].before), m = strlen(cases[i].after);
        for (size_t k = 0; k < n; k++)
            a[k] = arena_strndup(arena, cases[i].before + k, 1);
        for (size_t k = 0; k < m; k++)
            b[k] = arena_strndup(arena, cases[i].after + k, 1);
        DiffLine *lines = NULL;
        size_t count = text_diff(arena, a, n, b, m, 1, &lines);
        assert_string_equal(joined(arena, lines, count), cases[i].want);
    }
}

/* With unlimited context the diff holds both texts. */
static void check_both_sides(const char *const *a, size_t n, const char *const *b, size_t m)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    DiffLine *lines = NULL;
    size_t count = text_diff(arena, a, n, b, m, n + m, &lines), i = 0, k = 0;
    for (size_t line = 0; line < count; line++) {
        char mark = lines[line].mark;
        if (mark == ' ' || mark == '-')
            assert_string_equal(lines[line].text, a[i++]);
        if (mark == ' ' || mark == '+')
            assert_string_equal(lines[line].text, b[k++]);
    }
    if (count > 0) {
        assert_int_equal(i, n);
        assert_int_equal(k, m);
    }
}

static void random_texts_can_be_rebuilt(void **state)
{
    (void)state;
    static const char *const words[] = {"a", "b", "c", "d"};
    unsigned seed = 7;
    for (int round = 0; round < 500; round++) {
        const char *a[40], *b[40];
        size_t n = (size_t)rand_r(&seed) % 40, m = (size_t)rand_r(&seed) % 40;
        for (size_t i = 0; i < n; i++)
            a[i] = words[rand_r(&seed) % 4];
        for (size_t i = 0; i < m; i++)
            b[i] = words[rand_r(&seed) % 4];
        check_both_sides(a, n, b, m);
    }
}

static void texts_with_nothing_in_common_are_replaced(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    enum { COUNT = 400 };
    const char *a[COUNT], *b[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        a[i] = arena_printf(arena, "a%zu", i);
        b[i] = arena_printf(arena, "b%zu", i);
    }
    check_both_sides(a, COUNT, b, COUNT);
    DiffLine *lines = NULL;
    assert_int_equal(text_diff(arena, a, COUNT, b, COUNT, 0, &lines), 2 * COUNT + 1);
    assert_int_equal(lines[1].mark, '-');
    assert_int_equal(lines[COUNT + 1].mark, '+');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_texts_to_the_letter),
        cmocka_unit_test(random_texts_can_be_rebuilt),
        cmocka_unit_test(texts_with_nothing_in_common_are_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
