#include <string.h>

#include "providers/real/sql_op.h"
#include "providers/real/sql_privileges.h"

/* "TO x", with PUBLIC as the keyword that it is. */
static void add_grantee(const Op *op, Text *out, const char *grantee)
{
    if (strcmp(grantee, "public") == 0)
        text_add(out, "PUBLIC");
    else
        SQL_ADD(op->sql, out, "%I", grantee);
}

static Error *has_default_privilege(const Op *op, const DefaultGrant *grant, const char *privilege,
                                    bool *ret)
{
    const char letter[] = {grant->object_letter, '\0'};
    const char *const params[] = {op_arg(op, "role"), op_arg(op, "schema"), letter, grant->grantee,
                                  privilege};
    const char *value = NULL;
    TRY(sql_ask(op->sql,
                "SELECT true FROM pg_default_acl a LEFT JOIN pg_namespace n"
                " ON n.oid = a.defaclnamespace, aclexplode(a.defaclacl) x"
                " WHERE pg_get_userbyid(a.defaclrole) = $1 AND coalesce(n.nspname, '') = $2"
                " AND a.defaclobjtype::text = $3 AND x.privilege_type = $5"
                " AND CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee) END"
                "     = $4",
                params, COUNT_OF(params), &value));
    *ret = value != NULL;
    return NULL;
}

Error *op_default_privileges(Op *op)
{
    DefaultGrant grant;
    TRY(default_grant_parse(op->arena, op_arg(op, "grant"), &grant));
    for (size_t i = 0; i < grant.privilege_count; i++) {
        bool is_there = false;
        CLEANUP(text_release) Text text = TEXT_INIT;
        TRY(has_default_privilege(op, &grant, grant.privileges[i], &is_there));
        if (is_there)
            continue;
        SQL_ADD(op->sql, &text, "ALTER DEFAULT PRIVILEGES FOR ROLE %I", op_arg(op, "role"));
        if (*op_arg(op, "schema"))
            SQL_ADD(op->sql, &text, " IN SCHEMA %I", op_arg(op, "schema"));
        SQL_ADD(op->sql, &text, " GRANT %s ON %s TO ", grant.privileges[i], grant.objects);
        add_grantee(op, &text, grant.grantee);
        TRY(op_change(op, &text));
    }
    return NULL;
}

static Error *known_privilege(const Value *item, const char **ret)
{
    *ret = privilege_find(value_as_text(item, ""));
    return *ret ? NULL
                : error_new(ERROR_INVALID, "'%s' is not a privilege", value_as_text(item, ""));
}

Error *op_grant_database(Op *op)
{
    const Value *list = value_get(op->args, "privileges");
    for (size_t i = 0; i < value_count(list); i++) {
        const char *privilege = NULL;
        bool is_there = false;
        CLEANUP(text_release) Text text = TEXT_INIT;
        TRY(known_privilege(value_at(list, i), &privilege));
        TRY(op_holds(op,
                     arena_printf(op->arena,
                                  "SELECT has_database_privilege($2::name, $1::text, '%s')",
                                  privilege),
                     op_arg(op, "name"), op_arg(op, "role"), &is_there));
        if (is_there)
            continue;
        SQL_ADD(op->sql, &text, "GRANT %s ON DATABASE %I TO %I", privilege, op_arg(op, "name"),
                op_arg(op, "role"));
        TRY(op_change(op, &text));
    }
    return NULL;
}

static const struct {
    const char *object, *keyword, *query; /* $1 the name, $2 the privilege */
} public_objects[] = {
    {"database", "DATABASE",
     "SELECT true FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x"
     " WHERE d.datname = $1 AND x.grantee = 0 AND x.privilege_type = $2"},
    {"schema", "SCHEMA",
     "SELECT true FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner)))"
     " x WHERE n.nspname = $1 AND x.grantee = 0 AND x.privilege_type = $2"},
};

Error *op_revoke_public(Op *op)
{
    const Value *list = value_get(op->args, "privileges");
    size_t object = 0;
    while (object < COUNT_OF(public_objects) &&
           strcmp(public_objects[object].object, op_arg(op, "object")) != 0)
        object++;
    if (object == COUNT_OF(public_objects))
        return error_new(ERROR_INVALID, "'%s' is neither database nor schema",
                         op_arg(op, "object"));
    for (size_t i = 0; i < value_count(list); i++) {
        const char *privilege = NULL;
        bool is_there = false;
        CLEANUP(text_release) Text text = TEXT_INIT;
        TRY(known_privilege(value_at(list, i), &privilege));
        TRY(op_holds(op, public_objects[object].query, op_arg(op, "name"), privilege, &is_there));
        if (!is_there)
            continue;
        SQL_ADD(op->sql, &text, "REVOKE %s ON %s %I FROM PUBLIC", privilege,
                public_objects[object].keyword, op_arg(op, "name"));
        TRY(op_change(op, &text));
    }
    return NULL;
}

/* The pooler asks it, as the monitor role, for the verifier of whoever logs in. */
static const char user_lookup[] =
    "CREATE OR REPLACE FUNCTION monitor.user_lookup(i_name name, OUT username name,"
    " OUT password text) RETURNS record LANGUAGE sql STABLE SECURITY DEFINER"
    " SET search_path = pg_catalog AS $function$"
    " SELECT rolname, CASE WHEN rolvaliduntil < now() THEN NULL ELSE rolpassword END"
    " FROM pg_catalog.pg_authid WHERE rolname = i_name AND rolcanlogin $function$";

static Error *grant_lookup(Op *op)
{
    const char *role = sql_context(op->sql)->monitor;
    bool is_there = false;
    CLEANUP(text_release) Text schema = TEXT_INIT;
    CLEANUP(text_release) Text function = TEXT_INIT;
    CLEANUP(text_release) Text others = TEXT_INIT;
    text_add(&others, "REVOKE ALL ON FUNCTION monitor.user_lookup(name) FROM PUBLIC");
    TRY(op_change(op, &others));
    TRY(op_holds(op, "SELECT true FROM pg_roles WHERE rolname = $1", role, NULL, &is_there));
    if (!is_there)
        return NULL;
    SQL_ADD(op->sql, &schema, "GRANT USAGE ON SCHEMA monitor TO %I", role);
    SQL_ADD(op->sql, &function, "GRANT EXECUTE ON FUNCTION monitor.user_lookup(name) TO %I", role);
    TRY(op_change(op, &schema));
    return op_change(op, &function);
}

Error *op_function_create(Op *op)
{
    bool is_there = false;
    if (strcmp(op_arg(op, "name"), "monitor.user_lookup(name)") != 0)
        return error_new(ERROR_INVALID, "there is no function '%s' of ours", op_arg(op, "name"));
    TRY(op_holds(op, "SELECT to_regprocedure($1) IS NOT NULL", op_arg(op, "name"), NULL,
                 &is_there));
    if (is_there)
        return NULL;
    op->is_changed = true;
    TRY(sql_do(op->sql, "BEGIN"));
    TRY(sql_do(op->sql, user_lookup));
    TRY(grant_lookup(op));
    return sql_do(op->sql, "COMMIT");
}
