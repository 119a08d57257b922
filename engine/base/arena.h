/*
 * base/arena.h - memory with one lifetime: allocate freely, free all at once.
 *
 * A parameter named `arena` receives the result; one named `scratch` is gone on return. Memory is
 * zeroed and aligned for any type. Running out of memory ends the process with a message: a
 * command that must survive kill -9 has no use for an untested out-of-memory path.
 *
 * One arena is used by one thread at a time. Under -DARENA_DEBUG each allocation is a malloc of
 * its own, so that AddressSanitizer sees every object.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

typedef struct Arena Arena;

Arena *arena_new(void);

/* Free the arena and everything in it. NULL is a no-op. */
void arena_free(Arena *arena);

/* For CLEANUP. */
void arena_freep(Arena **arena);

/* `size` zeroed bytes; never NULL, also for size 0. */
void *arena_alloc(Arena *arena, size_t size);

/* Room for `count` items of `item_size` bytes; ends the process on overflow. */
void *arena_alloc_array(Arena *arena, size_t count, size_t item_size);

/* A larger copy of an array that lives in this arena; the old one stays until the arena ends. */
void *arena_grow_array(Arena *arena, const void *old, size_t old_count, size_t new_count,
                       size_t item_size);

char *arena_strdup(Arena *arena, const char *text);
char *arena_strndup(Arena *arena, const char *bytes, size_t length);
char *arena_printf(Arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(Arena *arena, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* What is made by the million, for a tenth of what a format costs: texts one behind the other, and
 * decimal digits. */
char *arena_join(Arena *arena, const char *const *parts, size_t count);
char *arena_number(Arena *arena, uint64_t number);

#define ARENA_JOIN(arena, ...)                                                                     \
    arena_join((arena), (const char *const[]){__VA_ARGS__},                                        \
               COUNT_OF(((const char *const[]){__VA_ARGS__})))

/* Bytes handed out so far, for benches. */
size_t arena_used_bytes(const Arena *arena);

#define ARENA_NEW(arena, Type)          ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY(arena, Type, count) ((Type *)arena_alloc_array((arena), (count), sizeof(Type)))

/* malloc, realloc and strdup that end the process instead of returning NULL. */
void *must_malloc(size_t size);
void *must_realloc(void *old, size_t size);
char *must_strdup(const char *text);

/* Append `item` to a (items, count, capacity) triple that lives in `arena`. */
#define ARENA_PUSH(arena, items, count, capacity, item)                                            \
    do {                                                                                           \
        if ((count) == (capacity)) {                                                               \
            size_t push_new = (capacity) ? (capacity)*2 : 8;                                       \
            (items) = arena_grow_array((arena), (items), (count), push_new, sizeof(*(items)));     \
            (capacity) = push_new;                                                                 \
        }                                                                                          \
        (items)[(count)++] = (item);                                                               \
    } while (0)
