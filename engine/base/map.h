/*
 * base/map.h - a hash table from strings to pointers that remembers insertion order.
 *
 * Lives in an arena; keys are borrowed (keep them alive), values too. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct Map Map;

Map *map_new(Arena *arena);

/* Set key to value (not NULL); returns the value that was there before, or NULL. */
void *map_set(Map *map, const char *key, void *value);

/* The value, or NULL. */
void *map_get(const Map *map, const char *key);

size_t map_count(const Map *map);

/* The i-th entry in insertion order, i < map_count(). */
const char *map_key_at(const Map *map, size_t i);
void *map_value_at(const Map *map, size_t i);
