#include "providers/real/sql.h"

#include <assert.h>
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "providers/real/door.h"
#include "providers/real/frame.h"
#include "providers/real/relay.h"

#define SERVER_SOCKETS "/var/run/postgresql"

enum { STATE_LENGTH = 5, TEXT_OID = 25, LOCK_TIMEOUT_MS = 5000, STATEMENT_TIMEOUT_MS = 60000 };

struct SqlConnection {
    const NodeContext *context;
    const char *database;
    bool may_write;
    SshStream *stream;
    PGconn *conn;
    char state[STATE_LENGTH + 1];
};

/* -- connecting -------------------------------------------------------------------------------- */

void sql_forget_environment(void)
{
    static const char *const names[] = {
        "PGHOST",
        "PGHOSTADDR",
        "PGPORT",
        "PGDATABASE",
        "PGUSER",
        "PGPASSWORD",
        "PGPASSFILE",
        "PGSERVICE",
        "PGSERVICEFILE",
        "PGOPTIONS",
        "PGAPPNAME",
        "PGSSLMODE",
        "PGREQUIREPEER",
        "PGREQUIRESSL",
        "PGGSSENCMODE",
        "PGKRBSRVNAME",
        "PGTZ",
        "PGDATESTYLE",
        "PGGEQO",
        "PGCLIENTENCODING",
        "PGCHANNELBINDING",
        "PGCONNECT_TIMEOUT",
        "PGTARGETSESSIONATTRS",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unsetenv(names[i]);
}

static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* A commit does not wait for standbys, as that of Patroni's own roles does not: in a strict cluster
 * without any it would wait for ever. What a failover loses of it the next plan does again. */
static const char writing[] = "off -c synchronous_commit=local";

static PGconn *start(const SqlConnection *sql, const Door *door)
{
    const NodeContext *context = sql->context;
    const char *options = arena_printf(
        context->arena,
        "-c search_path=pg_catalog -c lc_messages=C -c statement_timeout=%d -c lock_timeout=%d "
        "-c timezone=UTC -c datestyle=ISO -c client_min_messages=warning "
        "-c default_transaction_read_only=%s",
        STATEMENT_TIMEOUT_MS, LOCK_TIMEOUT_MS, sql->may_write ? writing : "on");
    const char *application = arena_printf(context->arena, "pgsteer/%s", context->run);
    const char *no_file = arena_printf(context->arena, "%s/none", door->folder);
    const char *const keys[] = {"host",
                                "port",
                                "user",
                                "dbname",
                                "options",
                                "application_name",
                                "client_encoding",
                                "sslmode",
                                "gssencmode",
                                "passfile",
                                NULL};
    const char *const values[] = {door->folder, "5432",      context->dbsu, sql->database,
                                  options,      application, "UTF8",        "disable",
                                  "disable",    no_file,     NULL};
    PGconn *conn = PQconnectStartParams(keys, values, 0);
    if (conn)
        PQsetNoticeReceiver(conn, ignore_notice, NULL);
    return conn;
}

/* Why it did not connect: what the relay said, else what libpq says. */
static Error *no_connection(const SqlConnection *sql)
{
    const char *said = ssh_stream_stderr(sql->stream);
    Arena *arena = sql->context->arena;
    const char *text = PQerrorMessage(sql->conn);
    const char *why = frame_last_line(arena, said, strlen(said));
    if (!*why)
        why = frame_joined_lines(arena, text, strlen(text));
    return relay_error(sql->stream,
                       error_new(ERROR_UNREACHABLE, "the server on %s does not answer: %s",
                                 sql->context->host, why));
}

static Error *wait_for(SqlConnection *sql, short events)
{
    short ready = 0;
    return ssh_stream_wait(sql->stream, events, sql->context->deadline_ms, &ready);
}

static Error *connect_through(SqlConnection *sql)
{
    PostgresPollingStatusType next = PGRES_POLLING_WRITING;
    while (next != PGRES_POLLING_OK) {
        if (next == PGRES_POLLING_FAILED)
            return no_connection(sql);
        TRY(wait_for(sql, next == PGRES_POLLING_READING ? POLLIN : POLLOUT));
        next = PQconnectPoll(sql->conn);
    }
    PQsetnonblocking(sql->conn, 1);
    return NULL;
}

Error *sql_begin(const NodeContext *context, const char *database, bool may_write,
                 SqlConnection **ret)
{
    const char *target =
        arena_printf(context->arena, "%s/.s.PGSQL.%d", SERVER_SOCKETS, context->pg_port);
    SqlConnection *sql = ARENA_NEW(context->arena, SqlConnection);
    *sql = (SqlConnection){.context = context, .database = database, .may_write = may_write};
    TRY(relay_begin(context, target, &sql->stream));
    *ret = sql;
    return NULL;
}

Error *sql_connect(SqlConnection *sql)
{
    CLEANUP(door_close) Door door = {.listener = -1};
    TRY(door_open(&door, ".s.PGSQL.5432"));
    TRY(ssh_stream_await(sql->stream, sql->context->deadline_ms));
    sql->conn = start(sql, &door);
    if (!sql->conn || PQstatus(sql->conn) == CONNECTION_BAD)
        return error_new(ERROR_LOCAL, "libpq cannot start: %s",
                         sql->conn ? PQerrorMessage(sql->conn) : "no memory");
    int inner;
    TRY(door_accept(&door, &inner));
    ssh_stream_splice(sql->stream, inner, PQsocket(sql->conn));
    return connect_through(sql);
}

Error *sql_open(const NodeContext *context, const char *database, bool may_write,
                SqlConnection **ret)
{
    CLEANUP(sql_closep) SqlConnection *sql = NULL;
    TRY(sql_begin(context, database, may_write, &sql));
    TRY(sql_connect(sql));
    *ret = sql;
    sql = NULL;
    return NULL;
}

void sql_close(SqlConnection *sql)
{
    if (!sql)
        return;
    if (sql->conn)
        PQfinish(sql->conn);
    if (sql->stream)
        ssh_stream_close(sql->stream);
    sql->conn = NULL;
    sql->stream = NULL;
}

void sql_closep(SqlConnection **sql)
{
    sql_close(*sql);
}

Arena *sql_arena(const SqlConnection *sql)
{
    return sql->context->arena;
}

const NodeContext *sql_context(const SqlConnection *sql)
{
    return sql->context;
}

const char *sql_state(const SqlConnection *sql)
{
    return sql->state;
}

/* -- text -------------------------------------------------------------------------------------- */

static void add_escaped(SqlConnection *sql, Text *out, const char *text,
                        char *(*escape)(PGconn *conn, const char *text, size_t length))
{
    if (!text) {
        text_add(out, "NULL");
        return;
    }
    char *escaped = escape(sql->conn, text, strlen(text));
    /* Only for a text that is not valid in the client encoding; our values are UTF-8. */
    assert(escaped && "a text that is not UTF-8");
    text_add(out, escaped);
    PQfreemem(escaped);
}

void sql_add(SqlConnection *sql, Text *out, const char *format, const char *const *values)
{
    for (const char *c = format; *c; c++) {
        if (*c != '%') {
            text_add_char(out, *c);
            continue;
        }
        const char *value = *values++;
        c++;
        assert(*c == 'I' || *c == 'L' || *c == 's');
        if (*c == 's')
            text_add(out, value);
        else
            add_escaped(sql, out, value, *c == 'I' ? PQescapeIdentifier : PQescapeLiteral);
    }
}

/* -- asking ------------------------------------------------------------------------------------ */

static Error *connection_lost(const SqlConnection *sql)
{
    const char *text = PQerrorMessage(sql->conn);
    return relay_error(sql->stream,
                       error_new(ERROR_UNREACHABLE, "the connection to the server was lost: %s",
                                 frame_joined_lines(sql->context->arena, text, strlen(text))));
}

static Error *flush(SqlConnection *sql)
{
    int left = PQflush(sql->conn);
    while (left > 0) {
        TRY(wait_for(sql, POLLIN | POLLOUT));
        if (!PQconsumeInput(sql->conn))
            return connection_lost(sql);
        left = PQflush(sql->conn);
    }
    return left < 0 ? connection_lost(sql) : NULL;
}

/* The next result, or NULL at the end of one statement's. */
static Error *next_result(SqlConnection *sql, PGresult **ret)
{
    while (PQisBusy(sql->conn)) {
        TRY(wait_for(sql, POLLIN));
        if (!PQconsumeInput(sql->conn))
            return connection_lost(sql);
    }
    *ret = PQgetResult(sql->conn);
    return NULL;
}

/* By class or whole state (PostgreSQL documentation, "PostgreSQL Error Codes"); the transaction was
 * rolled back: a lock that somebody else has, a deadlock, a serialization failure, too many
 * connections. */
static ErrorCode code_of(const char *state)
{
    static const struct {
        const char *prefix;
        ErrorCode code;
    } rows[] = {
        {"57P", ERROR_UNREACHABLE}, {"40001", ERROR_BUSY}, {"40P01", ERROR_BUSY},
        {"55P03", ERROR_BUSY},      {"55006", ERROR_BUSY}, {"53300", ERROR_BUSY},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (strncmp(state, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return rows[i].code;
    }
    return ERROR_REFUSED;
}

static Error *server_says(SqlConnection *sql, const PGresult *result, bool is_secret)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    if (!state)
        return connection_lost(sql);
    snprintf(sql->state, sizeof(sql->state), "%s", state);
    ErrorCode code = code_of(state);
    if (is_secret || !message)
        return error_new(code, "the server says no (SQLSTATE %s)", state);
    return error_new(code, "the server says: %s%s%s (SQLSTATE %s)", message, detail ? ": " : "",
                     detail ? detail : "", state);
}

/* Take one result: a value, an error, or neither. */
static Error *take_result(SqlConnection *sql, const PGresult *result, bool is_secret,
                          const char **ret_value)
{
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_TUPLES_OK && PQntuples(result) > 0 && PQnfields(result) > 0 &&
        !PQgetisnull(result, 0, 0))
        *ret_value = arena_strdup(sql->context->arena, PQgetvalue(result, 0, 0));
    bool is_fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK ||
                   status == PGRES_EMPTY_QUERY || status == PGRES_PIPELINE_SYNC;
    return is_fine ? NULL : server_says(sql, result, is_secret);
}

static Error *run(SqlConnection *sql, const char *statement, const char *const *params,
                  size_t param_count, bool is_secret, const char **ret_value)
{
    PGresult *result = NULL;
    const char *value = NULL;
    CLEANUP(error_freep) Error *error = NULL;
    sql->state[0] = '\0';
    if (!PQsendQueryParams(sql->conn, statement, (int)param_count, NULL, params, NULL, NULL, 0))
        return connection_lost(sql);
    TRY(flush(sql));
    TRY(next_result(sql, &result));
    while (result) {
        Error *one = take_result(sql, result, is_secret, &value);
        PQclear(result);
        if (!error)
            error = one;
        else
            error_free(one);
        TRY(next_result(sql, &result));
    }
    if (!error)
        *ret_value = value;
    Error *taken = error;
    error = NULL;
    return taken;
}

Error *sql_ask(SqlConnection *sql, const char *statement, const char *const *params,
               size_t param_count, const char **ret_value)
{
    *ret_value = NULL;
    return run(sql, statement, params, param_count, false, ret_value);
}

Error *sql_do(SqlConnection *sql, const char *statement)
{
    const char *value = NULL;
    return run(sql, statement, NULL, 0, false, &value);
}

/* For this transaction only; what the server does not know it takes as a custom setting. */
static const char be_silent[] = "SELECT set_config('log_statement', 'none', true),"
                                " set_config('log_min_duration_statement', '-1', true),"
                                " set_config('log_min_error_statement', 'panic', true),"
                                " set_config('log_duration', 'off', true),"
                                " set_config('pg_stat_statements.track_utility', 'off', true)";

Error *sql_do_secretly(SqlConnection *sql, const char *statement)
{
    const char *value = NULL;
    TRY(sql_do(sql, "BEGIN"));
    TRY(sql_do(sql, be_silent));
    Error *error = run(sql, statement, NULL, 0, true, &value);
    if (!error)
        return sql_do(sql, "COMMIT");
    char state[sizeof(sql->state)];
    memcpy(state, sql->state, sizeof(state));
    error_free(sql_do(sql, "ROLLBACK"));
    memcpy(sql->state, state, sizeof(state));
    return error;
}

static Error *send_all(SqlConnection *sql, const char *const *statements, const char *const *params,
                       size_t count)
{
    static const Oid types[] = {TEXT_OID};
    for (size_t i = 0; i < count; i++) {
        if (!PQsendQueryParams(sql->conn, statements[i], 1, types, &params[i], NULL, NULL, 0) ||
            !PQpipelineSync(sql->conn))
            return connection_lost(sql);
    }
    return flush(sql);
}

/* The results of one statement, NULL, the result of its sync. */
static Error *take_one(SqlConnection *sql, const char **ret_value, Error **ret_error)
{
    bool is_synced = false;
    while (!is_synced) {
        PGresult *result = NULL;
        TRY(next_result(sql, &result));
        if (!result && PQstatus(sql->conn) == CONNECTION_BAD)
            return connection_lost(sql);
        if (!result)
            continue;
        is_synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        Error *error = take_result(sql, result, false, ret_value);
        PQclear(result);
        if (*ret_error)
            error_free(error);
        else
            *ret_error = error;
    }
    return NULL;
}

Error *sql_ask_all(SqlConnection *sql, const char *const *statements, const char *const *params,
                   size_t count, const char **ret_values, Error **ret_errors)
{
    if (!PQenterPipelineMode(sql->conn))
        return connection_lost(sql);
    TRY(send_all(sql, statements, params, count));
    for (size_t i = 0; i < count; i++)
        TRY(take_one(sql, &ret_values[i], &ret_errors[i]));
    return PQexitPipelineMode(sql->conn) ? NULL : connection_lost(sql);
}

Error *sql_verifier(SqlConnection *sql, const char *role, const char *password, const char **ret)
{
    char *made = PQencryptPasswordConn(sql->conn, password, role, "scram-sha-256");
    if (!made)
        return error_new(ERROR_LOCAL, "libpq cannot make a verifier for the password of %s", role);
    *ret = arena_strdup(sql->context->arena, made);
    PQfreemem(made);
    return NULL;
}
