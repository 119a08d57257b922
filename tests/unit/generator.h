/*
 * tests/unit/generator.h - random inventories of small fleets, put together from fragments.
 *
 * An inventory is a list of choices: how many members there are, and which of the texts of each
 * fragment (generator_fragments.c) stands at each place that it has. So two inventories differ in
 * choices, and what fails with many can be tried with fewer. Pure; the same seed is the same pair.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum { PLACES_MAX = 512 };

typedef struct Choices {
    unsigned char at[PLACES_MAX]; /* 0: the first text, which is the plainest */
} Choices;

/* What a fleet is at first, and what it is to become. */
typedef struct Pair {
    Choices from, to;
} Pair;

Pair pair_from(uint64_t seed);

/* An inventory in YAML. */
const char *choices_text(Arena *arena, const Choices *choices);

size_t generator_place_count(void);

/* May the two inventories of a pair differ here? */
bool generator_place_changes(size_t place);

/* Does a pair that is tried fail as it did? */
typedef bool (*PairFails)(void *context, const Pair *pair);

/* The same failure with as few choices as can be found by dropping one after the other. */
Pair pair_shrink(const Pair *failing, PairFails fails, void *context);
