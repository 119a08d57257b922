#include "schema/inventory.h"

#include <string.h>

#include "base/text.h"
#include "schema/inventory_internal.h"
#include "schema/rules.h"

static Inventory *inventory_new(Arena *arena, Diagnostics *diagnostics)
{
    Inventory *inventory = ARENA_NEW(arena, Inventory);
    *inventory = (Inventory){
        .arena = arena,
        .diagnostics = diagnostics,
        .places = {.arena = arena},
        .host_by_address = map_new(arena),
        .groups = map_new(arena),
        .cluster_by_name = map_new(arena),
        .secrets = map_new(arena),
        .nearest = map_new(arena),
        .keys = {.lock = ARENA_NEW(arena, pthread_mutex_t)},
    };
    pthread_mutex_init(inventory->keys.lock, NULL);
    inventory->defaults = inventory_defaults(inventory);
    return inventory;
}

static void report_foreign(const Inventory *inventory)
{
    if (inventory->foreign_uses == 0)
        return;
    CLEANUP(text_release) Text modules = TEXT_INIT;
    for (size_t i = 0; i < inventory->foreign_count; i++)
        text_addf(&modules, "%s%s", i ? ", " : "", inventory->foreign[i]);
    diagnostics_add(inventory->diagnostics, "W044", &inventory->foreign_origin,
                    "They are kept as they are and nothing is done about them.",
                    "not managed: %zu parameter%s of %s", inventory->foreign_uses,
                    inventory->foreign_uses == 1 ? "" : "s", text_get(&modules));
}

static void finish(Inventory *inventory)
{
    inventory_resolve(inventory);
    report_foreign(inventory);
    rules_check(inventory, inventory->diagnostics);
    inventory_waive(inventory, inventory->diagnostics);
    inventory->diagnostics = NULL;
}

static Inventory *resolved(Inventory *inventory)
{
    if (inventory->parsed_count == 0)
        return NULL;
    if (inventory->is_broken)
        inventory_resolve(inventory); /* half an inventory would only give wrong findings */
    else
        finish(inventory);
    return inventory;
}

Error *inventory_load(Arena *arena, const char *const *paths, size_t path_count,
                      Diagnostics *diagnostics, Inventory **ret)
{
    return inventory_load_from(arena, file_tree_disk(), paths, path_count, diagnostics, ret);
}

Error *inventory_load_from(Arena *arena, const FileTree *tree, const char *const *paths,
                           size_t path_count, Diagnostics *diagnostics, Inventory **ret)
{
    *ret = NULL;
    Inventory *inventory = inventory_new(arena, diagnostics);
    inventory->tree = tree;
    TRY(inventory_read_sources(inventory, paths, path_count));
    *ret = resolved(inventory);
    return NULL;
}

Inventory *inventory_load_bytes(Arena *arena, const char *name, const char *bytes, size_t length,
                                Diagnostics *diagnostics)
{
    Inventory *inventory = inventory_new(arena, diagnostics);
    inventory_take_bytes(inventory, arena_strdup(arena, name), bytes, length);
    inventory_settle_groups(inventory);
    return resolved(inventory);
}

void inventory_digest(const Inventory *inventory, char ret[SHA256_HEX + 1])
{
    CLEANUP(text_release) Text bytes = TEXT_INIT;
    for (size_t i = 0; i < inventory->file_count; i++)
        text_add_bytes(&bytes, inventory->files[i].bytes, inventory->files[i].length);
    sha256_hex(text_get(&bytes), bytes.length, ret);
}

size_t inventory_host_count(const Inventory *inventory)
{
    return inventory->host_count;
}

const Host *inventory_host_at(const Inventory *inventory, size_t i)
{
    return i < inventory->host_count ? inventory->hosts[i] : NULL;
}

const Host *inventory_host(const Inventory *inventory, const char *address)
{
    return map_get(inventory->host_by_address, address);
}

size_t inventory_group_hosts(const Inventory *inventory, const char *group,
                             const Host *const **ret_hosts)
{
    const Group *found = map_get(inventory->groups, group);
    *ret_hosts = found ? found->hosts : NULL;
    return found ? found->host_count : 0;
}

size_t inventory_group_count(const Inventory *inventory)
{
    return map_count(inventory->groups);
}

const char *inventory_group_at(const Inventory *inventory, size_t i)
{
    return i < map_count(inventory->groups) ? map_key_at(inventory->groups, i) : NULL;
}

size_t inventory_cluster_count(const Inventory *inventory)
{
    return inventory->cluster_count;
}

const PgCluster *inventory_cluster_at(const Inventory *inventory, size_t i)
{
    return i < inventory->cluster_count ? inventory->clusters[i] : NULL;
}

const PgCluster *inventory_cluster(const Inventory *inventory, const char *name)
{
    return map_get(inventory->cluster_by_name, name);
}

const char *host_address(const Host *host)
{
    return host->address;
}

const char *host_name(const Host *host)
{
    return host->name;
}

const char *host_instance(const Host *host)
{
    return host->instance;
}

size_t host_number(const Host *host)
{
    return host->number;
}

const char *host_cluster(const Host *host)
{
    return host->cluster;
}

const Origin *host_origin(const Host *host)
{
    return &host->origin;
}

bool host_in_group(const Host *host, const char *group)
{
    for (size_t i = 0; i < host->group_count; i++) {
        if (strcmp(host->groups[i]->name, group) == 0)
            return true;
    }
    return false;
}

const Value *host_param(const Host *host, const char *name)
{
    return host_var_value(host, host_var(host, name));
}

/* Numbers as text need memory, and a loaded inventory is never written: a definition keeps its
 * source text, which is the number as written. */
const char *host_text(const Host *host, const char *name)
{
    const Var *var = host_var(host, name);
    const Value *value = host_var_value(host, var);
    if (!value)
        return "";
    bool has_text = value->type == VALUE_TEXT;
    bool is_scalar = value->type == VALUE_INT || value->type == VALUE_BOOL;
    return has_text ? value->text : is_scalar ? var->node->text : "";
}

int64_t host_int(const Host *host, const char *name, int64_t fallback)
{
    return value_as_int(host_param(host, name), fallback);
}

bool host_bool(const Host *host, const char *name, bool fallback)
{
    return value_as_bool(host_param(host, name), fallback);
}

bool host_param_is_set(const Host *host, const char *name)
{
    const Var *var = host_var(host, name);
    return var && var->key;
}

const Origin *host_param_origin(const Host *host, const char *name)
{
    const Var *var = host_var(host, name);
    return var && var->key ? &var->key->origin : NULL;
}

const Origin *inventory_origin(const Inventory *inventory, const Value *value)
{
    return places_origin(&inventory->places, value);
}
