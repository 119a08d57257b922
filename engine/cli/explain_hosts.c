/* The hosts that a question is about. */
#include <string.h>

#include "cli/explain.h"
#include "cli/names.h"

enum { HOSTS_SHOWN = 8 };

static Error *check_cluster(Arena *arena, const Inventory *inventory, const char *name)
{
    if (!name || inventory_cluster(inventory, name))
        return NULL;
    size_t count = inventory_cluster_count(inventory);
    const char **names = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        names[i] = inventory_cluster_at(inventory, i)->name;
    return names_unknown(arena, "cluster", name, names, count);
}

static void add_host(Arena *arena, ExplainHosts *hosts, const Host *host)
{
    ARENA_PUSH(arena, hosts->items, hosts->count, hosts->capacity, host);
    map_set(hosts->by_address, host_address(host), hosts->by_address);
}

bool explain_is_asked(const ExplainHosts *hosts, const Host *host)
{
    return map_get(hosts->by_address, host_address(host));
}

Error *explain_hosts(const Session *session, const char *host, const char *cluster,
                     ExplainHosts *ret)
{
    Arena *arena = session->cli->arena;
    const Host *only = NULL;
    *ret = (ExplainHosts){.by_address = map_new(arena), .cluster = cluster};
    if (host)
        TRY(names_find_host(arena, session->inventory, host, &only));
    TRY(check_cluster(arena, session->inventory, cluster));
    for (size_t i = 0; i < inventory_host_count(session->inventory); i++) {
        const Host *one = inventory_host_at(session->inventory, i);
        if ((!only || one == only) && (!cluster || strcmp(host_cluster(one), cluster) == 0))
            add_host(arena, ret, one);
    }
    return ret->count > 0 ? NULL : error_new(ERROR_INVALID, "the inventory has no hosts");
}

const char *explain_asked(Arena *arena, const ExplainHosts *hosts)
{
    const char *cluster = hosts->cluster ? arena_printf(arena, " of %s", hosts->cluster) : "";
    const char *name = host_name(hosts->items[0]), *address = host_address(hosts->items[0]);
    if (hosts->count == 1)
        return strcmp(name, address) == 0 ? address : arena_printf(arena, "%s (%s)", name, address);
    if (hosts->count == 2)
        return arena_printf(arena, "both hosts%s", cluster);
    return arena_printf(arena, "%s %zu hosts%s", *cluster ? "the" : "all", hosts->count, cluster);
}

const char *explain_count(Arena *arena, size_t count)
{
    return arena_printf(arena, "%zu host%s", count, count == 1 ? "" : "s");
}

const char *explain_names(const Page *page, Arena *arena, const Host *const *hosts, size_t count)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    bool is_short = page->options->verbose || count <= HOSTS_SHOWN + 1;
    size_t shown = is_short ? count : HOSTS_SHOWN;
    for (size_t i = 0; i < shown; i++)
        text_addf(&text, "%s%s", i > 0 ? ", " : "", host_name(hosts[i]));
    if (shown < count)
        text_addf(&text, " and %zu more (-v lists them)", count - shown);
    return text_copy(&text, arena);
}

const Value *explain_names_json(Arena *arena, const Host *const *hosts, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++) {
        Value *host = value_map(arena);
        value_set_text(arena, host, "name", host_name(hosts[i]));
        value_set_text(arena, host, "address", host_address(hosts[i]));
        value_push(arena, list, host);
    }
    return list;
}
