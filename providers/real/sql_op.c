#include "providers/real/sql_op.h"

#include <string.h>
#include <strings.h>

const char *op_arg(const Op *op, const char *name)
{
    return value_get_text(op->args, name);
}

/* Settings and comments: texts, numbers, booleans; NULL for null. */
const char *op_text(Arena *arena, const Value *value)
{
    if (!value || value->type == VALUE_NULL)
        return NULL;
    if (value->type == VALUE_BOOL)
        return value->boolean ? "on" : "off";
    if (value->type == VALUE_INT)
        return arena_printf(arena, "%lld", (long long)value->integer);
    return value_as_text(value, "");
}

Error *op_ask(const Op *op, const char *query, const char *first, const char *second,
              const char **ret)
{
    const char *const params[] = {first, second};
    return sql_ask(op->sql, query, params, second ? 2 : 1, ret);
}

Error *op_holds(const Op *op, const char *query, const char *first, const char *second, bool *ret)
{
    const char *value = NULL;
    TRY(op_ask(op, query, first, second, &value));
    *ret = value && strcmp(value, "t") == 0;
    return NULL;
}

Error *op_change(Op *op, const Text *statement)
{
    op->is_changed = true;
    return sql_do(op->sql, text_get(statement));
}

/* Somebody else was faster: what we wanted is there. */
Error *op_unless_state(const Op *op, Error *error, const char *state)
{
    if (error && strcmp(sql_state(op->sql), state) == 0) {
        error_free(error);
        return NULL;
    }
    return error;
}

/* Settings whose value is a list of names (GUC_LIST_QUOTE in src/backend/utils/misc). */
static bool is_name_list(const char *setting)
{
    static const char *const names[] = {
        "search_path",
        "temp_tablespaces",
        "session_preload_libraries",
        "local_preload_libraries",
        "shared_preload_libraries",
        "unix_socket_directories",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcasecmp(names[i], setting) == 0)
            return true;
    }
    return false;
}

static void add_setting_value(const Op *op, Text *out, const char *setting, const char *value)
{
    if (!is_name_list(setting)) {
        SQL_ADD(op->sql, out, "%L", value);
        return;
    }
    char **parts = NULL;
    size_t count = text_words(op->arena, value, true, &parts);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(parts[i]);
        if (length >= 2 && parts[i][0] == '"' && parts[i][length - 1] == '"')
            parts[i] = arena_strndup(op->arena, parts[i] + 1, length - 2);
        SQL_ADD(op->sql, out, "%s%L", i ? ", " : "", parts[i]);
    }
    if (count == 0)
        text_add(out, "''");
}

/* The stored value of setting $2 of what `condition` finds for $1. */
static const char stored_setting[] =
    "SELECT substr(c, length($2::text) + 2) FROM pg_db_role_setting s, unnest(s.setconfig) c"
    " WHERE starts_with(lower(c), lower($2::text) || '=') AND ";

Error *op_set_setting(Op *op, const char *kind, const char *condition)
{
    const char *name = op_arg(op, "name");
    const char *setting = op_arg(op, "setting");
    const char *wanted = op_text(op->arena, value_get(op->args, "value"));
    const char *stored = NULL;
    CLEANUP(text_release) Text text = TEXT_INIT;
    TRY(op_ask(op, arena_printf(op->arena, "%s%s", stored_setting, condition), name, setting,
               &stored));
    if (text_equal(stored, wanted))
        return NULL;
    SQL_ADD(op->sql, &text, "ALTER %s %I ", kind, name);
    if (wanted) {
        SQL_ADD(op->sql, &text, "SET %I TO ", setting);
        add_setting_value(op, &text, setting, wanted);
    } else {
        SQL_ADD(op->sql, &text, "RESET %I", setting);
    }
    return op_change(op, &text);
}

Error *op_set_comment(Op *op, const char *kind, const char *query)
{
    const char *wanted = op_text(op->arena, value_get(op->args, "comment"));
    const char *stored = NULL;
    CLEANUP(text_release) Text text = TEXT_INIT;
    if (wanted && !*wanted)
        wanted = NULL;
    TRY(op_ask(op, query, op_arg(op, "name"), NULL, &stored));
    if (text_equal(stored, wanted))
        return NULL;
    SQL_ADD(op->sql, &text, "COMMENT ON %s %I IS %L", kind, op_arg(op, "name"), wanted);
    return op_change(op, &text);
}
