#include "plans/reach.h"

#include <string.h>

#include "base/map.h"
#include "plans/target.h"

typedef struct Reach {
    const Domain *domains;
    size_t count;
    bool *is_in;
    Map *hosts; /* addresses of those that are in */
} Reach;

static void take(const Reach *reach, size_t number)
{
    const Domain *domain = &reach->domains[number];
    reach->is_in[number] = true;
    for (size_t i = 0; i < domain->host_count; i++)
        map_set(reach->hosts, host_address(domain->hosts[i]), reach->hosts);
}

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
        take(reach, i);
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

static void take_foundations(const Reach *reach)
{
    for (size_t i = 0; i < reach->count; i++) {
        DomainType type = reach->domains[i].type;
        if (type == DOMAIN_INFRA || type == DOMAIN_ETCD)
            take(reach, i);
    }
}

static bool shares_host(const Reach *reach, const Domain *domain)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (map_get(reach->hosts, host_address(domain->hosts[i])))
            return true;
    }
    return false;
}

static bool take_neighbours(const Reach *reach)
{
    bool is_larger = false;
    for (size_t i = 0; i < reach->count; i++) {
        if (reach->is_in[i] || !shares_host(reach, &reach->domains[i]))
            continue;
        take(reach, i);
        is_larger = true;
    }
    return is_larger;
}

size_t reach_of(Arena *arena, const char *const *patterns, const Domain *domains, size_t count,
                const Domain **ret)
{
    Reach reach = {.domains = domains,
                   .count = count,
                   .is_in = ARENA_ARRAY(arena, bool, count),
                   .hosts = map_new(arena)};
    *ret = domains;
    if (!patterns || !take_all_named(arena, &reach, patterns))
        return count;
    take_foundations(&reach);
    while (take_neighbours(&reach)) {
    }
    Domain *taken = ARENA_ARRAY(arena, Domain, count);
    size_t taken_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (reach.is_in[i])
            taken[taken_count++] = domains[i];
    }
    *ret = taken;
    return taken_count;
}
