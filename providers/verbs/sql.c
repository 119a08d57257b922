/*
 * How roles, databases and what every database starts with are made: typed catalog operations
 * (schema/contract/effect.h, EFFECT_SQL), each of which changes only what differs.
 */
#include <string.h>

#include "providers/verbs/cluster.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)

static const Value *param(const Action *action, const char *name)
{
    return value_get(value_get(action->args, "params"), name);
}

/* A new operation in a database, to be completed by the caller. */
static Value *add_op(Arena *arena, EffectList *out, const Action *action, const char *op,
                     const char *database)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "op", op);
    value_set_text(arena, args, "database", database);
    effect_add(arena, out, EFFECT_SQL, action->host, args);
    return args;
}

static const char *name_of(const Action *action)
{
    return value_get_text(action->args, "name");
}

/* --- roles ------------------------------------------------------------------------------------ */

static const char *const role_attributes[] = {"login",      "superuser", "createdb",
                                              "createrole", "inherit",   "replication",
                                              "bypassrls",  "connlimit", "valid_until"};

static void add_attributes(Arena *arena, EffectList *out, const Action *action)
{
    Value *attributes = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(role_attributes); i++) {
        const Value *value = param(action, role_attributes[i]);
        if (value)
            value_set(arena, attributes, role_attributes[i], value);
    }
    Value *args = add_op(arena, out, action, "role_alter", "postgres");
    value_set_text(arena, args, "name", name_of(action));
    value_set(arena, args, "attributes", attributes);
}

static void add_settings(Arena *arena, EffectList *out, const Action *action, const char *op)
{
    const Value *settings = param(action, "settings");
    for (size_t i = 0; i < value_count(settings); i++) {
        Value *args = add_op(arena, out, action, op, "postgres");
        value_set_text(arena, args, "name", name_of(action));
        value_set_text(arena, args, "setting", settings->map.keys[i]);
        value_set(arena, args, "value", settings->map.values[i]);
    }
}

static void add_value(Arena *arena, EffectList *out, const Action *action, const char *op,
                      const char *param_name, const char *key)
{
    const Value *value = param(action, param_name);
    if (!value)
        return;
    Value *args = add_op(arena, out, action, op, "postgres");
    value_set_text(arena, args, "name", name_of(action));
    value_set(arena, args, key, value);
}

static void role_effects(Arena *arena, const Action *action, EffectList *out)
{
    value_set_text(arena, add_op(arena, out, action, "role_create", "postgres"), "name",
                   name_of(action));
    add_attributes(arena, out, action);
    add_value(arena, out, action, "role_password", "password", "verifier");
    add_value(arena, out, action, "role_comment", "comment", "comment");
    add_settings(arena, out, action, "role_setting");
    const Value *roles = param(action, "roles");
    for (size_t i = 0; i < value_count(roles); i++) {
        Value *args = add_op(arena, out, action, "role_grant", "postgres");
        value_set(arena, args, "role", value_at(roles, i));
        value_set_text(arena, args, "member", name_of(action));
    }
}

#define SQL_VERB(NAME, DOC, PROGRESS, EXPECTED_MS, EFFECTS)                                        \
    {                                                                                              \
        .name = (NAME), .doc = (DOC), .half_done = HALF_REPEAT, .expected_ms = (EXPECTED_MS),      \
        .deadline_ms = 5 * MINUTE_MS, .progress = (PROGRESS), .effects = (EFFECTS)                 \
    }

const Verb verb_role_create =
    SQL_VERB("role.create", "Create a role with its attributes, password and memberships.",
             "creating", SECOND_MS / 5, role_effects);
const Verb verb_role_update = SQL_VERB("role.update", "Change what differs of a role.", "changing",
                                       SECOND_MS / 5, role_effects);

/* --- databases -------------------------------------------------------------------------------- */

static void add_create_database(Arena *arena, EffectList *out, const Action *action)
{
    static const char *const options[] = {"owner",    "encoding", "lc_collate",
                                          "lc_ctype", "template", "connlimit"};
    Value *args = add_op(arena, out, action, "database_create", "postgres");
    value_set_text(arena, args, "name", name_of(action));
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const Value *value = param(action, options[i]);
        if (value)
            value_set(arena, args, options[i], value);
    }
}

static void add_alter_database(Arena *arena, EffectList *out, const Action *action)
{
    static const char *const options[] = {"owner", "connlimit", "is_template", "allow_connections"};
    Value *attributes = value_map(arena);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const Value *value = param(action, options[i]);
        if (value)
            value_set(arena, attributes, options[i], value);
    }
    Value *args = add_op(arena, out, action, "database_alter", "postgres");
    value_set_text(arena, args, "name", name_of(action));
    value_set(arena, args, "attributes", attributes);
}

static void add_schemas(Arena *arena, EffectList *out, const Action *action, const char *database)
{
    const Value *schemas = param(action, "schemas");
    const Value *owner = param(action, "owner");
    for (size_t i = 0; i < value_count(schemas); i++) {
        Value *args = add_op(arena, out, action, "schema_create", database);
        value_set(arena, args, "name", value_at(schemas, i));
        if (owner)
            value_set(arena, args, "owner", owner);
    }
}

static void add_extension(Arena *arena, EffectList *out, const Action *action, const char *database,
                          const char *name, const char *schema)
{
    Value *args = add_op(arena, out, action, "extension_create", database);
    value_set_text(arena, args, "name", name);
    if (schema[0])
        value_set_text(arena, args, "schema", schema);
}

static void database_effects(Arena *arena, const Action *action, EffectList *out)
{
    const char *database = name_of(action);
    const Value *extensions = param(action, "extensions");
    add_create_database(arena, out, action);
    add_alter_database(arena, out, action);
    add_value(arena, out, action, "database_comment", "comment", "comment");
    add_settings(arena, out, action, "database_setting");
    add_schemas(arena, out, action, database);
    for (size_t i = 0; i < value_count(extensions); i++)
        add_extension(arena, out, action, database, extensions->map.keys[i],
                      value_as_text(extensions->map.values[i], ""));
}

const Verb verb_database_create =
    SQL_VERB("database.create", "Create a database with its schemas and extensions.", "creating",
             SECOND_MS / 2, database_effects);
const Verb verb_database_update = SQL_VERB("database.update", "Change what differs of a database.",
                                           "changing", SECOND_MS / 5, database_effects);

/* --- what every database starts with ------------------------------------------------------------
 */

/* "ROLE: PRIVILEGE ON OBJECTS TO GRANTEE" (providers/kinds/default_acl.h). */
static void add_privilege(Arena *arena, EffectList *out, const Action *action, const char *database,
                          const char *spelling)
{
    const char *colon = strchr(spelling, ':');
    if (!colon)
        return;
    Value *args = add_op(arena, out, action, "default_privileges", database);
    value_set_text(arena, args, "role", arena_strndup(arena, spelling, (size_t)(colon - spelling)));
    value_set_text(arena, args, "grant", arena_printf(arena, "GRANT%s", colon + 1));
}

static void provision_effects(Arena *arena, const Action *action, EffectList *out)
{
    const char *database = name_of(action);
    const Value *extensions = param(action, "extensions");
    const Value *privileges = param(action, "privileges");
    const Value *functions = param(action, "functions");
    add_schemas(arena, out, action, database);
    for (size_t i = 0; i < value_count(extensions); i++)
        add_extension(arena, out, action, database, extensions->map.keys[i],
                      value_as_text(extensions->map.values[i], ""));
    for (size_t i = 0; i < value_count(privileges); i++)
        add_privilege(arena, out, action, database, value_as_text(value_at(privileges, i), ""));
    for (size_t i = 0; i < value_count(functions); i++)
        value_set(arena, add_op(arena, out, action, "function_create", database), "name",
                  value_at(functions, i));
}

const Verb verb_provision_create =
    SQL_VERB("provision.create", "Give a template its schemas, extensions and privileges.",
             "filling", SECOND_MS, provision_effects);
const Verb verb_provision_update = SQL_VERB("provision.update", "Add what a template lacks.",
                                            "filling", SECOND_MS / 2, provision_effects);
