/*
 * The packages of a node: what its roles need and what the inventory names.
 *
 * Only presence is compared. A package that is there is never upgraded or removed by this kind.
 */
#include <string.h>

#include "base/text.h"
#include "providers/kinds/aliases.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/package_names.h"
#include "providers/kinds/place.h"

static const struct {
    unsigned roles;
    const char *names;
} role_rows[] = {
    {PLACE_REPO, "nginx openssl"},
    {PLACE_INFRA, "openssl"},
    {PLACE_ETCD, "etcd-server etcd-client openssl"},
    {PLACE_PG, "postgresql-$v postgresql-client-$v openssl sudo"},
    {PLACE_PATRONI, "patroni python3-etcd python3-psycopg2"},
    {PLACE_POOLER, "pgbouncer"},
    {PLACE_PROXY, "haproxy"},
};

/* Lists of names or aliases; those of the node only when somebody wrote them: Pigsty's defaults
 * name what this program does not use. */
static const struct {
    unsigned roles;
    const char *param;
    bool only_when_set;
} list_rows[] = {
    {PLACE_PG, "pg_packages", false},
    {PLACE_PG, "pg_extensions", false},
    {PLACE_ANY, "node_default_packages", true},
    {PLACE_ANY, "node_packages", true},
};

static const ParamRow params[] = {
    {.name = "names",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_ADD_ONLY,
     .doc = "The packages that must be installed, in any version.",
     .inventory = "pg_version pg_packages pg_extensions pg_default_extensions pg_databases "
                  "node_packages node_default_packages"},
    {.name = "list",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The list of sources that is read again before; empty: all that the node has."},
    {.name = "refresh",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The verb that reads the package lists again."},
};

static const char *const sources[] = {"node.packages", NULL};

static void add_words(Arena *arena, const char *words, const char *version, Value *names)
{
    char **parts = NULL;
    size_t count = text_words(arena, words, true, &parts);
    for (size_t i = 0; i < count; i++)
        aliases_expand(arena, parts[i], version, names);
}

static void add_list(Arena *arena, const Host *host, const char *param, Value *names)
{
    const Value *list = host_param(host, param);
    for (size_t i = 0; i < value_count(list); i++)
        add_words(arena, value_as_text(value_at(list, i), ""), host_text(host, "pg_version"),
                  names);
}

/* Extensions that a package of their own brings; the others come with the server. */
static void add_extensions(Arena *arena, const Host *host, const Value *extensions, Value *names)
{
    for (size_t i = 0; i < value_count(extensions); i++) {
        const char *name = value_get_text(value_at(extensions, i), "name");
        if (aliases_know(name))
            aliases_expand(arena, name, host_text(host, "pg_version"), names);
    }
}

static void add_all_extensions(Arena *arena, const Host *host, Value *names)
{
    const Value *databases = host_param(host, "pg_databases");
    add_extensions(arena, host, host_param(host, "pg_default_extensions"), names);
    for (size_t i = 0; i < value_count(databases); i++)
        add_extensions(arena, host, value_get(value_at(databases, i), "extensions"), names);
}

const Value *package_names(Arena *arena, const Host *host)
{
    unsigned roles = place_roles(host);
    Value *names = value_list(arena);
    for (size_t i = 0; i < COUNT_OF(role_rows); i++) {
        if (roles & role_rows[i].roles)
            add_words(arena, role_rows[i].names, host_text(host, "pg_version"), names);
    }
    for (size_t i = 0; i < COUNT_OF(list_rows); i++) {
        bool is_wanted = !list_rows[i].only_when_set || host_param_is_set(host, list_rows[i].param);
        if ((roles & list_rows[i].roles) && is_wanted)
            add_list(arena, host, list_rows[i].param, names);
    }
    if (roles & PLACE_PG)
        add_all_extensions(arena, host, names);
    return names;
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    const Value *names = package_names(out->arena, host);
    if (value_count(names) == 0)
        return NULL;
    Resource *packages = resource_add(out, host_name(host), "", host_address(host));
    packages->origin = host_param_origin(host, "pg_version");
    resource_set(packages, "names", names, packages->origin);
    resource_set(packages, "list", value_text(out->arena, place_apt_list(domain->inventory, host)),
                 NULL);
    resource_set(packages, "refresh", value_text(out->arena, place_apt_refresh(host)), NULL);
    return NULL;
}

/* Of what is wanted, what is there; with none of it the resource is new. */
static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    const Value *reading = place_reading(out, facts, host, host_name(host), "node.packages");
    const Value *installed = value_get(reading, "installed");
    const Value *wanted = package_names(out->arena, host);
    Value *names = value_list(out->arena);
    for (size_t i = 0; i < value_count(wanted); i++) {
        if (value_get(installed, value_as_text(value_at(wanted, i), "")))
            value_push(out->arena, names, value_at(wanted, i));
    }
    if (value_count(names) > 0)
        resource_set(resource_add(out, host_name(host), "", host_address(host)), "names", names,
                     NULL);
    return NULL;
}

const Kind kind_packages = {
    .name = "packages",
    .domain = DOMAIN_NODE,
    .doc = "The packages of a node.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "packages.install",
    .update_verb = "packages.install",
    .desired = desired,
    .read = read,
};
