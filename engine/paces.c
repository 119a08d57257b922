#include "engine/paces.h"

#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "engine/lock.h"

enum { PACES_FORMAT = 1, BYTES_MAX = 1024 * 1024, FILE_MODE = 0600, LOCK_WAIT_MS = 10000 };

/* An execution counts a half, a third, then always a fourth: the machine may change. */
enum { FIRST_SHARE = 2, LAST_SHARE = 4 };

/* One odd execution must not make a plan useless. */
enum { PACE_MIN = 20, PACE_MAX = 100000 };

/* What one execution showed of one verb. */
typedef struct Seen {
    int64_t count, guess_ms, planned_ms, took_ms;
} Seen;

const Value *paces_read(Arena *arena, const char *path)
{
    char *bytes;
    size_t length;
    const Value *file = NULL;
    Error *error = file_read(arena, path, BYTES_MAX, &bytes, &length);
    if (!error)
        error = json_parse(arena, bytes, length, &file);
    bool is_ours = !error && value_get_int(file, "format", 0) == PACES_FORMAT;
    error_free(error);
    const Value *verbs = is_ours ? value_get(file, "verbs") : NULL;
    return verbs && verbs->type == VALUE_MAP ? verbs : &value_empty_map;
}

static bool tells(const Action *action, const ActionResult *result)
{
    return result->state == ACTION_DONE && result->has_begun && !result->was_done_before &&
           result->attempt_count == 1 && action->guess_ms > 0;
}

/* verb -> Seen */
static Map *look(Arena *arena, const Execution *execution)
{
    Map *all = map_new(arena);
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        const Action *action = &execution->plan->actions[i];
        const ActionResult *result = &execution->results[i];
        if (!tells(action, result))
            continue;
        Seen *seen = map_get(all, action->verb->name);
        if (!seen) {
            seen = ARENA_NEW(arena, Seen);
            map_set(all, action->verb->name, seen);
        }
        seen->count++;
        seen->guess_ms += action->guess_ms;
        seen->planned_ms += action->expected_ms;
        seen->took_ms += result->took_ms;
    }
    return all;
}

static int64_t between(int64_t least, int64_t value, int64_t most)
{
    if (value < least)
        return least;
    return value < most ? value : most;
}

static const Value *blend(Arena *arena, const Value *known, const Seen *seen)
{
    int64_t before = between(PACE_MIN, value_get_int(known, "pace", PACE_OF_GUESS), PACE_MAX);
    int64_t executions = between(0, value_get_int(known, "executions", 0), INT32_MAX);
    int64_t now = between(PACE_MIN, seen->took_ms * PACE_OF_GUESS / seen->guess_ms, PACE_MAX);
    int64_t share = between(FIRST_SHARE, FIRST_SHARE + executions, LAST_SHARE);
    Value *entry = value_map(arena);
    value_set_int(arena, entry, "pace", before + (now - before) / share);
    value_set_int(arena, entry, "executions", executions + 1);
    value_set_int(arena, entry, "planned_ms", seen->planned_ms / seen->count);
    value_set_int(arena, entry, "took_ms", seen->took_ms / seen->count);
    return entry;
}

const Value *paces_learn(Arena *arena, const Value *verbs, const Execution *execution)
{
    const Map *all = look(arena, execution);
    if (map_count(all) == 0)
        return NULL;
    Value *result = value_map(arena);
    for (size_t i = 0; i < value_count(verbs); i++)
        value_set(arena, result, verbs->map.keys[i], verbs->map.values[i]);
    for (size_t i = 0; i < map_count(all); i++) {
        const char *verb = map_key_at(all, i);
        value_set(arena, result, verb, blend(arena, value_get(verbs, verb), map_value_at(all, i)));
    }
    return result;
}

Error *paces_update(Arena *arena, const char *path, const Execution *execution)
{
    CLEANUP(lock_freep) Lock *lock = NULL; /* several runs may learn */
    TRY(lock_wait(arena_printf(arena, "%s.lock", path), execution->run, LOCK_WAIT_MS, &lock));
    const Value *verbs = paces_learn(arena, paces_read(arena, path), execution);
    if (!verbs)
        return NULL;
    Value *file = value_map(arena);
    value_set_int(arena, file, "format", PACES_FORMAT);
    value_set(arena, file, "verbs", verbs);
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, file);
    return file_write_all(path, FILE_MODE, text.bytes, text.length);
}
