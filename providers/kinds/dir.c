/* The folders of Pigsty's layout, with owner and mode. */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

/* One folder of the hosts with a role; the path may hold @words@. Parents come first. */
typedef struct DirRow {
    unsigned roles;
    const char *path;
    const char *owner;
    const char *group;
    const char *mode;
    const char *inventory; /* the parameter that the path comes from */
} DirRow;

static const DirRow rows[] = {
    {PLACE_ANY, "/var/lib/pgsteer", "root", "root", "0700", NULL},
    {PLACE_ANY, "/var/lib/pgsteer/markers", "root", "root", "0700", NULL},
    {PLACE_ETCD, "/etc/etcd", "root", "root", "0755", NULL},
    {PLACE_ETCD, "@etcd_data@", "etcd", "etcd", "0700", "etcd_data"},
    {PLACE_PG, "@dbsu_home@", "@dbsu@", "postgres", "0700", "pg_dbsu_home"},
    {PLACE_PG, "@fs_main@", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/bin", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/tmp", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/cert", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/conf", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/data", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/spool", "@dbsu@", "postgres", "0700", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/log", "@dbsu@", "postgres", "0750", "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/log/postgres", "@dbsu@", "postgres", "0750",
     "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/log/patroni", "@dbsu@", "postgres", "0750",
     "pg_fs_main"},
    {PLACE_PG, "@fs_main@/@cluster@-@version@/log/pgbouncer", "@dbsu@", "postgres", "0750",
     "pg_fs_main"},
    {PLACE_PG, "/run/postgresql", "@dbsu@", "postgres", "2775", NULL},
    {PLACE_PATRONI, "/etc/patroni", "@dbsu@", "postgres", "0750", NULL},
    {PLACE_POOLER, "/etc/pgbouncer", "@dbsu@", "postgres", "0750", NULL},
    {PLACE_PROXY, "/etc/haproxy/conf.d", "root", "root", "0755", NULL},
};

static const ParamRow params[] = {
    {.name = "path",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Where the folder is.",
     .inventory = "pg_fs_main etcd_data pg_dbsu_home"},
    {.name = "owner",
     .type = PARAM_STRING,
     .doc = "The user that it belongs to.",
     .inventory = "pg_dbsu"},
    {.name = "group", .type = PARAM_STRING, .doc = "The group that it belongs to."},
    {.name = "mode", .type = PARAM_STRING, .doc = "Its access mode, as four octal digits."},
};

static const char *const sources[] = {"node.paths", NULL};

static void declare(ResourceSet *out, const Host *host, const DirRow *row)
{
    Arena *arena = out->arena;
    const char *path = place_expand(arena, host, row->path);
    Resource *dir = resource_add(out, host_name(host), path, host_address(host));
    dir->origin = row->inventory ? host_param_origin(host, row->inventory) : NULL;
    resource_set(dir, "path", value_text(arena, path), dir->origin);
    resource_set(dir, "owner", value_text(arena, place_expand(arena, host, row->owner)), NULL);
    resource_set(dir, "group", value_text(arena, place_expand(arena, host, row->group)), NULL);
    resource_set(dir, "mode", value_text(arena, row->mode), NULL);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            declare(out, host, &rows[i]);
    }
    return NULL;
}

static void read_dir(ResourceSet *out, const Host *host, const DirRow *row, const Value *paths)
{
    const char *path = place_expand(out->arena, host, row->path);
    const Value *entry = place_entry(out, paths, host_name(host), path);
    const char *type = value_get_text(entry, "type");
    if (!entry || strcmp(type, "absent") == 0)
        return;
    Resource *dir = resource_add(out, host_name(host), path, host_address(host));
    if (strcmp(type, "dir") != 0) {
        resource_set_unknown_param(dir, "owner", out->arena,
                                   arena_printf(out->arena, "%s is no folder but a %s", path,
                                                strcmp(type, "link") == 0 ? "link" : "file"));
        return;
    }
    resource_set(dir, "owner", value_get(entry, "owner"), NULL);
    resource_set(dir, "group", value_get(entry, "group"), NULL);
    resource_set(dir, "mode", value_get(entry, "mode"), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    unsigned roles = place_roles(host);
    const Value *paths = place_reading(out, facts, host, host_name(host), "node.paths");
    for (size_t i = 0; paths && i < COUNT_OF(rows); i++) {
        if (roles & rows[i].roles)
            read_dir(out, host, &rows[i], paths);
    }
    return NULL;
}

const Kind kind_dir = {
    .name = "dir",
    .domain = DOMAIN_NODE,
    .doc = "A folder of the layout, with its owner and mode.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "dir.put",
    .update_verb = "dir.put",
    .desired = desired,
    .read = read,
};
