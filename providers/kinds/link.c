/* Symbolic links of Pigsty's layout. */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

typedef struct LinkRow {
    unsigned roles;
    const char *path;
    const char *target;
    const char *inventory; /* or NULL */
} LinkRow;

static const LinkRow rows[] = {
    {PLACE_PG, "/pg", "@fs_main@/@cluster@-@version@", "pg_fs_main"},
    {PLACE_PG, "@pg_home@", "/usr/lib/postgresql/@version@", "pg_version"},
    {PLACE_PATRONI, "/etc/patroni/patroni.yml", "/pg/conf/@instance@.yml", "pg_seq"},
};

static const ParamRow params[] = {
    {.name = "path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Where the link is."},
    {.name = "target",
     .type = PARAM_STRING,
     .doc = "Where it leads.",
     .inventory = "pg_fs_main pg_version"},
};

static const char *const sources[] = {"node.paths", NULL};

/* A link that would lead to itself is none: pg_bin_dir may name the version's folder. */
static bool is_wanted(Arena *arena, const Host *host, const LinkRow *row)
{
    if (!(place_roles(host) & row->roles))
        return false;
    return strcmp(place_expand(arena, host, row->path), place_expand(arena, host, row->target)) !=
           0;
}

static void declare(ResourceSet *out, const Host *host, const LinkRow *row)
{
    Arena *arena = out->arena;
    const char *path = place_expand(arena, host, row->path);
    Resource *link = resource_add(out, host_name(host), path, host_address(host));
    link->origin = row->inventory ? host_param_origin(host, row->inventory) : NULL;
    resource_set(link, "path", value_text(arena, path), NULL);
    resource_set(link, "target", value_text(arena, place_expand(arena, host, row->target)),
                 link->origin);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (is_wanted(out->arena, host, &rows[i]))
            declare(out, host, &rows[i]);
    }
    return NULL;
}

static void read_link(ResourceSet *out, const Host *host, const LinkRow *row, const Value *paths)
{
    const char *path = place_expand(out->arena, host, row->path);
    const Value *entry = place_entry(out, paths, host_name(host), path);
    const char *type = value_get_text(entry, "type");
    if (!entry || strcmp(type, "absent") == 0)
        return;
    Resource *link = resource_add(out, host_name(host), path, host_address(host));
    if (strcmp(type, "link") == 0)
        resource_set(link, "target", value_get(entry, "target"), NULL);
    else
        resource_set_unknown_param(
            link, "target", out->arena,
            arena_printf(out->arena, "something that is no link is at %s", path));
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    const Value *paths = place_reading(out, facts, host, host_name(host), "node.paths");
    for (size_t i = 0; paths && i < COUNT_OF(rows); i++) {
        if (is_wanted(out->arena, host, &rows[i]))
            read_link(out, host, &rows[i], paths);
    }
    return NULL;
}

const Kind kind_link = {
    .name = "link",
    .domain = DOMAIN_NODE,
    .doc = "A symbolic link of the layout.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "link.put",
    .update_verb = "link.put",
    .desired = desired,
    .read = read,
};
