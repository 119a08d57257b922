/*
 * Users of etcd: one for each PostgreSQL cluster, that may touch the keys of that cluster only.
 *
 * Its password cannot be read back. That the user is there with its role is compared; a new
 * password in the inventory is not noticed here.
 */
#include <string.h>

#include "providers/kinds/etcd_view.h"
#include "providers/kinds/kinds.h"

static const ParamRow params[] = {
    {.name = "prefix",
     .type = PARAM_STRING,
     .doc = "The keys that it may read and write.",
     .inventory = "pg_namespace"},
    {.name = "password",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_SECRET | PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "Its password; the name of the cluster when none is given.",
     .inventory = "pg_etcd_password"},
};

static const char *const sources[] = {"etcd.member", "node.markers", NULL};

static const char *prefix_of(Arena *arena, const PgCluster *cluster)
{
    return arena_printf(arena, "%s/%s/", host_text(cluster->members[0], "pg_namespace"),
                        cluster->name);
}

/* Pigsty's rule: without a password the name is the password. */
static const Value *password_of(Arena *arena, const Inventory *inventory, const PgCluster *cluster)
{
    const Value *password = host_param(cluster->members[0], "pg_etcd_password");
    if (password && password->type == VALUE_SECRET) {
        const char *text = inventory_secret(inventory, password->text);
        if (!text || *text)
            return password;
    }
    return value_text(arena, cluster->name);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    EtcdView view = etcd_view(domain, facts);
    for (size_t i = 0; i < inventory_cluster_count(domain->inventory); i++) {
        const PgCluster *cluster = inventory_cluster_at(domain->inventory, i);
        Resource *user = resource_add(out, domain->name, cluster->name, host_address(view.host));
        user->origin = &cluster->origin;
        resource_set(user, "prefix", value_text(out->arena, prefix_of(out->arena, cluster)),
                     host_param_origin(cluster->members[0], "pg_namespace"));
        resource_set(user, "password", password_of(out->arena, domain->inventory, cluster),
                     host_param_origin(cluster->members[0], "pg_etcd_password"));
    }
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

static void read_user(ResourceSet *out, const EtcdView *view, const PgCluster *cluster)
{
    if (!list_has(value_get(view->reading, "users"), cluster->name))
        return;
    const Value *prefixes = value_get(value_get(view->reading, "roles"), cluster->name);
    Resource *user = resource_add(out, out->domain->name, cluster->name, host_address(view->host));
    resource_set(user, "prefix", seen_prefix(out->arena, prefixes, prefix_of(out->arena, cluster)),
                 NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    EtcdView view = etcd_view(domain, facts);
    etcd_view_is_unknown(&view, out, domain->name);
    for (size_t i = 0; view.reading && i < inventory_cluster_count(domain->inventory); i++)
        read_user(out, &view, inventory_cluster_at(domain->inventory, i));
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
