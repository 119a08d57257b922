#include "schema/inventory_trace.h"

#include "schema/inventory_internal.h"

static bool has_set(const VarSets *sets, const VarSet *set)
{
    for (size_t i = 0; i < sets->count; i++) {
        if (sets->items[i] == set)
            return true;
    }
    return false;
}

static bool is_of_group(const Inventory *inventory, const Group *group, const VarSet *set)
{
    bool is_found = has_set(&group->sets, set);
    for (size_t f = 0; group->beside && f < inventory->folder_count; f++)
        is_found = is_found || has_set(&group->beside[f], set);
    return is_found;
}

static void set_owner(const Host *host, const VarSet *set, Definition *definition)
{
    definition->layer = DEFINITION_ALL;
    definition->owner = "";
    if (has_set(&host->own, set)) {
        definition->layer = DEFINITION_HOST;
        definition->owner = host->address;
    }
    for (size_t i = 0; i < host->group_count; i++) {
        if (!is_of_group(host->inventory, host->groups[i], set))
            continue;
        definition->layer = DEFINITION_GROUP;
        definition->owner = host->groups[i]->name;
    }
}

static Definition definition_of(Arena *arena, const Host *host, const Var *var)
{
    const Secret *secret = var->typed.secrets ? map_get(var->typed.secrets, "") : NULL;
    return (Definition){.owner = "",
                        .origin = var->key ? &var->key->origin : NULL,
                        .written = var->typed.value,
                        .secret = secret ? secret_source(arena, secret) : NULL,
                        .counts = host_var(host, var->name) == var};
}

size_t inventory_trace(Arena *arena, const Host *host, const char *name, const Definition **ret)
{
    const Var *fallback = varset_find(host->inventory->defaults, name);
    Definition *items = NULL;
    size_t count = 0, capacity = 0;
    *ret = NULL;
    if (!fallback)
        return 0;
    for (size_t i = host->layers.count; i-- > 0;) {
        const VarSet *set = host->layers.items[i];
        const Var *var = varset_find(set, name);
        if (!var)
            continue;
        Definition definition = definition_of(arena, host, var);
        set_owner(host, set, &definition);
        ARENA_PUSH(arena, items, count, capacity, definition);
    }
    ARENA_PUSH(arena, items, count, capacity, definition_of(arena, host, fallback));
    *ret = items;
    return count;
}

/* A node that came through an alias is the same in several maps. */
bool definition_equal(const Definition *a, const Definition *b)
{
    return a->layer == b->layer && a->origin == b->origin && text_equal(a->owner, b->owner);
}
