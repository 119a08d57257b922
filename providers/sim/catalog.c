/* Roles and databases: what initdb makes, and what the catalog operations make of it. */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/real/sql_privileges.h"
#include "providers/sim/state.h"

typedef struct Operation {
    Sim *sim;
    Arena *arena; /* its */
    Catalog *catalog;
    const Value *args;
} Operation;

static const char *arg(const Operation *operation, const char *name)
{
    return value_get_text(operation->args, name);
}

/* -- roles --------------------------------------------------------------------------------------
 */

static Value *role_add(Arena *arena, Catalog *catalog, const char *name)
{
    static const char *const flags[] = {"superuser", "createrole",  "createdb",
                                        "login",     "replication", "bypassrls"};
    static const char *const nulls[] = {"valid_until", "password", "comment"};
    Value *role = state_edit(value_get(catalog->roles, name));
    if (role)
        return role;
    role = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        value_set_bool(arena, role, flags[i], false);
    for (size_t i = 0; i < COUNT_OF(nulls); i++)
        value_set(arena, role, nulls[i], &value_null);
    value_set_bool(arena, role, "inherit", true);
    value_set_int(arena, role, "connlimit", -1);
    value_set(arena, role, "config", value_list(arena));
    value_set(arena, role, "roles", value_map(arena));
    value_set(arena, catalog->roles, arena_strdup(arena, name), role);
    return role;
}

static void copy_attributes(const Operation *operation, Value *into)
{
    const Value *attributes = value_get(operation->args, "attributes");
    for (size_t i = 0; i < value_count(attributes); i++)
        value_set(operation->arena, into, arena_strdup(operation->arena, attributes->map.keys[i]),
                  value_copy(operation->arena, attributes->map.values[i]));
}

static Error *named(const Value *map, const char *name, const char *what, Value **ret)
{
    *ret = state_edit(value_get(map, name));
    return *ret ? NULL : error_new(ERROR_REFUSED, "%s \"%s\" does not exist", what, name);
}

static Error *role_create(const Operation *operation)
{
    (void)role_add(operation->arena, operation->catalog, arg(operation, "name"));
    return NULL;
}

static Error *role_alter(const Operation *operation)
{
    Value *role = NULL;
    TRY(named(operation->catalog->roles, arg(operation, "name"), "role", &role));
    copy_attributes(operation, role);
    return NULL;
}

static Error *role_password(const Operation *operation)
{
    Value *role = NULL;
    TRY(named(operation->catalog->roles, arg(operation, "name"), "role", &role));
    value_set_text(operation->arena, role, "password", arg(operation, "verifier"));
    return NULL;
}

static Error *set_comment(const Operation *operation, Value *thing)
{
    const Value *comment = value_get(operation->args, "comment");
    value_set(operation->arena, thing, "comment",
              comment ? value_copy(operation->arena, comment) : &value_null);
    return NULL;
}

static Error *role_comment(const Operation *operation)
{
    Value *role = NULL;
    TRY(named(operation->catalog->roles, arg(operation, "name"), "role", &role));
    return set_comment(operation, role);
}

/* setconfig: ["name=value"] */
static void set_config(const Operation *operation, Value *thing)
{
    Arena *arena = operation->arena;
    CLEANUP(text_release) Text text = TEXT_INIT;
    const Value *old = value_get(thing, "config"), *value = value_get(operation->args, "value");
    const char *mark = arena_printf(arena, "%s=", arg(operation, "setting"));
    Value *now = value_list(arena);
    for (size_t i = 0; i < value_count(old); i++) {
        if (!text_starts_with(value_as_text(value_at(old, i), ""), mark))
            value_push(arena, now, value_at(old, i));
    }
    if (value && value->type != VALUE_NULL) {
        if (value->type == VALUE_TEXT)
            text_add(&text, value->text);
        else
            value_format(&text, value);
        value_push(arena, now, value_textf(arena, "%s%s", mark, text_get(&text)));
    }
    value_set(arena, thing, "config", now);
}

static Error *role_setting(const Operation *operation)
{
    Value *role = NULL;
    TRY(named(operation->catalog->roles, arg(operation, "name"), "role", &role));
    set_config(operation, role);
    return NULL;
}

static Error *role_grant(const Operation *operation)
{
    Value *group = NULL, *member = NULL;
    TRY(named(operation->catalog->roles, arg(operation, "role"), "role", &group));
    TRY(named(operation->catalog->roles, arg(operation, "member"), "role", &member));
    Value *edge = value_map(operation->arena);
    value_set_bool(operation->arena, edge, "admin", false);
    value_set(operation->arena, state_edit(value_get(member, "roles")),
              arena_strdup(operation->arena, arg(operation, "role")), edge);
    return NULL;
}

/* -- databases ----------------------------------------------------------------------------------
 */

static Value *contents_new(Arena *arena)
{
    Value *contents = value_map(arena), *schemas = value_map(arena), *extensions = value_map(arena);
    Value *public = value_map(arena), *plpgsql = value_map(arena);
    value_set_text(arena, public, "owner", "pg_database_owner");
    value_set(arena, schemas, "public", public);
    value_set_text(arena, plpgsql, "version", "1.0");
    value_set_text(arena, plpgsql, "schema", "pg_catalog");
    value_set(arena, extensions, "plpgsql", plpgsql);
    value_set(arena, contents, "schemas", schemas);
    value_set(arena, contents, "extensions", extensions);
    value_set(arena, contents, "default_acl", value_list(arena));
    value_set(arena, contents, "functions", value_list(arena));
    return contents;
}

/* A list or map to be changed, whose items are not. */
static Value *part_like(Arena *arena, const Value *like)
{
    bool is_map = like->type == VALUE_MAP;
    Value *part = is_map ? value_map(arena) : value_list(arena);
    for (size_t i = 0; i < value_count(like); i++) {
        if (is_map)
            value_set(arena, part, like->map.keys[i], like->map.values[i]);
        else
            value_push(arena, part, value_at(like, i));
    }
    return part;
}

/* Schemas, extensions and the rest of another database. */
static Value *contents_like(Arena *arena, const Value *like)
{
    Value *contents = value_map(arena);
    for (size_t i = 0; i < value_count(like); i++)
        value_set(arena, contents, like->map.keys[i], part_like(arena, like->map.values[i]));
    return contents;
}

/* What the new one is like; null attributes are those of template1. */
static Value *database_add(Arena *arena, Catalog *catalog, const char *name, const char *owner)
{
    const Value *like = value_get(catalog->databases, "template1");
    Value *database = like ? value_copy(arena, like) : value_map(arena);
    value_set_text(arena, database, "owner", owner);
    value_set_bool(arena, database, "is_template", false);
    value_set_bool(arena, database, "allow_connections", true);
    value_set_int(arena, database, "connlimit", -1);
    value_set(arena, database, "comment", &value_null);
    value_set(arena, database, "acl", &value_null);
    value_set(arena, database, "config", value_list(arena));
    value_set(arena, catalog->databases, arena_strdup(arena, name), database);
    const Value *filled = map_get(catalog->contents, "template1");
    map_set(catalog->contents, arena_strdup(arena, name),
            filled ? contents_like(arena, filled) : contents_new(arena));
    return database;
}

static Error *database_create(const Operation *operation)
{
    static const char *const names[][2] = {
        {"encoding", "encoding"}, {"lc_collate", "collate"}, {"lc_ctype", "ctype"}};
    const char *owner = arg(operation, "owner");
    if (value_get(operation->catalog->databases, arg(operation, "name")))
        return NULL;
    Value *database = database_add(operation->arena, operation->catalog, arg(operation, "name"),
                                   *owner ? owner : "postgres");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (*arg(operation, names[i][0]))
            value_set_text(operation->arena, database, names[i][1], arg(operation, names[i][0]));
    }
    return NULL;
}

static Error *database_alter(const Operation *operation)
{
    Value *database = NULL;
    TRY(named(operation->catalog->databases, arg(operation, "name"), "database", &database));
    copy_attributes(operation, database);
    return NULL;
}

static Error *database_comment(const Operation *operation)
{
    Value *database = NULL;
    TRY(named(operation->catalog->databases, arg(operation, "name"), "database", &database));
    return set_comment(operation, database);
}

static Error *database_setting(const Operation *operation)
{
    Value *database = NULL;
    TRY(named(operation->catalog->databases, arg(operation, "name"), "database", &database));
    set_config(operation, database);
    return NULL;
}

/* -- inside a database ---------------------------------------------------------------------------
 */

static Error *inside(const Operation *operation, const char *part, Value **ret)
{
    const char *name = *arg(operation, "database") ? arg(operation, "database") : "postgres";
    const Value *contents = map_get(operation->catalog->contents, name);
    *ret = state_edit(value_get(contents, part));
    return contents ? NULL : error_new(ERROR_REFUSED, "database \"%s\" does not exist", name);
}

static Error *schema_create(const Operation *operation)
{
    Value *schemas = NULL;
    TRY(inside(operation, "schemas", &schemas));
    if (value_get(schemas, arg(operation, "name")))
        return NULL;
    Value *schema = value_map(operation->arena);
    value_set_text(operation->arena, schema, "owner",
                   *arg(operation, "owner") ? arg(operation, "owner") : "postgres");
    value_set(operation->arena, schemas, arena_strdup(operation->arena, arg(operation, "name")),
              schema);
    return NULL;
}

static Error *extension_create(const Operation *operation)
{
    Value *extensions = NULL;
    TRY(inside(operation, "extensions", &extensions));
    if (value_get(extensions, arg(operation, "name")))
        return NULL;
    Value *extension = value_map(operation->arena);
    value_set_text(operation->arena, extension, "version", "1.0");
    value_set_text(operation->arena, extension, "schema",
                   *arg(operation, "schema") ? arg(operation, "schema") : "public");
    value_set(operation->arena, extensions, arena_strdup(operation->arena, arg(operation, "name")),
              extension);
    return NULL;
}

static Error *function_create(const Operation *operation)
{
    Value *functions = NULL;
    TRY(inside(operation, "functions", &functions));
    for (size_t i = 0; i < value_count(functions); i++) {
        if (text_equal(value_as_text(value_at(functions, i), NULL), arg(operation, "name")))
            return NULL;
    }
    value_push(operation->arena, functions, value_text(operation->arena, arg(operation, "name")));
    return NULL;
}

/* aclitem letters: PostgreSQL documentation, "ACL Privilege Abbreviations". */
static const struct {
    const char *privilege;
    char letter;
} letters[] = {
    {"INSERT", 'a'},     {"SELECT", 'r'},  {"UPDATE", 'w'},  {"DELETE", 'd'}, {"TRUNCATE", 'D'},
    {"REFERENCES", 'x'}, {"TRIGGER", 't'}, {"EXECUTE", 'X'}, {"USAGE", 'U'},  {"CREATE", 'C'},
};

static const char *acl_item(Arena *arena, const DefaultGrant *grant, const char *role)
{
    CLEANUP(text_release) Text item = TEXT_INIT;
    text_addf(&item, "%s=", strcmp(grant->grantee, "public") == 0 ? "" : grant->grantee);
    for (size_t i = 0; i < grant->privilege_count; i++) {
        for (size_t k = 0; k < COUNT_OF(letters); k++) {
            if (strcmp(letters[k].privilege, grant->privileges[i]) == 0)
                text_add_char(&item, letters[k].letter);
        }
    }
    text_addf(&item, "/%s", role);
    return text_copy(&item, arena);
}

static Error *default_privileges(const Operation *operation)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Value *list = NULL;
    DefaultGrant grant = {0};
    TRY(inside(operation, "default_acl", &list));
    TRY(default_grant_parse(scratch, arg(operation, "grant"), &grant));
    const char type[] = {grant.object_letter, '\0'};
    Value *row = value_map(scratch), *acl = value_list(scratch);
    value_push(scratch, acl,
               value_text(scratch, acl_item(scratch, &grant, arg(operation, "role"))));
    value_set_text(scratch, row, "role", arg(operation, "role"));
    value_set_text(scratch, row, "schema", arg(operation, "schema"));
    value_set_text(scratch, row, "type", type);
    value_set(scratch, row, "acl", acl);
    value_push(operation->arena, list, sim_keep(operation->sim, row));
    return NULL;
}

static Error *nothing(const Operation *operation)
{
    (void)operation;
    return NULL;
}

static const struct {
    const char *op;
    Error *(*run)(const Operation *operation);
} ops[] = {
    {"role_create", role_create},
    {"role_alter", role_alter},
    {"role_password", role_password},
    {"role_setting", role_setting},
    {"role_comment", role_comment},
    {"role_grant", role_grant},
    {"database_create", database_create},
    {"database_alter", database_alter},
    {"database_comment", database_comment},
    {"database_setting", database_setting},
    {"schema_create", schema_create},
    {"extension_create", extension_create},
    {"default_privileges", default_privileges},
    {"function_create", function_create},
    {"checkpoint", nothing},
};

/* Commits wait for no standby: the effect library asks for that (providers/real/sql.c). */
Error *do_sql(Doing *doing)
{
    enum { OP_MS = 5 };
    const char *op = value_get_text(doing->args, "op");
    Server *server = &doing->node->server;
    Sim *sim = doing->node->sim;
    Operation operation = {sim, sim->arena, server->catalog, doing->args};
    if (server->state != SERVER_RUNS)
        return error_new(ERROR_UNREACHABLE, "no server listens on the socket");
    doing->takes_ms = OP_MS;
    if (strcmp(op, "reload") == 0) {
        postgres_reload(doing->node);
        return NULL;
    }
    if (server->is_standby)
        return error_new(ERROR_REFUSED, "cannot execute %s in a read-only transaction", op);
    for (size_t i = 0; i < COUNT_OF(ops); i++) {
        if (strcmp(ops[i].op, op) == 0)
            return ops[i].run(&operation);
    }
    return error_new(ERROR_INVALID, "the simulation has no operation %s", op);
}

/* -- what initdb makes ----------------------------------------------------------------------------
 */

static void add_user(Arena *arena, Catalog *catalog, const Value *keys, const char *which,
                     const char *attribute)
{
    const char *key = arena_printf(arena, "postgresql/authentication/%s/username", which);
    const char *name = value_get_text(keys, key);
    Value *role = role_add(arena, catalog, *name ? name : "postgres");
    value_set_bool(arena, role, "login", true);
    value_set_bool(arena, role, attribute, true);
}

/* PostgreSQL documentation, "Predefined Roles". */
static void add_predefined(Arena *arena, Catalog *catalog)
{
    static const char *const names[] = {
        "pg_database_owner",   "pg_read_all_data",     "pg_write_all_data",
        "pg_monitor",          "pg_read_all_settings", "pg_read_all_stats",
        "pg_stat_scan_tables", "pg_read_server_files", "pg_write_server_files",
        "pg_signal_backend",   "pg_checkpoint",        "pg_execute_server_program",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)role_add(arena, catalog, names[i]);
    static const char *const monitors[] = {"pg_read_all_settings", "pg_read_all_stats",
                                           "pg_stat_scan_tables"};
    Value *roles = state_edit(value_path(catalog->roles, "pg_monitor/roles"));
    for (size_t i = 0; i < COUNT_OF(monitors); i++) {
        Value *membership = value_map(arena);
        value_set_bool(arena, membership, "admin", false);
        value_set(arena, roles, monitors[i], membership);
    }
}

/* What patroni.yml gives initdb. */
static const char *initdb_option(const Value *keys, const char *name, const char *fallback)
{
    const Value *list = value_get(keys, "bootstrap/initdb");
    for (size_t i = 0; i < value_count(list); i++) {
        const char *text = value_get_text(value_at(list, i), name);
        if (*text)
            return text;
    }
    return fallback;
}

/* Everybody may connect, nobody but the owner may make temporary tables. */
static const Value *template_acl(Arena *arena)
{
    Value *list = value_list(arena);
    value_push(arena, list, value_text(arena, "=c/postgres"));
    value_push(arena, list, value_text(arena, "postgres=CTc/postgres"));
    return list;
}

Catalog *catalog_new(Arena *arena, const Value *keys)
{
    static const char *const databases[] = {"template1", "template0", "postgres"};
    Catalog *catalog = ARENA_NEW(arena, Catalog);
    *catalog = (Catalog){value_map(arena), value_map(arena), map_new(arena)};
    static const char *const all[] = {"superuser", "createrole", "createdb", "replication",
                                      "bypassrls"};
    static const char *const comments[] = {"default template for new databases",
                                           "unmodifiable empty database",
                                           "default administrative connection database"};
    for (size_t i = 0; i < COUNT_OF(all); i++)
        add_user(arena, catalog, keys, "superuser", all[i]);
    add_user(arena, catalog, keys, "replication", "replication");
    add_predefined(arena, catalog);
    for (size_t i = 0; i < COUNT_OF(databases); i++) {
        Value *database = database_add(arena, catalog, databases[i], "postgres");
        value_set_text(arena, database, "encoding", initdb_option(keys, "encoding", "UTF8"));
        value_set_text(arena, database, "collate", initdb_option(keys, "lc-collate", "C"));
        value_set_text(arena, database, "ctype", initdb_option(keys, "lc-ctype", "C"));
        bool is_template = strcmp(databases[i], "postgres") != 0;
        value_set_bool(arena, database, "is_template", is_template);
        value_set_text(arena, database, "comment", comments[i]);
        value_set(arena, database, "acl", is_template ? template_acl(arena) : &value_null);
        value_set_bool(arena, database, "allow_connections",
                       strcmp(databases[i], "template0") != 0);
    }
    return catalog;
}
