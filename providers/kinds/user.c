/* The user of the operating system that owns PostgreSQL. */
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

/* Pigsty's default uid 26 is that of Red Hat's packages; on Debian it means 543. */
enum { DBSU_UID_DEFAULT = 26, DBSU_UID_DEBIAN = 543 };

static const ParamRow params[] = {
    {.name = "uid",
     .type = PARAM_INT,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "Its number; a user that is there already keeps its own.",
     .inventory = "pg_dbsu_uid"},
    {.name = "gid",
     .type = PARAM_INT,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The number of its group.",
     .inventory = "pg_dbsu_uid"},
    {.name = "group",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The name of its group."},
    {.name = "home",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "Its home folder.",
     .inventory = "pg_dbsu_home"},
    {.name = "shell",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Its login shell."},
};

static const char *const sources[] = {"node.users", NULL};

static void declare(ResourceSet *out, const Host *host)
{
    Arena *arena = out->arena;
    int64_t uid = host_int(host, "pg_dbsu_uid", DBSU_UID_DEFAULT);
    const Value *number = value_int(arena, uid == DBSU_UID_DEFAULT ? DBSU_UID_DEBIAN : uid);
    Resource *user =
        resource_add(out, host_name(host), host_text(host, "pg_dbsu"), host_address(host));
    user->origin = host_param_origin(host, "pg_dbsu");
    resource_set(user, "uid", number, host_param_origin(host, "pg_dbsu_uid"));
    resource_set(user, "gid", number, NULL);
    resource_set(user, "group", value_text(arena, "postgres"), NULL);
    resource_set(user, "home", host_param(host, "pg_dbsu_home"),
                 host_param_origin(host, "pg_dbsu_home"));
    resource_set(user, "shell", value_text(arena, "/bin/bash"), NULL);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    if (place_roles(domain->hosts[0]) & PLACE_PG)
        declare(out, domain->hosts[0]);
    return NULL;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    if (!(place_roles(host) & PLACE_PG))
        return NULL;
    const char *name = host_text(host, "pg_dbsu");
    const Value *users = place_reading(out, facts, host, host_name(host), "node.users");
    const Value *entry = users ? place_entry(out, users, host_name(host), name) : NULL;
    if (!entry || entry->type == VALUE_NULL)
        return NULL;
    Resource *user = resource_add(out, host_name(host), name, host_address(host));
    for (size_t i = 0; i < COUNT_OF(params); i++)
        resource_set(user, params[i].name, value_get(entry, params[i].name), NULL);
    return NULL;
}

const Kind kind_user = {
    .name = "user",
    .domain = DOMAIN_NODE,
    .doc = "The user of the operating system that owns PostgreSQL.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "user.put",
    .desired = desired,
    .read = read,
};
