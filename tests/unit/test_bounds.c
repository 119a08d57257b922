/* Inventories that are made to be too much: each is refused with one clear error, or read, in a
 * bounded time; and what is quoted from it stays short. */
#include <time.h>

#include "base/text.h"
#include "schema/document.h"
#include "schema/inventory.h"
#include "unit.h"

enum { QUICK_MS = 250, LONG_MS = 5000, ONE_LINE = 160 };

/* HEAD, COUNT times REPEATED (in which $ is the number, from 1, and @ the one before), TAIL. */
typedef struct BoundCase {
    const char *head, *repeated, *tail;
    int count;
    const char *says; /* "CODE message" of the first problem; NULL: none */
    int line, column; /* of its last place */
    int max_ms;
} BoundCase;

#define SHAPE   "E041 an inventory begins with the key all"
#define ALIASES "E000 more than a million nodes through aliases"
#define DEEP    "E000 nested more than 64 levels deep"
#define HEAD    "all:\n  vars:\n"

static const BoundCase cases[] = {
    /* aliases of aliases, in lists, maps and merge keys, and one big map merged often */
    {"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n", "a$: &a$ [*a@,*a@,*a@,*a@,*a@,*a@,*a@,*a@,*a@,*a@]\n", "",
     40, ALIASES, 6, 38, QUICK_MS},
    {"a0: &a0 {x: 1}\n", "a$: &a$ {a: *a@, b: *a@, c: *a@, d: *a@}\n", "", 99, ALIASES, 10, 21,
     QUICK_MS},
    {"a0: &a0 {x: 1}\n", "a$: &a$ {<<: [*a@, *a@], b$: *a@, c$: *a@}\n", "", 99, ALIASES, 10, 20,
     QUICK_MS},
    {"a0: &a0 {x: 1}\n", "a$: &a$ {<<: *a@, n$: {<<: *a@, m$: {<<: *a@}}}\n", "", 99, ALIASES, 12,
     16, QUICK_MS},
    {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [", "*a,", "]\nc: {<<: [*b]}\n", 9000,
     "E000 only a map can be merged", 2, 4, QUICK_MS},
    {"a: &a {", "k$: 1,", "}\nb: {<<: [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]}\n", 40000,
     ALIASES, 2, 46, LONG_MS},
    {"a: &a [*", "a", "]\n", 100000, "E000 the alias *a", 1, 8, QUICK_MS},
    /* depth */
    {"a: ", "[", "", 100000, DEEP, 1, 67, QUICK_MS},
    {"", "{a: ", "", 100000, DEEP, 1, 257, QUICK_MS},
    {"", "- ", "", 100000, DEEP, 1, 129, QUICK_MS},
    {"", "? ", "", 100000, DEEP, 1, 129, QUICK_MS},
    {"a: ", "!x ", "b\n", 100000, "E045 the tag !x is not supported", 1, 4, QUICK_MS},
/* size */
#ifndef ARENA_DEBUG /* where each node costs some hundred bytes */
    {"a: [", "x,", "]\n", DOCUMENT_MAX_NODES, "E000 more than five million nodes", 1, 10000001,
     LONG_MS * 8},
#endif
    {"", "k", ": 1\n", 1024, SHAPE, 1, 1, QUICK_MS},
    {"", "k", ": 1\n", 1025, "E000 not YAML: a ':' where no key can be", 1, 1026, QUICK_MS},
    {"? ", "k", "\n: 1\n", 1025, "E000 a key of more than 1024 bytes", 1, 3, QUICK_MS},
    {"a: ", "b:", "\n", 100000, "E000 not YAML: a ':' where no key can be", 1, 200003, QUICK_MS},
    {"a: \"", "x\n", "", 100000, "E000 not YAML: a quote is not closed", 100001, 1, QUICK_MS},
    {"a: [", "[ b ], ", "", 50000, "E000 not YAML: the text ends before this bracket is closed", 1,
     4, LONG_MS},
    {"all:\n", "\n", "", 1000000, NULL, 0, 0, QUICK_MS},
    {"all: {}\n", "#\n", "", 1000000, NULL, 0, 0, LONG_MS},
    {HEAD "    pg_version: |\n", "      x\n", "", 100000, "E002 pg_version must be a whole number",
     3, 17, QUICK_MS},
    /* many problems */
    {"a: 1\n", "a: $\n", "", 20000, "E003 the key a is given twice", 2, 1, LONG_MS},
    {HEAD, "    x$_version: 1\n", "", 5000, "W001 unknown key x1_version, ignored", 3, 5, LONG_MS},
    {"all: {hosts: {", "h$: {},", "}}\n", 20000, "E006 the host key \"h1\" is no IPv4 address", 1,
     15, LONG_MS},
    {"all: {children: {", "g$: {hosts: {10.0.0.1: }}, ", "}}\n", 3000, NULL, 0, 0, LONG_MS},
};

static void add_part(Text *text, const char *part, int number)
{
    for (; *part; part++) {
        if (*part == '$' || *part == '@')
            text_addf(text, "%d", *part == '$' ? number : number - 1);
        else
            text_add_char(text, *part);
    }
}

static int ms_since(clock_t start)
{
    return (int)((clock() - start) * 1000 / CLOCKS_PER_SEC);
}

static void check_said(const BoundCase *row, size_t i, Diagnostics *diagnostics)
{
    const Diagnostic *problem = diagnostics_at(diagnostics, 0);
    if (!problem && !row->says)
        return;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *said =
        problem ? arena_printf(arena, "%s %s", problem->code, problem->message) : "nothing";
    if (!row->says || !text_starts_with(said, row->says))
        fail_msg("case %zu: '%.200s' instead of '%s'", i, said, row->says ? row->says : "nothing");
    const Origin *place = &problem->places[problem->place_count - 1];
    if (place->line != row->line || place->column != row->column)
        fail_msg("case %zu: %s at %d:%d", i, said, place->line, place->column);
}

/* Returns the CPU time. */
static int check_case(const BoundCase *row, size_t i)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, row->head);
    for (int n = 1; n <= row->count; n++)
        add_part(&text, row->repeated, n);
    text_add(&text, row->tail);
    Diagnostics *diagnostics = diagnostics_new(arena);
    clock_t start = clock();
    inventory_load_bytes(arena, "f.yml", text_get(&text), text.length, diagnostics);
    int ms = ms_since(start);
    check_said(row, i, diagnostics);
    return ms;
}

static void bounds_hold_in_bounded_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int ms = check_case(&cases[i], i);
        if (ms > cases[i].max_ms)
            fail_msg("case %zu took %d ms", i, ms);
    }
}

static const char *printed(Arena *arena, const char *text)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics);
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    diagnostics_print(stream, diagnostics, 1, false, false);
    fclose(stream);
    const char *copy = arena_strndup(arena, bytes, length);
    free(bytes);
    return copy;
}

/* A long line shows what is around the mistake, with the caret below it; a long value does not
 * fill the screen. */
static void long_lines_and_values_are_quoted_in_part(void **state)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, HEAD "    pg_users: [ ");
    for (int i = 0; i < 30; i++)
        text_addf(&text, "{ name: user_%d, password: secret }, ", i);
    text_add(&text, "{ name: u, lgoin: true } ]\n");
    const char *shown = printed(*state, text_get(&text));
    assert_non_null(strstr(shown, "{ name: u, lgoin: true } ]"));
    assert_null(strstr(shown, "secret"));
    char **lines;
    size_t count = text_split(*state, shown, '\n', &lines);
    for (size_t i = 0; i < count; i++)
        assert_true(strlen(lines[i]) <= ONE_LINE);
    const char *quoted = lines[3], *caret = lines[4];
    assert_int_equal(strstr(quoted, "lgoin") - quoted, strchr(caret, '^') - caret);

    text_clear(&text);
    text_add(&text, HEAD "    pg_version: ");
    text_add_repeat(&text, "9", 100000);
    shown = printed(*state, text_get(&text));
    assert_non_null(strstr(shown, "pg_version must be"));
    assert_true(strlen(shown) < 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_hold_in_bounded_time),
        cmocka_unit_test_setup_teardown(long_lines_and_values_are_quoted_in_part, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
