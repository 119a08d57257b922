/* From the rules of an inventory to the files of its hosts, each list once. */
#include <string.h>

#include "base/map.h"
#include "base/text.h"
#include "schema/rules_hba.h"

/* A list of rules, whoever has it. */
typedef struct List {
    bool has_mistake;
    bool has_roles;   /* its lines differ between the members of a cluster */
    bool has_members; /* they differ from cluster to cluster */
} List;

struct HbaCache {
    Arena *arena;
    Map *lists;   /* target and address of the list → List */
    Map *entries; /* shape of a list → HbaEntries */
};

HbaCache *hba_cache_new(Arena *arena)
{
    HbaCache *cache = ARENA_NEW(arena, HbaCache);
    *cache = (HbaCache){.arena = arena, .lists = map_new(arena), .entries = map_new(arena)};
    return cache;
}

static void look_at_rule(Arena *arena, List *list, const Value *rule, HbaTarget target)
{
    const char *role = value_get_text(rule, "role");
    list->has_roles = list->has_roles || (*role && !typing_has_word("default|common", role));
    list->has_members = list->has_members || strcmp(value_get_text(rule, "addr"), "cluster") == 0;
    list->has_mistake = list->has_mistake || hba_check(arena, rule, target);
}

static const List *list_of(HbaCache *cache, const Host *host, HbaTarget target, bool is_default)
{
    const Value *rules = host_param(host, hba_param(target, is_default));
    const char *key = arena_printf(cache->arena, "%p %u", (const void *)rules, target);
    List *list = map_get(cache->lists, key);
    if (list)
        return list;
    list = ARENA_NEW(cache->arena, List);
    map_set(cache->lists, key, list);
    for (size_t i = 0; i < value_count(rules); i++)
        look_at_rule(cache->arena, list, value_at(rules, i), target);
    return list;
}

static const char *list_shape(HbaCache *cache, Arena *arena, const Host *host, HbaTarget target,
                              bool is_default)
{
    static const char *const shaping[] = {
        "pg_replication_username", "pg_monitor_username", "pg_admin_username", "pg_dbsu",
        "node_firewall_intranet",  "pg_pwd_enc",          "admin_ip",
    };
    const List *list = list_of(cache, host, target, is_default);
    CLEANUP(text_release) Text shape = TEXT_INIT;
    text_addf(&shape, "%u %p", target,
              (const void *)host_param(host, hba_param(target, is_default)));
    if (list->has_roles)
        text_addf(&shape, " %s %d", host_text(host, "pg_role"),
                  host_bool(host, "pg_offline_query", false));
    if (list->has_members)
        text_addf(&shape, " %s", host->cluster);
    for (size_t i = 0; i < COUNT_OF(shaping); i++)
        text_addf(&shape, " %p", (const void *)host_param(host, shaping[i]));
    return text_copy(&shape, arena);
}

const char *hba_shape(HbaCache *cache, Arena *arena, const Host *host)
{
    CLEANUP(text_release) Text shape = TEXT_INIT;
    text_addf(&shape, "%p %p", (const void *)host_param(host, "pg_default_roles"),
              (const void *)host_param(host, "pg_users"));
    for (HbaTarget target = HBA_POSTGRES; target <= HBA_PGBOUNCER; target++) {
        text_addf(&shape, " %s", list_shape(cache, arena, host, target, true));
        text_addf(&shape, " %s", list_shape(cache, arena, host, target, false));
    }
    return text_copy(&shape, arena);
}

static const HbaEntries *entries_of(HbaCache *cache, const Host *host, HbaTarget target,
                                    bool is_default)
{
    const char *shape = list_shape(cache, cache->arena, host, target, is_default);
    HbaEntries *entries = map_get(cache->entries, shape);
    if (entries)
        return entries;
    HbaLine *lines;
    size_t count = hba_list_lines(cache->arena, host->inventory, host, target, is_default, &lines);
    entries = ARENA_NEW(cache->arena, HbaEntries);
    *entries = hba_entries(cache->arena, NULL, lines, count);
    map_set(cache->entries, shape, entries);
    return entries;
}

bool hba_view_read(HbaCache *cache, Arena *arena, HbaView *view)
{
    const Host *host = view->host;
    if (list_of(cache, host, view->target, true)->has_mistake ||
        list_of(cache, host, view->target, false)->has_mistake)
        return false;
    view->entries =
        hba_entries_join(arena, hba_roles(arena, host), entries_of(cache, host, view->target, true),
                         entries_of(cache, host, view->target, false));
    return true;
}
