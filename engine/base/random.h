/*
 * base/random.h - numbers that look random and are the same for the same seed everywhere. For
 * simulation and jitter; never for secrets (digest.h has random bytes for those).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state;
} Random;

Random random_from(uint64_t seed);
uint64_t random_next(Random *random);

/* 0 ... count - 1; count > 0. */
size_t random_below(Random *random, size_t count);
