#include <assert.h>
#include <stdint.h>

#include "schema/typing.h"

enum { FIRST_CHUNK = 256 };

static size_t chunk_size(size_t chunk)
{
    return (size_t)FIRST_CHUNK << chunk;
}

Value *places_new(Places *places, const Origin *origin)
{
    bool is_full = places->chunk_count == 0 || places->used == chunk_size(places->chunk_count - 1);
    if (is_full) {
        assert(places->chunk_count < PLACES_CHUNKS_MAX);
        places->chunks[places->chunk_count] =
            ARENA_ARRAY(places->arena, PlacedValue, chunk_size(places->chunk_count));
        places->chunk_count++;
        places->used = 0;
    }
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
        if (address < first || address >= first + chunk_size(i) * sizeof(PlacedValue))
            continue;
        const PlacedValue *placed = &places->chunks[i][(address - first) / sizeof(PlacedValue)];
        return placed->origin.line > 0 ? &placed->origin : NULL;
    }
    return NULL;
}
