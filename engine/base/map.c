#include "base/map.h"

#include <assert.h>

#include "base/key_index.h"

struct Map {
    Arena *arena;
    const char **keys;
    void **values;
    size_t count;
    size_t capacity;
    KeyIndex index;
};

Map *map_new(Arena *arena)
{
    Map *map = ARENA_NEW(arena, Map);
    map->arena = arena;
    return map;
}

static void grow(Map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : 8;
    map->keys = arena_grow_array(map->arena, map->keys, map->count, capacity, sizeof(*map->keys));
    map->values =
        arena_grow_array(map->arena, map->values, map->count, capacity, sizeof(*map->values));
    map->capacity = capacity;
}

void *map_set(Map *map, const char *key, void *value)
{
    assert(value);
    ptrdiff_t at = key_index_find(&map->index, map->keys, map->count, key);
    if (at != KEY_NOT_FOUND) {
        void *before = map->values[at];
        map->values[at] = value;
        return before;
    }
    if (map->count == map->capacity)
        grow(map);
    map->keys[map->count] = key;
    map->values[map->count] = value;
    map->count++;
    key_index_added(map->arena, &map->index, map->keys, map->count);
    return NULL;
}

void *map_get(const Map *map, const char *key)
{
    ptrdiff_t at = key_index_find(&map->index, map->keys, map->count, key);
    return at == KEY_NOT_FOUND ? NULL : map->values[at];
}

size_t map_count(const Map *map)
{
    return map->count;
}

const char *map_key_at(const Map *map, size_t i)
{
    assert(i < map->count);
    return map->keys[i];
}

void *map_value_at(const Map *map, size_t i)
{
    assert(i < map->count);
    return map->values[i];
}
