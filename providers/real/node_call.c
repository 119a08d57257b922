#include "providers/real/node_call.h"

#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "providers/real/effect_texts.h"
#include "providers/real/frame.h"
#include "schema/contract/content.h"

enum {
    NONCE_DIGITS = 32,
    ANSWER_MAX_BYTES = 4 * 1024 * 1024,
    BEGIN_FAILED = 70, /* exits of effect_begin.sh: 70 to 74 */
    FENCED = 74,       /* exit of the library, or status of one effect */
    NOT_NOW = 75,      /* status of one effect */
};

const char *node_call_text(Arena *arena)
{
    static const char *const parts[] = {
        embedded_fence,         embedded_effect_begin,    embedded_effect_files,
        embedded_effect_system, embedded_effect_packages, embedded_effect_certs,
        embedded_effect_etcd,   embedded_effect_end,
    };
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        text_add(&text, parts[i]);
    return text_copy(&text, arena);
}

/* -- writing --------------------------------------------------------------------------------- */

typedef struct Writer {
    Arena *arena;
    Text *out;
    const char *function;
} Writer;

static bool is_raw(const char *key)
{
    static const char *const raw[] = {"content", "value", "password"};
    for (size_t i = 0; i < COUNT_OF(raw); i++) {
        if (strcmp(raw[i], key) == 0)
            return true;
    }
    return false;
}

static bool has_control(const char *text)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return true;
    }
    return false;
}

static Error *write_text(const Writer *writer, const char *path, const char *key, const char *text)
{
    if (!is_raw(key) && has_control(text))
        return error_new(ERROR_INVALID, "%s: argument '%s' has a control character",
                         writer->function, path);
    if (!is_raw(key) && *text == '-')
        return error_new(ERROR_INVALID, "%s: argument '%s' starts with '-': %s", writer->function,
                         path, text);
    bool goes_up = strstr(text, "/../") || text_ends_with(text, "/..");
    if (strcmp(key, "path") == 0 && (*text != '/' || goes_up))
        return error_new(ERROR_INVALID, "%s: '%s' is not an absolute path", writer->function, text);
    text_addf(writer->out, "%s %zu\n%s", path, strlen(text), text);
    return NULL;
}

/* One value that is neither list nor map. */
static Error *write_scalar(const Writer *writer, const char *path, const char *key,
                           const Value *value)
{
    if (value->type == VALUE_NULL)
        return NULL;
    if (value->type == VALUE_INT)
        return write_text(writer, path, "value",
                          arena_printf(writer->arena, "%lld", (long long)value->integer));
    if (value->type == VALUE_BOOL)
        return write_text(writer, path, key, value->boolean ? "true" : "false");
    if (value->type == VALUE_TEXT)
        return write_text(writer, path, key, value->text);
    return error_new(ERROR_INVALID, "%s: argument '%s' is not a text", writer->function, path);
}

/* Contents may be pieces; a value may be any JSON. */
static Error *write_value(const Writer *writer, const char *path, const char *key,
                          const Value *value)
{
    const char *text = NULL;
    if (strcmp(key, "content") == 0) {
        TRY(content_render(writer->arena, value, &text));
        return write_text(writer, path, key, text);
    }
    bool is_json = value->type != VALUE_TEXT || strcmp(writer->function, "marker") == 0;
    if (strcmp(key, "value") == 0 && is_json) {
        CLEANUP(text_release) Text json = TEXT_INIT;
        json_write_canonical(&json, value);
        return write_text(writer, path, key, text_get(&json));
    }
    return write_scalar(writer, path, key, value);
}

static Error *write_map(const Writer *writer, const char *prefix, const Value *map)
{
    for (size_t i = 0; i < value_count(map); i++) {
        const char *key = map->map.keys[i];
        TRY(write_value(writer, arena_printf(writer->arena, "%s%s", prefix, key), key,
                        map->map.values[i]));
    }
    return NULL;
}

/* "names/0001", or "files/0001/path". */
static Error *write_list(const Writer *writer, const char *key, const Value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *item = value_at(list, i);
        const char *path = arena_printf(writer->arena, "%s/%04zu", key, i + 1);
        if (item->type == VALUE_MAP)
            TRY(write_map(writer, arena_printf(writer->arena, "%s/", path), item));
        else
            TRY(write_scalar(writer, path, key, item));
    }
    return NULL;
}

static Error *write_call(const Writer *writer, const NodeCall *call)
{
    text_addf(writer->out, "effect %s\n", call->function);
    for (size_t i = 0; i < value_count(call->args); i++) {
        const char *key = call->args->map.keys[i];
        const Value *value = call->args->map.values[i];
        if (value->type == VALUE_LIST && !is_raw(key))
            TRY(write_list(writer, key, value));
        else
            TRY(write_value(writer, key, key, value));
    }
    text_add(writer->out, "end\n");
    return NULL;
}

Error *node_call_write(Arena *arena, Text *out, const NodeCall *calls, size_t count,
                       const Fence *fence, const char *nonce)
{
    text_addf(out, "%s\n", nonce);
    if (fence)
        text_addf(out, "fence %s %lld %s %s %s\n", fence->domain, (long long)fence->token,
                  fence->run, fence->holder, fence->since);
    for (size_t i = 0; i < count; i++)
        TRY(write_call(&(Writer){arena, out, calls[i].function}, &calls[i]));
    text_add(out, ".\n");
    return NULL;
}

/* -- reading --------------------------------------------------------------------------------- */

/* What a call was about, for messages: " /etc/hosts", " patroni", "". */
static const char *about(Arena *arena, const NodeCall *call)
{
    static const char *const keys[] = {"path", "name", "key", "cn", "op"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const char *text = value_get_text(call->args, keys[i]);
        if (*text)
            return arena_printf(arena, " %s", text);
    }
    return "";
}

static Error *call_failed(Arena *arena, const NodeCall *call, const Frame *frame)
{
    const char *said = frame_joined_lines(arena, frame->err, frame->err_length);
    ErrorCode code = frame->numbers[0] == NOT_NOW ? ERROR_BUSY : ERROR_REFUSED;
    if (frame->numbers[0] == FENCED)
        return error_new(ERROR_FENCED, "%s", said);
    if (*said)
        return error_new(code, "%s%s: %s", call->function, about(arena, call), said);
    return error_new(code, "%s%s ended with status %zu", call->function, about(arena, call),
                     frame->numbers[0]);
}

Error *node_call_parse(Arena *arena, const char *bytes, size_t length, const char *nonce,
                       const NodeCall *calls, size_t count, NodeResult *ret_results)
{
    FrameCursor cursor = {.at = bytes, .end = bytes + length};
    const NodeCall *failed = NULL;
    Frame failed_frame = {0};
    Frame frame;
    size_t done = 0;
    while (done < count && !failed && frame_take(&cursor, "@R ", 2, &frame)) {
        if (frame.numbers[0] != 0) {
            failed = &calls[done];
            failed_frame = frame;
        }
        ret_results[done++] = (NodeResult){
            .is_changed = frame.numbers[1] != 0,
            .said = arena_strndup(arena, frame.out, frame.out_length),
        };
    }
    if (!frame_is_closing(&cursor, nonce))
        return error_new(ERROR_UNREACHABLE, "the answer about what was done was cut off");
    if (failed)
        return call_failed(arena, failed, &failed_frame);
    return done == count
               ? NULL
               : error_new(ERROR_UNREACHABLE, "only %zu of %zu effects were answered", done, count);
}

/* The library did not begin. */
static Error *begin_failed(Arena *arena, int status, const Text *err)
{
    const char *said = frame_last_line(arena, text_get(err), err->length);
    if (status == FENCED)
        return error_new(ERROR_FENCED, "%s", said);
    return error_new(ERROR_REFUSED, "nothing could be done: %s", said);
}

Error *node_call_run(SshSession *session, const NodeCall *calls, size_t count, const Fence *fence,
                     int64_t deadline_ms, Arena *arena, NodeResult *ret_results)
{
    char nonce[NONCE_DIGITS + 1];
    random_hex(nonce, NONCE_DIGITS);
    CLEANUP(text_release) Text input = TEXT_INIT;
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    int status = 0;
    TRY(node_call_write(arena, &input, calls, count, fence, nonce));
    TRY(ssh_run(session, node_call_text(arena), text_get(&input), input.length, ANSWER_MAX_BYTES,
                deadline_ms, &out, &err, &status));
    if (status >= BEGIN_FAILED && status <= FENCED)
        return begin_failed(arena, status, &err);
    return node_call_parse(arena, text_get(&out), out.length, nonce, calls, count, ret_results);
}

Error *node_call_one(SshSession *session, const char *function, const Value *args,
                     const Fence *fence, int64_t deadline_ms, Arena *arena, NodeResult *ret_result)
{
    return node_call_run(session, &(NodeCall){function, args}, 1, fence, deadline_ms, arena,
                         ret_result);
}
