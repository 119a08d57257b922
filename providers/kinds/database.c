/*
 * Databases of a cluster (PostgreSQL documentation, "Managing Databases"; catalogs pg_database,
 * pg_namespace, pg_extension). Encoding, locale and template are fixed at creation. Schemas and
 * extensions are only added: dropping one loses data and is asked for by `state: absent` later.
 */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_roles.h"

static const ParamRow params[] = {
    {.name = "owner",
     .type = PARAM_STRING,
     .doc = "The role that owns it.",
     .inventory = "pg_databases"},
    {.name = "encoding",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "Character set encoding, fixed at creation.",
     .inventory = "pg_databases"},
    {.name = "lc_collate",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "Collation, fixed at creation.",
     .inventory = "pg_databases"},
    {.name = "lc_ctype",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY,
     .doc = "Character classification, fixed at creation.",
     .inventory = "pg_databases"},
    {.name = "template",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_CREATE_ONLY | PARAM_FLAG_FOLD,
     .doc = "The database it is copied from.",
     .inventory = "pg_databases"},
    {.name = "connlimit",
     .type = PARAM_INT,
     .doc = "How many sessions it may have at once; -1 is no limit.",
     .inventory = "pg_databases"},
    {.name = "is_template",
     .type = PARAM_BOOL,
     .doc = "May be copied by anybody.",
     .inventory = "pg_databases"},
    {.name = "allow_connections",
     .type = PARAM_BOOL,
     .doc = "Takes connections.",
     .inventory = "pg_databases"},
    {.name = "comment",
     .type = PARAM_STRING,
     .doc = "What it is for.",
     .inventory = "pg_databases"},
    {.name = "settings",
     .type = PARAM_MAP,
     .flags = PARAM_FLAG_ADD_ONLY | PARAM_FLAG_SESSIONS,
     .doc = "Settings that its sessions start with.",
     .inventory = "pg_databases"},
    {.name = "schemas",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_ADD_ONLY,
     .doc = "Schemas in it.",
     .inventory = "pg_databases"},
    {.name = "extensions",
     .type = PARAM_MAP,
     .flags = PARAM_FLAG_ADD_ONLY,
     .doc = "Extensions in it, and the schema of each.",
     .inventory = "pg_databases"},
};

static const char *const sources[] = {"sql.databases", "sql.database", "node.data", NULL};

/* Inventory key and param of each plain attribute. */
static const char *const attributes[][2] = {
    {"encoding", "encoding"},           {"lc_collate", "lc_collate"},
    {"lc_ctype", "lc_ctype"},           {"template", "template"},
    {"connlimit", "connlimit"},         {"is_template", "is_template"},
    {"allowconn", "allow_connections"}, {"comment", "comment"},
};

static void add_database(ResourceSet *out, const Domain *domain, const Value *entry)
{
    const Host *host = domain->hosts[0];
    const char *owner = value_get_text(entry, "owner");
    const char *locale = value_get_text(entry, "locale");
    Resource *database = resource_add(out, domain->name, pg_entry_name(entry), "");
    database->origin = inventory_origin(domain->inventory, entry);
    database->ensure = pg_entry_is_absent(entry) ? ENSURE_ABSENT : ENSURE_PRESENT;
    resource_set(database, "owner",
                 value_text(out->arena, owner[0] ? owner : host_text(host, "pg_dbsu")),
                 inventory_origin(domain->inventory, value_get(entry, "owner")));
    for (size_t i = 0; i < COUNT_OF(attributes); i++) {
        const Value *value = value_get(entry, attributes[i][0]);
        if (value && value->type != VALUE_NULL)
            resource_set(database, attributes[i][1], value,
                         inventory_origin(domain->inventory, value));
    }
    if (locale[0] && !resource_value(database, "lc_collate"))
        resource_set(database, "lc_collate", value_text(out->arena, locale), NULL);
    if (locale[0] && !resource_value(database, "lc_ctype"))
        resource_set(database, "lc_ctype", value_text(out->arena, locale), NULL);
    resource_set(database, "settings", value_get(entry, "parameters"), NULL);
    resource_set(database, "schemas", pg_present_names(out->arena, value_get(entry, "schemas")),
                 inventory_origin(domain->inventory, value_get(entry, "schemas")));
    resource_set(database, "extensions",
                 pg_extensions_wanted(out->arena, value_get(entry, "extensions")),
                 inventory_origin(domain->inventory, value_get(entry, "extensions")));
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Value *list = host_param(domain->hosts[0], "pg_databases");
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *entry = value_at(list, i);
        if (pg_entry_name(entry)[0])
            add_database(out, domain, entry);
    }
    return NULL;
}

/* The inventory's list for a database, by name; NULL if it has no such database. */
static const Value *wanted_extensions(Arena *arena, const Domain *domain, const char *name)
{
    const Value *list = host_param(domain->hosts[0], "pg_databases");
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *entry = value_at(list, i);
        if (strcmp(pg_entry_name(entry), name) == 0)
            return pg_extensions_wanted(arena, value_get(entry, "extensions"));
    }
    return NULL;
}

/* What only a connection to the database itself tells. */
static void read_inside(Resource *database, Arena *arena, const Domain *domain, const Facts *facts)
{
    const char *subject = arena_printf(arena, "%s/%s", domain->name, database->name);
    const char *reason = "the database was not asked";
    const Value *inside = facts_value(facts, "sql.database", subject);
    if (!inside) {
        facts_is_unknown(facts, "sql.database", subject, &reason);
        resource_set_unknown_param(database, "schemas", arena, reason);
        resource_set_unknown_param(database, "extensions", arena, reason);
        return;
    }
    resource_set(database, "schemas", pg_key_names(arena, value_get(inside, "schemas")), NULL);
    resource_set(database, "extensions",
                 pg_extensions_seen(arena, wanted_extensions(arena, domain, database->name),
                                    value_get(inside, "extensions")),
                 NULL);
}

static void read_database(ResourceSet *out, const Domain *domain, const Facts *facts,
                          const char *name, const Value *seen)
{
    static const char *const names[][2] = {
        {"owner", "owner"},
        {"encoding", "encoding"},
        {"collate", "lc_collate"},
        {"ctype", "lc_ctype"},
        {"connlimit", "connlimit"},
        {"is_template", "is_template"},
        {"allow_connections", "allow_connections"},
        {"comment", "comment"},
    };
    Resource *database = resource_add(out, domain->name, name, "");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const Value *value = value_get(seen, names[i][0]);
        resource_set(database, names[i][1], value ? value : &value_null, NULL);
    }
    resource_set(database, "settings", pg_config_map(out->arena, value_get(seen, "config")), NULL);
    read_inside(database, out->arena, domain, facts);
}

static bool is_builtin(const char *name)
{
    return strcmp(name, "postgres") == 0 || strcmp(name, "template0") == 0 ||
           strcmp(name, "template1") == 0;
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Value *seen = facts_path(facts, "sql.databases", domain->name, "databases");
    if (!seen) {
        out->complete = pg_is_bare(out->arena, domain, facts);
        out->unknown_reason = pg_unread_reason(domain, facts, "sql.databases");
        return NULL;
    }
    out->complete = true;
    for (size_t i = 0; i < value_count(seen); i++) {
        if (!is_builtin(seen->map.keys[i]))
            read_database(out, domain, facts, seen->map.keys[i], seen->map.values[i]);
    }
    return NULL;
}

const Kind kind_database = {
    .name = "database",
    .domain = DOMAIN_CLUSTER,
    .doc = "A database of a cluster, with its schemas and extensions.",
    .data_bearing = true,
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "database.create",
    .update_verb = "database.update",
    .desired = desired,
    .read = read,
};
