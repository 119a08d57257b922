#include "base/value.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

const Value value_null = {.type = VALUE_NULL};
const Value value_true = {.type = VALUE_BOOL, .boolean = true};
const Value value_false = {.type = VALUE_BOOL, .boolean = false};
const Value value_empty_list = {.type = VALUE_LIST};
const Value value_empty_map = {.type = VALUE_MAP};

static Value *value_new(Arena *arena, ValueType type)
{
    Value *value = ARENA_NEW(arena, Value);
    value->type = type;
    return value;
}

Value *value_int(Arena *arena, int64_t integer)
{
    Value *value = value_new(arena, VALUE_INT);
    value->integer = integer;
    return value;
}

const Value *value_bool(bool boolean)
{
    return boolean ? &value_true : &value_false;
}

Value *value_real(Arena *arena, double real)
{
    Value *value = value_new(arena, VALUE_REAL);
    value->real = real;
    return value;
}

Value *value_text(Arena *arena, const char *text)
{
    Value *value = value_new(arena, text ? VALUE_TEXT : VALUE_NULL);
    if (text)
        value->text = arena_strdup(arena, text);
    return value;
}

Value *value_textf(Arena *arena, const char *fmt, ...)
{
    Value *value = value_new(arena, VALUE_TEXT);
    va_list args;
    va_start(args, fmt);
    value->text = arena_vprintf(arena, fmt, args);
    va_end(args);
    return value;
}

Value *value_secret(Arena *arena, const char *address)
{
    Value *value = value_new(arena, VALUE_SECRET);
    value->text = arena_strdup(arena, address);
    return value;
}

Value *value_late(Arena *arena, const char *maker)
{
    Value *value = value_new(arena, VALUE_LATE);
    value->text = arena_strdup(arena, maker);
    return value;
}

Value *value_list(Arena *arena)
{
    return value_new(arena, VALUE_LIST);
}

void value_push(Arena *arena, Value *list, const Value *item)
{
    assert(list->type == VALUE_LIST && item);
    ARENA_PUSH(arena, list->list.items, list->list.count, list->list.capacity, item);
}

Value *value_map(Arena *arena)
{
    return value_new(arena, VALUE_MAP);
}

static ptrdiff_t find(const Value *map, const char *key)
{
    return key_index_find(&map->map.index, map->map.keys, map->map.count, key);
}

static void grow_map(Arena *arena, Value *map, uint32_t capacity)
{
    size_t count = map->map.count;
    map->map.keys = arena_grow_array(arena, map->map.keys, count, capacity, sizeof(*map->map.keys));
    map->map.values =
        arena_grow_array(arena, map->map.values, count, capacity, sizeof(*map->map.values));
    map->map.capacity = capacity;
}

void value_reserve(Arena *arena, Value *list_or_map, size_t count)
{
    assert(value_count(list_or_map) == 0 && count < UINT32_MAX);
    if (count > 0 && list_or_map->type == VALUE_MAP)
        grow_map(arena, list_or_map, (uint32_t)count);
    if (count > 0 && list_or_map->type == VALUE_LIST) {
        list_or_map->list.items = ARENA_ARRAY(arena, const Value *, count);
        list_or_map->list.capacity = count;
    }
}

void value_add(Arena *arena, Value *map, const char *key, const Value *item)
{
    assert(map->type == VALUE_MAP && item);
    if (map->map.count == map->map.capacity)
        grow_map(arena, map, map->map.capacity ? map->map.capacity * 2 : 4);
    map->map.keys[map->map.count] = key;
    map->map.values[map->map.count] = item;
    map->map.count++;
    key_index_added(arena, &map->map.index, map->map.keys, map->map.count);
}

void value_set(Arena *arena, Value *map, const char *key, const Value *item)
{
    ptrdiff_t at = find(map, key);
    if (at != KEY_NOT_FOUND)
        map->map.values[at] = item;
    else
        value_add(arena, map, arena_strdup(arena, key), item);
}

void value_set_text(Arena *arena, Value *map, const char *key, const char *text)
{
    value_set(arena, map, key, value_text(arena, text));
}

void value_set_int(Arena *arena, Value *map, const char *key, int64_t integer)
{
    value_set(arena, map, key, value_int(arena, integer));
}

void value_set_bool(Arena *arena, Value *map, const char *key, bool boolean)
{
    value_set(arena, map, key, value_bool(boolean));
}

const Value *value_get(const Value *map, const char *key)
{
    if (!map || map->type != VALUE_MAP)
        return NULL;
    ptrdiff_t at = find(map, key);
    return at == KEY_NOT_FOUND ? NULL : map->map.values[at];
}

const Value *value_at(const Value *list, size_t i)
{
    if (!list || list->type != VALUE_LIST || i >= list->list.count)
        return NULL;
    return list->list.items[i];
}

size_t value_count(const Value *list_or_map)
{
    if (list_or_map && list_or_map->type == VALUE_LIST)
        return list_or_map->list.count;
    if (list_or_map && list_or_map->type == VALUE_MAP)
        return list_or_map->map.count;
    return 0;
}

const char *value_as_text(const Value *value, const char *fallback)
{
    return value && value->type == VALUE_TEXT ? value->text : fallback;
}

int64_t value_as_int(const Value *value, int64_t fallback)
{
    return value && value->type == VALUE_INT ? value->integer : fallback;
}

bool value_as_bool(const Value *value, bool fallback)
{
    return value && value->type == VALUE_BOOL ? value->boolean : fallback;
}

const char *value_get_text(const Value *map, const char *key)
{
    return value_as_text(value_get(map, key), "");
}

int64_t value_get_int(const Value *map, const char *key, int64_t fallback)
{
    return value_as_int(value_get(map, key), fallback);
}

bool value_get_bool(const Value *map, const char *key, bool fallback)
{
    return value_as_bool(value_get(map, key), fallback);
}

/* One step of a path, without its escapes. */
static void unescape_step(Text *step, const char *bytes, size_t length)
{
    text_clear(step);
    if (!memchr(bytes, '~', length)) {
        text_add_bytes(step, bytes, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        bool is_escape = bytes[i] == '~' && i + 1 < length;
        if (is_escape && (bytes[i + 1] == '0' || bytes[i + 1] == '1'))
            text_add_char(step, bytes[++i] == '0' ? '~' : '/');
        else
            text_add_char(step, bytes[i]);
    }
}

static const Value *step_into(const Value *value, const char *step)
{
    if (value->type == VALUE_MAP)
        return value_get(value, step);
    int64_t i;
    if (step[strspn(step, "0123456789")] != '\0' || !text_to_int(step, &i))
        return NULL;
    return value_at(value, (size_t)i);
}

const Value *value_path(const Value *value, const char *path)
{
    if (*path == '\0')
        return value;
    CLEANUP(text_release) Text step = TEXT_INIT;
    while (value) {
        size_t length = strcspn(path, "/");
        unescape_step(&step, path, length);
        value = step_into(value, text_get(&step));
        if (path[length] == '\0')
            return value;
        path += length + 1;
    }
    return NULL;
}
