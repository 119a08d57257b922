#include "base/key_index.h"

#include <assert.h>
#include <string.h>

/* Up to here looking at each key is the faster way. */
enum { MAX_LINEAR = 16 };

/* Eight bytes at a time; each multiplication is folded, since the table uses the low bits. */
static size_t hash_of(const char *key)
{
    enum { STEP = sizeof(uint64_t) };
    size_t length = strlen(key);
    uint64_t hash = length, bytes = 0;
    for (; length >= STEP; key += STEP, length -= STEP) {
        memcpy(&bytes, key, STEP);
        hash = (hash ^ bytes) * 0x9e3779b97f4a7c15;
        hash ^= hash >> 32;
    }
    bytes = 0;
    memcpy(&bytes, key, length);
    hash = (hash ^ bytes) * 0x9e3779b97f4a7c15;
    return (size_t)(hash ^ hash >> 32);
}

/* The slot of `key`, or the empty slot where it belongs. */
static uint32_t *slot_of(const KeyIndex *index, const char *const *keys, const char *key)
{
    size_t mask = index->slot_count - 1;
    for (size_t i = hash_of(key) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &index->slots[i];
        if (*slot == 0 || strcmp(keys[*slot - 1], key) == 0)
            return slot;
    }
}

ptrdiff_t key_index_find(const KeyIndex *index, const char *const *keys, size_t count,
                         const char *key)
{
    if (index->slots)
        return (ptrdiff_t)*slot_of(index, keys, key) - 1;
    for (size_t i = 0; i < count; i++) {
        if (keys[i][0] == key[0] && strcmp(keys[i], key) == 0)
            return (ptrdiff_t)i;
    }
    return KEY_NOT_FOUND;
}

void key_index_added(Arena *arena, KeyIndex *index, const char *const *keys, size_t count)
{
    if (count <= MAX_LINEAR)
        return;
    size_t first = count - 1;
    if (count * 2 > index->slot_count) {
        index->slot_count = index->slot_count ? index->slot_count * 2 : (size_t)8 * MAX_LINEAR;
        index->slots = ARENA_ARRAY(arena, uint32_t, index->slot_count);
        first = 0;
    }
    assert(count < UINT32_MAX);
    for (size_t i = first; i < count; i++)
        *slot_of(index, keys, keys[i]) = (uint32_t)(i + 1);
}
