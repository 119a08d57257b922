/*
 * providers/real/sql.h - one connection to the server of a node, through its SSH session. The only
 * place that knows libpq.
 *
 * libpq connects to a Unix socket of ours in a private directory; what it sends goes through an SSH
 * stream to a relay that runs as the database superuser and connects to the server's own socket:
 * peer authentication, no password, no line in pg_hba.conf. One thread; every wait moves both
 * sides.
 *
 * Errors: ERROR_UNREACHABLE (no server, connection lost, deadline), ERROR_REFUSED (the server says
 * no: message and SQLSTATE, never the statement), ERROR_BUSY (no, because of what others do now).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "providers/real/node_context.h"

typedef struct SqlConnection SqlConnection;

/* Settings of the connection: search_path pg_catalog, messages in English, bounded statements and
 * locks; read-only unless `may_write`. */
MUST_USE Error *sql_open(const NodeContext *context, const char *database, bool may_write,
                         SqlConnection **ret);
/* The same in two halves: between them nothing is waited for, so that several can start at once.
 * After an error of sql_connect sql_close is still due. */
MUST_USE Error *sql_begin(const NodeContext *context, const char *database, bool may_write,
                          SqlConnection **ret);
MUST_USE Error *sql_connect(SqlConnection *sql);
void sql_close(SqlConnection *sql);
void sql_closep(SqlConnection **sql);

/* Append to `out`: %I an identifier, %L a literal (NULL gives the keyword), %s text as it is.
 * Nothing else; the values, at least one, are texts. */
#define SQL_ADD(sql, out, format, ...)                                                             \
    sql_add((sql), (out), (format), (const char *const[]){__VA_ARGS__})
void sql_add(SqlConnection *sql, Text *out, const char *format, const char *const *values);

/* Run one statement; *ret_value is its first column of the first row, an arena text, or NULL. */
MUST_USE Error *sql_ask(SqlConnection *sql, const char *statement, const char *const *params,
                        size_t param_count, const char **ret_value);

/* The same for a statement that returns nothing. */
MUST_USE Error *sql_do(SqlConnection *sql, const char *statement);

/* As sql_do, but an error tells only the SQLSTATE: for statements with a verifier in them. Not
 * written to the server's log, as far as the server lets us. */
MUST_USE Error *sql_do_secretly(SqlConnection *sql, const char *statement);

/* Several statements that each return one text, in one go. errors[i] is set where one failed, else
 * values[i] (an arena text or NULL). Returns an error only if the connection is lost. */
MUST_USE Error *sql_ask_all(SqlConnection *sql, const char *const *statements,
                            const char *const *params, size_t count, const char **ret_values,
                            Error **ret_errors);

/* The SQLSTATE of the last error, "" if there was none. */
const char *sql_state(const SqlConnection *sql);

/* A SCRAM verifier made by libpq, which prepares non-ASCII passwords; an arena text. */
MUST_USE Error *sql_verifier(SqlConnection *sql, const char *role, const char *password,
                             const char **ret);

Arena *sql_arena(const SqlConnection *sql);
const NodeContext *sql_context(const SqlConnection *sql);

/* Forget what the environment says about servers (PGHOST, PGSERVICE, ...): ours are all told. */
void sql_forget_environment(void);
