/*
 * base/key_index.h - from a key to its position in an array of unique keys.
 *
 * The part that Map and map values share. Short arrays are searched one by one; longer ones have
 * a hash table of positions. Zero-initialised is empty; memory comes from the owner's arena.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct KeySlot {
    uint32_t hash;
    uint32_t number; /* position + 1; 0: the slot is free */
} KeySlot;

typedef struct KeySlots {
    size_t count; /* a power of two */
    KeySlot at[];
} KeySlots;

typedef struct KeyIndex {
    KeySlots *slots; /* NULL while the array is short */
} KeyIndex;

enum { KEY_NOT_FOUND = -1 };

/* The position of `key` in keys[0 .. count), or KEY_NOT_FOUND. */
ptrdiff_t key_index_find(const KeyIndex *index, const char *const *keys, size_t count,
                         const char *key);

/* To be called after a new key was put at the end of keys[0 .. count). */
void key_index_added(Arena *arena, KeyIndex *index, const char *const *keys, size_t count);
