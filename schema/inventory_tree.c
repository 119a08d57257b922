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
    *host = (Host){.inventory = inventory, .address = key->text, .origin = key->origin};
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

static void take_host(Inventory *inventory, Group *group, const DocNode *key, const DocNode *vars,
                      const char *directory)
{
    if (!check_address(inventory, key))
        return;
    Host *host = host_of(inventory, key);
    if (!is_in_group(host, group)) {
        ARENA_PUSH(inventory->arena, host->groups, host->group_count, host->group_capacity, group);
        ARENA_PUSH(inventory->arena, group->hosts, group->host_count, group->host_capacity, host);
    }
    const VarSet *set = inventory_vars(inventory, vars, directory);
    if (set->count > 0)
        ARENA_PUSH(inventory->arena, host->own.items, host->own.count, host->own.capacity, set);
}

static Group *group_of(Inventory *inventory, const DocNode *key)
{
    Group *group = map_get(inventory->groups, key->text);
    if (group)
        return group;
    group = ARENA_NEW(inventory->arena, Group);
    *group = (Group){.name = key->text, .origin = key->origin};
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
    Group *group = group_of(inventory, key);
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

void inventory_take(Inventory *inventory, const DocNode *root, const char *directory)
{
    const DocNode *all = doc_get(root, "all");
    if (!all) {
        report_shape(inventory, root, "an inventory begins with the key all");
        return;
    }
    check_keys(inventory, root, "all", "beside all");
    if (!is_map_or_nothing(inventory, all, "all"))
        return;
    check_keys(inventory, all, "vars|children", "in all");
    const VarSet *vars = inventory_vars(inventory, doc_get(all, "vars"), directory);
    ARENA_PUSH(inventory->arena, inventory->all.items, inventory->all.count,
               inventory->all.capacity, vars);
    const DocNode *children = doc_get(all, "children");
    if (!is_map_or_nothing(inventory, children, "children"))
        return;
    for (size_t i = 0; i < entry_count(children); i++)
        take_group(inventory, children->map.key_nodes[i], children->map.values[i], directory);
}
