/* An object of what is wanted, by its address. */
#include <assert.h>
#include <string.h>

#include "cli/explain.h"

/* -- addresses ------------------------------------------------------------------------------- */

/* What an address led to, and what is left of it. */
typedef struct Found {
    const Resource *resource;
    const Domain *domain;
    const char *rest; /* "" or ".PARAM" */
} Found;

typedef struct Names {
    Arena *arena;
    const char **items;
    size_t count, capacity;
} Names;

static void add_name(Names *names, const char *name)
{
    ARENA_PUSH(names->arena, names->items, names->count, names->capacity, name);
}

static const char *did_you_mean(const Names *names, const char *word, const char *otherwise)
{
    const char *near = text_nearest(word, names->items, names->count);
    return near ? arena_printf(names->arena, ", did you mean '%s'?", near) : otherwise;
}

/* Scopes are what explain_scope() knows. */
static void add_scopes(const Session *session, Names *names)
{
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        add_name(names, domain->name);
        if (domain->type == DOMAIN_NODE)
            add_name(names, host_address(domain->hosts[0]));
    }
}

static Error *unknown_kind(const Session *session, const char *address, const char *name)
{
    Names scopes = {.arena = session->cli->arena}, kinds = scopes;
    add_scopes(session, &scopes);
    for (const Kind *const *kind = session->cli->program->registry->kinds; *kind; kind++)
        add_name(&kinds, (*kind)->name);
    const char *scope = did_you_mean(&scopes, address, NULL);
    if (params_find(address, NULL))
        return error_new(ERROR_INVALID, "%s is a parameter: pgsteer explain -var %s", address,
                         address);
    if (scope)
        return error_new(ERROR_INVALID, "there is no cluster and no node '%s'%s", address, scope);
    return error_new(
        ERROR_INVALID, "there is no kind '%s'%s", name,
        did_you_mean(&kinds, name,
                     "; an address is KIND.SCOPE or KIND.SCOPE/NAME, as plans have it"));
}

static Error *find_kind(const Session *session, const char *address, const Kind **ret)
{
    const char *name = arena_strndup(session->cli->arena, address, strcspn(address, "."));
    *ret = registry_kind(session->cli->program->registry, name);
    return *ret ? NULL : unknown_kind(session, address, name);
}

/* The longest address with which `address` begins: names may have dots in them. */
static void look_into(const ResourceSet *set, const char *address, Found *found, Names *names)
{
    for (size_t i = 0; i < resource_set_count(set); i++) {
        const Resource *resource = resource_set_at(set, i);
        size_t length = strlen(resource->address);
        add_name(names, resource->address);
        if (!text_starts_with(address, resource->address) ||
            (address[length] != '\0' && address[length] != '.') ||
            (found->resource && strlen(found->resource->address) > length))
            continue;
        *found = (Found){resource, set->domain, address + length};
    }
}

/* Does "pg-test-1/app" begin with this name? */
static bool begins_with(const char *rest, const char *name)
{
    size_t length = strlen(name);
    return length > 0 && text_starts_with(rest, name) &&
           (rest[length] == '\0' || rest[length] == '/' || rest[length] == '.');
}

/* May its objects have this scope: its own name, or that of a host (contract/resource.h)? Members
 * of etcd have names of their own, but there are few such domains. */
static bool may_have(const Domain *domain, const char *rest)
{
    bool is_one_of_many = domain->type == DOMAIN_NODE || domain->type == DOMAIN_CLUSTER;
    bool may = !is_one_of_many || begins_with(rest, domain->name);
    for (size_t i = 0; i < domain->host_count && !may; i++) {
        const Host *host = domain->hosts[i];
        may = begins_with(rest, host_name(host)) || begins_with(rest, host_instance(host)) ||
              begins_with(rest, host_address(host));
    }
    return may;
}

static Error *unknown_object(const Session *session, const char *address, const Names *names)
{
    const char *rest = strchr(address, '.') ? strchr(address, '.') + 1 : "";
    const char *scope = arena_strndup(names->arena, rest, strcspn(rest, "/"));
    const char *near = did_you_mean(names, address, NULL);
    Names scopes = {.arena = names->arena};
    add_scopes(session, &scopes);
    if (names->count == 0)
        return error_new(ERROR_INVALID, "there is no cluster and no node '%s'%s", scope,
                         did_you_mean(&scopes, scope, ""));
    return error_new(ERROR_INVALID, "the inventory wants no '%s'%s", address, near ? near : "");
}

static Error *find_resource(const Session *session, const char *address, Found *ret)
{
    const Kind *kind;
    Names names = {.arena = session->cli->arena};
    *ret = (Found){0};
    TRY(find_kind(session, address, &kind));
    const char *rest = address + strlen(kind->name) + (address[strlen(kind->name)] == '.');
    for (size_t i = 0; i < session->domain_count; i++) {
        const Domain *domain = &session->domains[i];
        ResourceSet *set;
        if (domain->type != kind->domain || !may_have(domain, rest))
            continue;
        TRY(explain_wanted(session, kind, domain, &set));
        look_into(set, address, ret, &names);
    }
    return ret->resource ? NULL : unknown_object(session, address, &names);
}

/* -- params ---------------------------------------------------------------------------------- */

static bool has_key(const Resource *resource, size_t i, const char *key)
{
    return value_get(resource->slots[i].value, key) != NULL;
}

/* "PARAM", "PARAM.KEY", or "KEY" alone. */
static void choose(Arena *arena, const char *word, ObjectAnswer *answer)
{
    const Kind *kind = answer->resource->kind;
    int number = kind_param(kind, word);
    if (number >= 0) {
        answer->only = &kind->params[number];
        return;
    }
    for (size_t i = 0; i < kind->param_count && !answer->only; i++) {
        const char *prefix = arena_printf(arena, "%s.", kind->params[i].name);
        const char *key = text_starts_with(word, prefix) ? word + strlen(prefix) : word;
        if (!has_key(answer->resource, i, key))
            continue;
        answer->only = &kind->params[i];
        answer->only_key = key;
    }
}

static Error *unknown_param(Arena *arena, const Resource *resource, const char *word)
{
    Names names = {.arena = arena};
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const Value *value = resource->slots[i].value;
        add_name(&names, resource->kind->params[i].name);
        for (size_t k = 0; value && value->type == VALUE_MAP && k < value_count(value); k++)
            add_name(&names, value->map.keys[k]);
    }
    return error_new(ERROR_INVALID, "%s has no '%s'%s", resource->address, word,
                     did_you_mean(&names, word, ""));
}

static void add_params(Arena *arena, const ParamRow *row, ObjectAnswer *answer)
{
    char **words;
    size_t count = row->inventory ? text_words(arena, row->inventory, false, &words) : 0;
    for (size_t i = 0; i < count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < answer->param_count && !is_known; k++)
            is_known = strcmp(answer->params[k], words[i]) == 0;
        if (!is_known)
            ARENA_PUSH(arena, answer->params, answer->param_count, answer->param_capacity,
                       words[i]);
    }
}

static void keep_only_key(ObjectAnswer *answer)
{
    size_t kept = 0;
    for (size_t i = 0; answer->only_key && i < answer->line_count; i++) {
        if (text_equal(answer->lines[i].key, answer->only_key))
            answer->lines[kept++] = answer->lines[i];
    }
    answer->line_count = answer->only_key ? kept : answer->line_count;
}

Error *explain_object(const Session *session, const char *address, ObjectAnswer *ret)
{
    Arena *arena = session->cli->arena;
    Found found;
    TRY(find_resource(session, address, &found));
    assert(found.resource);
    const Host *host = inventory_host(session->inventory, found.resource->host);
    *ret = (ObjectAnswer){.resource = found.resource,
                          .domain = found.domain,
                          .host = host ? host : found.domain->hosts[0]};
    if (*found.rest)
        choose(arena, found.rest + 1, ret);
    if (*found.rest && !ret->only)
        return unknown_param(arena, found.resource, found.rest + 1);
    const Kind *kind = found.resource->kind;
    for (size_t i = 0; i < kind->param_count; i++) {
        if (ret->only && ret->only != &kind->params[i])
            continue;
        explain_lines(arena, session->inventory, found.resource, &kind->params[i], ret);
        add_params(arena, &kind->params[i], ret);
    }
    keep_only_key(ret);
    return NULL;
}
