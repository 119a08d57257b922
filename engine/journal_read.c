#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "engine/journal_record.h"
#include "engine/lock.h"

enum { JOURNAL_MAX_BYTES = 256 * 1024 * 1024, LENGTH_DIGITS = 8 };

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

static void digest_of(const char *before, const char *json, size_t length,
                      char ret_digest[SHA256_HEX + 1])
{
    CLEANUP(text_release) Text chained = TEXT_INIT;
    text_add_bytes(&chained, before, SHA256_HEX);
    text_add_bytes(&chained, json, length);
    sha256_hex(text_get(&chained), chained.length, ret_digest);
}

void journal_record_format(Text *out, const Value *record, const char *before,
                           char ret_digest[SHA256_HEX + 1])
{
    CLEANUP(text_release) Text json = TEXT_INIT;
    json_write(&json, record);
    digest_of(before, text_get(&json), json.length, ret_digest);
    text_addf(out, "%08zx %s ", json.length, ret_digest);
    text_add_bytes(out, text_get(&json), json.length);
    text_add_char(out, '\n');
}

const char *journal_record_last_digest(const JournalFile *file)
{
    const Value *last = value_at(file->records, value_count(file->records) - 1);
    return value_get_text(last, "digest");
}

/* Eight lower-case hex digits. */
static bool read_length(const char *bytes, size_t *ret)
{
    size_t length = 0;
    for (size_t i = 0; i < LENGTH_DIGITS; i++) {
        const char *digit = bytes[i] ? strchr("0123456789abcdef", bytes[i]) : NULL;
        if (!digit)
            return false;
        length = length * 16 + (size_t)(digit - "0123456789abcdef");
    }
    *ret = length;
    return true;
}

/* The record at `bytes`, with its digest added; NULL if it does not verify. */
static Value *read_record(Arena *arena, const char *bytes, size_t left, const char *before,
                          size_t *ret_used)
{
    size_t length;
    if (left < JOURNAL_HEAD_BYTES || !read_length(bytes, &length) || length >= left ||
        left - length < JOURNAL_HEAD_BYTES + 1 || bytes[LENGTH_DIGITS] != ' ' ||
        bytes[JOURNAL_HEAD_BYTES - 1] != ' ' || bytes[JOURNAL_HEAD_BYTES + length] != '\n')
        return NULL;
    const char *json = bytes + JOURNAL_HEAD_BYTES;
    char digest[SHA256_HEX + 1];
    digest_of(before, json, length, digest);
    const Value *record = NULL;
    if (memcmp(digest, bytes + LENGTH_DIGITS + 1, SHA256_HEX) != 0)
        return NULL;
    Error *error = json_parse(arena, json, length, &record);
    if (error || record->type != VALUE_MAP) {
        error_free(error);
        return NULL;
    }
    Value *copy = value_copy(arena, record);
    value_set_text(arena, copy, "digest", digest);
    *ret_used = JOURNAL_HEAD_BYTES + length + 1;
    return copy;
}

/* A killed runner leaves one unfinished record at the end, so no line can follow a bad one. A power
 * loss may also leave holes, full of zeros, which nobody's editor writes: what was synced lies
 * before them. */
static bool is_tail(const char *bytes, size_t left)
{
    const char *newline = memchr(bytes, '\n', left);
    return !newline || newline == bytes + left - 1 || memchr(bytes, '\0', left);
}

Error *journal_parse(Arena *arena, const char *bytes, size_t length, JournalFile *ret)
{
    Value *records = value_list(arena);
    const char *before = zeros;
    size_t at = 0;
    while (at < length) {
        size_t used = 0;
        const Value *record = read_record(arena, bytes + at, length - at, before, &used);
        if (!record)
            break;
        value_push(arena, records, record);
        before = value_get_text(record, "digest");
        at += used;
    }
    if (at < length && !is_tail(bytes + at, length - at))
        return error_new(ERROR_INVALID, "record %zu of the journal does not verify",
                         value_count(records) + 1);
    ret->records = records;
    ret->is_torn = at < length;
    ret->good_bytes = at;
    return NULL;
}

Error *journal_read(Arena *arena, const char *directory, const char *run, JournalFile *ret)
{
    char *bytes;
    size_t length;
    char *path = arena_printf(arena, "%s/%s%s", directory, run, JOURNAL_SUFFIX);
    TRY(file_read(arena, path, JOURNAL_MAX_BYTES, &bytes, &length));
    Error *error = journal_parse(arena, bytes, length, ret);
    if (error)
        return error_wrap(error, "reading %s", path);
    ret->run = arena_strdup(arena, run);
    return NULL;
}

/* -- what is open ---------------------------------------------------------------------------- */

typedef struct OpenList {
    OpenIntent *items;
    size_t count, capacity;
} OpenList;

/* An action of one run, as far as the records tell. */
typedef struct Told {
    const Value *intent;
    bool has_outcome;
} Told;

static Told *told_of(Arena *arena, Map *actions, const Value *record)
{
    char *key = arena_printf(arena, "%lld", (long long)value_get_int(record, "action", -1));
    Told *told = map_get(actions, key);
    if (!told) {
        told = ARENA_NEW(arena, Told);
        map_set(actions, key, told);
    }
    return told;
}

static void add_intent(Arena *arena, const char *run, bool is_live, const Value *record,
                       OpenList *list)
{
    OpenIntent intent = {.run = run,
                         .is_live = is_live,
                         .action = value_get_int(record, "action", -1),
                         .address = value_get_text(record, "address"),
                         .verb = value_get_text(record, "verb"),
                         .host = value_get_text(record, "host"),
                         .wall_ms = value_get_int(record, "wall_ms", 0)};
    ARENA_PUSH(arena, list->items, list->count, list->capacity, intent);
}

static void add_open(Arena *arena, const JournalFile *file, bool is_live, OpenList *list)
{
    Map *actions = map_new(arena);
    for (size_t i = 0; i < value_count(file->records); i++) {
        const Value *record = value_at(file->records, i);
        const char *type = value_get_text(record, "type");
        if (strcmp(type, "intent") == 0)
            *told_of(arena, actions, record) = (Told){.intent = record};
        else if (strcmp(type, "outcome") == 0)
            told_of(arena, actions, record)->has_outcome = true;
    }
    for (size_t i = 0; i < map_count(actions); i++) {
        const Told *told = map_value_at(actions, i);
        if (told->intent && !told->has_outcome)
            add_intent(arena, file->run, is_live, told->intent, list);
    }
}

/* Names of the runs that have a file here, oldest (by name, which starts with the time) first. */
static size_t list_runs(Arena *arena, const char *directory, const char ***ret)
{
    const char **runs = NULL;
    size_t count = 0, capacity = 0;
    DIR *dir = opendir(directory);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        if (!text_ends_with(entry->d_name, JOURNAL_SUFFIX))
            continue;
        size_t length = strlen(entry->d_name) - strlen(JOURNAL_SUFFIX);
        const char *run = arena_strndup(arena, entry->d_name, length);
        ARENA_PUSH(arena, runs, count, capacity, run);
    }
    if (dir)
        closedir(dir);
    if (count > 0)
        qsort(runs, count, sizeof(*runs), text_compare);
    *ret = runs;
    return count;
}

Error *journal_open_intents(Arena *arena, const char *directory, OpenIntent **ret,
                            size_t *ret_count, const Value **ret_runs)
{
    OpenList list = {0};
    const char **runs;
    size_t run_count = list_runs(arena, directory, &runs);
    Value *names = value_list(arena);
    for (size_t i = 0; i < run_count; i++) {
        JournalFile file = {0};
        const char *path = arena_printf(arena, "%s/%s%s", directory, runs[i], JOURNAL_SUFFIX);
        bool is_live = lock_is_held(path);
        Error *error = journal_read(arena, directory, runs[i], &file);
        if (error && !file_exists(path)) { /* completed meanwhile */
            error_free(error);
            continue;
        }
        TRY(error);
        add_open(arena, &file, is_live, &list);
        if (!is_live)
            value_push(arena, names, value_text(arena, runs[i]));
    }
    *ret = list.items;
    *ret_count = list.count;
    if (ret_runs)
        *ret_runs = names;
    return NULL;
}
