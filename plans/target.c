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

bool target_names_change(const char *const *patterns, const Change *change)
{
    if (target_names_domain(patterns, change->domain))
        return true;
    const Resource *resource = change_resource(change);
    for (; patterns && *patterns; patterns++) {
        if (matches(*patterns, resource->address) || matches(*patterns, resource->scope) ||
            matches(*patterns, resource->host))
            return true;
    }
    return false;
}
