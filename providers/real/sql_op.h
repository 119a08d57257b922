/*
 * providers/real/sql_op.h - what the files of catalog operations share (private to sql_*.c).
 */
#pragma once

#include "providers/real/sql.h"

enum { SQL_RETRY_MS = 200 };

/* An operation that is being performed. */
typedef struct Op {
    SqlConnection *sql;
    const Value *args;
    Arena *arena;
    bool is_changed;
} Op;

/* A text argument, "" if it is not there. */
const char *op_arg(const Op *op, const char *name);

/* A text, number or boolean as text; NULL for null and nothing. */
const char *op_text(Arena *arena, const Value *value);

/* One value of a query with one or two parameters (second NULL: one). */
MUST_USE Error *op_ask(const Op *op, const char *query, const char *first, const char *second,
                       const char **ret);

/* Does such a query return true? */
MUST_USE Error *op_holds(const Op *op, const char *query, const char *first, const char *second,
                         bool *ret);

/* Run a statement that changes something. */
MUST_USE Error *op_change(Op *op, const Text *statement);

/* Somebody else was faster: an error of this SQLSTATE is none. */
MUST_USE Error *op_unless_state(const Op *op, Error *error, const char *state);

/* ALTER `kind` name SET or RESET; `condition` picks the rows of pg_db_role_setting s for $1. */
MUST_USE Error *op_set_setting(Op *op, const char *kind, const char *condition);

/* COMMENT ON `kind` name; `query` tells the comment of $1. */
MUST_USE Error *op_set_comment(Op *op, const char *kind, const char *query);

MUST_USE Error *op_role_create(Op *op);
MUST_USE Error *op_role_alter(Op *op);
MUST_USE Error *op_role_password(Op *op);
MUST_USE Error *op_role_setting(Op *op);
MUST_USE Error *op_role_grant(Op *op);
MUST_USE Error *op_role_revoke(Op *op);
MUST_USE Error *op_role_comment(Op *op);
MUST_USE Error *op_database_create(Op *op);
MUST_USE Error *op_database_alter(Op *op);
MUST_USE Error *op_database_comment(Op *op);
MUST_USE Error *op_database_setting(Op *op);
MUST_USE Error *op_schema_create(Op *op);
MUST_USE Error *op_extension_create(Op *op);
MUST_USE Error *op_default_privileges(Op *op);
MUST_USE Error *op_grant_database(Op *op);
MUST_USE Error *op_revoke_public(Op *op);
MUST_USE Error *op_function_create(Op *op);
