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
static uint32_t hash_of(const char *key)
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
    return (uint32_t)mix(hash, bytes);
}

/* Constants of the program are mostly one text. */
static bool is_same(const char *a, const char *b)
{
    return a == b || strcmp(a, b) == 0;
}

/* The slot of `key`, or the free slot where it belongs. */
static KeySlot *slot_of(KeySlots *slots, const char *const *keys, const char *key, uint32_t hash)
{
    size_t mask = slots->count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        KeySlot *slot = &slots->at[i];
        if (slot->number == 0 || (slot->hash == hash && is_same(keys[slot->number - 1], key)))
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
        return (ptrdiff_t)slot_of(index->slots, keys, key, hash_of(key))->number - 1;
    for (size_t i = 0; i < count; i++) {
        if (keys[i][0] == key[0] && is_same(keys[i], key))
            return (ptrdiff_t)i;
    }
    return KEY_NOT_FOUND;
}

/* Keys are unique, so a key that comes in finds a free slot without a look at the others. */
static void put(KeySlots *slots, KeySlot key)
{
    size_t mask = slots->count - 1, i = key.hash & mask;
    while (slots->at[i].number != 0)
        i = (i + 1) & mask;
    slots->at[i] = key;
}

static KeySlots *slots_larger(Arena *arena, const KeySlots *old)
{
    KeySlots *slots = slots_new(arena, old->count * 2);
    for (size_t i = 0; i < old->count; i++) {
        if (old->at[i].number != 0)
            put(slots, old->at[i]);
    }
    return slots;
}

void key_index_added(Arena *arena, KeyIndex *index, const char *const *keys, size_t count)
{
    if (count <= MAX_LINEAR)
        return;
    assert(count < UINT32_MAX);
    size_t first = index->slots ? count - 1 : 0;
    if (!index->slots)
        index->slots = slots_new(arena, (size_t)2 * MAX_LINEAR);
    else if (count * 4 > index->slots->count * 3)
        index->slots = slots_larger(arena, index->slots);
    for (size_t i = first; i < count; i++)
        put(index->slots, (KeySlot){hash_of(keys[i]), (uint32_t)(i + 1)});
}
