#include "engine/standing.h"

#include <string.h>

#include "base/json.h"
#include "engine/git/store.h"
#include "engine/snapshot.h"

struct Standing {
    Arena *arena;
    Store *store;
    const char *commit;
    const Domain *domain;   /* whose turn it is */
    const Value *resources; /* of its file; NULL: it has none */
    size_t left_out;
};

Error *standing_open(Arena *arena, const char *repository, const char *revision, Standing **ret)
{
    Standing *standing = ARENA_NEW(arena, Standing);
    *standing = (Standing){.arena = arena};
    Error *error = store_open(repository, false, &standing->store);
    if (!error)
        error = store_resolve(standing->store, arena, revision, &standing->commit);
    if (error) {
        standing_end(standing);
        return error;
    }
    *ret = standing;
    return NULL;
}

void standing_end(Standing *standing)
{
    if (standing)
        store_freep(&standing->store);
}

static Error *turn_to(Standing *standing, const Domain *domain)
{
    if (standing->domain == domain)
        return NULL;
    standing->domain = domain;
    standing->resources = NULL;
    const char *path = snapshot_path(standing->arena, domain->type, domain->name), *text = NULL;
    TRY(store_read(standing->store, standing->arena, standing->commit, path, &text));
    if (!text)
        return NULL;
    const Value *file = NULL;
    Error *error = json_parse_holes(standing->arena, text, strlen(text), &file);
    if (error)
        return error_wrap(error, "%s of the snapshot", path);
    standing->resources = value_get(file, "resources");
    return NULL;
}

static bool has_place(const Domain *domain, const char *host)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (strcmp(host_address(domain->hosts[i]), host) == 0)
            return true;
    }
    return !*host;
}

static void put(const Value *item, const char *address, const ResourceSet *wanted, ResourceSet *ret)
{
    const Kind *kind = ret->kind;
    const char *scope = address + strlen(kind->name) + 1, *slash = strchr(scope, '/');
    size_t length = slash ? (size_t)(slash - scope) : strlen(scope);
    Resource *resource = resource_add(ret, arena_strndup(ret->arena, scope, length),
                                      slash ? slash + 1 : "", value_get_text(item, "host"));
    const Value *params = value_get(item, "params");
    for (size_t i = 0; i < kind->param_count; i++)
        resource_set(resource, kind->params[i].name, value_get(params, kind->params[i].name), NULL);
    const Resource *now = resource_set_get(wanted, address);
    resource->asks = now ? now->asks : NULL;
}

Error *standing_put(void *context, const ResourceSet *wanted, ResourceSet *ret)
{
    Standing *standing = context;
    TRY(turn_to(standing, wanted->domain));
    const Value *all = standing->resources;
    for (size_t i = 0; all && i < value_count(all); i++) {
        const Value *item = all->map.values[i];
        if (strcmp(value_get_text(item, "kind"), wanted->kind->name) != 0)
            continue;
        if (has_place(wanted->domain, value_get_text(item, "host")))
            put(item, all->map.keys[i], wanted, ret);
        else
            standing->left_out++;
    }
    return NULL;
}

size_t standing_left_out(const Standing *standing)
{
    return standing->left_out;
}
