#include "providers/real/sql_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "providers/real/reading.h"
#include "providers/real/sql.h"

static const char *database_of(const ReadRequest *request)
{
    return request->database ? request->database : "postgres";
}

/* The answer of one source: JSON unless its row parses otherwise. */
static void take(const NodeContext *context, const ReadRequest *request, const char *text,
                 Reading *reading)
{
    const Value *value = NULL;
    const Source *source = request->source;
    Error *error = NULL;
    size_t length = text ? strlen(text) : 0;
    if (!text)
        error = error_new(ERROR_REFUSED, "the server returned nothing");
    else if (length > source->max_bytes)
        error = error_new(ERROR_REFUSED, "the answer is longer than %zu bytes", source->max_bytes);
    else if (source->parse)
        error = source->parse(context->arena, text, length, 0, &value);
    else
        error = json_parse(context->arena, text, length, &value);
    if (error)
        reading_set_error(reading, context->arena, error);
    else
        reading_set_value(reading, value);
}

enum { CONNECTIONS_AT_ONCE = 4 }; /* to one server; sshd lets ten run in a session */

/* What is asked of one database. */
typedef struct Batch {
    const char *database;
    SqlConnection *sql; /* NULL: not begun, or `lost` says why not */
    Error *lost;
    const char **statements;
    const char **params;
    const char **values;
    Error **errors;
    size_t *places;
    size_t count;
} Batch;

static const char *params_of(Arena *arena, const ReadRequest *request)
{
    CLEANUP(text_release) Text json = TEXT_INIT;
    json_write(&json, request->args ? request->args : &value_empty_list);
    return text_copy(&json, arena);
}

/* All requests of the database of requests[first]. */
static Batch batch_of(Arena *arena, const ReadRequest *requests, size_t count, size_t first)
{
    Batch batch = {
        .database = database_of(&requests[first]),
        .statements = ARENA_ARRAY(arena, const char *, count),
        .params = ARENA_ARRAY(arena, const char *, count),
        .values = ARENA_ARRAY(arena, const char *, count),
        .errors = ARENA_ARRAY(arena, Error *, count),
        .places = ARENA_ARRAY(arena, size_t, count),
    };
    for (size_t i = first; i < count; i++) {
        if (strcmp(database_of(&requests[i]), batch.database) != 0)
            continue;
        batch.statements[batch.count] = requests[i].source->text;
        batch.params[batch.count] = params_of(arena, &requests[i]);
        batch.places[batch.count++] = i;
    }
    return batch;
}

/* Requests by database, in the order of their first ones. */
static size_t batches_of(Arena *arena, const ReadRequest *requests, size_t count, Batch *ret)
{
    bool *is_done = ARENA_ARRAY(arena, bool, count);
    size_t batch_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_done[i])
            continue;
        Batch *batch = &ret[batch_count++];
        *batch = batch_of(arena, requests, count, i);
        for (size_t j = 0; j < batch->count; j++)
            is_done[batch->places[j]] = true;
    }
    return batch_count;
}

static Error *ask(Batch *batch)
{
    if (batch->lost)
        return batch->lost;
    TRY(sql_connect(batch->sql));
    return sql_ask_all(batch->sql, batch->statements, batch->params, batch->count, batch->values,
                       batch->errors);
}

/* A lost connection makes everything of its database unknown, for the same reason. */
static void read_batch(const NodeContext *context, const ReadRequest *requests, Batch *batch,
                       Reading *readings)
{
    Error *lost = ask(batch);
    for (size_t i = 0; i < batch->count; i++) {
        size_t place = batch->places[i];
        if (lost)
            reading_set_error(&readings[place], context->arena, error_copy(lost));
        else if (batch->errors[i])
            reading_set_error(&readings[place], context->arena, error_copy(batch->errors[i]));
        else
            take(context, &requests[place], batch->values[i], &readings[place]);
        error_free(batch->errors[i]);
    }
    error_free(lost);
    sql_close(batch->sql);
}

/* A relay takes longer to start than to answer: the next ones start while one is asked. */
void sql_read(const NodeContext *context, const ReadRequest *requests, size_t count,
              Reading *ret_readings)
{
    Batch *batches = ARENA_ARRAY(context->arena, Batch, count);
    size_t batch_count = batches_of(context->arena, requests, count, batches);
    size_t begun = 0;
    for (size_t i = 0; i < count; i++)
        reading_start(&ret_readings[i], &requests[i]);
    for (size_t i = 0; i < batch_count; i++) {
        for (; begun < batch_count && begun < i + CONNECTIONS_AT_ONCE; begun++)
            batches[begun].lost =
                sql_begin(context, batches[begun].database, false, &batches[begun].sql);
        read_batch(context, requests, &batches[i], ret_readings);
    }
}
