#include "plans/text_diff.h"

#include <stdbool.h>
#include <string.h>

/* Beyond so many edits the script is of no use to a reader. */
enum { EDITS_MAX = 300 };

typedef struct Sides {
    const char *const *a;
    const char *const *b;
    size_t n, m;
} Sides;

typedef struct Script {
    Arena *arena;
    DiffLine *lines;
    size_t count, capacity;
} Script;

static void add(Script *script, char mark, const char *text, size_t line_number)
{
    DiffLine line = {mark, text, line_number};
    ARENA_PUSH(script->arena, script->lines, script->count, script->capacity, line);
}

/* One step of the search: how far each diagonal reaches with `d` edits. `v` has its middle at
 * index 0. True when both ends were reached. */
static bool extend(const Sides *sides, ptrdiff_t *v, ptrdiff_t d)
{
    ptrdiff_t n = (ptrdiff_t)sides->n, m = (ptrdiff_t)sides->m;
    for (ptrdiff_t k = -d; k <= d; k += 2) {
        bool is_down = k == -d || (k != d && v[k - 1] < v[k + 1]);
        ptrdiff_t x = is_down ? v[k + 1] : v[k - 1] + 1;
        while (x < n && x - k >= 0 && x - k < m && strcmp(sides->a[x], sides->b[x - k]) == 0)
            x++;
        v[k] = x;
        if (x >= n && x - k >= m)
            return true;
    }
    return false;
}

/* Walk back from the end through the saved rows; the script comes out backwards. */
static void backtrack(const Sides *sides, ptrdiff_t *const *rows, ptrdiff_t d, Script *script)
{
    ptrdiff_t x = (ptrdiff_t)sides->n, y = (ptrdiff_t)sides->m;
    for (; d >= 0; d--) {
        const ptrdiff_t *v = rows[d];
        ptrdiff_t k = x - y;
        bool is_down = k == -d || (k != d && v[k - 1] < v[k + 1]);
        ptrdiff_t before_x = d == 0 ? 0 : (is_down ? v[k + 1] : v[k - 1]);
        ptrdiff_t before_y = d == 0 ? 0 : (is_down ? before_x - k - 1 : before_x - k + 1);
        while (x > before_x && y > before_y) {
            x--;
            y--;
            add(script, ' ', sides->a[x], (size_t)x + 1);
        }
        if (d == 0)
            return;
        x = before_x;
        y = before_y;
        if (is_down)
            add(script, '+', sides->b[y], 0);
        else
            add(script, '-', sides->a[x], (size_t)x + 1);
    }
}

static void replace_all(const Sides *sides, Script *script)
{
    for (size_t i = sides->m; i-- > 0;)
        add(script, '+', sides->b[i], 0);
    for (size_t i = sides->n; i-- > 0;)
        add(script, '-', sides->a[i], i + 1);
}

/* The whole script, backwards. */
static void search(const Sides *sides, Script *script)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t width = 2 * (EDITS_MAX + 2) + 1;
    ptrdiff_t *rows[EDITS_MAX + 1];
    ptrdiff_t *current = ARENA_ARRAY(scratch, ptrdiff_t, width);
    ptrdiff_t *v = current + EDITS_MAX + 2;
    for (ptrdiff_t d = 0; d <= EDITS_MAX; d++) {
        ptrdiff_t *row = ARENA_ARRAY(scratch, ptrdiff_t, (size_t)(2 * d + 3));
        rows[d] = row + d + 1;
        memcpy(row, v - d - 1, (size_t)(2 * d + 3) * sizeof(*row));
        if (extend(sides, v, d)) {
            backtrack(sides, rows, d, script);
            return;
        }
    }
    replace_all(sides, script);
}

static void reverse(Script *script)
{
    for (size_t i = 0; i < script->count / 2; i++) {
        DiffLine line = script->lines[i];
        script->lines[i] = script->lines[script->count - 1 - i];
        script->lines[script->count - 1 - i] = line;
    }
}

/* Keep the changes and `context` lines around them. */
static bool *lines_to_show(Arena *arena, const Script *script, size_t context)
{
    bool *shown = ARENA_ARRAY(arena, bool, script->count);
    for (size_t i = 0; i < script->count; i++) {
        if (script->lines[i].mark == ' ')
            continue;
        size_t first = i > context ? i - context : 0;
        size_t last = i + context < script->count ? i + context : script->count - 1;
        for (size_t k = first; k <= last; k++)
            shown[k] = true;
    }
    return shown;
}

/* The number of the line in the text before the change, also for one that was only added. */
static size_t number_at(const Script *script, size_t i)
{
    for (; i < script->count; i++) {
        if (script->lines[i].line_number > 0)
            return script->lines[i].line_number;
    }
    return 0;
}

size_t text_diff(Arena *arena, const char *const *before, size_t before_count,
                 const char *const *after, size_t after_count, size_t context, DiffLine **ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Sides sides = {before, after, before_count, after_count};
    Script whole = {.arena = scratch}, result = {.arena = arena};
    search(&sides, &whole);
    reverse(&whole);
    const bool *shown = lines_to_show(scratch, &whole, context);
    for (size_t i = 0; i < whole.count; i++) {
        if (!shown[i])
            continue;
        if (i == 0 || !shown[i - 1]) {
            size_t number = number_at(&whole, i);
            add(&result, '@', NULL, number ? number : before_count + 1);
        }
        add(&result, whole.lines[i].mark, whole.lines[i].text, whole.lines[i].line_number);
    }
    *ret = result.lines;
    return result.count;
}
