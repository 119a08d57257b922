#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/inventory_internal.h"

static void add_layers(Inventory *inventory, Host *host, const VarSets *sets)
{
    for (size_t i = 0; i < sets->count; i++)
        ARENA_PUSH(inventory->arena, host->layers.items, host->layers.count, host->layers.capacity,
                   sets->items[i]);
}

static int compare_groups(const void *left, const void *right)
{
    return strcmp((*(const Group *const *)left)->name, (*(const Group *const *)right)->name);
}

/* all < groups by name < group_vars/all < group_vars of the groups, folder by folder < the host's
 * own, in file order, and host_vars. */
static void set_layers(Inventory *inventory, Host *host, const Group **sorted)
{
    memcpy(sorted, host->groups, host->group_count * sizeof(const Group *));
    qsort(sorted, host->group_count, sizeof(const Group *), compare_groups);
    add_layers(inventory, host, &inventory->all);
    for (size_t i = 0; i < host->group_count; i++)
        add_layers(inventory, host, &sorted[i]->sets);
    add_layers(inventory, host, &inventory->all_beside);
    for (size_t f = 0; f < inventory->folder_count; f++) {
        for (size_t i = 0; i < host->group_count; i++) {
            if (sorted[i]->beside)
                add_layers(inventory, host, &sorted[i]->beside[f]);
        }
    }
    add_layers(inventory, host, &host->own);
}

const Var *host_var_at(const Host *host, size_t number)
{
    const Var *fallback = &host->inventory->defaults->vars[number];
    for (size_t i = host->layers.count; i-- > 0;) {
        if (!paramset_has(&host->layers.items[i]->has, number))
            continue;
        const Var *var = varset_at(host->layers.items[i], number);
        return var->typed.value ? var : fallback; /* wrong or empty: as if it were not written */
    }
    return fallback;
}

const Var *host_var(const Host *host, const char *name)
{
    size_t number = inventory_number(host->inventory, name);
    if (number != VAR_STRANGER)
        return host_var_at(host, number);
    const Var *var = NULL;
    for (size_t i = host->layers.count; !var && i-- > 0;)
        var = varset_find(host->layers.items[i], name);
    return var;
}

static bool has_own(const Host *host, const ParamSet *params)
{
    for (size_t i = 0; i < host->own.count; i++) {
        if (paramset_meets(&host->own.items[i]->has, params))
            return true;
    }
    return false;
}

bool hosts_may_differ(const Host *a, const Host *b, const ParamSet *params)
{
    size_t count = a->layers.count - a->own.count;
    if (count != b->layers.count - b->own.count)
        return true;
    for (size_t i = 0; i < count; i++) {
        if (a->layers.items[i] != b->layers.items[i])
            return true;
    }
    return has_own(a, params) || has_own(b, params);
}

bool host_follows(const Host *host, const VarSet *set, size_t i)
{
    size_t number = set->numbers[i];
    const Var *var =
        number == VAR_STRANGER ? host_var(host, set->names[i]) : host_var_at(host, number);
    return var == &set->vars[i];
}

static const char *var_text(const Var *var)
{
    return var ? value_as_text(var->typed.value, "") : "";
}

/* Names that do not depend on the cluster's other members. */
static void name_host(Inventory *inventory, Host *host)
{
    host->cluster = var_text(host_var(host, "pg_cluster"));
    const Var *seq = host_var(host, "pg_seq");
    host->instance = "";
    int64_t number = value_as_int(seq->typed.value, -1);
    if (*host->cluster && number >= 0)
        host->instance = ARENA_JOIN(inventory->arena, host->cluster, "-",
                                    arena_number(inventory->arena, (uint64_t)number));
    bool from_pg = value_as_bool(host_var(host, "node_id_from_pg")->typed.value, true);
    const char *nodename = var_text(host_var(host, "nodename"));
    host->name = host->address;
    if (*host->instance && from_pg)
        host->name = host->instance;
    if (*nodename)
        host->name = nodename;
}

static PgCluster *cluster_of(Inventory *inventory, const Host *host)
{
    PgCluster *cluster = map_get(inventory->cluster_by_name, host->cluster);
    if (cluster)
        return cluster;
    const Origin *origin = host_param_origin(host, "pg_cluster");
    cluster = ARENA_NEW(inventory->arena, PgCluster);
    *cluster = (PgCluster){.name = host->cluster, .origin = origin ? *origin : host->origin};
    map_set(inventory->cluster_by_name, cluster->name, cluster);
    ARENA_PUSH(inventory->arena, inventory->clusters, inventory->cluster_count,
               inventory->cluster_capacity, cluster);
    return cluster;
}

static int compare_members(const void *left, const void *right)
{
    const Host *a = *(const Host *const *)left, *b = *(const Host *const *)right;
    int64_t seq_a = host_int(a, "pg_seq", INT64_MAX), seq_b = host_int(b, "pg_seq", INT64_MAX);
    if (seq_a != seq_b)
        return seq_a < seq_b ? -1 : 1;
    return strcmp(a->address, b->address);
}

static void join_cluster(Inventory *inventory, Host *host)
{
    host->lead = host;
    if (!*host->cluster)
        return;
    PgCluster *cluster = cluster_of(inventory, host);
    if (cluster->member_count > 0)
        host->lead = cluster->members[0];
    /* Capacities are powers of two, so that they need no field of the public struct. */
    size_t count = cluster->member_count;
    if ((count & (count - 1)) == 0) {
        size_t capacity = count ? count * 2 : 1;
        cluster->members = arena_grow_array(inventory->arena, cluster->members, count, capacity,
                                            sizeof(const Host *));
    }
    cluster->members[cluster->member_count++] = host;
    bool is_primary = text_equal(host_text(host, "pg_role"), "primary");
    if (is_primary && !cluster->primary)
        cluster->primary = host;
}

static void note_own_params(Inventory *inventory, const Host *host)
{
    for (size_t i = 0; i < host->own.count; i++)
        paramset_join(&inventory->own_params, &host->own.items[i]->has);
}

void inventory_resolve(Inventory *inventory)
{
    size_t group_count = map_count(inventory->groups);
    const Group **sorted = ARENA_ARRAY(inventory->arena, const Group *, group_count);
    for (size_t i = 0; i < inventory->host_count; i++) {
        note_own_params(inventory, inventory->hosts[i]);
        set_layers(inventory, inventory->hosts[i], sorted);
        name_host(inventory, inventory->hosts[i]);
        join_cluster(inventory, inventory->hosts[i]);
    }
    for (size_t i = 0; i < inventory->cluster_count; i++)
        qsort(inventory->clusters[i]->members, inventory->clusters[i]->member_count,
              sizeof(const Host *), compare_members);
    inventory_resolve_values(inventory);
}
