/*
 * tests/unit/mutate.h - one random edit of a text file, of the sorts that hands and merges make.
 */
#pragma once

#include <stdint.h>

#include "base/text.h"
#include "schema/document.h"

typedef enum Mutation {
    MUTATE_DELETE_LINE,
    MUTATE_DUPLICATE_LINE,
    MUTATE_INDENT,
    MUTATE_SWAP, /* two values */
    MUTATE_RETYPE,
    MUTATE_TRUNCATE,
    MUTATION_COUNT
} Mutation;

/* A text and where its values stand. */
typedef struct Original {
    const char *text;
    size_t *lines; /* offsets */
    size_t line_count;
    const DocNode **values; /* its plain and quoted scalars on one line that are no keys */
    size_t value_count, value_capacity;
} Original;

/* xorshift: the same numbers for the same seed everywhere; `state` is never 0. */
uint64_t random_next(uint64_t *state);

/* `root` is what the text is parsed to. */
Original *original_new(Arena *arena, const char *text, const DocNode *root);

/* Edit: the result goes to `ret`. Returns the first line that changed, from 1. */
size_t mutate(const Original *original, Mutation mutation, uint64_t *random, Text *ret);

const char *mutation_name(Mutation mutation);
