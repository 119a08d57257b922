#include <string.h>

#include "base/digest.h"
#include "providers/real/sql_op.h"

Error *op_role_create(Op *op)
{
    bool is_there = false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(op_holds(op, "SELECT true FROM pg_roles WHERE rolname = $1", op_arg(op, "name"), NULL,
                 &is_there));
    if (is_there)
        return NULL;
    SQL_ADD(op->sql, &text, "CREATE ROLE %I", op_arg(op, "name"));
    return op_unless_state(op, op_change(op, &text), "42710");
}

static const struct {
    const char *name, *column, *yes, *no;
} role_flags[] = {
    {"login", "rolcanlogin", "LOGIN", "NOLOGIN"},
    {"superuser", "rolsuper", "SUPERUSER", "NOSUPERUSER"},
    {"createdb", "rolcreatedb", "CREATEDB", "NOCREATEDB"},
    {"createrole", "rolcreaterole", "CREATEROLE", "NOCREATEROLE"},
    {"inherit", "rolinherit", "INHERIT", "NOINHERIT"},
    {"replication", "rolreplication", "REPLICATION", "NOREPLICATION"},
    {"bypassrls", "rolbypassrls", "BYPASSRLS", "NOBYPASSRLS"},
};

/* Add the flags that differ from the role. */
static Error *add_role_flags(const Op *op, const Value *attributes, Text *out)
{
    for (size_t i = 0; i < COUNT_OF(role_flags); i++) {
        const Value *wanted = value_get(attributes, role_flags[i].name);
        bool is_set = false;
        if (!wanted || wanted->type != VALUE_BOOL)
            continue;
        TRY(op_holds(op,
                     arena_printf(op->arena, "SELECT %s FROM pg_roles WHERE rolname = $1",
                                  role_flags[i].column),
                     op_arg(op, "name"), NULL, &is_set));
        if (is_set != wanted->boolean)
            SQL_ADD(op->sql, out, " %s", wanted->boolean ? role_flags[i].yes : role_flags[i].no);
    }
    return NULL;
}

static Error *add_role_limits(const Op *op, const Value *attributes, Text *out)
{
    const Value *limit = value_get(attributes, "connlimit");
    const Value *until = value_get(attributes, "valid_until");
    const char *until_text = op_text(op->arena, until);
    bool is_same = true;
    if (limit && limit->type == VALUE_INT) {
        TRY(op_holds(op, "SELECT rolconnlimit = $2::int FROM pg_roles WHERE rolname = $1",
                     op_arg(op, "name"), op_text(op->arena, limit), &is_same));
        if (!is_same)
            SQL_ADD(op->sql, out, " CONNECTION LIMIT %s", op_text(op->arena, limit));
    }
    if (until) {
        TRY(op_holds(op,
                     "SELECT coalesce(rolvaliduntil, 'infinity') = $2::timestamptz"
                     " FROM pg_roles WHERE rolname = $1",
                     op_arg(op, "name"), until_text ? until_text : "infinity", &is_same));
        if (!is_same)
            SQL_ADD(op->sql, out, " VALID UNTIL %L", until_text ? until_text : "infinity");
    }
    return NULL;
}

Error *op_role_alter(Op *op)
{
    CLEANUP(text_release) Text what = TEXT_INIT;
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(add_role_flags(op, value_get(op->args, "attributes"), &what));
    TRY(add_role_limits(op, value_get(op->args, "attributes"), &what));
    if (what.length == 0)
        return NULL;
    SQL_ADD(op->sql, &text, "ALTER ROLE %I%s", op_arg(op, "name"), text_get(&what));
    return op_change(op, &text);
}

/* Only a verifier is ever sent. */
Error *op_role_password(Op *op)
{
    const char *wanted = op_arg(op, "verifier");
    const char *name = op_arg(op, "name");
    const char *stored = NULL;
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (!*wanted)
        return error_new(ERROR_INVALID, "an empty password");
    TRY(op_ask(op, "SELECT rolpassword FROM pg_authid WHERE rolname = $1", name, NULL, &stored));
    bool is_verifier = scram_is_verifier(wanted);
    if (stored &&
        (strcmp(stored, wanted) == 0 || (!is_verifier && scram_matches(stored, wanted, name))))
        return NULL;
    if (!is_verifier && scram_can_prepare(wanted))
        wanted = scram_verifier(op->arena, wanted);
    else if (!is_verifier)
        TRY(sql_verifier(op->sql, name, wanted, &wanted));
    SQL_ADD(op->sql, &text, "ALTER ROLE %I PASSWORD %L", name, wanted);
    op->is_changed = true;
    return sql_do_secretly(op->sql, text_get(&text));
}

Error *op_role_setting(Op *op)
{
    return op_set_setting(
        op, "ROLE",
        "s.setdatabase = 0 AND s.setrole = (SELECT oid FROM pg_roles WHERE rolname = $1)");
}

static const char membership_query[] =
    "SELECT true FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid"
    " JOIN pg_roles x ON x.oid = m.member WHERE r.rolname = $1 AND x.rolname = $2";

Error *op_role_grant(Op *op)
{
    bool is_there = false;
    bool is_admin = value_get_bool(op->args, "admin", false);
    CLEANUP(text_release) Text text = TEXT_INIT;
    const char *query = is_admin
                            ? arena_printf(op->arena, "%s AND m.admin_option", membership_query)
                            : membership_query;
    TRY(op_holds(op, query, op_arg(op, "role"), op_arg(op, "member"), &is_there));
    if (is_there)
        return NULL;
    SQL_ADD(op->sql, &text, "GRANT %I TO %I%s", op_arg(op, "role"), op_arg(op, "member"),
            is_admin ? " WITH ADMIN OPTION" : "");
    return op_change(op, &text);
}

Error *op_role_revoke(Op *op)
{
    bool is_there = false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(op_holds(op, membership_query, op_arg(op, "role"), op_arg(op, "member"), &is_there));
    if (!is_there)
        return NULL;
    SQL_ADD(op->sql, &text, "REVOKE %I FROM %I", op_arg(op, "role"), op_arg(op, "member"));
    return op_change(op, &text);
}

Error *op_role_comment(Op *op)
{
    return op_set_comment(op, "ROLE",
                          "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles"
                          " WHERE rolname = $1");
}
