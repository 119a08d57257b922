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
    ParamSet shaping; /* what files are made of */
    ParamSet roles;   /* and where a rule is for some members only */
    Map *lists;       /* target and address of the list → List */
    Map *entries;     /* shape of a list → HbaEntries */
};

/* What the lines of all lists depend on. */
static const char *const common_params[] = {
    "pg_replication_username", "pg_monitor_username", "pg_admin_username", "pg_dbsu",
    "node_firewall_intranet",  "pg_pwd_enc",          "admin_ip",
};

/* Who is whose member. */
static const char *const role_lists[] = {"pg_default_roles", "pg_users"};

static const char *const member_params[] = {"pg_role", "pg_offline_query"};

static void add_params(ParamSet *set, const Inventory *inventory, const char *const *names,
                       size_t count)
{
    for (size_t i = 0; i < count; i++)
        paramset_add(set, inventory_number(inventory, names[i]));
}

HbaCache *hba_cache_new(Arena *arena, const Inventory *inventory)
{
    HbaCache *cache = ARENA_NEW(arena, HbaCache);
    *cache = (HbaCache){.arena = arena, .lists = map_new(arena), .entries = map_new(arena)};
    add_params(&cache->shaping, inventory, common_params, COUNT_OF(common_params));
    add_params(&cache->shaping, inventory, role_lists, COUNT_OF(role_lists));
    add_params(&cache->roles, inventory, member_params, COUNT_OF(member_params));
    for (HbaTarget target = HBA_POSTGRES; target <= HBA_PGBOUNCER; target++) {
        const char *const lists[] = {hba_param(target, false), hba_param(target, true)};
        add_params(&cache->shaping, inventory, lists, COUNT_OF(lists));
    }
    return cache;
}

static void look_at_rule(Arena *arena, List *list, const Value *rule, HbaTarget target)
{
    const char *role = value_get_text(rule, "role");
    list->has_roles = list->has_roles || (*role && !typing_has_word("default|common", role));
    list->has_members = list->has_members || strcmp(value_get_text(rule, "addr"), "cluster") == 0;
    list->has_mistake = list->has_mistake || hba_check(arena, rule, target);
}

enum { KEY_LETTERS = sizeof(uintptr_t) * 8 / 6 + 2 };

/* A pointer as letters and a blank: "%p" would be what most of a large inventory costs. The end. */
static char *put_key(char *at, const void *pointer)
{
    for (uintptr_t key = (uintptr_t)pointer; key > 0; key /= 64)
        *at++ = (char)('0' + key % 64);
    *at++ = ' ';
    *at = '\0';
    return at;
}

static void add_key(Text *text, const void *pointer)
{
    char letters[KEY_LETTERS + 1];
    text_add_bytes(text, letters, (size_t)(put_key(letters, pointer) - letters));
}

static const List *list_of(HbaCache *cache, const Value *rules, HbaTarget target)
{
    char key[KEY_LETTERS + 2] = {target == HBA_POSTGRES ? 's' : 'p'};
    put_key(key + 1, rules);
    List *list = map_get(cache->lists, key);
    if (list)
        return list;
    list = ARENA_NEW(cache->arena, List);
    map_set(cache->lists, arena_strdup(cache->arena, key), list);
    for (size_t i = 0; i < value_count(rules); i++)
        look_at_rule(cache->arena, list, value_at(rules, i), target);
    return list;
}

static const List *list_on(HbaCache *cache, const Host *host, HbaTarget target, bool is_default)
{
    return list_of(cache, host_param(host, hba_param(target, is_default)), target);
}

static bool has_roles(HbaCache *cache, const Host *host)
{
    bool has = false;
    for (HbaTarget target = HBA_POSTGRES; target <= HBA_PGBOUNCER && !has; target++)
        has = list_on(cache, host, target, true)->has_roles ||
              list_on(cache, host, target, false)->has_roles;
    return has;
}

bool hba_are_alike(HbaCache *cache, const Host *a, const Host *b)
{
    return !hosts_may_differ(a, b, &cache->shaping) &&
           (!hosts_may_differ(a, b, &cache->roles) || !has_roles(cache, a));
}

const char *hba_common_shape(Arena *arena, const Host *host)
{
    char shape[COUNT_OF(common_params) * KEY_LETTERS + 1], *end = shape;
    for (size_t i = 0; i < COUNT_OF(common_params); i++)
        end = put_key(end, host_param(host, common_params[i]));
    return arena_strndup(arena, shape, (size_t)(end - shape));
}

static void add_list_shape(HbaCache *cache, Text *shape, const Host *host, HbaTarget target,
                           bool is_default)
{
    const Value *rules = host_param(host, hba_param(target, is_default));
    const List *list = list_of(cache, rules, target);
    text_add_char(shape, target == HBA_POSTGRES ? 's' : 'p');
    add_key(shape, rules);
    if (list->has_roles)
        text_addf(shape, "%s %d ", host_text(host, "pg_role"),
                  host_bool(host, "pg_offline_query", false));
    if (list->has_members)
        text_addf(shape, "%s ", host->cluster);
}

const char *hba_shape(HbaCache *cache, Arena *arena, const Host *host, const char *common)
{
    CLEANUP(text_release) Text shape = TEXT_INIT;
    text_add(&shape, common);
    for (size_t i = 0; i < COUNT_OF(role_lists); i++)
        add_key(&shape, host_param(host, role_lists[i]));
    for (HbaTarget target = HBA_POSTGRES; target <= HBA_PGBOUNCER; target++) {
        add_list_shape(cache, &shape, host, target, true);
        add_list_shape(cache, &shape, host, target, false);
    }
    return text_copy(&shape, arena);
}

static const HbaEntries *entries_of(HbaCache *cache, const HbaView *view, bool is_default)
{
    const Host *host = view->host;
    CLEANUP(text_release) Text shape = TEXT_INIT;
    text_add(&shape, view->common);
    add_list_shape(cache, &shape, host, view->target, is_default);
    HbaEntries *entries = map_get(cache->entries, text_get(&shape));
    if (entries)
        return entries;
    HbaLine *lines;
    size_t count =
        hba_list_lines(cache->arena, host->inventory, host, view->target, is_default, &lines);
    entries = ARENA_NEW(cache->arena, HbaEntries);
    *entries = hba_entries(cache->arena, NULL, lines, count);
    map_set(cache->entries, text_copy(&shape, cache->arena), entries);
    return entries;
}

bool hba_view_read(HbaCache *cache, Arena *arena, HbaView *view)
{
    if (list_on(cache, view->host, view->target, true)->has_mistake ||
        list_on(cache, view->host, view->target, false)->has_mistake)
        return false;
    view->entries = hba_entries_join(arena, view->roles, entries_of(cache, view, true),
                                     entries_of(cache, view, false));
    return true;
}
