#include "plans/parts.h"

#include "base/map.h"

enum { FOUNDATION, FIRST }; /* nodes of the forest: the foundation, then the domains */

/* Trees that grow together; `up` of a root is the root itself. */
typedef struct Forest {
    size_t *up;
} Forest;

static size_t root_of(const Forest *forest, size_t at)
{
    while (forest->up[at] != at)
        at = forest->up[at] = forest->up[forest->up[at]];
    return at;
}

/* The lower root stays, so that the foundation does. */
static void join(const Forest *forest, size_t a, size_t b)
{
    size_t left = root_of(forest, a), right = root_of(forest, b);
    if (left < right)
        forest->up[right] = left;
    else
        forest->up[left] = right;
}

static bool is_foundation(const Domain *domain)
{
    return domain->type == DOMAIN_INFRA || domain->type == DOMAIN_ETCD;
}

static void join_by_hosts(const Forest *forest, const Domain *domains, size_t count)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *first =
        map_new(scratch); /* address -> `up` of the first domain there: a node of its tree */
    for (size_t i = 0; i < count; i++) {
        for (size_t h = 0; h < domains[i].host_count; h++) {
            const char *address = host_address(domains[i].hosts[h]);
            size_t *seen = map_get(first, address);
            if (seen)
                join(forest, *seen, FIRST + i);
            else
                map_set(first, address, &forest->up[FIRST + i]);
        }
    }
}

Parts parts_of(Arena *arena, const Domain *domains, size_t count)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Forest forest = {ARENA_ARRAY(scratch, size_t, FIRST + count)};
    size_t *numbers = ARENA_ARRAY(scratch, size_t, FIRST + count); /* by root; 0: none yet */
    Parts parts = {.part_of = ARENA_ARRAY(arena, size_t, count), .count = 1};
    for (size_t i = 0; i < FIRST + count; i++)
        forest.up[i] = i;
    join_by_hosts(&forest, domains, count);
    for (size_t i = 0; i < count; i++) {
        if (is_foundation(&domains[i]))
            join(&forest, FOUNDATION, FIRST + i);
    }
    for (size_t i = 0; i < count; i++) {
        size_t root = root_of(&forest, FIRST + i);
        if (root != FOUNDATION && numbers[root] == 0)
            numbers[root] = parts.count++;
        parts.part_of[i] = numbers[root];
    }
    return parts;
}
