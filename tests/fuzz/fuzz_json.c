/* JSON text: what can be read is written so that it reads back as the same value. */
#include <assert.h>
#include <stdint.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const Value *read_back(Arena *arena, void (*write)(Text *, const Value *),
                              const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    write(&text, value);
    const Value *again = NULL;
    Error *error = json_parse_holes(arena, text_get(&text), text.length, &again);
    assert(!error);
    return again;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Value *value = NULL;
    Error *error = json_parse_holes(arena, (const char *)bytes, size, &value);
    if (error) {
        error_free(error);
        return 0;
    }
    assert(value_equal(value, read_back(arena, json_write, value)));
    assert(value_equal(value, read_back(arena, json_write_canonical, value)));
    assert(value_equal(value, read_back(arena, json_write_pretty, value)));
    assert(value_equal(value, value_copy(arena, value)));
    return 0;
}
