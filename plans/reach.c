#include "plans/reach.h"

#include <string.h>

#include "plans/parts.h"
#include "plans/target.h"

typedef struct Reach {
    const Domain *domains;
    size_t count;
    Parts parts;
    bool *is_in; /* by part */
} Reach;

/* The name in "role.pg-test/app"; the pattern itself if it is no such address. */
static const char *scope_of(Arena *arena, const char *pattern)
{
    const char *slash = strchr(pattern, '/'), *dot = strchr(pattern, '.');
    if (!slash || !dot || dot > slash)
        return pattern;
    return arena_strndup(arena, dot + 1, (size_t)(slash - dot - 1));
}

/* Returns whether it names one. */
static bool take_named(const Reach *reach, const char *pattern)
{
    const char *const patterns[] = {pattern, NULL};
    bool is_known = false;
    for (size_t i = 0; i < reach->count; i++) {
        if (!target_names_domain(patterns, &reach->domains[i]))
            continue;
        is_known = true;
        reach->is_in[reach->parts.part_of[i]] = true;
    }
    return is_known;
}

/* A glob may name things anywhere. */
static bool take_all_named(Arena *arena, const Reach *reach, const char *const *patterns)
{
    for (; *patterns; patterns++) {
        if (strpbrk(*patterns, "*?[\\") || !take_named(reach, scope_of(arena, *patterns)))
            return false;
    }
    return true;
}

size_t reach_of(Arena *arena, const char *const *patterns, const Domain *domains, size_t count,
                const Domain **ret)
{
    Reach reach = {.domains = domains, .count = count, .parts = parts_of(arena, domains, count)};
    reach.is_in = ARENA_ARRAY(arena, bool, reach.parts.count);
    reach.is_in[0] = true;
    *ret = domains;
    if (!patterns || !take_all_named(arena, &reach, patterns))
        return count;
    Domain *taken = ARENA_ARRAY(arena, Domain, count);
    size_t taken_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (reach.is_in[reach.parts.part_of[i]])
            taken[taken_count++] = domains[i];
    }
    *ret = taken;
    return taken_count;
}
