/* Values and places, as explain shows them. */
#include <string.h>

#include "cli/explain.h"
#include "schema/secret_name.h"

enum { BRIEF_COLUMNS = 60, HANG = 6, WINNERS_SHOWN = 20 };

/* Looks secret and is none. */
static const char harmless_key[] = "password_encryption";

static bool is_hidden(const char *key, const Value *value)
{
    bool is_scalar = value->type == VALUE_TEXT || value->type == VALUE_INT;
    return is_scalar && secret_name(key) && strcmp(key, harmless_key) != 0 &&
           !text_equal(value_as_text(value, NULL), "");
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
const Value *explain_mask(Arena *arena, const Value *value, const char *prefix)
{
    bool is_list = value->type == VALUE_LIST;
    if (value->type == VALUE_SECRET)
        return value_secret(arena, arena_printf(arena, "%s%s", prefix, value->text));
    if (!is_list && value->type != VALUE_MAP)
        return value;
    Value *copy = is_list ? value_list(arena) : value_map(arena);
    for (size_t i = 0; i < value_count(value); i++) {
        if (is_list) {
            value_push(arena, copy, explain_mask(arena, value->list.items[i], prefix));
            continue;
        }
        const char *key = value->map.keys[i];
        const Value *item = value->map.values[i];
        value_set(arena, copy, key,
                  is_hidden(key, item) ? value_secret(arena, key)
                                       : explain_mask(arena, item, prefix));
    }
    return copy;
}

const char *explain_place(Arena *arena, const Origin *origin)
{
    return arena_printf(arena, "%s:%d:%d", origin->file, origin->line, origin->column);
}

const Value *explain_place_json(Arena *arena, const Origin *origin)
{
    Value *place = value_map(arena);
    value_set_text(arena, place, "file", origin->file);
    value_set_int(arena, place, "line", origin->line);
    value_set_int(arena, place, "column", origin->column);
    return place;
}

static const char *full_text(Arena *arena, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    value_format(&text, value);
    return text_copy(&text, arena);
}

static size_t line_count(const char *text)
{
    size_t count = *text && text[strlen(text) - 1] != '\n';
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

static bool is_long(Arena *arena, const Value *value)
{
    bool is_lines = value->type == VALUE_TEXT && strchr(value->text, '\n');
    return is_lines || text_columns(full_text(arena, value)) > BRIEF_COLUMNS;
}

const char *explain_brief(Arena *arena, const Value *value)
{
    size_t count = value_count(value);
    if (!is_long(arena, value))
        return full_text(arena, value);
    if (value->type == VALUE_LIST || value->type == VALUE_MAP)
        return arena_printf(arena, "%zu %s", count, count == 1 ? "entry" : "entries");
    if (value->type == VALUE_TEXT && strchr(value->text, '\n'))
        return arena_printf(arena, "%zu lines", line_count(value->text));
    return arena_printf(arena, "a text of %zu characters",
                        text_columns(full_text(arena, value)) - 2);
}

static void put_entries(const Page *page, Arena *arena, const Value *value)
{
    for (size_t i = 0; i < value_count(value); i++) {
        bool is_map = value->type == VALUE_MAP;
        const Value *item = is_map ? value->map.values[i] : value_at(value, i);
        const char *line = arena_printf(arena, "  %s%s%s", is_map ? value->map.keys[i] : "-",
                                        is_map ? ": " : " ", full_text(arena, item));
        page_put(page, COLOR_PLAIN, line, HANG, "");
    }
}

static void put_text(const Page *page, Arena *arena, const char *text)
{
    char **lines;
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (i + 1 < count || *lines[i])
            page_put(page, COLOR_PLAIN, arena_printf(arena, "  | %s", lines[i]), HANG, "");
    }
}

void explain_rest(const Page *page, Arena *arena, const Value *value)
{
    if (!is_long(arena, value))
        return;
    if (value->type == VALUE_TEXT)
        put_text(page, arena, value->text);
    else
        put_entries(page, arena, value);
}

size_t explain_shown(const Page *page, size_t count)
{
    return page->options->verbose || count <= WINNERS_SHOWN ? count : WINNERS_SHOWN;
}

void explain_hidden(const Page *page, Arena *arena, size_t count)
{
    if (count == 0)
        return;
    page_line(page, COLOR_DIM,
              arena_printf(arena,
                           "and %zu more places: -v lists them, -host=NAME tells of one host",
                           count));
    page_blank(page);
}
