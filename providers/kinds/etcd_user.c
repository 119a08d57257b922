/*
 * Users of etcd: one for each PostgreSQL cluster, that may touch the keys of that cluster only; and
 * the one of pgsteer itself, where leases are kept in etcd.
 *
 * Its password cannot be read back. That the user is there with its role is compared; a new
 * password in the inventory is not noticed here.
 */
#include <string.h>

#include "providers/kinds/etcd_view.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

/* As engine/authority_etcd.h says. */
#define LEASE_USER   "pgsteer"
#define LEASE_PREFIX "/pgsteer/leases/"

static const ParamRow params[] = {
    {.name = "prefix",
     .type = PARAM_STRING,
     .doc = "The keys that it may read and write.",
     .inventory = "pg_namespace"},
    {.name = "password",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_SECRET | PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Its password; the name of the cluster when none is given.",
     .inventory = "pg_etcd_password pgsteer_etcd_password"},
};

static const char *const sources[] = {"etcd.member", "node.markers", NULL};

static const char *prefix_of(Arena *arena, const PgCluster *cluster)
{
    return arena_printf(arena, "%s/%s/", host_text(cluster->members[0], "pg_namespace"),
                        cluster->name);
}

/* Pigsty's rule: without a password the name is the password. */
static const Value *password_or_name(const ResourceSet *out, const Host *host, const char *param,
                                     const char *name)
{
    const Value *password = host_param(host, param);
    if (password && password->type == VALUE_SECRET) {
        const char *text = inventory_secret(out->domain->inventory, password->text);
        if (!text || *text)
            return password;
    }
    return value_text(out->arena, name);
}

static void declare_cluster(ResourceSet *out, const EtcdView *view, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    Resource *user = resource_add(out, out->domain->name, cluster->name, host_address(view->host));
    user->origin = &cluster->origin;
    resource_set(user, "prefix", value_text(out->arena, prefix_of(out->arena, cluster)),
                 host_param_origin(host, "pg_namespace"));
    resource_set(user, "password", password_or_name(out, host, "pg_etcd_password", cluster->name),
                 host_param_origin(host, "pg_etcd_password"));
}

static void declare_leases(ResourceSet *out, const EtcdView *view)
{
    const Host *host = out->domain->hosts[0];
    Resource *user = resource_add(out, out->domain->name, LEASE_USER, host_address(view->host));
    user->origin = host_param_origin(host, "pgsteer_lease_authority");
    resource_set(user, "prefix", value_text(out->arena, LEASE_PREFIX), NULL);
    resource_set(user, "password", password_or_name(out, host, "pgsteer_etcd_password", LEASE_USER),
                 host_param_origin(host, "pgsteer_etcd_password"));
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    EtcdView view = etcd_view(domain, facts);
    for (size_t i = 0; i < inventory_cluster_count(domain->inventory); i++)
        declare_cluster(out, &view, inventory_cluster_at(domain->inventory, i));
    if (place_keeps_leases(domain->hosts[0]))
        declare_leases(out, &view);
    return NULL;
}

static bool list_has(const Value *list, const char *text)
{
    for (size_t i = 0; i < value_count(list); i++) {
        if (strcmp(value_as_text(value_at(list, i), ""), text) == 0)
            return true;
    }
    return false;
}

/* The wanted prefix when its role has it, else the first that it has. */
static const Value *seen_prefix(Arena *arena, const Value *prefixes, const char *wanted)
{
    if (list_has(prefixes, wanted))
        return value_text(arena, wanted);
    return value_text(arena, value_as_text(value_at(prefixes, 0), ""));
}

static void read_user(ResourceSet *out, const EtcdView *view, const char *name, const char *prefix)
{
    if (!list_has(value_get(view->reading, "users"), name))
        return;
    const Value *prefixes = value_get(value_get(view->reading, "roles"), name);
    Resource *user = resource_add(out, out->domain->name, name, host_address(view->host));
    resource_set(user, "prefix", seen_prefix(out->arena, prefixes, prefix), NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    EtcdView view = etcd_view(domain, facts);
    etcd_view_is_unknown(&view, out, domain->name);
    for (size_t i = 0; view.reading && i < inventory_cluster_count(domain->inventory); i++) {
        const PgCluster *cluster = inventory_cluster_at(domain->inventory, i);
        read_user(out, &view, cluster->name, prefix_of(out->arena, cluster));
    }
    if (view.reading && place_keeps_leases(domain->hosts[0]))
        read_user(out, &view, LEASE_USER, LEASE_PREFIX);
    return NULL;
}

const Kind kind_etcd_user = {
    .name = "etcd_user",
    .domain = DOMAIN_ETCD,
    .doc = "The user of a PostgreSQL cluster in etcd.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "etcd_user.put",
    .update_verb = "etcd_user.put",
    .desired = desired,
    .read = read,
};
