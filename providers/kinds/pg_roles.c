#include "providers/kinds/pg_roles.h"

#include <assert.h>
#include <string.h>

#include "base/map.h"
#include "base/text.h"

/* Roles whose name and password have parameters of their own. */
static const struct {
    const char *name_param;
    const char *password_param;
} system_users[] = {
    {"pg_dbsu", "pg_dbsu_password"},
    {"pg_replication_username", "pg_replication_password"},
    {"pg_admin_username", "pg_admin_password"},
    {"pg_monitor_username", "pg_monitor_password"},
};

const char *pg_entry_name(const Value *entry)
{
    return value_as_text(entry, value_get_text(entry, "name"));
}

bool pg_entry_is_absent(const Value *entry)
{
    const char *state = value_get_text(entry, "state");
    return strcmp(state, "absent") == 0 || strcmp(state, "revoke") == 0;
}

const Value *pg_present_names(Arena *arena, const Value *list)
{
    Value *names = value_list(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *entry = value_at(list, i);
        if (!pg_entry_is_absent(entry))
            value_push(arena, names, value_text(arena, pg_entry_name(entry)));
    }
    return names;
}

const Value *pg_extensions_wanted(Arena *arena, const Value *list)
{
    Value *extensions = value_map(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *entry = value_at(list, i);
        if (!pg_entry_is_absent(entry))
            value_set_text(arena, extensions, pg_entry_name(entry),
                           value_get_text(entry, "schema"));
    }
    return extensions;
}

const Value *pg_extensions_seen(Arena *arena, const Value *wanted, const Value *seen)
{
    Value *extensions = value_map(arena);
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *name = seen->map.keys[i];
        const char *want = value_as_text(value_get(wanted, name), NULL);
        value_set_text(arena, extensions, name,
                       want && !want[0] ? "" : value_get_text(seen->map.values[i], "schema"));
    }
    return extensions;
}

const Value *pg_key_names(Arena *arena, const Value *map)
{
    Value *names = value_list(arena);
    for (size_t i = 0; i < value_count(map); i++)
        value_push(arena, names, value_text(arena, map->map.keys[i]));
    return names;
}

const Value *pg_config_map(Arena *arena, const Value *config)
{
    Value *out = value_map(arena);
    for (size_t i = 0; i < value_count(config); i++) {
        const char *text = value_as_text(value_at(config, i), "");
        const char *equals = strchr(text, '=');
        if (equals)
            value_set_text(arena, out, arena_strndup(arena, text, (size_t)(equals - text)),
                           equals + 1);
    }
    return out;
}

const Value *pg_scalar_text(Arena *arena, const Value *value)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (value && value->type == VALUE_TEXT)
        return value;
    if (value)
        value_format(&text, value);
    return value_text(arena, text_get(&text));
}

static bool is_given(const Inventory *inventory, const Value *password)
{
    if (!password || password->type != VALUE_SECRET)
        return false;
    const char *text = inventory_secret(inventory, password->text);
    return !text || text[0] != '\0';
}

static const Value *password_of(const Domain *domain, const Host *host, const char *name,
                                const Value *entry)
{
    for (size_t i = 0; i < COUNT_OF(system_users); i++) {
        const Value *password = host_param(host, system_users[i].password_param);
        if (strcmp(host_text(host, system_users[i].name_param), name) == 0 &&
            is_given(domain->inventory, password))
            return password;
    }
    const Value *password = value_get(entry, "password");
    return is_given(domain->inventory, password) ? password : NULL;
}

typedef struct Roles {
    Arena *arena;
    Map *index;
    WantedRole *items;
    size_t count, capacity;
} Roles;

static void add_role(Roles *roles, const Domain *domain, const Value *entry)
{
    const char *name = pg_entry_name(entry);
    if (!name[0])
        return;
    const Host *host = domain->hosts[0];
    WantedRole role = {.name = name,
                       .entry = entry,
                       .password = password_of(domain, host, name, entry),
                       .origin = inventory_origin(domain->inventory, entry),
                       .is_absent = pg_entry_is_absent(entry)};
    if (role.password)
        role.verifier =
            value_secret(roles->arena, arena_printf(roles->arena, "scram|%s|%s|%s", domain->name,
                                                    name, role.password->text));
    size_t *place = map_get(roles->index, name);
    if (place) {
        assert(roles->items && *place < roles->count);
        roles->items[*place] = role;
        return;
    }
    place = ARENA_NEW(roles->arena, size_t);
    *place = roles->count;
    map_set(roles->index, name, place);
    ARENA_PUSH(roles->arena, roles->items, roles->count, roles->capacity, role);
}

static void add_roles(Roles *roles, const Domain *domain, const char *param)
{
    const Value *list = host_param(domain->hosts[0], param);
    for (size_t i = 0; i < value_count(list); i++)
        add_role(roles, domain, value_at(list, i));
}

size_t pg_wanted_roles(Arena *arena, const Domain *domain, WantedRole **ret_roles)
{
    Roles roles = {.arena = arena, .index = map_new(arena)};
    add_roles(&roles, domain, "pg_default_roles");
    add_roles(&roles, domain, "pg_users");
    *ret_roles = roles.items;
    return roles.count;
}
