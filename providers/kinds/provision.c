/*
 * What every database of a cluster starts with: schemas, extensions, default privileges and the
 * monitor's functions in template1 (which CREATE DATABASE copies) and in postgres. Only added to:
 * an object that somebody else made is not ours to take away.
 */
#include <string.h>

#include "providers/kinds/default_acl.h"
#include "providers/kinds/kinds.h"
#include "providers/kinds/pg_layout.h"
#include "providers/kinds/pg_roles.h"

static const ParamRow params[] = {
    {.name = "schemas",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_ADD_ONLY,
     .doc = "Schemas in it.",
     .inventory = "pg_default_schemas"},
    {.name = "extensions",
     .type = PARAM_MAP,
     .flags = PARAM_FLAG_ADD_ONLY,
     .doc = "Extensions in it, and the schema of each.",
     .inventory = "pg_default_extensions"},
    {.name = "privileges",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_ADD_ONLY | PARAM_FLAG_FOLD,
     .doc = "What newly made objects let whom do.",
     .inventory = "pg_default_privileges pg_admin_username"},
    {.name = "functions",
     .type = PARAM_SET,
     .flags = PARAM_FLAG_ADD_ONLY | PARAM_FLAG_FOLD,
     .doc = "Functions that the pooler asks for passwords with.",
     .inventory = "pgbouncer_auth_query"},
};

static const char *const sources[] = {"sql.databases", "sql.database", "node.data", NULL};

static const char *const databases[] = {"template1", "postgres"};

#define LOOKUP_FUNCTION "monitor.user_lookup(name)"

static const Value *wanted_extensions(Arena *arena, const Host *host)
{
    return pg_extensions_wanted(arena, host_param(host, "pg_default_extensions"));
}

/* For the superuser, the admin and the admin group: whoever of them makes an object. */
static const Value *wanted_privileges(Arena *arena, const Host *host)
{
    const char *roles[] = {host_text(host, "pg_dbsu"), host_text(host, "pg_admin_username"),
                           "dbrole_admin"};
    const Value *grants = host_param(host, "pg_default_privileges");
    Value *list = value_list(arena);
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        for (size_t j = 0; j < value_count(grants); j++)
            default_acl_add_grant(arena, list, roles[i], value_as_text(value_at(grants, j), ""));
    }
    return list;
}

static Error *desired(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    Value *functions = value_list(out->arena);
    value_push(out->arena, functions, value_text(out->arena, LOOKUP_FUNCTION));
    for (size_t i = 0; i < COUNT_OF(databases); i++) {
        Resource *provision = resource_add(out, domain->name, databases[i], "");
        provision->origin = host_param_origin(host, "pg_default_schemas");
        resource_set(provision, "schemas",
                     pg_present_names(out->arena, host_param(host, "pg_default_schemas")),
                     host_param_origin(host, "pg_default_schemas"));
        resource_set(provision, "extensions", wanted_extensions(out->arena, host),
                     host_param_origin(host, "pg_default_extensions"));
        resource_set(provision, "privileges", wanted_privileges(out->arena, host),
                     host_param_origin(host, "pg_default_privileges"));
        resource_set(provision, "functions", functions, NULL);
    }
    return NULL;
}

static void read_one(ResourceSet *out, const Domain *domain, const Facts *facts, const char *name)
{
    const char *subject = arena_printf(out->arena, "%s/%s", domain->name, name);
    const char *reason = "the database was not asked";
    const Value *inside = facts_value(facts, "sql.database", subject);
    Resource *provision = resource_add(out, domain->name, name, "");
    if (!inside) {
        facts_is_unknown(facts, "sql.database", subject, &reason);
        for (size_t i = 0; i < COUNT_OF(params); i++)
            resource_set_unknown_param(provision, params[i].name, out->arena, reason);
        return;
    }
    resource_set(provision, "schemas", pg_key_names(out->arena, value_get(inside, "schemas")),
                 NULL);
    resource_set(provision, "extensions",
                 pg_extensions_seen(out->arena, wanted_extensions(out->arena, domain->hosts[0]),
                                    value_get(inside, "extensions")),
                 NULL);
    resource_set(provision, "privileges",
                 default_acl_read(out->arena, value_get(inside, "default_acl")), NULL);
    const Value *functions = value_get(inside, "functions");
    resource_set(provision, "functions", functions ? functions : &value_empty_list, NULL);
}

static Error *read(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    if (!facts_value(facts, "sql.databases", domain->name)) {
        out->complete = pg_is_bare(out->arena, domain, facts);
        out->unknown_reason = pg_unread_reason(domain, facts, "sql.databases");
        return NULL;
    }
    out->complete = true;
    for (size_t i = 0; i < COUNT_OF(databases); i++)
        read_one(out, domain, facts, databases[i]);
    return NULL;
}

const Kind kind_provision = {
    .name = "provision",
    .domain = DOMAIN_CLUSTER,
    .doc = "What every database starts with, in template1 and in postgres.",
    .params = params,
    .param_count = COUNT_OF(params),
    .sources = sources,
    .create_verb = "provision.create",
    .update_verb = "provision.update",
    .desired = desired,
    .read = read,
};
