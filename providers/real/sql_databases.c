#include <string.h>

#include "base/clock.h"
#include "providers/real/sql_op.h"

enum { TEMPLATE_BUSY_MS = 10000 };

/* A template may be in use for a moment, by a session that is just ending. */
static Error *create_when_free(Op *op, const Text *text)
{
    int64_t until_ms = clock_monotonic_ms() + TEMPLATE_BUSY_MS;
    for (;;) {
        Error *error = op_unless_state(op, op_change(op, text), "42P04");
        if (!error || strcmp(sql_state(op->sql), "55006") != 0 || clock_monotonic_ms() > until_ms)
            return error;
        error_free(error);
        clock_sleep_ms(SQL_RETRY_MS);
    }
}

Error *op_database_create(Op *op)
{
    static const char *const options[][2] = {
        {"owner", "OWNER"},           {"template", "TEMPLATE"}, {"encoding", "ENCODING"},
        {"lc_collate", "LC_COLLATE"}, {"lc_ctype", "LC_CTYPE"}, {"connlimit", "CONNECTION LIMIT"},
    };
    bool is_there = false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(op_holds(op, "SELECT true FROM pg_database WHERE datname = $1", op_arg(op, "name"), NULL,
                 &is_there));
    if (is_there)
        return NULL;
    SQL_ADD(op->sql, &text, "CREATE DATABASE %I", op_arg(op, "name"));
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        const Value *value = value_get(op->args, options[i][0]);
        const char *wanted = op_text(op->arena, value);
        if (!wanted || !*wanted)
            continue;
        SQL_ADD(op->sql, &text, " %s ", options[i][1]);
        const char *how = value->type == VALUE_INT ? "%s" : i < 2 ? "%I" : "%L";
        SQL_ADD(op->sql, &text, how, wanted);
    }
    return create_when_free(op, &text);
}

static const struct {
    const char *name, *same, *clause;
} database_attributes[] = {
    {"owner", "SELECT pg_get_userbyid(datdba) = $2 FROM pg_database WHERE datname = $1",
     "OWNER TO %I"},
    {"connlimit", "SELECT datconnlimit = $2::int FROM pg_database WHERE datname = $1",
     "CONNECTION LIMIT %s"},
    {"is_template", "SELECT datistemplate = $2::bool FROM pg_database WHERE datname = $1",
     "IS_TEMPLATE %s"},
    {"allow_connections", "SELECT datallowconn = $2::bool FROM pg_database WHERE datname = $1",
     "ALLOW_CONNECTIONS %s"},
};

Error *op_database_alter(Op *op)
{
    const Value *attributes = value_get(op->args, "attributes");
    for (size_t i = 0; i < COUNT_OF(database_attributes); i++) {
        const char *wanted = op_text(op->arena, value_get(attributes, database_attributes[i].name));
        bool is_same = true;
        CLEANUP(text_release) Text text = TEXT_INIT;
        if (!wanted)
            continue;
        TRY(op_holds(op, database_attributes[i].same, op_arg(op, "name"), wanted, &is_same));
        if (is_same)
            continue;
        SQL_ADD(op->sql, &text, "ALTER DATABASE %I ", op_arg(op, "name"));
        SQL_ADD(op->sql, &text, database_attributes[i].clause, wanted);
        TRY(op_change(op, &text));
    }
    return NULL;
}

Error *op_schema_create(Op *op)
{
    const char *owner = op_arg(op, "owner");
    bool is_there = false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(op_holds(op, "SELECT true FROM pg_namespace WHERE nspname = $1", op_arg(op, "name"), NULL,
                 &is_there));
    if (is_there)
        return NULL;
    SQL_ADD(op->sql, &text, "CREATE SCHEMA %I", op_arg(op, "name"));
    if (*owner)
        SQL_ADD(op->sql, &text, " AUTHORIZATION %I", owner);
    return op_unless_state(op, op_change(op, &text), "42P06");
}

/* Where the extension says no schema itself it goes to public, since our search_path has none. */
Error *op_extension_create(Op *op)
{
    bool is_there = false;
    bool is_fixed = false;
    const char *schema = op_arg(op, "schema");
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(op_holds(op, "SELECT true FROM pg_extension WHERE extname = $1", op_arg(op, "name"), NULL,
                 &is_there));
    if (is_there)
        return NULL;
    TRY(op_holds(op,
                 "SELECT v.schema IS NOT NULL FROM pg_available_extension_versions v"
                 " JOIN pg_available_extensions e ON e.name = v.name"
                 " AND e.default_version = v.version WHERE v.name = $1",
                 op_arg(op, "name"), NULL, &is_fixed));
    SQL_ADD(op->sql, &text, "CREATE EXTENSION IF NOT EXISTS %I", op_arg(op, "name"));
    if (*schema || !is_fixed)
        SQL_ADD(op->sql, &text, " SCHEMA %I", *schema ? schema : "public");
    if (*op_arg(op, "version"))
        SQL_ADD(op->sql, &text, " VERSION %L", op_arg(op, "version"));
    text_add(&text, " CASCADE");
    return op_change(op, &text);
}

Error *op_database_comment(Op *op)
{
    return op_set_comment(op, "DATABASE",
                          "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
                          " WHERE datname = $1");
}

Error *op_database_setting(Op *op)
{
    return op_set_setting(
        op, "DATABASE",
        "s.setrole = 0 AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = $1)");
}
