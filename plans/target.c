#include "plans/target.h"

#include <fnmatch.h>

static bool matches(const char *pattern, const char *text)
{
    return *text && fnmatch(pattern, text, 0) == 0;
}

static bool is_only_node(const char *pattern, const Domain *domain)
{
    return domain->type == DOMAIN_NODE && domain->host_count == 1 &&
           matches(pattern, host_address(domain->hosts[0]));
}

bool target_names_domain(const char *const *patterns, const Domain *domain)
{
    for (; patterns && *patterns; patterns++) {
        if (matches(*patterns, domain->name) || matches(*patterns, domain->block) ||
            is_only_node(*patterns, domain))
            return true;
    }
    return false;
}

static bool names_resource(const char *pattern, const Resource *resource)
{
    return matches(pattern, resource->address) || matches(pattern, resource->scope) ||
           matches(pattern, resource->host);
}

bool target_names_change(const char *const *patterns, const Change *change)
{
    if (target_names_domain(patterns, change->domain))
        return true;
    const Resource *resource = change_resource(change);
    for (; patterns && *patterns; patterns++) {
        if (names_resource(*patterns, resource))
            return true;
    }
    return false;
}

TargetUse target_use_new(Arena *arena, const char *const *patterns)
{
    size_t count = 0;
    while (patterns && patterns[count])
        count++;
    return (TargetUse){.patterns = patterns, .is_used = ARENA_ARRAY(arena, bool, count)};
}

void target_use_domain(const TargetUse *use, const Domain *domain)
{
    for (size_t i = 0; use->patterns && use->patterns[i]; i++) {
        const char *const one[] = {use->patterns[i], NULL};
        use->is_used[i] = use->is_used[i] || target_names_domain(one, domain);
    }
}

static bool names_some(const char *pattern, const ResourceSet *set)
{
    for (size_t i = 0; i < resource_set_count(set); i++) {
        if (names_resource(pattern, resource_set_at(set, i)))
            return true;
    }
    return false;
}

void target_use_set(const TargetUse *use, const ResourceSet *set)
{
    for (size_t i = 0; use->patterns && use->patterns[i]; i++)
        use->is_used[i] = use->is_used[i] || names_some(use->patterns[i], set);
}

Error *target_use_check(const TargetUse *use, const char *option)
{
    CLEANUP(text_release) Text lost = TEXT_INIT;
    for (size_t i = 0; use->patterns && use->patterns[i]; i++) {
        if (!use->is_used[i])
            text_addf(&lost, "%s'%s'", lost.length ? ", " : "", use->patterns[i]);
    }
    if (lost.length == 0)
        return NULL;
    return error_new(ERROR_INVALID,
                     "%s names nothing that the inventory or its nodes have: %s. Give a cluster, a "
                     "node, an address such as role.pg-test/app, or a glob of them; "
                     "pgsteer status lists clusters and nodes",
                     option, text_get(&lost));
}
