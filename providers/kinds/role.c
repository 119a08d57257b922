/*
 * Roles of a cluster (PostgreSQL documentation, "Database Roles"; catalogs pg_authid,
 * pg_auth_members, pg_db_role_setting). An attribute that the inventory does not mention is not
 * managed. A password is compared by recomputing the stored SCRAM verifier, and sent as a verifier.
 */
#include <string.h>

#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_roles.h"

#define ATTRIBUTE(NAME, DOC)                                                                       \
    {                                                                                              \
        .name = (NAME), .type = PARAM_BOOL, .doc = (DOC), .inventory = "pg_users pg_default_roles" \
    }

static const ParamRow params[] = {
    ATTRIBUTE("login", "May start a session."),
    ATTRIBUTE("superuser", "Bypasses every permission check."),
    ATTRIBUTE("createdb", "May create databases."),
    ATTRIBUTE("createrole", "May create and change other roles."),
    ATTRIBUTE("inherit", "Has the rights of the roles it is a member of without SET ROLE."),
    ATTRIBUTE("replication", "May start streaming replication."),
    ATTRIBUTE("bypassrls", "Bypasses row level security."),
    {.name = "connlimit",
     .type = PARAM_INT,
     .doc = "How many sessions it may have at once; -1 is no limit.",
     .inventory = "pg_users pg_default_roles"},
    {.name = "valid_until",
     .type = PARAM_STRING,
     .doc = "The day from which its password no longer works.",
     .inventory = "pg_users pg_default_roles"},
    {.name = "roles",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_ADD_ONLY,
     .doc = "The roles it is a member of.",
     .inventory = "pg_users pg_default_roles"},
    {.name = "password",
     .type = PARAM_STRING,
     .flags = PARAM_FLAG_SECRET,
     .doc = "Its password, stored as a SCRAM verifier.",
     .inventory = "pg_users pg_default_roles pg_dbsu_password pg_replication_password "
                  "pg_admin_password pg_monitor_password"},
    {.name = "settings",
     .type = PARAM_MAP,
     .flags = PARAM_FLAG_ADD_ONLY | PARAM_FLAG_SESSIONS,
     .doc = "Settings that its sessions start with.",
     .inventory = "pg_users pg_default_roles"},
    {.name = "comment",
     .type = PARAM_STRING,
     .doc = "What it is for.",
     .inventory = "pg_users pg_default_roles"},
};

static const char *const sources[] = {"sql.roles", "node.data", NULL};

static const char *const attributes[] = {"login",   "superuser",   "createdb", "createrole",
                                         "inherit", "replication", "bypassrls"};

/* A map of texts; DEFAULT (reset) and null entries are left out. */
static const Value *settings(Arena *arena, const Value *entry)
{
    Value *out = value_map(arena);
    const Value *map = value_get(entry, "parameters");
    for (size_t i = 0; i < value_count(map); i++) {
        const Value *value = map->map.values[i];
        if (value->type == VALUE_NULL || strcmp(value_as_text(value, ""), "DEFAULT") == 0)
            continue;
        value_set(arena, out, map->map.keys[i], pg_scalar_text(arena, value));
    }
    return out;
}

static void set_if_given(Resource *role, const Domain *domain, const char *param,
                         const Value *value)
{
    if (value && value->type != VALUE_NULL)
        resource_set(role, param, value, inventory_origin(domain->inventory, value));
}

static void add_role(ResourceSet *out, const Domain *domain, const WantedRole *wanted)
{
    Resource *role = resource_add(out, domain->name, wanted->name, "");
    role->origin = wanted->origin;
    role->ensure = wanted->is_absent ? ENSURE_ABSENT : ENSURE_PRESENT;
    for (size_t i = 0; i < COUNT_OF(attributes); i++)
        set_if_given(role, domain, attributes[i], value_get(wanted->entry, attributes[i]));
    /* CREATE USER: Pigsty's users can log in unless the entry says otherwise. */
    if (!resource_value(role, "login"))
        resource_set(role, "login", &value_true, NULL);
    set_if_given(role, domain, "connlimit", value_get(wanted->entry, "connlimit"));
    set_if_given(role, domain, "valid_until", value_get(wanted->entry, "expire_at"));
    set_if_given(role, domain, "comment", value_get(wanted->entry, "comment"));
    resource_set(role, "roles", pg_present_names(out->arena, value_get(wanted->entry, "roles")),
                 wanted->origin);
    resource_set(role, "settings", settings(out->arena, wanted->entry), wanted->origin);
    if (wanted->verifier)
        resource_set(role, "password", wanted->verifier, wanted->origin);
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    WantedRole *roles;
    size_t count = pg_wanted_roles(out->arena, domain, &roles);
    for (size_t i = 0; i < count; i++)
        add_role(out, domain, &roles[i]);
    return NULL;
}

/* "match" or "differ"; unknown when the secret is not at hand. */
static void read_password(Resource *role, Arena *arena, const Domain *domain,
                          const WantedRole *wanted, const char *stored)
{
    if (!wanted->password)
        return;
    if (!inventory_secret(domain->inventory, wanted->password->text)) {
        resource_set_unknown_param(role, "password", arena, "the password is not at hand");
        return;
    }
    bool same =
        inventory_secret_fits(domain->inventory, wanted->password->text, stored, role->name);
    resource_set(role, "password", value_text(arena, same ? "match" : "differ"), NULL);
}

static void read_role(ResourceSet *out, const Domain *domain, const char *name, const Value *seen,
                      const WantedRole *wanted)
{
    static const char *const plain[] = {"connlimit", "valid_until", "comment"};
    Resource *role = resource_add(out, domain->name, name, "");
    for (size_t i = 0; i < COUNT_OF(attributes); i++)
        resource_set(role, attributes[i], value_get(seen, attributes[i]), NULL);
    for (size_t i = 0; i < COUNT_OF(plain); i++) {
        const Value *value = value_get(seen, plain[i]);
        resource_set(role, plain[i], value ? value : &value_null, NULL);
    }
    resource_set(role, "roles", pg_key_names(out->arena, value_get(seen, "roles")), NULL);
    resource_set(role, "settings", pg_config_map(out->arena, value_get(seen, "config")), NULL);
    if (wanted)
        read_password(role, out->arena, domain, wanted,
                      value_as_text(value_get(seen, "password"), NULL));
}

/* Roles of PostgreSQL itself are nobody's resources. */
static bool is_builtin(const char *name)
{
    return text_starts_with(name, "pg_");
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    const Value *seen = facts_path(facts, "sql.roles", domain->name, "roles");
    if (!seen) {
        out->complete = pg_is_bare(out->arena, domain, facts);
        out->unknown_reason = pg_unread_reason(domain, facts, "sql.roles");
        return NULL;
    }
    WantedRole *roles;
    size_t count = pg_wanted_roles(out->arena, domain, &roles);
    Map *index = map_new(out->arena);
    for (size_t i = 0; i < count; i++)
        map_set(index, roles[i].name, &roles[i]);
    out->complete = true;
    for (size_t i = 0; i < value_count(seen); i++) {
        const char *name = seen->map.keys[i];
        const WantedRole *wanted = map_get(index, name);
        if (wanted || !is_builtin(name))
            read_role(out, domain, name, seen->map.values[i], wanted);
    }
    return NULL;
}

const Kind kind_role = {
    .name = "role",
    .domain = DOMAIN_CLUSTER,
    .doc = "A role (user or group) of a cluster.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "role.create",
    .update_verb = "role.update",
    .desired = desired,
    .read = read,
};
