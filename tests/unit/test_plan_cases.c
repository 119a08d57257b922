/*
 * Golden cases of tests/cases/plan: a comment, "@inventory", "@facts" (JSON, see fake_kinds.h),
 * "@options" (one a line: verbose, ascii, color, columns N, saved NAME, target X, exclude X, json,
 * dot, counts) and "@plan", which is what is printed. UPDATE_GOLDEN=1 rewrites the last one.
 *
 * Each plan also goes through a plan file and must look the same afterwards.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "fake_kinds.h"
#include "plans/plan_file.h"
#include "plans/plan_lines.h"
#include "plans/render.h"
#include "unit.h"

static const char folder[] = TESTS_DIR "/cases/plan";

enum { NAMES_MAX = 4 };

typedef enum Output { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_DOT, OUTPUT_COUNTS } Output;

typedef struct Options {
    RenderOptions render;
    Output output;
    const char *targets[NAMES_MAX + 1], *excludes[NAMES_MAX + 1];
    size_t target_count, exclude_count;
} Options;

/* The lines between "@NAME" and the next section, or NULL. */
static const char *section(Arena *arena, const char *text, const char *name)
{
    const char *head = arena_printf(arena, "\n@%s\n", name);
    const char *start = strstr(text, head);
    if (!start)
        return NULL;
    start += strlen(head);
    const char *end = strstr(start - 1, "\n@");
    return arena_strndup(arena, start, end ? (size_t)(end + 1 - start) : strlen(start));
}

static void set_option(Options *options, const char *name, const char *value)
{
    static const struct {
        const char *name;
        Output output;
    } outputs[] = {{"json", OUTPUT_JSON}, {"dot", OUTPUT_DOT}, {"counts", OUTPUT_COUNTS}};
    for (size_t i = 0; i < COUNT_OF(outputs); i++) {
        if (strcmp(name, outputs[i].name) == 0)
            options->output = outputs[i].output;
    }
    int64_t number = 0;
    if (strcmp(name, "verbose") == 0)
        options->render.verbose = true;
    else if (strcmp(name, "ascii") == 0)
        options->render.unicode = false;
    else if (strcmp(name, "color") == 0)
        options->render.color = true;
    else if (strcmp(name, "columns") == 0 && text_to_int(value, &number))
        options->render.columns = (size_t)number;
    else if (strcmp(name, "saved") == 0)
        options->render.saved_as = value;
    else if (strcmp(name, "target") == 0 && options->target_count < NAMES_MAX)
        options->targets[options->target_count++] = value;
    else if (strcmp(name, "exclude") == 0 && options->exclude_count < NAMES_MAX)
        options->excludes[options->exclude_count++] = value;
}

static Options parse_options(Arena *arena, const char *text)
{
    Options options = {.render = {.unicode = true, .columns = 100}};
    char **lines;
    size_t count = text ? text_split(arena, text, '\n', &lines) : 0;
    for (size_t i = 0; i < count; i++) {
        char **words;
        size_t word_count = text_words(arena, lines[i], false, &words);
        if (word_count > 0)
            set_option(&options, words[0], word_count > 1 ? words[1] : "");
    }
    return options;
}

static const char *printed(Arena *arena, const Plan *plan, const Options *options)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    switch (options->output) {
    case OUTPUT_TEXT:
        plan_render_text(stream, plan, &options->render);
        break;
    case OUTPUT_JSON:
        plan_render_json(stream, plan, NULL);
        break;
    case OUTPUT_DOT:
        plan_render_dot(stream, plan);
        break;
    case OUTPUT_COUNTS:
        plan_render_counts(stream, plan);
        break;
    }
    fclose(stream);
    const char *copy = arena_strdup(arena, bytes);
    free(bytes);
    return copy;
}

/* What a file holds is written again to the letter, and looks like the plan that was written. */
static void check_round_trip(Arena *arena, const Plan *plan, const Options *options)
{
    CLEANUP(text_release) Text first = TEXT_INIT;
    CLEANUP(text_release) Text second = TEXT_INIT;
    plan_lines_write(&first, plan);
    Plan *again = NULL;
    check_fine(plan_file_parse(arena, text_get(&first), first.length, &fake_registry, &again));
    plan_lines_write(&second, again);
    assert_string_equal(text_get(&second), text_get(&first));
    assert_string_equal(printed(arena, again, options), printed(arena, plan, options));
    assert_int_equal(plan_is_empty(again), plan_is_empty(plan));
}

/* No line is wider than the page (colours aside). */
static void check_width(Arena *arena, const char *text, const Options *options)
{
    char **lines;
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (text_columns(lines[i]) > options->render.columns)
            fail_msg("%zu columns: %s", text_columns(lines[i]), lines[i]);
    }
}

static const char *played(Arena *arena, const char *text)
{
    const char *yaml = section(arena, text, "inventory"), *facts = section(arena, text, "facts");
    const char *option_lines = section(arena, text, "options");
    assert_non_null(yaml);
    assert_non_null(facts);
    Options options = parse_options(arena, option_lines);
    Plan *plan = NULL;
    check_fine(fake_plan(arena, yaml, facts, options.target_count ? options.targets : NULL,
                         options.exclude_count ? options.excludes : NULL, &plan));
    check_round_trip(arena, plan, &options);
    const char *output = printed(arena, plan, &options);
    if (options.output == OUTPUT_TEXT && !options.render.color)
        check_width(arena, output, &options);
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add_bytes(&out, text, (size_t)(strstr(text, "\n@inventory\n") + 1 - text));
    text_addf(&out, "@inventory\n%s@facts\n%s", yaml, facts);
    if (option_lines)
        text_addf(&out, "@options\n%s", option_lines);
    text_addf(&out, "@plan\n%s", output);
    return text_copy(&out, arena);
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
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        if (text_ends_with(entries[i]->d_name, ".case"))
            play(*state, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
