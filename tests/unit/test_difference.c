/*
 * Golden cases of tests/cases/difference: a comment, "@before" and "@after" with an inventory each,
 * and what they want differently ("@difference"), over the kinds of the program. UPDATE_GOLDEN=1
 * rewrites the last.
 */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "plans/difference.h"
#include "providers/registry.h"
#include "unit.h"

static const char folder[] = TESTS_DIR "/cases/difference";

static const char *section(Arena *arena, const char *text, const char *name)
{
    const char *head = arena_printf(arena, "\n@%s\n", name), *start = strstr(text, head);
    assert_non_null(start);
    start += strlen(head);
    const char *end = strstr(start - 1, "\n@");
    return end ? arena_strndup(arena, start, (size_t)(end + 1 - start)) : start;
}

static DifferenceSide side(Arena *arena, const char *name, const char *text)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    DifferenceSide side = {.name = name};
    side.inventory = inventory_load_bytes(arena, "pigsty.yml", text, strlen(text), diagnostics);
    for (size_t i = 0; i < diagnostics_error_count(diagnostics); i++)
        print_error("%s: %s\n", name, diagnostics_at(diagnostics, i)->message);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    side.domain_count = domains_of(arena, side.inventory, &side.domains);
    return side;
}

static const char *text_of(Arena *arena, const Plan *difference, const DifferenceSide *before,
                           const DifferenceSide *after, bool as_json)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    RenderOptions options = {.columns = 100};
    if (as_json)
        difference_render_json(stream, difference, before, after, NULL);
    else
        difference_render_text(stream, difference, before, after, &options);
    fclose(stream);
    const char *copy = arena_strdup(arena, bytes);
    free(bytes);
    return copy;
}

/* No secret of either side is in it, and what is different says so. */
static void check_json(Arena *arena, const Plan *difference, const DifferenceSide *before,
                       const DifferenceSide *after)
{
    const char *text = text_of(arena, difference, before, after, true);
    const Value *document;
    assert_null(strstr(text, "Secret-"));
    check_fine(json_parse(arena, text, strlen(text), &document));
    assert_int_equal(value_get_bool(document, "different", false),
                     !difference_is_empty(difference));
    assert_int_equal(value_count(value_get(document, "blocks")), difference->block_count);
}

/* The whole case file as it should be. */
static const char *played(Arena *arena, const char *text)
{
    const char *old = section(arena, text, "before"), *new = section(arena, text, "after");
    DifferenceSide before = side(arena, "before", old), after = side(arena, "after", new);
    Plan *difference, *none;
    check_fine(difference_make(arena, &pgsteer_registry, &before, &after, &difference));
    check_json(arena, difference, &before, &after);
    const char *shown = text_of(arena, difference, &before, &after, false);
    assert_null(strstr(shown, "Secret-"));
    check_fine(difference_make(arena, &pgsteer_registry, &before, &before, &none));
    assert_true(difference_is_empty(none));
    return arena_printf(arena, "%.*s@before\n%s@after\n%s@difference\n%s",
                        (int)(strstr(text, "@before\n") - text), text, old, new, shown);
}

static void play(Arena *arena, const char *name)
{
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    char *text;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &text, &length));
    const char *now = played(arena, text);
    if (strcmp(now, text) == 0)
        return;
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, now, strlen(now)));
    else
        fail_msg("%s differs; with UPDATE_GOLDEN=1 it would be:\n%s", path, now);
}

static void cases_hold(void **state)
{
    const char *const *names;
    size_t count, played_count = 0;
    check_fine(file_list(*state, folder, &names, &count));
    for (size_t i = 0; i < count; i++) {
        if (!text_ends_with(names[i], ".case"))
            continue;
        play(*state, names[i]);
        played_count++;
    }
    assert_true(played_count >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
