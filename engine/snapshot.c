#include "engine/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/map.h"
#include "engine/git/store.h"

enum { SNAPSHOT_FORMAT = 1, TRIES = 5, FAILURES_NAMED = 20 };

static const char *const folders[DOMAIN_TYPE_COUNT] = {
    [DOMAIN_INFRA] = "infra",
    [DOMAIN_NODE] = "nodes",
    [DOMAIN_ETCD] = "etcd",
    [DOMAIN_CLUSTER] = "clusters",
};

const char *snapshot_path(Arena *arena, DomainType type, const char *name)
{
    char hex[SHA256_HEX + 1];
    sha256_hex(name, strlen(name), hex);
    return arena_printf(arena, "%s/%.2s/%s.json", folders[type], hex, name);
}

/* -- one resource ---------------------------------------------------------------------------- */

static const Value *resource_value_of(Arena *arena, const Resource *resource)
{
    Value *params = value_map(arena);
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const Slot *slot = &resource->slots[i];
        if (slot->state == SLOT_SET || slot->state == SLOT_LATE)
            value_set(arena, params, resource->kind->params[i].name, slot->value);
    }
    Value *snapshot = value_map(arena);
    value_set_text(arena, snapshot, "kind", resource->kind->name);
    value_set_text(arena, snapshot, "host", resource->host ? resource->host : "");
    value_set(arena, snapshot, "params", params);
    return snapshot;
}

/* -- one file -------------------------------------------------------------------------------- */

static Value *sorted(Arena *arena, const Value *map)
{
    size_t count = value_count(map);
    const char **keys = ARENA_ARRAY(arena, const char *, count);
    for (size_t i = 0; i < count; i++)
        keys[i] = map->map.keys[i];
    if (count > 0)
        qsort(keys, count, sizeof(*keys), text_compare);
    Value *result = value_map(arena);
    for (size_t i = 0; i < count; i++) {
        const Value *item = value_get(map, keys[i]);
        if (item->type != VALUE_NULL)
            value_set(arena, result, keys[i], item);
    }
    return result;
}

Error *snapshot_merge(Arena *arena, const char *domain, const char *old, const Value *changes,
                      const char **ret)
{
    const Value *before = NULL;
    if (old)
        TRY(json_parse_holes(arena, old, strlen(old), &before));
    Value *resources = value_map(arena);
    const Value *known = value_get(before, "resources");
    for (size_t i = 0; i < value_count(known); i++)
        value_set(arena, resources, known->map.keys[i], known->map.values[i]);
    for (size_t i = 0; i < value_count(changes); i++)
        value_set(arena, resources, changes->map.keys[i], changes->map.values[i]);
    Value *file = value_map(arena);
    value_set_int(arena, file, "format", SNAPSHOT_FORMAT);
    value_set_text(arena, file, "domain", domain);
    value_set(arena, file, "resources", sorted(arena, resources));
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write_pretty(&text, file);
    text_add_char(&text, '\n');
    *ret = text_copy(&text, arena);
    return NULL;
}

/* -- what goes into the files --------------------------------------------------------------- */

typedef struct Touched {
    const char *domain;
    Value *changes;
} Touched;

static Touched *touched_of(Arena *arena, Map *by_path, DomainType type, const char *domain)
{
    const char *path = snapshot_path(arena, type, domain);
    Touched *touched = map_get(by_path, path);
    if (!touched) {
        touched = ARENA_NEW(arena, Touched);
        *touched = (Touched){domain, value_map(arena)};
        map_set(by_path, path, touched);
    }
    return touched;
}

static const char *domain_name_of(const Execution *execution, const Change *change)
{
    const Resource *resource = change_resource(change);
    if (change->domain)
        return change->domain->name;
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        if (strcmp(execution->plan->actions[i].address, resource->address) == 0)
            return execution->plan->actions[i].domain;
    }
    return resource->scope;
}

static void touch(Arena *arena, Map *by_path, const Execution *execution, const Change *change)
{
    const Resource *resource = change_resource(change);
    const char *domain = domain_name_of(execution, change);
    Touched *touched = touched_of(arena, by_path, resource->kind->domain, domain);
    const Value *item = change->op == CHANGE_DELETE || !change->desired
                            ? &value_null
                            : resource_value_of(arena, change->desired);
    value_set(arena, touched->changes, resource->address, item);
}

static void add_applied(Arena *arena, Map *by_path, const Execution *execution)
{
    const AppliedIndex *index = execution_index(arena, execution);
    for (size_t b = 0; b < execution->plan->block_count; b++) {
        const PlanBlock *block = &execution->plan->blocks[b];
        for (size_t i = 0; i < block->change_count; i++) {
            if (execution_has_applied(index, &block->changes[i]))
                touch(arena, by_path, execution, &block->changes[i]);
        }
    }
}

/* -- what was in place ---------------------------------------------------------------------- */

/* What is there of a domain, while its resources come one after the other. */
struct InPlace {
    Arena *arena;
    Store *store; /* NULL: nothing was recorded yet, or it cannot be read, which its writer says */
    const char *commit;
    bool all;
    const Domain *domain; /* whose turn it is */
    Arena *turn;          /* as long as that is so */
    const Value *known;   /* resources of its file; NULL: there is none that can be read */
    Map *by_path;         /* -> Touched */
};

InPlace *in_place_new(Arena *arena, const char *repository, bool all)
{
    InPlace *in_place = ARENA_NEW(arena, InPlace);
    *in_place =
        (InPlace){.arena = arena, .all = all, .turn = arena_new(), .by_path = map_new(arena)};
    Error *error = store_open(repository, false, &in_place->store);
    if (!error)
        error = store_resolve(in_place->store, arena, NULL, &in_place->commit);
    error_free(error);
    return in_place;
}

void in_place_end(InPlace *in_place)
{
    if (!in_place)
        return;
    store_freep(&in_place->store);
    arena_free(in_place->turn);
}

static void turn_to(InPlace *in_place, const Domain *domain)
{
    const Value *file = NULL;
    const char *text = NULL;
    arena_freep(&in_place->turn);
    in_place->turn = arena_new();
    in_place->domain = domain;
    in_place->known = NULL;
    if (in_place->all || !in_place->commit)
        return;
    const char *path = snapshot_path(in_place->turn, domain->type, domain->name);
    error_free(store_read(in_place->store, in_place->turn, in_place->commit, path, &text));
    if (text)
        error_free(json_parse(in_place->turn, text, strlen(text), &file));
    in_place->known = value_get(file, "resources");
}

void in_place_note(void *context, const Domain *domain, const Resource *resource)
{
    InPlace *in_place = context;
    if (in_place->domain != domain)
        turn_to(in_place, domain);
    bool is_known = value_get(in_place->known, resource->address) != NULL;
    if (in_place->known && is_known == (resource->ensure != ENSURE_ABSENT))
        return;
    Arena *arena = in_place->arena;
    Touched *touched = touched_of(arena, in_place->by_path, domain->type, domain->name);
    const Value *item = &value_null;
    if (resource->ensure != ENSURE_ABSENT) /* it ends with the domain's turn */
        item = value_copy(arena, resource_value_of(arena, resource));
    value_set(arena, touched->changes, resource->address, item);
}

/* What was applied on top of what was there before. */
static Map *collect(Arena *arena, const SnapshotInput *input)
{
    Map *by_path = input->in_place ? input->in_place->by_path : map_new(arena);
    if (input->execution)
        add_applied(arena, by_path, input->execution);
    return by_path;
}

/* -- the commit ----------------------------------------------------------------------------- */

static void add_failures(Text *text, const Execution *execution)
{
    size_t named = 0;
    for (size_t i = 0; i < execution->plan->action_count && named < FAILURES_NAMED; i++) {
        ActionState state = execution->results[i].state;
        if (state != ACTION_FAILED && state != ACTION_STALE && state != ACTION_HALF)
            continue;
        text_addf(text, "Failed: %s\n", execution->plan->actions[i].address);
        named++;
    }
}

static void add_execution(Text *text, const Execution *execution)
{
    const size_t *counts = execution->counts;
    text_addf(text, "Transition: %s\n",
              execution->plan->transition ? execution->plan->transition : "");
    text_addf(text, "Actions: %zu done, %zu failed, %zu skipped, %zu not begun\n",
              counts[ACTION_DONE],
              counts[ACTION_FAILED] + counts[ACTION_STALE] + counts[ACTION_HALF],
              counts[ACTION_SKIPPED], counts[ACTION_CANCELLED] + counts[ACTION_WAITING]);
    text_addf(text, "Planned-ms: %lld\nTook-ms: %lld\n",
              (long long)execution->plan->critical_path_ms, (long long)execution->took_ms);
    add_failures(text, execution);
}

static char *message_of(Arena *arena, const SnapshotInput *input)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    Applied applied = {0};
    if (input->execution)
        applied = execution_applied(arena, input->execution);
    text_addf(&text, "apply %s: %zu added, %zu changed, %zu destroyed\n\n", input->run,
              applied.added, applied.changed, applied.destroyed);
    text_addf(&text, "Run: %s\nPgsteer: %s\n", input->run, input->program_version);
    if (input->lock_local)
        text_addf(&text, "Lock: local (%s)\n", input->lock_local);
    if (input->execution)
        add_execution(&text, input->execution);
    return text_copy(&text, arena);
}

static Error *merge_all(Store *store, Arena *arena, const Map *by_path, StoreFile *ret_files)
{
    const char *commit = NULL;
    StoreCommit *log;
    size_t count;
    TRY(store_log(store, arena, 1, &log, &count));
    if (count > 0)
        commit = log[0].id;
    for (size_t i = 0; i < map_count(by_path); i++) {
        const char *path = map_key_at(by_path, i), *old;
        const Touched *touched = map_value_at(by_path, i);
        TRY(store_read(store, arena, commit, path, &old));
        ret_files[i].path = path;
        TRY(snapshot_merge(arena, touched->domain, old, touched->changes, &ret_files[i].content));
    }
    return NULL;
}

/* Another writer has other domains: read again what it left, and go on top of it. */
static Error *commit_merged(Store *store, Arena *arena, const Map *by_path, const char *message,
                            const char **ret_commit)
{
    StoreFile *files = ARENA_ARRAY(arena, StoreFile, map_count(by_path));
    for (int try = 1;; try++) {
        TRY(merge_all(store, arena, by_path, files));
        Error *error = store_commit(store, arena, files, map_count(by_path), message, ret_commit);
        if (!error || error_root(error)->code != ERROR_CONFLICT || try == TRIES)
            return error;
        error_free(error);
    }
}

Error *snapshot_record(Arena *arena, const SnapshotInput *input, const char **ret_commit)
{
    *ret_commit = NULL;
    Map *by_path = collect(arena, input);
    if (map_count(by_path) == 0)
        return NULL;
    CLEANUP(store_freep) Store *store = NULL;
    Error *error = store_open(input->repository, true, &store);
    if (!error)
        error = commit_merged(store, arena, by_path, message_of(arena, input), ret_commit);
    return error ? error_wrap(error, "recording the snapshot in %s", input->repository) : NULL;
}
