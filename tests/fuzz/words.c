/* What a fuzzer of inventories should know, from the table: "words" prints a libFuzzer dictionary,
 * "seeds" one line a parameter: its name and default, as a key of a cluster's vars. */
#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "schema/params.h"

static const char *const tokens[] = {
    ": ",
    "- ",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\\x0a",
    "  ",
    "\\x0a  ",
    "#",
    "|",
    ">",
    "|-\\x0a",
    ">+2\\x0a",
    "'",
    "\\x22",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "!!int ",
    "!vault |\\x0a",
    "!unsafe ",
    "---\\x0a",
    "...\\x0a",
    "%YAML 1.1",
    "\\xef\\xbb\\xbf",
    "\\x0d\\x0a",
    "~",
    "null",
    "true",
    "off",
    "0755",
    "0x1f",
    "1.5",
    "1e3",
    "10.10.10.10",
    "/24",
    "all:",
    "children:",
    "hosts:",
    "vars:",
    "{{ ",
    " }}",
    "${admin_ip}",
    "${pg_cluster}",
    "${vip}",
    "from_env: ",
    "from_file: ",
    "64MB",
    "30s",
    "2031-01-31",
    "[? pg_role == `primary` ]",
    " && ",
    " || ",
    "!pg_offline_query",
};

typedef struct Words {
    Arena *arena;
    Map *seen; /* what was printed */
} Words;

static void print_word(const Words *words, const char *text, size_t length)
{
    const char *word = arena_strndup(words->arena, text, length);
    if (length == 0 || map_get(words->seen, word))
        return;
    map_set(words->seen, word, words->seen);
    printf("\"%s\"\n", word);
}

/* NOLINTNEXTLINE(misc-no-recursion): schemas are a few levels deep */
static void print_row(const Words *words, const Parameter *row)
{
    print_word(words, row->name, strlen(row->name));
    for (const char *at = row->words; at && *at; at += strspn(at, "|")) {
        size_t length = strcspn(at, "|");
        print_word(words, at, length);
        at += length;
    }
    for (size_t i = 0; row->schema && i < row->schema->field_count; i++)
        print_row(words, &row->schema->fields[i]);
}

/* The first byte chooses the frame of fuzz_inventory into which a key of vars fits. */
static void print_seed(const Parameter *row)
{
    bool fits = row->fallback && !strchr(row->fallback, '\n');
    printf("3%s: %s\n", row->name, fits ? row->fallback : "");
}

int main(int argc, char **argv)
{
    bool is_seeds = argc == 2 && strcmp(argv[1], "seeds") == 0;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Words words = {arena, map_new(arena)};
    for (size_t i = 0; !is_seeds && i < COUNT_OF(tokens); i++)
        printf("\"%s\"\n", tokens[i]);
    for (size_t i = 0; i < params_count(); i++) {
        if (is_seeds)
            print_seed(params_at(i));
        else
            print_row(&words, params_at(i));
    }
    return 0;
}
