/* The package repository: a folder of .deb files with an index that names all of them. */
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

static const ParamRow params[] = {
    {.name = "path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "The folder with the .deb files.",
     .inventory = "repo_enabled repo_home repo_name"},
    {.name = "indexed",
     .type = PARAM_BOOL,
     .doc = "Whether the index names every package in the folder."},
};

static const char *const sources[] = {"node.repo", NULL};

static const char *folder(Arena *arena, const Host *host)
{
    return arena_printf(arena, "%s/%s", host_text(host, "repo_home"), host_text(host, "repo_name"));
}

static Resource *declare(ResourceSet *out, const Host *host)
{
    Arena *arena = out->arena;
    Resource *repo = resource_add(out, host_name(host), "", host_address(host));
    repo->origin = host_param_origin(host, "repo_enabled");
    resource_ask(repo, arena, "node.repo", folder(arena, host));
    resource_set(repo, "path", value_text(arena, folder(arena, host)),
                 host_param_origin(host, "repo_home"));
    resource_set(repo, "indexed", &value_true, NULL);
    return repo;
}

static const char *count_note(Arena *arena, int64_t count)
{
    if (count == 0)
        return "no package is in the folder";
    return arena_printf(arena, "%lld packages", (long long)count);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        if (!(place_roles(host) & PLACE_REPO))
            continue;
        Resource *repo = declare(out, host);
        const Value *seen = value_get(facts_value(facts, "node.repo", host_address(host)),
                                      folder(out->arena, host));
        if (seen)
            repo->note = count_note(out->arena, value_get_int(seen, "deb_count", 0));
    }
    return NULL;
}

static void read_repo(ResourceSet *out, const Facts *facts, const Host *host)
{
    const Value *repos = place_reading(out, facts, host, host_name(host), "node.repo");
    const Value *entry =
        repos ? place_entry(out, repos, host_name(host), folder(out->arena, host)) : NULL;
    if (!value_get_bool(entry, "index_exists", false))
        return;
    Resource *repo = resource_add(out, host_name(host), "", host_address(host));
    resource_set(repo, "indexed", value_bool(value_get_bool(entry, "index_current", false)), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    for (size_t i = 0; i < domain->host_count; i++) {
        if (place_roles(domain->hosts[i]) & PLACE_REPO)
            read_repo(out, facts, domain->hosts[i]);
    }
    return NULL;
}

const Kind kind_repo = {
    .name = "repo",
    .domain = DOMAIN_INFRA,
    .doc = "The package repository that nodes install from.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "repo.index",
    .update_verb = "repo.index",
    .desired = desired,
    .read = read,
};
