#include "base/key_index.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* Up to here looking at each key is the faster way. */
enum { MAX_LINEAR = 16 };

/* The multiplication carries to the left and the fold back to the right, since the table uses the
 * low bits. */
static uint64_t mix(uint64_t hash, uint64_t bytes)
{
    hash = (hash ^ bytes) * 0x9e3779b97f4a7c15;
    return hash ^ hash >> 32;
}

/* Eight bytes at a time, then the rest. */
static size_t hash_of(const char *key)
{
    enum { STEP = sizeof(uint64_t) };
    size_t length = strlen(key);
    uint64_t hash = length, bytes = 0;
    for (; length >= STEP; key += STEP, length -= STEP) {
        memcpy(&bytes, key, STEP);
        hash = mix(hash, bytes);
    }
    for (bytes = 0; length > 0; key++, length--)
        bytes = bytes << 8 | (unsigned char)*key;
    return (size_t)mix(hash, bytes);
}

/* Constants of the program are mostly one text. */
static bool is_same(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

/* The slot of `key`, or the empty slot where it belongs. */
static uint32_t *slot_of(KeySlots *slots, const char *const *keys, const char *key)
{
    size_t mask = slots->count - 1;
    for (size_t i = hash_of(key) & mask;; i = (i + 1) & mask) {
        uint32_t *slot = &slots->at[i];
        if (*slot == 0 || is_same(keys[*slot - 1], key))
            return slot;
    }
}

static KeySlots *slots_new(Arena *arena, size_t count)
{
    KeySlots *slots = arena_alloc(arena, sizeof(*slots) + count * sizeof(slots->at[0]));
    slots->count = count;
    return slots;
}

ptrdiff_t key_index_find(const KeyIndex *index, const char *const *keys, size_t count,
                         const char *key)
{
    if (index->slots)
        return (ptrdiff_t)*slot_of(index->slots, keys, key) - 1;
    for (size_t i = 0; i < count; i++) {
        if (keys[i][0] == key[0] && is_same(keys[i], key))
            return (ptrdiff_t)i;
    }
    return KEY_NOT_FOUND;
}

void key_index_added(Arena *arena, KeyIndex *index, const char *const *keys, size_t count)
{
    if (count <= MAX_LINEAR)
        return;
    size_t first = count - 1;
    if (!index->slots || count * 2 > index->slots->count) {
        size_t slot_count = index->slots ? index->slots->count * 2 : (size_t)8 * MAX_LINEAR;
        index->slots = slots_new(arena, slot_count);
        first = 0;
    }
    assert(count < UINT32_MAX);
    for (size_t i = first; i < count; i++)
        *slot_of(index->slots, keys, keys[i]) = (uint32_t)(i + 1);
}
