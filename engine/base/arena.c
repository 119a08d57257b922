#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/format.h"

/* Chunks double from the first size to the last one; under ARENA_DEBUG each object has its own. */
#ifdef ARENA_DEBUG
enum { FIRST_CHUNK_BYTES = 0, MAX_CHUNK_BYTES = 0 };
#else
enum { FIRST_CHUNK_BYTES = 1024, MAX_CHUNK_BYTES = 8 * 1024 * 1024 };
#endif

/* The huge pages of x86-64, and of most kernels for other machines. */
enum { HUGE_PAGE_BYTES = 2 * 1024 * 1024 };

typedef struct Chunk Chunk;
struct Chunk {
    Chunk *next;
    void *mapped; /* zeroed; NULL: the chunk is from the heap */
    size_t mapped_bytes;
    max_align_t bytes[];
};

struct Arena {
    Chunk *chunks; /* all, to free them */
    char *at;      /* free room of the current chunk */
    size_t left_bytes;
    bool is_blank;     /* the free room is zeroes */
    size_t next_bytes; /* size of the next chunk */
    size_t used_bytes;
};

static void out_of_memory(size_t size)
{
    fprintf(stderr, "pgsteer: out of memory (%zu bytes wanted)\n", size);
    abort();
}

void *must_malloc(size_t size)
{
    void *memory = malloc(size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

void *must_realloc(void *old, size_t size)
{
    void *memory = realloc(old, size ? size : 1);
    if (!memory)
        out_of_memory(size);
    return memory;
}

char *must_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    return memcpy(must_malloc(size), text, size);
}

Arena *arena_new(void)
{
    Arena *arena = must_malloc(sizeof(*arena));
    *arena = (Arena){.next_bytes = FIRST_CHUNK_BYTES};
    return arena;
}

static void chunk_free(Chunk *chunk)
{
    if (chunk->mapped)
        munmap(chunk->mapped, chunk->mapped_bytes);
    else
        free(chunk);
}

void arena_free(Arena *arena)
{
    if (!arena)
        return;
    for (Chunk *chunk = arena->chunks; chunk;) {
        Chunk *next = chunk->next;
        chunk_free(chunk);
        chunk = next;
    }
    free(arena);
}

void arena_freep(Arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

/* `size` bytes from the beginning of a huge page on, as zeroes. Whether the machine has such pages
 * free is its own affair. NULL: no memory. */
static Chunk *chunk_map(size_t size)
{
    size_t room = size + HUGE_PAGE_BYTES;
    char *mapped = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    size_t past_edge = (uintptr_t)mapped % HUGE_PAGE_BYTES;
    Chunk *chunk = (void *)(mapped + (past_edge ? HUGE_PAGE_BYTES - past_edge : 0));
    madvise(chunk, size, MADV_HUGEPAGE);
    *chunk = (Chunk){.mapped = mapped, .mapped_bytes = room};
    return chunk;
}

static Chunk *chunk_from_heap(size_t size)
{
    Chunk *chunk = malloc(size);
    if (chunk)
        *chunk = (Chunk){0};
    return chunk;
}

/* Millions of objects are cheaper in few large pages; each object of a debug build is from malloc.
 */
static Chunk *chunk_new(size_t size)
{
    bool is_large = MAX_CHUNK_BYTES > 0 && size >= HUGE_PAGE_BYTES;
    return is_large ? chunk_map(size) : chunk_from_heap(size);
}

static Chunk *chunk_add(Arena *arena, size_t size)
{
    Chunk *chunk = size > SIZE_MAX / 2 ? NULL : chunk_new(sizeof(*chunk) + size);
    if (!chunk)
        out_of_memory(size);
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk;
}

static size_t round_up(size_t size)
{
    size_t align = _Alignof(max_align_t);
    return (size + align - 1) & ~(align - 1);
}

static bool fits(const Arena *arena, size_t size)
{
    /* The first comparison also keeps the rounding from overflowing. */
    return size <= arena->left_bytes && round_up(size) <= arena->left_bytes;
}

/* NULL: `size` is too big to share a chunk, and gets its own while the current one goes on. */
static void *share_chunk(Arena *arena, size_t size)
{
    if (fits(arena, size))
        return arena->at;
    if (size > arena->next_bytes / 4)
        return NULL;
    Chunk *chunk = chunk_add(arena, arena->next_bytes);
    arena->at = (char *)chunk->bytes;
    arena->is_blank = chunk->mapped != NULL;
    arena->left_bytes = arena->next_bytes;
    if (arena->next_bytes != MAX_CHUNK_BYTES)
        arena->next_bytes *= 2;
    return arena->at;
}

void *arena_alloc(Arena *arena, size_t size)
{
    if (size == 0)
        size = 1;
    arena->used_bytes += size;
    void *memory = share_chunk(arena, size);
    if (!memory) {
        Chunk *chunk = chunk_add(arena, size);
        return chunk->mapped ? (void *)chunk->bytes : memset((void *)chunk->bytes, 0, size);
    }
    arena->at += round_up(size);
    arena->left_bytes -= round_up(size);
    return arena->is_blank ? memory : memset(memory, 0, size);
}

/* Texts need no alignment: they are put together at the end of the chunk. Not zeroed. */
static char *alloc_text(Arena *arena, size_t size)
{
    arena->used_bytes += size;
    if (!share_chunk(arena, size))
        return (char *)chunk_add(arena, size)->bytes;
    arena->left_bytes -= size;
    return arena->at + arena->left_bytes;
}

void *arena_alloc_array(Arena *arena, size_t count, size_t item_size)
{
    if (item_size && count > SIZE_MAX / item_size)
        out_of_memory(SIZE_MAX);
    return arena_alloc(arena, count * item_size);
}

void *arena_grow_array(Arena *arena, const void *old, size_t old_count, size_t new_count,
                       size_t item_size)
{
    void *grown = arena_alloc_array(arena, new_count, item_size);
    if (old_count)
        memcpy(grown, old, old_count * item_size);
    return grown;
}

char *arena_strdup(Arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(Arena *arena, const char *bytes, size_t length)
{
    char *copy = alloc_text(arena, length + 1);
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_printf(Arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}

char *arena_vprintf(Arena *arena, const char *fmt, va_list args)
{
    char brief[256]; /* nearly all texts fit, and are formatted once */
    va_list again;
    va_copy(again, args);
    int length = format_text(brief, sizeof(brief), fmt, again);
    va_end(again);
    if (length < 0)
        out_of_memory(0);
    if ((size_t)length < sizeof(brief))
        return arena_strndup(arena, brief, (size_t)length);
    char *text = alloc_text(arena, (size_t)length + 1);
    format_text(text, (size_t)length + 1, fmt, args);
    return text;
}

char *arena_join(Arena *arena, const char *const *parts, size_t count)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++)
        length += strlen(parts[i]);
    char *text = alloc_text(arena, length + 1), *end = text;
    for (size_t i = 0; i < count; i++) {
        size_t part_length = strlen(parts[i]);
        memcpy(end, parts[i], part_length);
        end += part_length;
    }
    *end = '\0';
    return text;
}

char *arena_number(Arena *arena, uint64_t number)
{
    char digits[20]; /* of UINT64_MAX */
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return arena_strndup(arena, digits + first, sizeof(digits) - first);
}

size_t arena_used_bytes(const Arena *arena)
{
    return arena->used_bytes;
}
