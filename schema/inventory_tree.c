#include <string.h>

#include "base/text.h"
#include "schema/inventory_internal.h"

static const char shape_advice[] = "The shape is   all: { vars: {…}, children: { GROUP: { vars: "
                                   "{…}, hosts: { ADDRESS: {…} } } } }";

static void report_shape(Inventory *inventory, const DocNode *node, const char *message)
{
    diagnostics_add(inventory->diagnostics, "E041", &node->origin, shape_advice, "%s", message);
}

/* A map, or nothing; else a report and false. */
static bool is_map_or_nothing(Inventory *inventory, const DocNode *node, const char *what)
{
    if (!node || doc_is_null(node) || node->type == DOC_MAP)
        return true;
    report_shape(
        inventory, node,
        arena_printf(inventory->arena, "%s must be a map, this is %s", what, doc_type_name(node)));
    return false;
}

static size_t entry_count(const DocNode *map)
{
    return map && map->type == DOC_MAP ? map->map.count : 0;
}

static bool check_address(Inventory *inventory, const DocNode *key)
{
    if (typing_is_ipv4(key->text, false))
        return true;
    const char *advice = "A node is named by the IPv4 address the others reach it by; where SSH\n"
                         "needs another one, add ansible_host.";
    if (strchr(key->text, '['))
        advice = "Ranges are not expanded: write each address on a line of its own.";
    diagnostics_add(inventory->diagnostics, "E006", &key->origin, advice,
                    "the host key \"%s\" is no IPv4 address", key->text)
        ->width = strlen(key->text);
    return false;
}

static Host *host_of(Inventory *inventory, const DocNode *key)
{
    Host *host = map_get(inventory->host_by_address, key->text);
    if (host)
        return host;
    host = ARENA_NEW(inventory->arena, Host);
    *host = (Host){.inventory = inventory,
                   .number = inventory->host_count,
                   .address = key->text,
                   .origin = key->origin};
    map_set(inventory->host_by_address, host->address, host);
    ARENA_PUSH(inventory->arena, inventory->hosts, inventory->host_count, inventory->host_capacity,
               host);
    return host;
}

static bool is_in_group(const Host *host, const Group *group)
{
    for (size_t i = 0; i < host->group_count; i++) {
        if (host->groups[i] == group)
            return true;
    }
    return false;
}

static void join_group(Inventory *inventory, Host *host, Group *group)
{
    if (is_in_group(host, group))
        return;
    ARENA_PUSH(inventory->arena, host->groups, host->group_count, host->group_capacity, group);
    ARENA_PUSH(inventory->arena, group->hosts, group->host_count, group->host_capacity, host);
}

/* Group NULL: none. */
static void take_host(Inventory *inventory, Group *group, const DocNode *key, const DocNode *vars,
                      const char *directory)
{
    if (!check_address(inventory, key))
        return;
    Host *host = host_of(inventory, key);
    if (group)
        join_group(inventory, host, group);
    const VarSet *set = inventory_vars(inventory, vars, directory);
    if (set->count > 0)
        ARENA_PUSH(inventory->arena, host->own.items, host->own.count, host->own.capacity, set);
}

static Group *group_of(Inventory *inventory, const char *name, const Origin *origin)
{
    Group *group = map_get(inventory->groups, name);
    if (group)
        return group;
    group = ARENA_NEW(inventory->arena, Group);
    *group = (Group){.name = name, .origin = *origin};
    map_set(inventory->groups, group->name, group);
    return group;
}

static void check_keys(Inventory *inventory, const DocNode *map, const char *known,
                       const char *where)
{
    for (size_t i = 0; i < entry_count(map); i++) {
        const DocNode *key = map->map.key_nodes[i];
        if (typing_has_word(known, key->text))
            continue;
        bool is_nested = strcmp(key->text, "children") == 0;
        report_shape(inventory, key,
                     is_nested
                         ? "groups inside of groups are not supported"
                         : arena_printf(inventory->arena, "%s cannot stand %s", key->text, where));
    }
}

static void take_group(Inventory *inventory, const DocNode *key, const DocNode *node,
                       const char *directory)
{
    if (!is_map_or_nothing(inventory, node, "a group"))
        return;
    Group *group = group_of(inventory, key->text, &key->origin);
    check_keys(inventory, node, "hosts|vars", "in a group");
    const VarSet *vars = inventory_vars(inventory, doc_get(node, "vars"), directory);
    if (vars->count > 0)
        ARENA_PUSH(inventory->arena, group->sets.items, group->sets.count, group->sets.capacity,
                   vars);
    const DocNode *hosts = doc_get(node, "hosts");
    if (!is_map_or_nothing(inventory, hosts, "hosts"))
        return;
    for (size_t i = 0; i < entry_count(hosts); i++)
        take_host(inventory, group, hosts->map.key_nodes[i], hosts->map.values[i], directory);
}

/* A group that stands beside all, where Ansible takes it for a child of all. */
static bool is_group(const DocNode *node)
{
    for (size_t i = 0; i < entry_count(node); i++) {
        if (!typing_has_word("hosts|vars|children", node->map.keys[i]))
            return false;
    }
    return entry_count(node) > 0;
}

/* Hosts of all that need not be in a group. */
static void take_free_hosts(Inventory *inventory, const DocNode *hosts, const char *directory)
{
    if (!is_map_or_nothing(inventory, hosts, "hosts"))
        return;
    for (size_t i = 0; i < entry_count(hosts); i++)
        take_host(inventory, NULL, hosts->map.key_nodes[i], hosts->map.values[i], directory);
}

static void take_children(Inventory *inventory, const DocNode *children, const char *directory)
{
    if (!is_map_or_nothing(inventory, children, "children"))
        return;
    for (size_t i = 0; i < entry_count(children); i++)
        take_group(inventory, children->map.key_nodes[i], children->map.values[i], directory);
}

static void take_all(Inventory *inventory, const DocNode *all, const char *directory)
{
    if (!is_map_or_nothing(inventory, all, "all"))
        return;
    check_keys(inventory, all, "vars|children|hosts", "in all");
    const VarSet *vars = inventory_vars(inventory, doc_get(all, "vars"), directory);
    ARENA_PUSH(inventory->arena, inventory->all.items, inventory->all.count,
               inventory->all.capacity, vars);
    for (size_t i = 0; i < entry_count(all); i++) {
        if (strcmp(all->map.keys[i], "hosts") == 0)
            take_free_hosts(inventory, all->map.values[i], directory);
        if (strcmp(all->map.keys[i], "children") == 0)
            take_children(inventory, all->map.values[i], directory);
    }
}

void inventory_take(Inventory *inventory, const DocNode *root, const char *directory)
{
    size_t taken = 0;
    for (size_t i = 0; i < entry_count(root); i++) {
        const DocNode *key = root->map.key_nodes[i], *value = root->map.values[i];
        bool is_all = strcmp(key->text, "all") == 0, is_known = is_all || is_group(value);
        taken += is_known;
        if (is_all)
            take_all(inventory, value, directory);
        else if (is_known)
            take_group(inventory, key, value, directory);
    }
    if (taken == 0)
        report_shape(inventory, root, "an inventory begins with the key all");
    for (size_t i = 0; taken > 0 && i < entry_count(root); i++) {
        if (strcmp(root->map.keys[i], "all") != 0 && !is_group(root->map.values[i]))
            report_shape(
                inventory, root->map.key_nodes[i],
                arena_printf(inventory->arena, "%s cannot stand beside all", root->map.keys[i]));
    }
}

static void leave_group(Host *host, const Group *group)
{
    size_t kept = 0;
    for (size_t i = 0; i < host->group_count; i++) {
        if (host->groups[i] != group)
            host->groups[kept++] = host->groups[i];
    }
    host->group_count = kept;
}

static void forget_those_who_left(Group *group)
{
    size_t kept = 0;
    for (size_t i = 0; i < group->host_count; i++) {
        if (is_in_group(group->hosts[i], group))
            group->hosts[kept++] = group->hosts[i];
    }
    group->host_count = kept;
}

/* Only after the last file: another one may bring the hosts. */
static void warn_of_empty_groups(Inventory *inventory)
{
    for (size_t i = 0; i < map_count(inventory->groups); i++) {
        const Group *group = map_value_at(inventory->groups, i);
        if (group->sets.count > 0 && group->host_count == 0)
            diagnostics_add(inventory->diagnostics, "W062", &group->origin,
                            "Add its hosts, or remove the group.",
                            "the variables of %s reach no node", group->name)
                ->width = strlen(group->name);
    }
}

void inventory_settle_groups(Inventory *inventory)
{
    Group *ungrouped = map_get(inventory->groups, "ungrouped");
    for (size_t i = 0; i < inventory->host_count; i++) {
        Host *host = inventory->hosts[i];
        if (host->group_count == 0) {
            ungrouped = group_of(inventory, "ungrouped", &host->origin);
            join_group(inventory, host, ungrouped);
        }
        if (ungrouped && host->group_count > 1)
            leave_group(host, ungrouped);
    }
    if (ungrouped)
        forget_those_who_left(ungrouped);
    if (!inventory->is_broken)
        warn_of_empty_groups(inventory);
}
