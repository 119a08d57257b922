/* Values and places, as explain shows them. */
#include <string.h>

#include "cli/explain.h"
#include "schema/secret_name.h"

enum { BRIEF_COLUMNS = 60, INDENT = 2, HANG = 6 };

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

static bool is_long(const char *text)
{
    return text_columns(text) > BRIEF_COLUMNS;
}

const char *explain_brief(Arena *arena, const Value *value)
{
    const char *text = full_text(arena, value);
    size_t count = value_count(value);
    if (!is_long(text))
        return text;
    if (value->type == VALUE_LIST || value->type == VALUE_MAP)
        return arena_printf(arena, "%zu %s", count, count == 1 ? "entry" : "entries");
    return arena_printf(arena, "a text of %zu characters", text_columns(text) - 2);
}

void explain_rest(const Page *page, Arena *arena, const Value *value)
{
    if (!is_long(full_text(arena, value)))
        return;
    for (size_t i = 0; i < value_count(value); i++) {
        bool is_map = value->type == VALUE_MAP;
        const Value *item = is_map ? value->map.values[i] : value_at(value, i);
        const char *line = arena_printf(arena, "  %s%s%s", is_map ? value->map.keys[i] : "-",
                                        is_map ? ": " : " ", full_text(arena, item));
        page_put(page, COLOR_PLAIN, line, HANG, "");
    }
    if (value->type == VALUE_TEXT)
        page_put(page, COLOR_PLAIN, arena_printf(arena, "  %s", value->text), INDENT, "");
}
