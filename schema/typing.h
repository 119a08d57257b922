/*
 * schema/typing.h - a node of the document and a row of the table give a typed value.
 *
 * The type is decided by the row, not by how the scalar looks; params.h says what each type gives.
 * Problems go to the diagnostics: E002 wrong type, E004 "{{ }}", E005 a placeholder that nobody
 * fills here, E006 no IPv4 address, E023/E025 out of range, E047 a field is missing, …
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/value.h"
#include "schema/diagnostics.h"
#include "schema/document.h"
#include "schema/params.h"

/* Values together with where they were written: chunks that grow by half, so that finding the chunk
 * of a value takes a few comparisons. */
typedef struct PlacedValue {
    Value value;
    Origin origin;
} PlacedValue;

enum { PLACES_CHUNKS_MAX = 32 };

typedef struct Places {
    Arena *arena;
    PlacedValue *chunks[PLACES_CHUNKS_MAX];
    size_t sizes[PLACES_CHUNKS_MAX];
    size_t chunk_count;
    size_t used; /* of the last chunk */
} Places;

Value *places_new(Places *places, const Origin *origin);

/* NULL for values that are not of these places, and for those without a line. */
const Origin *places_origin(const Places *places, const Value *value);

typedef struct Typed {
    const Value *value; /* NULL: wrong, or empty where that means "not written" */
    Map *secrets;       /* NULL: none; "" or "|NAME|FIELD" → Secret; holes bear these addresses */
    unsigned placeholders; /* PLACE_* that are inside */
} Typed;

typedef struct Typing {
    Arena *arena;
    Diagnostics *diagnostics;
    Places *places;
    const char *directory; /* that {from_file: …} starts from */
    bool is_default;       /* the document is a row's default, which has no place */
} Typing;

/* `name` is for messages; row NULL: as TYPE_ANY, with secrets where keys look so. */
Typed typing_read(const Typing *typing, const char *name, const DocNode *node,
                  const Parameter *row);

/* Four numbers of 0 to 255 without leading zeros, with "/0" to "/32" when `mask` says so. */
bool typing_is_ipv4(const char *text, bool mask);

/* [A-Za-z0-9_.:-]+ that does not begin with '-'. */
bool typing_is_token(const char *text);

/* The words of "a|b|c". */
bool typing_has_word(const char *words, const char *text);
