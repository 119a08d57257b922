#include "providers/real/sql_ops.h"

#include <string.h>

#include "base/clock.h"
#include "providers/real/sql_op.h"

static Error *reload(Op *op)
{
    op->is_changed = true;
    return sql_do(op->sql, "SELECT pg_reload_conf()");
}

static Error *checkpoint(Op *op)
{
    op->is_changed = true;
    return sql_do(op->sql, "CHECKPOINT");
}

static Error *replay_wait(Op *op)
{
    int64_t deadline_ms = sql_context(op->sql)->deadline_ms;
    for (;;) {
        bool is_replayed = false;
        TRY(op_holds(op,
                     "SELECT NOT pg_is_in_recovery()"
                     " OR coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)",
                     op_arg(op, "lsn"), NULL, &is_replayed));
        if (is_replayed)
            return NULL;
        if (clock_left_ms(deadline_ms) == 0)
            return error_new(ERROR_UNREACHABLE, "%s is not replayed yet", op_arg(op, "lsn"));
        clock_sleep_ms(SQL_RETRY_MS);
    }
}

static const struct {
    const char *name;
    Error *(*perform)(Op *op);
    const char *needs[3];
} operations[] = {
    {"role_create", op_role_create, {"name"}},
    {"role_alter", op_role_alter, {"name", "attributes"}},
    {"role_password", op_role_password, {"name", "verifier"}},
    {"role_setting", op_role_setting, {"name", "setting"}},
    {"role_grant", op_role_grant, {"role", "member"}},
    {"role_revoke", op_role_revoke, {"role", "member"}},
    {"role_comment", op_role_comment, {"name"}},
    {"database_create", op_database_create, {"name"}},
    {"database_alter", op_database_alter, {"name", "attributes"}},
    {"database_comment", op_database_comment, {"name"}},
    {"database_setting", op_database_setting, {"name", "setting"}},
    {"schema_create", op_schema_create, {"name"}},
    {"extension_create", op_extension_create, {"name"}},
    {"default_privileges", op_default_privileges, {"role", "grant"}},
    {"grant_database", op_grant_database, {"name", "role"}},
    {"revoke_public", op_revoke_public, {"object", "name"}},
    {"function_create", op_function_create, {"name"}},
    {"reload", reload, {NULL}},
    {"checkpoint", checkpoint, {NULL}},
    {"replay_wait", replay_wait, {"lsn"}},
};

static Error *perform_named(Op *op)
{
    const char *name = op_arg(op, "op");
    for (size_t i = 0; i < COUNT_OF(operations); i++) {
        if (strcmp(operations[i].name, name) != 0)
            continue;
        for (size_t j = 0; j < COUNT_OF(operations[i].needs) && operations[i].needs[j]; j++) {
            if (!value_get(op->args, operations[i].needs[j]))
                return error_new(ERROR_INVALID, "the argument '%s' is missing",
                                 operations[i].needs[j]);
        }
        return operations[i].perform(op);
    }
    return error_new(ERROR_INVALID, "there is no such operation");
}

static Error *perform_one(SqlConnection *sql, const Effect *effect, NodeResult *ret)
{
    Op op = {.sql = sql, .args = effect->args, .arena = sql_arena(sql)};
    Error *error = perform_named(&op);
    *ret = (NodeResult){.is_changed = op.is_changed};
    if (!error)
        return NULL;
    const char *about = op_arg(&op, *op_arg(&op, "name") ? "name" : "role");
    return error_wrap(error, "sql %s%s%s", op_arg(&op, "op"), *about ? " " : "", about);
}

static const char *database_of(const Effect *effect)
{
    const char *database = value_get_text(effect->args, "database");
    return *database ? database : "postgres";
}

Error *sql_ops_perform(const NodeContext *context, const Effect *effects, size_t count,
                       NodeResult *ret_results)
{
    for (size_t i = 0; i < count;) {
        const char *database = database_of(&effects[i]);
        CLEANUP(sql_closep) SqlConnection *sql = NULL;
        TRY(sql_open(context, database, true, &sql));
        for (; i < count && strcmp(database_of(&effects[i]), database) == 0; i++)
            TRY(perform_one(sql, &effects[i], &ret_results[i]));
    }
    return NULL;
}
