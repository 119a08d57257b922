#include "base/random.h"

#include <assert.h>

/* SplitMix64 (Steele, Lea, Flood 2014): any seed will do, neighbours included. */
uint64_t random_next(Random *random)
{
    uint64_t mixed = random->state += 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31);
}

Random random_from(uint64_t seed)
{
    return (Random){seed};
}

size_t random_below(Random *random, size_t count)
{
    assert(count > 0);
    return (size_t)(random_next(random) % count);
}
