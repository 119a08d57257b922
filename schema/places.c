#include <assert.h>
#include <stdint.h>

#include "schema/typing.h"

enum { FIRST_CHUNK = 256 };

static void add_chunk(Places *places)
{
    size_t i = places->chunk_count++;
    assert(i < PLACES_CHUNKS_MAX);
    places->sizes[i] = i == 0 ? FIRST_CHUNK : places->sizes[i - 1] + places->sizes[i - 1] / 2;
    places->chunks[i] = ARENA_ARRAY(places->arena, PlacedValue, places->sizes[i]);
    places->used = 0;
}

Value *places_new(Places *places, const Origin *origin)
{
    size_t count = places->chunk_count;
    if (count == 0 || places->used == places->sizes[count - 1])
        add_chunk(places);
    PlacedValue *placed = &places->chunks[places->chunk_count - 1][places->used++];
    if (origin)
        placed->origin = *origin;
    return &placed->value;
}

const Origin *places_origin(const Places *places, const Value *value)
{
    uintptr_t address = (uintptr_t)value;
    for (size_t i = places->chunk_count; i-- > 0;) {
        uintptr_t first = (uintptr_t)places->chunks[i];
        if (address < first || address >= first + places->sizes[i] * sizeof(PlacedValue))
            continue;
        const PlacedValue *placed = &places->chunks[i][(address - first) / sizeof(PlacedValue)];
        return placed->origin.line > 0 ? &placed->origin : NULL;
    }
    return NULL;
}
