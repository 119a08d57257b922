#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- reading ------------------------------------------------------------------------------- */

/* Refuse deep nesting before jansson, which would recurse 2048 levels on a small stack. */
static Error *check_depth(const char *bytes, size_t length)
{
    size_t depth = 0, line = 1;
    bool in_string = false;
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        line += c == '\n';
        if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += c == '\\';
        } else if (c == '[' || c == '{') {
            if (++depth > JSON_MAX_DEPTH)
                return error_new(ERROR_INVALID, "line %zu: nested more than %d levels deep", line,
                                 JSON_MAX_DEPTH);
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return NULL;
}

/* {"secret": "..."} and {"late": "..."}, or NULL. */
static Value *hole_of(Arena *arena, json_t *object)
{
    if (json_object_size(object) != 1)
        return NULL;
    const char *secret = json_string_value(json_object_get(object, "secret"));
    if (secret)
        return value_secret(arena, secret);
    const char *late = json_string_value(json_object_get(object, "late"));
    return late ? value_late(arena, late) : NULL;
}

static const Value *convert(Arena *arena, json_t *json, bool holes);

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by check_depth()
static const Value *convert_array(Arena *arena, json_t *array, bool holes)
{
    Value *list = value_list(arena);
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) value_push(arena, list, convert(arena, item, holes));
    return list;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by check_depth()
static const Value *convert_object(Arena *arena, json_t *object, bool holes)
{
    Value *map = holes ? hole_of(arena, object) : NULL;
    if (map)
        return map;
    map = value_map(arena);
    const char *key;
    json_t *item;
    json_object_foreach(object, key, item) value_set(arena, map, key, convert(arena, item, holes));
    return map;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by check_depth()
static const Value *convert(Arena *arena, json_t *json, bool holes)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return convert_object(arena, json, holes);
    case JSON_ARRAY:
        return convert_array(arena, json, holes);
    case JSON_STRING:
        return value_text(arena, json_string_value(json));
    case JSON_INTEGER:
        return value_int(arena, json_integer_value(json));
    case JSON_REAL:
        return value_real(arena, json_real_value(json));
    case JSON_TRUE:
        return &value_true;
    case JSON_FALSE:
        return &value_false;
    case JSON_NULL:
        break;
    }
    return &value_null;
}

static void json_freep(json_t **json)
{
    json_decref(*json);
}

static Error *parse(Arena *arena, const char *bytes, size_t length, bool holes, const Value **ret)
{
    TRY(check_depth(bytes, length));
    json_error_t where;
    CLEANUP(json_freep)
    json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (!json)
        return error_new(ERROR_INVALID, "line %d, column %d: %s", where.line, where.column,
                         where.text);
    *ret = convert(arena, json, holes);
    return NULL;
}

Error *json_parse(Arena *arena, const char *bytes, size_t length, const Value **ret)
{
    return parse(arena, bytes, length, false, ret);
}

Error *json_parse_holes(Arena *arena, const char *bytes, size_t length, const Value **ret)
{
    return parse(arena, bytes, length, true, ret);
}

/* -- writing ------------------------------------------------------------------------------- */

typedef struct Style {
    bool sorted;
    bool pretty;
} Style;

static void write_value(Text *out, const Value *value, Style style, size_t depth);

/* The shorter of the usual texts that reads back as the same number, and as a real. */
static void write_real(Text *out, double real)
{
    if (!isfinite(real)) {
        text_add(out, "null"); /* JSON has no word for it */
        return;
    }
    size_t start = out->length;
    for (int digits = 15; digits <= 17; digits++) {
        out->length = start;
        text_addf(out, "%.*g", digits, real);
        if (strtod(text_get(out) + start, NULL) == real)
            break;
    }
    if (!strpbrk(text_get(out) + start, ".e"))
        text_add(out, ".0");
}

static void new_line(Text *out, Style style, size_t depth)
{
    if (!style.pretty)
        return;
    text_add_char(out, '\n');
    text_add_repeat(out, "  ", depth);
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static void write_list(Text *out, const Value *list, Style style, size_t depth)
{
    text_add_char(out, '[');
    for (size_t i = 0; i < list->list.count; i++) {
        text_add(out, i ? "," : "");
        new_line(out, style, depth + 1);
        write_value(out, list->list.items[i], style, depth + 1);
    }
    if (list->list.count)
        new_line(out, style, depth);
    text_add_char(out, ']');
}

typedef struct Entry {
    const char *key;
    const Value *value;
} Entry;

static int compare_entries(const void *a, const void *b)
{
    return strcmp(((const Entry *)a)->key, ((const Entry *)b)->key);
}

static Entry *entries_of(const Value *map, bool sorted)
{
    size_t count = map->map.count;
    Entry *entries = must_malloc((count ? count : 1) * sizeof(*entries));
    for (size_t i = 0; i < count; i++)
        entries[i] = (Entry){map->map.keys[i], map->map.values[i]};
    if (sorted)
        qsort(entries, count, sizeof(*entries), compare_entries);
    return entries;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static void write_map(Text *out, const Value *map, Style style, size_t depth)
{
    Entry *entries = entries_of(map, style.sorted);
    text_add_char(out, '{');
    for (size_t i = 0; i < map->map.count; i++) {
        text_add(out, i ? "," : "");
        new_line(out, style, depth + 1);
        json_write_string(out, entries[i].key);
        text_add(out, style.pretty ? ": " : ":");
        write_value(out, entries[i].value, style, depth + 1);
    }
    if (map->map.count)
        new_line(out, style, depth);
    text_add_char(out, '}');
    free(entries);
}

static void write_hole(Text *out, const char *name, const char *text, Style style)
{
    text_addf(out, "{\"%s\":%s", name, style.pretty ? " " : "");
    json_write_string(out, text);
    text_add_char(out, '}');
}

static void write_int(Text *out, int64_t integer)
{
    char digits[20]; /* those of 2^63 and a sign */
    size_t at = sizeof(digits);
    uint64_t left = integer < 0 ? 0 - (uint64_t)integer : (uint64_t)integer;
    do
        digits[--at] = (char)('0' + left % 10);
    while (left /= 10);
    if (integer < 0)
        digits[--at] = '-';
    text_add_bytes(out, digits + at, sizeof(digits) - at);
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static void write_value(Text *out, const Value *value, Style style, size_t depth)
{
    switch (value ? value->type : VALUE_NULL) {
    case VALUE_BOOL:
        text_add(out, value->boolean ? "true" : "false");
        return;
    case VALUE_INT:
        write_int(out, value->integer);
        return;
    case VALUE_REAL:
        write_real(out, value->real);
        return;
    case VALUE_TEXT:
        json_write_string(out, value->text);
        return;
    case VALUE_LIST:
        write_list(out, value, style, depth);
        return;
    case VALUE_MAP:
        write_map(out, value, style, depth);
        return;
    case VALUE_SECRET:
        write_hole(out, "secret", value->text, style);
        return;
    case VALUE_LATE:
        write_hole(out, "late", value->text, style);
        return;
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        text_add(out, "null");
    }
}

void json_write(Text *out, const Value *value)
{
    write_value(out, value, (Style){.sorted = false}, 0);
}

void json_write_canonical(Text *out, const Value *value)
{
    write_value(out, value, (Style){.sorted = true}, 0);
}

void json_write_pretty(Text *out, const Value *value)
{
    write_value(out, value, (Style){.pretty = true}, 0);
}

void json_write_string(Text *out, const char *text)
{
    text_add_quoted(out, text);
}
