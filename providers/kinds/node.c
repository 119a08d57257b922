/*
 * The basics of a node: its name, and the names of others in /etc/hosts.
 *
 * A node knows the infra nodes, etcd and its own cluster; an infra node, and one with
 * nodename_exchange, knows every node. Lines stand in a block of ours, the rest of the file is not
 * touched.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "providers/kinds/hosts_block.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/place.h"

#define HOSTS_FILE "/etc/hosts"

static const ParamRow params[] = {
    {.name = "hostname",
     .type = PARAM_STRING,
     .doc = "The name of the node.",
     .inventory = "nodename node_id_from_pg nodename_overwrite"},
    {.name = "hosts",
     .type = PARAM_LINES,
     .flags = PARAM_FLAG_FOLD,
     .doc = "Our block of lines in /etc/hosts.",
     .inventory = "node_write_etc_hosts node_etc_hosts node_default_etc_hosts nodename_exchange"},
};

static const char *const sources[] = {"node.os", "node.files", "node.markers", NULL};

/* A name that is not just the address, or NULL. */
static const char *own_name(const Host *host)
{
    const char *name = host_name(host);
    return strcmp(name, host_address(host)) == 0 ? NULL : name;
}

static void add_host_line(Arena *arena, Value *lines, const Host *host)
{
    CLEANUP(text_release) Text line = TEXT_INIT;
    const char *names[] = {own_name(host), host_instance(host), host_cluster(host)};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        bool is_new = names[i] && *names[i] && !(i > 0 && text_equal(names[0], names[i]));
        if (is_new)
            text_addf(&line, " %s", names[i]);
    }
    if (line.length > 0)
        value_push(arena, lines, value_textf(arena, "%s%s", host_address(host), text_get(&line)));
}

static void add_static_lines(Arena *arena, Value *lines, const Host *host, const char *param)
{
    const Value *list = host_param(host, param);
    for (size_t i = 0; i < value_count(list); i++)
        value_push(arena, lines, value_at(list, i));
}

static bool knows_all(const Host *host)
{
    return (place_roles(host) & PLACE_INFRA) || host_bool(host, "nodename_exchange", false);
}

/* Hosts that a line is written for, some of them twice. */
typedef struct HostList {
    const Host **items;
    size_t count, capacity;
} HostList;

static void add_hosts(Arena *arena, HostList *list, const Host *const *hosts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ARENA_PUSH(arena, list->items, list->count, list->capacity, hosts[i]);
}

static int host_compare(const void *a, const void *b)
{
    size_t left = host_number(*(const Host *const *)a);
    size_t right = host_number(*(const Host *const *)b);
    return left < right ? -1 : left > right;
}

/* Itself, infra, etcd and its cluster: nothing that grows with the fleet. */
static HostList acquaintances(Arena *arena, const Inventory *inventory, const Host *host)
{
    static const char *const groups[] = {"infra", "etcd"};
    HostList list = {0};
    add_hosts(arena, &list, &host, 1);
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        const Host *const *hosts;
        size_t count = inventory_group_hosts(inventory, groups[i], &hosts);
        add_hosts(arena, &list, hosts, count);
    }
    const PgCluster *cluster =
        *host_cluster(host) ? inventory_cluster(inventory, host_cluster(host)) : NULL;
    if (cluster)
        add_hosts(arena, &list, cluster->members, cluster->member_count);
    qsort(list.items, list.count, sizeof(*list.items), host_compare);
    return list;
}

static void add_known(Arena *arena, Value *lines, const Inventory *inventory, const Host *host)
{
    HostList list = acquaintances(arena, inventory, host);
    for (size_t i = 0; i < list.count; i++) {
        if (i == 0 || list.items[i] != list.items[i - 1])
            add_host_line(arena, lines, list.items[i]);
    }
}

static const Value *wanted_lines(Arena *arena, const Domain *domain, const Host *host)
{
    const Inventory *inventory = domain->inventory;
    Value *lines = value_list(arena);
    bool is_wide = knows_all(host);
    if (!is_wide)
        add_known(arena, lines, inventory, host);
    for (size_t i = 0; is_wide && i < inventory_host_count(inventory); i++)
        add_host_line(arena, lines, inventory_host_at(inventory, i));
    add_static_lines(arena, lines, host, "node_default_etc_hosts");
    add_static_lines(arena, lines, host, "node_etc_hosts");
    return lines;
}

static bool is_named(const Host *host)
{
    return own_name(host) && host_bool(host, "nodename_overwrite", true);
}

static bool has_hosts(const Host *host)
{
    return host_bool(host, "node_write_etc_hosts", true);
}

static bool is_wanted(const Host *host)
{
    return is_named(host) || has_hosts(host);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    if (!is_wanted(host))
        return NULL;
    Resource *node = resource_add(out, host_name(host), "", host_address(host));
    node->origin = host_param_origin(host, "nodename");
    resource_ask(node, out->arena, "node.files", HOSTS_FILE);
    if (is_named(host))
        resource_set(node, "hostname", value_text(out->arena, host_name(host)), node->origin);
    if (has_hosts(host))
        resource_set(node, "hosts", wanted_lines(out->arena, domain, host),
                     host_param_origin(host, "node_etc_hosts"));
    return NULL;
}

/* A node that answered is there; what can be wrong is its name and its block. */
static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Host *host = domain->hosts[0];
    const Value *os = place_reading(out, facts, host, host_name(host), "node.os");
    const Value *files = place_reading(out, facts, host, host_name(host), "node.files");
    if (!os || !files || !is_wanted(host))
        return NULL;
    Resource *node = resource_add(out, host_name(host), "", host_address(host));
    resource_set(node, "hostname", value_get(os, "hostname"), NULL);
    const Value *content = value_get(value_get(files, HOSTS_FILE), "content");
    if (content)
        resource_set(node, "hosts",
                     hosts_block_read(out->arena, value_as_text(content, ""), HOSTS_BLOCK_NAME),
                     NULL);
    return NULL;
}

const Kind kind_node = {
    .name = "node",
    .domain = DOMAIN_NODE,
    .doc = "The name of a node, and the names that it knows.",
    .folds = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "node.set",
    .update_verb = "node.set",
    .desired = desired,
    .read = read,
};
