#include "base/value_pool.h"

#include <string.h>

#include "base/map.h"

/* The parts of lists and maps that are being shared, those of the outermost first. */
typedef struct Parts {
    const char **keys;
    const Value **values;
    size_t count, capacity;
} Parts;

/* A table of positions with open addressing, at most half full. */
struct ValuePool {
    Arena *arena;
    const Value **slots;
    uint64_t *hashes;
    size_t slot_count; /* a power of two */
    size_t count;
    Map *last; /* name -> where the last value of that name is found */
    Parts parts;
};

enum { FIRST_SLOTS = 256, FIRST_PARTS = 64 };

static void slots_new(ValuePool *pool, size_t count)
{
    pool->slots = ARENA_ARRAY(pool->arena, const Value *, count);
    pool->hashes = ARENA_ARRAY(pool->arena, uint64_t, count);
    pool->slot_count = count;
}

ValuePool *value_pool_new(Arena *arena)
{
    ValuePool *pool = ARENA_NEW(arena, ValuePool);
    pool->arena = arena;
    pool->last = map_new(arena);
    slots_new(pool, FIRST_SLOTS);
    pool->parts = (Parts){.keys = ARENA_ARRAY(arena, const char *, FIRST_PARTS),
                          .values = ARENA_ARRAY(arena, const Value *, FIRST_PARTS),
                          .capacity = FIRST_PARTS};
    return pool;
}

/* -- hashes and equality of values whose parts are in the pool: by the parts' places ------------
 */

static uint64_t mix(uint64_t hash, uint64_t bits)
{
    hash = (hash ^ bits) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 32;
}

static uint64_t hash_bytes(uint64_t hash, const void *bytes, size_t length)
{
    const char *at = bytes;
    for (uint64_t bits = 0; length > 0;) {
        size_t step = length < sizeof(bits) ? length : sizeof(bits);
        memcpy(&bits, at, step);
        hash = mix(hash, bits);
        at += step;
        length -= step;
    }
    return hash;
}

static uint64_t hash_of(const Value *value)
{
    uint64_t hash = mix(value_count(value), value->type);
    switch (value->type) {
    case VALUE_BOOL:
        return mix(hash, value->boolean);
    case VALUE_INT:
        return mix(hash, (uint64_t)value->integer);
    case VALUE_REAL:
        return hash_bytes(hash, &value->real, sizeof(value->real));
    case VALUE_TEXT:
    case VALUE_SECRET:
    case VALUE_LATE:
        return hash_bytes(hash, value->text, strlen(value->text));
    case VALUE_LIST:
        return hash_bytes(hash, value->list.items, value_count(value) * sizeof(Value *));
    case VALUE_MAP:
        hash = hash_bytes(hash, value->map.keys, value_count(value) * sizeof(char *));
        return hash_bytes(hash, value->map.values, value_count(value) * sizeof(Value *));
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return hash;
}

static bool same_bytes(const void *a, const void *b, size_t size)
{
    return size == 0 || memcmp(a, b, size) == 0;
}

static bool is_same(const Value *a, const Value *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_INT:
        return a->integer == b->integer;
    case VALUE_REAL:
        return same_bytes(&a->real, &b->real, sizeof(a->real));
    case VALUE_TEXT:
    case VALUE_SECRET:
    case VALUE_LATE:
        return strcmp(a->text, b->text) == 0;
    case VALUE_LIST:
        return a->list.count == b->list.count &&
               same_bytes(a->list.items, b->list.items, a->list.count * sizeof(Value *));
    case VALUE_MAP:
        return a->map.count == b->map.count &&
               same_bytes(a->map.keys, b->map.keys, a->map.count * sizeof(char *)) &&
               same_bytes(a->map.values, b->map.values, a->map.count * sizeof(Value *));
    case VALUE_NULL:
    case VALUE_TYPE_COUNT:
        break;
    }
    return true;
}

/* -- the table ------------------------------------------------------------------------------- */

/* The place of an equal value, or the empty place where it belongs. */
static size_t place_of(const ValuePool *pool, const Value *value, uint64_t hash)
{
    size_t mask = pool->slot_count - 1, at = hash & mask;
    while (pool->slots[at] && (pool->hashes[at] != hash || !is_same(pool->slots[at], value)))
        at = (at + 1) & mask;
    return at;
}

static void grow(ValuePool *pool)
{
    ValuePool old = *pool;
    slots_new(pool, old.slot_count * 2);
    for (size_t i = 0; i < old.slot_count; i++) {
        size_t at = old.hashes[i] & (pool->slot_count - 1);
        while (old.slots[i] && pool->slots[at])
            at = (at + 1) & (pool->slot_count - 1);
        if (!old.slots[i])
            continue;
        pool->slots[at] = old.slots[i];
        pool->hashes[at] = old.hashes[i];
    }
}

/* -- sharing --------------------------------------------------------------------------------- */

/* The parts of a list or map are those of the pool, in arrays of their own. */
static Value *copy_of(Arena *arena, const Value *value)
{
    Value *copy = ARENA_NEW(arena, Value);
    *copy = *value;
    if (value->type == VALUE_TEXT || value->type == VALUE_SECRET || value->type == VALUE_LATE)
        copy->text = arena_strdup(arena, value->text);
    if (value->type != VALUE_LIST && value->type != VALUE_MAP)
        return copy;
    *copy = (Value){.type = value->type};
    value_reserve(arena, copy, value_count(value));
    for (size_t i = 0; i < value_count(value); i++) {
        if (value->type == VALUE_LIST)
            value_push(arena, copy, value->list.items[i]);
        else
            value_add(arena, copy, value->map.keys[i], value->map.values[i]);
    }
    return copy;
}

static const Value *find_or_copy(ValuePool *pool, const Value *value)
{
    uint64_t hash = hash_of(value);
    size_t at = place_of(pool, value, hash);
    if (pool->slots[at])
        return pool->slots[at];
    const Value *copy = copy_of(pool->arena, value);
    pool->slots[at] = copy;
    pool->hashes[at] = hash;
    if (++pool->count * 2 > pool->slot_count)
        grow(pool);
    return copy;
}

/* -- as the one before: `like` is of the pool, or NULL ----------------------------------------- */

static const Value *share_like(ValuePool *pool, const Value *value, const Value *like);

static const Value *const *parts_of(const Value *value)
{
    return value->type == VALUE_LIST ? value->list.items : value->map.values;
}

static const char *share_key(ValuePool *pool, const Value *map, const Value *like, size_t i)
{
    const char *key = map->map.keys[i];
    if (like && i < like->map.count && strcmp(like->map.keys[i], key) == 0)
        return like->map.keys[i];
    return find_or_copy(pool, &(Value){.type = VALUE_TEXT, .text = key})->text;
}

/* Room for the parts of one more list or map, and where it begins. */
static size_t parts_begin(ValuePool *pool, size_t count)
{
    Parts *parts = &pool->parts;
    size_t first = parts->count, capacity = parts->capacity;
    parts->count += count;
    if (parts->count <= capacity)
        return first;
    parts->capacity = parts->count * 2;
    parts->keys =
        arena_grow_array(pool->arena, parts->keys, first, parts->capacity, sizeof(*parts->keys));
    parts->values = arena_grow_array(pool->arena, parts->values, first, parts->capacity,
                                     sizeof(*parts->values));
    return first;
}

/* Like `value`, with its parts out of the pool from `first` on. */
static Value parts_value(const ValuePool *pool, const Value *value, size_t first)
{
    Value parts = {.type = value->type};
    if (value->type == VALUE_LIST) {
        parts.list.items = pool->parts.values + first;
        parts.list.count = value->list.count;
    } else {
        parts.map.keys = pool->parts.keys + first;
        parts.map.values = pool->parts.values + first;
        parts.map.count = value->map.count;
    }
    return parts;
}

/* `like` is a list or map as `value` is. */
// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
static const Value *share_parts(ValuePool *pool, const Value *value, const Value *like)
{
    const Value *const *own = parts_of(value), *const *before = like ? parts_of(like) : NULL;
    size_t count = value_count(value), like_count = like ? value_count(like) : 0;
    size_t first = parts_begin(pool, count);
    for (size_t i = 0; i < count; i++) {
        const Value *part = share_like(pool, own[i], i < like_count ? before[i] : NULL);
        pool->parts.values[first + i] = part;
        if (value->type == VALUE_MAP)
            pool->parts.keys[first + i] = share_key(pool, value, like, i);
    }
    const Value parts = parts_value(pool, value, first);
    const Value *shared = like && is_same(&parts, like) ? like : find_or_copy(pool, &parts);
    pool->parts.count = first;
    return shared;
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the value
static const Value *share_like(ValuePool *pool, const Value *value, const Value *like)
{
    if (like && like->type != value->type)
        like = NULL;
    if (value->type == VALUE_LIST || value->type == VALUE_MAP)
        return share_parts(pool, value, like);
    return like && is_same(value, like) ? like : find_or_copy(pool, value);
}

const Value *value_pool_share(ValuePool *pool, const Value *value)
{
    return value ? share_like(pool, value, NULL) : NULL;
}

const Value *value_pool_share_as(ValuePool *pool, const char *name, const Value *value)
{
    const Value **last = map_get(pool->last, name);
    if (!value)
        return NULL;
    if (!last) {
        last = ARENA_NEW(pool->arena, const Value *);
        map_set(pool->last, name, last);
    }
    *last = share_like(pool, value, *last);
    return *last;
}
