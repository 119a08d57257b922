#include "providers/real/probe.h"

#include <string.h>

#include "base/digest.h"
#include "providers/real/frame.h"
#include "providers/real/reading.h"
#include "providers/sources/fragments.h"
#include "providers/sources/registry.h"

enum {
    NONCE_DIGITS = 32,
    FRAME_BYTES = 1024,
    STATUS_TIMEOUT = 124, /* these two are of prelude.pl */
    STATUS_TOO_LONG = 153,
    STATUS_KILLED = 137,
    PRELUDE_FAILED = 70, /* its own exits: 70 to 73 */
    PRELUDE_FAILED_LAST = 73,
};

/* In single quotes, for sh. */
static void add_quoted(Text *out, const char *text)
{
    text_add_char(out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            text_add(out, "'\\''");
        else
            text_add_char(out, *c);
    }
    text_add_char(out, '\'');
}

/* PERL5OPT and its like could make another program of it. */
static const char start[] =
    "command -v perl >/dev/null || { echo 'perl is not installed' >&2; exit 70; }\n"
    "unset PERL5OPT PERL5LIB PERL5DB PERLIO PERL_UNICODE\n"
    "exec perl -e ";

const char *probe_text_of(Arena *arena, const Source *const *sources)
{
    CLEANUP(text_release) Text perl = TEXT_INIT;
    text_addf(&perl, "%s%s", embedded_prelude, embedded_masking);
    for (const Source *const *at = sources; *at; at++) {
        const Source *source = *at;
        if (source->via == VIA_PROBE)
            text_addf(&perl, "ask \"%s\", %lld.%03lld, %zu, sub {\n%s};\n\n", source->name,
                      (long long)(source->budget_ms / 1000), (long long)(source->budget_ms % 1000),
                      source->max_bytes, source->text);
    }
    text_add(&perl, embedded_epilogue);
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, start);
    add_quoted(&text, text_get(&perl));
    text_add(&text, "\n");
    return text_copy(&text, arena);
}

const char *probe_text(Arena *arena)
{
    return probe_text_of(arena, pgsteer_sources);
}

static bool has_control(const char *text)
{
    for (const char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return true;
    }
    return false;
}

/* Arguments are lines to the fragments; and nothing of ours is named with a control character. */
static bool is_askable(const ReadRequest *request)
{
    for (size_t i = 0; i < value_count(request->args); i++) {
        const char *text = value_as_text(value_at(request->args, i), NULL);
        if (!text || has_control(text))
            return false;
    }
    return true;
}

void probe_write(Text *out, const ReadRequest *requests, size_t count, const char *nonce,
                 const char *salt, bool *ret_is_asked)
{
    text_addf(out, "%s\n%s\n", nonce, salt);
    for (size_t i = 0; i < count; i++) {
        ret_is_asked[i] = is_askable(&requests[i]);
        if (!ret_is_asked[i])
            continue;
        const Value *args = requests[i].args;
        text_addf(out, "%s %zu\n", requests[i].source->name, value_count(args));
        for (size_t j = 0; j < value_count(args); j++) {
            const char *text = value_as_text(value_at(args, j), "");
            text_addf(out, "%zu\n%s", strlen(text), text);
        }
    }
    text_add(out, ".\n");
}

static void frame_failed(Arena *arena, const Source *source, const Frame *frame, Reading *reading)
{
    const char *said = frame_last_line(arena, frame->err, frame->err_length);
    if (frame->numbers[0] == STATUS_TIMEOUT || frame->numbers[0] == STATUS_KILLED)
        reading_set_unknown(
            reading, ERROR_UNREACHABLE,
            arena_printf(arena, "no answer within %lld ms", (long long)source->budget_ms));
    else if (frame->numbers[0] == STATUS_TOO_LONG || frame->out_length >= source->max_bytes)
        reading_set_unknown(
            reading, ERROR_REFUSED,
            arena_printf(arena, "the answer is longer than %zu bytes", source->max_bytes));
    else if (*said)
        reading_set_unknown(reading, ERROR_REFUSED, said);
    else
        reading_set_unknown(reading, ERROR_REFUSED,
                            arena_printf(arena, "asking ended with status %zu", frame->numbers[0]));
}

static void frame_read(Arena *arena, const Source *source, const Frame *frame, Reading *reading)
{
    if (frame->numbers[0] != 0 || frame->out_length > source->max_bytes) {
        frame_failed(arena, source, frame, reading);
        return;
    }
    const Value *value = NULL;
    Error *error = source->parse(arena, frame->out, frame->out_length, 0, &value);
    if (error)
        reading_set_error(reading, arena, error);
    else
        reading_set_value(reading, value);
}

static void give_frame(Arena *arena, const Frame *frame, const ReadRequest *requests, size_t count,
                       Reading *readings)
{
    for (size_t i = 0; i < count; i++) {
        const Source *source = requests[i].source;
        if (strlen(source->name) == frame->name_length &&
            memcmp(source->name, frame->name, frame->name_length) == 0)
            frame_read(arena, source, frame, &readings[i]);
    }
}

Error *probe_parse(Arena *arena, const char *bytes, size_t length, const char *nonce,
                   const ReadRequest *requests, size_t count, Reading *ret_readings)
{
    FrameCursor cursor = {.at = bytes, .end = bytes + length};
    Frame frame;
    for (size_t i = 0; i < count; i++) {
        reading_start(&ret_readings[i], &requests[i]);
        reading_set_unknown(&ret_readings[i], ERROR_REFUSED,
                            is_askable(&requests[i])
                                ? "the probe did not answer this"
                                : "it was asked about a name with a control character");
    }
    while (frame_take(&cursor, "@F ", 1, &frame))
        give_frame(arena, &frame, requests, count, ret_readings);
    return frame_is_closing(&cursor, nonce)
               ? NULL
               : error_new(ERROR_UNREACHABLE, "the answer of the probe was cut off");
}

static size_t answer_bound(const ReadRequest *requests, size_t count)
{
    size_t bound = FRAME_BYTES;
    for (size_t i = 0; i < count; i++)
        bound += requests[i].source->max_bytes + FRAME_BYTES;
    return bound;
}

/* The requests that can go together: a fragment is asked once a run. */
static Error *run_once(SshSession *session, const ReadRequest *requests, size_t count,
                       const char *salt, int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    char nonce[NONCE_DIGITS + 1];
    random_hex(nonce, NONCE_DIGITS);
    CLEANUP(text_release) Text input = TEXT_INIT;
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    int status = 0;
    probe_write(&input, requests, count, nonce, salt, ARENA_ARRAY(arena, bool, count));
    TRY(ssh_run(session, probe_text(arena), text_get(&input), input.length,
                answer_bound(requests, count), deadline_ms, &out, &err, &status));
    if (status >= PRELUDE_FAILED && status <= PRELUDE_FAILED_LAST)
        return error_new(ERROR_REFUSED, "the probe cannot run: %s",
                         frame_last_line(arena, text_get(&err), err.length));
    return probe_parse(arena, text_get(&out), out.length, nonce, requests, count, ret_readings);
}

Error *probe_run(SshSession *session, const ReadRequest *requests, size_t count, const char *salt,
                 int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    ReadRequest *round = ARENA_ARRAY(arena, ReadRequest, count);
    Reading *readings = ARENA_ARRAY(arena, Reading, count);
    size_t *places = ARENA_ARRAY(arena, size_t, count);
    bool *is_done = ARENA_ARRAY(arena, bool, count);
    for (size_t done = 0; done < count;) {
        size_t size = 0;
        for (size_t i = 0; i < count; i++) {
            bool is_taken = is_done[i];
            for (size_t j = 0; j < size && !is_taken; j++)
                is_taken = round[j].source == requests[i].source;
            if (is_taken)
                continue;
            round[size] = requests[i];
            places[size++] = i;
        }
        TRY(run_once(session, round, size, salt, deadline_ms, arena, readings));
        for (size_t j = 0; j < size; j++) {
            ret_readings[places[j]] = readings[j];
            is_done[places[j]] = true;
        }
        done += size;
    }
    return NULL;
}
