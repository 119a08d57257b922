/*
 * Golden cases of tests/cases/inventory: a comment, "@inventory", then what pgsteer says about it
 * on 2026-06-15 ("@diagnostics") and, if there is an "@ask" section with lines HOST PARAM, what it
 * understood
 * ("@answers"). UPDATE_GOLDEN=1 rewrites the last two.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "base/map.h"
#include "base/text.h"
#include "schema/codes.h"
#include "schema/inventory.h"
#include "schema/rules.h"
#include "unit.h"

static const char folder[] = TESTS_DIR "/cases/inventory";

static const char today[] = "2026-06-15";

/* What all cases together have shown. */
typedef struct Seen {
    Arena *arena;
    Map *codes;
    Map *rules; /* "I CODE": the I-th rule has reported it */
} Seen;

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

static void add_answer(Arena *arena, const Inventory *inventory, const char *line, Text *out)
{
    char **words;
    if (text_words(arena, line, false, &words) < 2)
        return;
    const Host *host = inventory_host(inventory, words[0]);
    assert_non_null(host);
    const Value *value = host_param(host, words[1]);
    const Origin *origin = host_param_origin(host, words[1]);
    text_addf(out, "%s %s = ", host_name(host), words[1]);
    if (value)
        value_format(out, value);
    else
        text_add(out, "(nothing)");
    if (origin)
        text_addf(out, "  line %d", origin->line);
    text_add_char(out, '\n');
}

static const char *answers(Arena *arena, const Inventory *inventory, const char *ask)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    char **lines;
    size_t count = text_split(arena, ask, '\n', &lines);
    for (size_t i = 0; i < count; i++)
        add_answer(arena, inventory, lines[i], &out);
    return text_copy(&out, arena);
}

static const char *printed(Arena *arena, Diagnostics *diagnostics)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    diagnostics_print(stream, diagnostics, 100, false, false);
    fclose(stream);
    const char *copy = arena_printf(arena, "%s\n", bytes);
    free(bytes);
    return copy;
}

static void note_rules(const Seen *seen, const Inventory *inventory)
{
    for (size_t i = 0; i < rules_count(); i++) {
        Diagnostics *diagnostics = diagnostics_new(seen->arena);
        diagnostics_set_today(diagnostics, today);
        rules_check_one(inventory, rules_at(i), diagnostics);
        for (size_t d = 0; d < diagnostics_count(diagnostics); d++) {
            const char *code = diagnostics_at(diagnostics, d)->code;
            if (!strstr(rules_at(i)->codes, code))
                fail_msg("%s is not among the codes of: %s", code, rules_at(i)->sentence);
            map_set(seen->rules, arena_printf(seen->arena, "%zu %s", i, code), seen->rules);
        }
    }
}

/* The whole case file as it should be. */
static const char *played(Arena *arena, const char *text, const Seen *seen)
{
    const char *source = section(arena, text, "inventory"), *ask = section(arena, text, "ask");
    assert_non_null(source);
    Diagnostics *diagnostics = diagnostics_new(arena);
    diagnostics_set_today(diagnostics, today);
    Inventory *inventory =
        inventory_load_bytes(arena, "inventory.yml", source, strlen(source), diagnostics);
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++)
        map_set(seen->codes, diagnostics_at(diagnostics, i)->code, seen->codes);
    if (inventory)
        note_rules(seen, inventory);
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add_bytes(&out, text, (size_t)(strstr(text, "\n@inventory\n") + 1 - text));
    text_addf(&out, "@inventory\n%s@diagnostics\n%s", source, printed(arena, diagnostics));
    if (ask) {
        assert_non_null(inventory);
        text_addf(&out, "@ask\n%s@answers\n%s", ask, answers(arena, inventory, ask));
    }
    return text_copy(&out, arena);
}

static void play(Arena *arena, const char *name, const Seen *seen)
{
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    char *text;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &text, &length));
    const char *now = played(arena, text, seen);
    if (strcmp(now, text) == 0)
        return;
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, now, strlen(now)));
    else
        fail_msg("%s differs; with UPDATE_GOLDEN=1 it would be:\n%s", path, now);
}

static Seen play_all(Arena *arena)
{
    Seen seen = {arena, map_new(arena), map_new(arena)};
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        if (text_ends_with(entries[i]->d_name, ".case"))
            play(arena, entries[i]->d_name, &seen);
        free(entries[i]);
    }
    free(entries);
    return seen;
}

/* Those of files, secrets and nodes: test_inventory_sources, test_cli_secrets, test_kinds_infra. */
static bool is_of_other_tests(const char *code)
{
    static const char *const codes[] = {"E055", "E060", "W060", "E061", "W064", "W068"};
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (strcmp(codes[i], code) == 0)
            return true;
    }
    return false;
}

static int count_missing_codes(const Seen *seen)
{
    int missing = 0;
    for (size_t i = 0; i < codes_count(); i++) {
        const char *code = codes_at(i)->code;
        if (map_get(seen->codes, code) || is_of_other_tests(code))
            continue;
        print_error("no case shows %s, %s\n", code, codes_at(i)->meaning);
        missing++;
    }
    return missing;
}

static int count_missing_rules(const Seen *seen)
{
    int missing = 0;
    for (size_t i = 0; i < rules_count(); i++) {
        char **words;
        size_t word_count = text_words(seen->arena, rules_at(i)->codes, false, &words);
        for (size_t w = 0; w < word_count; w++) {
            if (map_get(seen->rules, arena_printf(seen->arena, "%zu %s", i, words[w])))
                continue;
            print_error("in no case this rule reports %s: %s\n", words[w], rules_at(i)->sentence);
            missing++;
        }
    }
    return missing;
}

static void cases_hold_and_show_everything(void **state)
{
    Seen seen = play_all(*state);
    int missing = count_missing_codes(&seen) + count_missing_rules(&seen);
    assert_int_equal(missing, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cases_hold_and_show_everything, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
