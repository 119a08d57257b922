/* Fewer choices, the same failure. */
#include <string.h>

#include "generator.h"

/* Makes choices of these places plainer; false when they were that already. */
typedef bool (*Simplify)(Pair *pair, size_t first, size_t count);

static bool drop(Pair *pair, size_t first, size_t count)
{
    static const Choices none;
    bool is_new = memcmp(&pair->from.at[first], none.at, count) != 0 ||
                  memcmp(&pair->to.at[first], none.at, count) != 0;
    memset(&pair->from.at[first], 0, count);
    memset(&pair->to.at[first], 0, count);
    return is_new;
}

static bool keep(Pair *pair, size_t first, size_t count)
{
    bool is_new = memcmp(&pair->to.at[first], &pair->from.at[first], count) != 0;
    memcpy(&pair->to.at[first], &pair->from.at[first], count);
    return is_new;
}

static bool begin_without(Pair *pair, size_t first, size_t count)
{
    bool is_new = false;
    for (size_t i = first; i < first + count; i++) {
        if (pair->from.at[i] == 0 || !generator_place_changes(i))
            continue;
        pair->from.at[i] = 0;
        is_new = true;
    }
    return is_new;
}

/* Many places at once as long as that goes, then fewer. */
static void simplify_all(Pair *pair, Simplify simplify, PairFails fails, void *context)
{
    size_t places = generator_place_count();
    for (size_t step = places; step > 0; step /= 2) {
        for (size_t first = 0; first < places; first += step) {
            Pair tried = *pair;
            size_t count = first + step <= places ? step : places - first;
            if (simplify(&tried, first, count) && fails(context, &tried))
                *pair = tried;
        }
    }
}

Pair pair_shrink(const Pair *failing, PairFails fails, void *context)
{
    static const Simplify ways[] = {drop, keep, begin_without};
    Pair pair = *failing;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        simplify_all(&pair, ways[i], fails, context);
    return pair;
}
