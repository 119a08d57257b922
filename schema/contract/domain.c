#include "schema/contract/domain.h"

#include <stdlib.h>

static const char *const type_names[DOMAIN_TYPE_COUNT] = {
    [DOMAIN_INFRA] = "infra",
    [DOMAIN_NODE] = "node",
    [DOMAIN_ETCD] = "etcd",
    [DOMAIN_CLUSTER] = "cluster",
};

typedef struct DomainList {
    Arena *arena;
    const Inventory *inventory;
    Domain *items;
    size_t count, capacity;
} DomainList;

/* A host with what sorts it: sequence number, then place in the file. */
typedef struct Seat {
    const Host *host;
    int64_t sequence;
    size_t index;
} Seat;

const char *domain_type_name(DomainType type)
{
    return type_names[type];
}

static void add(DomainList *list, Domain domain)
{
    domain.inventory = list->inventory;
    ARENA_PUSH(list->arena, list->items, list->count, list->capacity, domain);
}

static int seat_compare(const void *a, const void *b)
{
    const Seat *left = a, *right = b;
    if (left->sequence != right->sequence)
        return left->sequence < right->sequence ? -1 : 1;
    return left->index < right->index ? -1 : 1;
}

/* A group as one domain, its hosts in the order of a parameter. */
static void add_group(DomainList *list, DomainType type, const char *group, const char *sequence)
{
    const Host *const *hosts = NULL;
    size_t count = inventory_group_hosts(list->inventory, group, &hosts);
    if (count == 0)
        return;
    Seat *seats = ARENA_ARRAY(list->arena, Seat, count);
    for (size_t i = 0; i < count; i++)
        seats[i] = (Seat){hosts[i], host_int(hosts[i], sequence, INT64_MAX), i};
    qsort(seats, count, sizeof(*seats), seat_compare);
    const Host **sorted = ARENA_ARRAY(list->arena, const Host *, count);
    for (size_t i = 0; i < count; i++)
        sorted[i] = seats[i].host;
    add(list,
        (Domain){
            .type = type, .name = group, .block = group, .hosts = sorted, .host_count = count});
}

/* Without an infra group, the first member of etcd stands in for it. */
static void add_infra(DomainList *list)
{
    size_t before = list->count;
    add_group(list, DOMAIN_INFRA, "infra", "infra_seq");
    if (list->count > before)
        return;
    add_group(list, DOMAIN_INFRA, "etcd", "etcd_seq");
    if (list->count > before) {
        list->items[before].name = list->items[before].block = "infra";
        list->items[before].host_count = 1;
    }
}

/* A node is shown where its users look for it. */
static const char *block_of(const Host *host)
{
    if (*host_cluster(host))
        return host_cluster(host);
    if (host_in_group(host, "etcd"))
        return "etcd";
    if (host_in_group(host, "infra"))
        return "infra";
    return host_name(host);
}

static void add_node(DomainList *list, const Host *host)
{
    const Host **hosts = ARENA_ARRAY(list->arena, const Host *, 1);
    hosts[0] = host;
    add(list, (Domain){.type = DOMAIN_NODE,
                       .name = host_name(host),
                       .block = block_of(host),
                       .hosts = hosts,
                       .host_count = 1});
}

size_t domains_of(Arena *arena, const Inventory *inventory, const Domain **ret_domains)
{
    DomainList list = {.arena = arena, .inventory = inventory};
    add_infra(&list);
    for (size_t i = 0; i < inventory_host_count(inventory); i++)
        add_node(&list, inventory_host_at(inventory, i));
    add_group(&list, DOMAIN_ETCD, "etcd", "etcd_seq");
    for (size_t i = 0; i < inventory_cluster_count(inventory); i++) {
        const PgCluster *cluster = inventory_cluster_at(inventory, i);
        add(&list, (Domain){.type = DOMAIN_CLUSTER,
                            .name = cluster->name,
                            .block = cluster->name,
                            .hosts = cluster->members,
                            .host_count = cluster->member_count,
                            .cluster = cluster});
    }
    *ret_domains = list.items;
    return list.count;
}
