/* What walks a whole value: comparing, copying, filling, printing. */
#include <string.h>

#include "base/json.h"
#include "base/value.h"

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static bool lists_equal(const Value *a, const Value *b)
{
    for (size_t i = 0; i < a->list.count; i++) {
        if (!value_equal(a->list.items[i], b->list.items[i]))
            return false;
    }
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static bool maps_equal(const Value *a, const Value *b)
{
    for (size_t i = 0; i < a->map.count; i++) {
        const Value *other = value_get(b, a->map.keys[i]);
        if (!other || !value_equal(a->map.values[i], other))
            return false;
    }
    return true;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
bool value_equal(const Value *a, const Value *b)
{
    if (!a)
        a = &value_null;
    if (!b)
        b = &value_null;
    if (a == b)
        return true;
    if (a->type != b->type || value_count(a) != value_count(b))
        return false;
    switch (a->type) {
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_REAL:
        return a->real == b->real;
    case VALUE_TEXT:
    case VALUE_SECRET:
    case VALUE_LATE:
        return strcmp(a->text, b->text) == 0;
    case VALUE_LIST:
        return lists_equal(a, b);
    case VALUE_MAP:
        return maps_equal(a, b);
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return true;
}

typedef const char *SecretFill(void *context, const char *address);

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static Value *copy(Arena *arena, const Value *value, SecretFill *fill, void *context)
{
    Value *made = ARENA_NEW(arena, Value);
    *made = (Value){.type = value->type};
    switch (value->type) {
    case VALUE_TEXT:
    case VALUE_LATE:
        made->text = arena_strdup(arena, value->text);
        break;
    case VALUE_SECRET: {
        const char *text = fill ? fill(context, value->text) : NULL;
        if (text)
            made->type = VALUE_TEXT;
        made->text = text ? text : arena_strdup(arena, value->text);
        break;
    }
    case VALUE_LIST:
        for (size_t i = 0; i < value->list.count; i++)
            value_push(arena, made, copy(arena, value->list.items[i], fill, context));
        break;
    case VALUE_MAP:
        for (size_t i = 0; i < value->map.count; i++)
            value_set(arena, made, value->map.keys[i],
                      copy(arena, value->map.values[i], fill, context));
        break;
    case VALUE_NULL:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_REAL:
    case VALUE_TYPE_COUNT:
        *made = *value;
    }
    return made;
}

Value *value_copy(Arena *arena, const Value *value)
{
    return copy(arena, value ? value : &value_null, NULL, NULL);
}

const Value *value_fill(Arena *arena, const Value *value, SecretFill *fill, void *context)
{
    return value_has_secret(value) ? copy(arena, value, fill, context) : value;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
bool value_has_secret(const Value *value)
{
    if (!value)
        return false;
    if (value->type == VALUE_LIST) {
        for (size_t i = 0; i < value->list.count; i++) {
            if (value_has_secret(value->list.items[i]))
                return true;
        }
    }
    if (value->type == VALUE_MAP) {
        for (size_t i = 0; i < value->map.count; i++) {
            if (value_has_secret(value->map.values[i]))
                return true;
        }
    }
    return value->type == VALUE_SECRET;
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static void format_list(Text *out, const Value *list)
{
    text_add(out, "[");
    for (size_t i = 0; i < list->list.count; i++) {
        text_add(out, i ? ", " : "");
        value_format(out, list->list.items[i]);
    }
    text_add(out, "]");
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
static void format_map(Text *out, const Value *map)
{
    text_add(out, "{");
    for (size_t i = 0; i < map->map.count; i++) {
        text_addf(out, "%s%s: ", i ? ", " : "", map->map.keys[i]);
        value_format(out, map->map.values[i]);
    }
    text_add(out, "}");
}

// NOLINTNEXTLINE(misc-no-recursion): depth is bounded by JSON_MAX_DEPTH
void value_format(Text *out, const Value *value)
{
    if (value && value->type == VALUE_SECRET)
        text_add(out, "(sensitive value)");
    else if (value && value->type == VALUE_LATE)
        text_add(out, "(known later)");
    else if (value && value->type == VALUE_LIST)
        format_list(out, value);
    else if (value && value->type == VALUE_MAP)
        format_map(out, value);
    else
        json_write(out, value);
}
