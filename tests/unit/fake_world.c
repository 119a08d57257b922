#include "fake_world.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/map.h"

enum { BLOCK_POLL_MS = 5, POST_BOUND_MS = 2000, BAD_BOUND_MS = 300 };

typedef struct Fault {
    ErrorCode code;
    int count;
    bool is_blocked;
} Fault;

typedef struct Fake {
    pthread_mutex_t lock;
    Arena *arena;
    Map *answers; /* "source subject" -> Value */
    Map *files;   /* "host path" -> content */
    Map *dead;    /* host -> "dead" or "" */
    Map *reads;   /* host -> count as size_t * */
    Map *asked;   /* "source subject" -> size_t * */
    Map *faults;  /* path -> Fault */
    int64_t slow_ms;
    const char **log;
    size_t log_count, log_capacity;
    size_t running, peak;
    const char *hook_source;
    const Value *(*hook)(void *context, Arena *arena, size_t asked);
    void *hook_context;
} Fake;

static Fake *lock(World *world)
{
    Fake *fake = world->context;
    pthread_mutex_lock(&fake->lock);
    return fake;
}

static void unlock(Fake *fake)
{
    pthread_mutex_unlock(&fake->lock);
}

static const char *key(Fake *fake, const char *a, const char *b)
{
    return arena_printf(fake->arena, "%s %s", a, b);
}

static size_t count_up(Fake *fake, Map *map, const char *name)
{
    size_t *count = map_get(map, name);
    if (!count) {
        count = ARENA_NEW(fake->arena, size_t);
        map_set(map, arena_strdup(fake->arena, name), count);
    }
    return (*count)++;
}

static Fault *fault_of(Fake *fake, const char *path)
{
    Fault *fault = map_get(fake->faults, path);
    if (!fault) {
        fault = ARENA_NEW(fake->arena, Fault);
        map_set(fake->faults, arena_strdup(fake->arena, path), fault);
    }
    return fault;
}

/* -- reading --------------------------------------------------------------------------------- */

static const Value *files_of(Fake *fake, const char *host, Arena *arena)
{
    Value *files = value_map(arena);
    for (size_t i = 0; i < map_count(fake->files); i++) {
        const char *name = map_key_at(fake->files, i);
        size_t length = strlen(host);
        if (strncmp(name, host, length) == 0 && name[length] == ' ')
            value_set_text(arena, files, name + length + 1, map_value_at(fake->files, i));
    }
    return files;
}

static const Value *answer(Fake *fake, const ReadRequest *request, const char *host, Arena *arena)
{
    const char *source = request->source->name;
    size_t asked = count_up(fake, fake->asked, key(fake, source, request->subject));
    if (fake->hook && strcmp(fake->hook_source, source) == 0)
        return fake->hook(fake->hook_context, arena, asked);
    const Value *set = map_get(fake->answers, key(fake, source, request->subject));
    if (set)
        return value_copy(arena, set);
    return strcmp(source, "fake.files") == 0 ? files_of(fake, host, arena) : NULL;
}

static Error *fake_read(World *world, const char *host, const ReadRequest *requests, size_t count,
                        int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    (void)deadline_ms;
    Fake *fake = lock(world);
    count_up(fake, fake->reads, host);
    const char *dead = map_get(fake->dead, host);
    if (dead && *dead) {
        unlock(fake);
        return error_new(ERROR_UNREACHABLE, "%s does not answer", host);
    }
    for (size_t i = 0; i < count; i++) {
        ret_readings[i] = (Reading){.value = answer(fake, &requests[i], host, arena)};
        if (!ret_readings[i].value)
            ret_readings[i].unknown_reason = "nobody said";
    }
    unlock(fake);
    return NULL;
}

/* -- performing ------------------------------------------------------------------------------ */

static void wait_for_release(World *world, const char *path)
{
    for (bool is_blocked = true; is_blocked;) {
        Fake *fake = lock(world);
        is_blocked = fault_of(fake, path)->is_blocked;
        unlock(fake);
        if (is_blocked)
            clock_sleep_ms(BLOCK_POLL_MS);
    }
}

static void put_file(Fake *fake, const char *host, const Value *args)
{
    CLEANUP(text_release) Text content = TEXT_INIT;
    value_format(&content, value_get(args, "content"));
    map_set(fake->files, key(fake, host, value_get_text(args, "path")),
            text_copy(&content, fake->arena));
}

static Error *perform_one(World *world, const char *host, const Effect *effect)
{
    const char *path = value_get_text(effect->args, "path");
    Fake *fake = lock(world);
    int64_t slow_ms = fake->slow_ms;
    fake->running++;
    fake->peak = fake->running > fake->peak ? fake->running : fake->peak;
    const char *line = key(fake, host, path);
    ARENA_PUSH(fake->arena, fake->log, fake->log_count, fake->log_capacity, line);
    unlock(fake);
    wait_for_release(world, path);
    clock_sleep_ms(slow_ms);
    fake = lock(world);
    fake->running--;
    Fault *fault = fault_of(fake, path);
    bool fails = fault->count > 0;
    ErrorCode code = fault->code;
    if (fails)
        fault->count--;
    else
        put_file(fake, host, effect->args);
    unlock(fake);
    return fails ? error_new(code, "scripted fault of %s", path) : NULL;
}

static Error *fake_perform(World *world, const char *host, const Effect *effects, size_t count,
                           int64_t deadline_ms, Arena *arena, const Value **ret_outcome)
{
    (void)deadline_ms;
    if (effects[0].type == EFFECT_MARKER) /* notes are not kept here */
        return NULL;
    for (size_t i = 0; i < count; i++)
        TRY(perform_one(world, host, &effects[i]));
    Value *outcome = value_map(arena);
    value_set(arena, outcome, "content", value_get(effects[0].args, "content"));
    *ret_outcome = outcome;
    return NULL;
}

static void fake_free(World *world)
{
    Fake *fake = world->context;
    pthread_mutex_destroy(&fake->lock);
    arena_free(fake->arena);
    free(fake);
    free(world);
}

static size_t fake_round_trips(World *world, const char *host)
{
    return fake_world_reads(world, host);
}

World *fake_world_new(void)
{
    Fake *fake = must_malloc(sizeof(*fake));
    memset(fake, 0, sizeof(*fake));
    pthread_mutex_init(&fake->lock, NULL);
    fake->arena = arena_new();
    fake->answers = map_new(fake->arena);
    fake->files = map_new(fake->arena);
    fake->faults = map_new(fake->arena);
    fake->dead = map_new(fake->arena);
    fake->reads = map_new(fake->arena);
    fake->asked = map_new(fake->arena);
    World *world = must_malloc(sizeof(*world));
    *world = (World){.context = fake,
                     .clock = clock_real(),
                     .read = fake_read,
                     .perform = fake_perform,
                     .round_trips = fake_round_trips,
                     .free = fake_free};
    return world;
}

/* -- scripting and asking -------------------------------------------------------------------- */

void fake_world_set(World *world, const char *source, const char *subject, const Value *value)
{
    Fake *fake = lock(world);
    map_set(fake->answers, key(fake, source, subject), value_copy(fake->arena, value));
    unlock(fake);
}

void fake_world_fail(World *world, const char *path, ErrorCode code, int count)
{
    Fake *fake = lock(world);
    Fault *fault = fault_of(fake, path);
    fault->code = code;
    fault->count = count;
    unlock(fake);
}

void fake_world_kill(World *world, const char *host, bool is_dead)
{
    Fake *fake = lock(world);
    map_set(fake->dead, arena_strdup(fake->arena, host),
            arena_strdup(fake->arena, is_dead ? "dead" : ""));
    unlock(fake);
}

void fake_world_block(World *world, const char *path, bool is_blocked)
{
    Fake *fake = lock(world);
    fault_of(fake, path)->is_blocked = is_blocked;
    unlock(fake);
}

void fake_world_slow(World *world, int64_t duration_ms)
{
    Fake *fake = lock(world);
    fake->slow_ms = duration_ms;
    unlock(fake);
}

const char *fake_world_content(World *world, const char *host, const char *path)
{
    Fake *fake = lock(world);
    const char *content = map_get(fake->files, key(fake, host, path));
    unlock(fake);
    return content;
}

bool fake_world_has(World *world, const char *host, const char *path)
{
    return fake_world_content(world, host, path) != NULL;
}

size_t fake_world_log_count(World *world)
{
    Fake *fake = lock(world);
    size_t count = fake->log_count;
    unlock(fake);
    return count;
}

const char *fake_world_log_at(World *world, size_t i)
{
    Fake *fake = lock(world);
    const char *line = fake->log[i];
    unlock(fake);
    return line;
}

long fake_world_log_find(World *world, const char *path)
{
    Fake *fake = lock(world);
    long found = -1;
    for (size_t i = 0; i < fake->log_count && found < 0; i++) {
        if (strcmp(strchr(fake->log[i], ' ') + 1, path) == 0)
            found = (long)i;
    }
    unlock(fake);
    return found;
}

size_t fake_world_peak(World *world)
{
    Fake *fake = lock(world);
    size_t peak = fake->peak;
    unlock(fake);
    return peak;
}

static size_t counted(World *world, Map *map, const char *name)
{
    Fake *fake = lock(world);
    const size_t *count = map_get(map, name);
    size_t result = count ? *count : 0;
    unlock(fake);
    return result;
}

size_t fake_world_reads(World *world, const char *host)
{
    return counted(world, ((Fake *)world->context)->reads, host);
}

size_t fake_world_asked(World *world, const char *source, const char *subject)
{
    Fake *fake = lock(world);
    const char *name = key(fake, source, subject);
    unlock(fake);
    return counted(world, fake->asked, name);
}

void fake_world_on_read(World *world, const char *source,
                        const Value *(*hook)(void *context, Arena *arena, size_t asked),
                        void *context)
{
    Fake *fake = lock(world);
    fake->hook_source = source;
    fake->hook = hook;
    fake->hook_context = context;
    unlock(fake);
}

/* -- verbs ----------------------------------------------------------------------------------- */

static bool has_flag(const Action *action, unsigned flag)
{
    return ((unsigned)value_get_int(action->args, "flags", 0) & flag) != 0;
}

static void put_effects(Arena *arena, const Action *action, EffectList *out)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "path", action->address);
    value_set(arena, args, "content", value_get(action->args, "content"));
    value_set_text(arena, args, "owner", "root");
    value_set_text(arena, args, "group", "root");
    value_set_text(arena, args, "mode", "0600");
    effect_add(arena, out, EFFECT_FILE_PUT, action->host, args);
}

static Check file_check(const Action *action, const char *path, Relation relation, int64_t bound_ms)
{
    return (Check){.source = "fake.files",
                   .subject = action->host,
                   .path = path,
                   .relation = relation,
                   .bound_ms = bound_ms,
                   .sentence = "the file is as it should be"};
}

static void put_pre(Arena *arena, const Action *action, CheckList *out)
{
    if (has_flag(action, FAKE_PRE_ABSENT))
        check_add(arena, out, file_check(action, action->address, RELATION_ABSENT, 0));
}

static void put_post(Arena *arena, const Action *action, CheckList *out)
{
    if (has_flag(action, FAKE_POST))
        check_add(arena, out, file_check(action, action->address, RELATION_EXISTS, POST_BOUND_MS));
    if (has_flag(action, FAKE_BAD_POST))
        check_add(arena, out, file_check(action, "never there", RELATION_EXISTS, BAD_BOUND_MS));
}

static const Verb verb_put = {.name = "put",
                              .doc = "put a file",
                              .half_done = HALF_REPEAT,
                              .expected_ms = 10,
                              .deadline_ms = 5000,
                              .progress = "putting",
                              .effects = put_effects,
                              .pre = put_pre,
                              .post = put_post};
static const Verb verb_blind = {.name = "put.blind",
                                .doc = "put a file in which no check sees all",
                                .half_done = HALF_WRITE,
                                .expected_ms = 10,
                                .deadline_ms = 5000,
                                .progress = "putting",
                                .effects = put_effects,
                                .pre = put_pre,
                                .post = put_post};
static const Verb verb_ask = {.name = "put.ask",
                              .doc = "put a file once",
                              .half_done = HALF_ASK,
                              .expected_ms = 10,
                              .deadline_ms = 5000,
                              .progress = "putting",
                              .effects = put_effects,
                              .pre = put_pre,
                              .post = put_post};
static const Verb verb_disruptive = {.name = "put.disruptive",
                                     .doc = "put a file in a way that hurts",
                                     .availability = AVAILABLE_RESTART,
                                     .disruptive = true,
                                     .half_done = HALF_REPEAT,
                                     .expected_ms = 10,
                                     .deadline_ms = 5000,
                                     .progress = "putting",
                                     .effects = put_effects,
                                     .pre = put_pre,
                                     .post = put_post};

static const Source source_files = {.name = "fake.files", .scope = SCOPE_NODE, .stage = 0};
static const Source source_cluster = {
    .name = "patroni.cluster", .scope = SCOPE_NODE, .via = VIA_REST, .stage = 1};
static const Kind *const fake_kinds[] = {NULL};
static const Source *const fake_sources[] = {&source_files, &source_cluster, NULL};
static const Verb *const fake_verbs[] = {&verb_put, &verb_blind, &verb_ask, &verb_disruptive, NULL};

const Registry fake_registry = {fake_kinds, fake_sources, fake_verbs, NULL, 0};

/* -- plans ----------------------------------------------------------------------------------- */

enum { PLAN_MAX = 4096 };

FakePlan *fake_plan_new(Arena *arena)
{
    FakePlan *fake = ARENA_NEW(arena, FakePlan);
    fake->arena = arena;
    fake->actions = ARENA_ARRAY(arena, Action, PLAN_MAX);
    fake->edges = ARENA_ARRAY(arena, PlanEdge, 4 * PLAN_MAX);
    fake->limits = ARENA_ARRAY(arena, PlanLimit, 64);
    fake->brackets = ARENA_ARRAY(arena, PlanBracket, 64);
    fake->plan = (Plan){.arena = arena,
                        .actions = fake->actions,
                        .edges = fake->edges,
                        .limits = fake->limits,
                        .brackets = fake->brackets,
                        .transition = "cafe"};
    return fake;
}

size_t fake_plan_add(FakePlan *fake, const char *verb, const char *name, const char *host,
                     unsigned flags)
{
    Arena *arena = fake->arena;
    size_t id = fake->plan.action_count++;
    Value *args = value_map(arena);
    value_set_int(arena, args, "flags", flags);
    if (flags & FAKE_SECRET)
        value_set(arena, args, "content", value_secret(arena, "10.0.0.1|password"));
    else
        value_set_text(arena, args, "content", "plain");
    fake->actions[id] = (Action){.id = id,
                                 .verb = registry_verb(&fake_registry, verb),
                                 .address = arena_strdup(arena, name),
                                 .domain = "pg-test",
                                 .block = "pg-test",
                                 .kind = "file",
                                 .scope = "pg-test-1",
                                 .host = arena_strdup(arena, host),
                                 .cluster = "pg-test",
                                 .args = args,
                                 .expected_ms = 10};
    return id;
}

void fake_plan_edge(FakePlan *fake, size_t from, size_t to)
{
    fake->edges[fake->plan.edge_count++] = (PlanEdge){from, to, "so it is"};
}

static size_t *copy_ids(Arena *arena, const size_t *ids, size_t count)
{
    size_t *copy = ARENA_ARRAY(arena, size_t, count);
    if (count > 0)
        memcpy(copy, ids, count * sizeof(*ids));
    return copy;
}

void fake_plan_limit(FakePlan *fake, const char *name, size_t capacity, const size_t *actions,
                     size_t count)
{
    fake->limits[fake->plan.limit_count++] =
        (PlanLimit){name, capacity, copy_ids(fake->arena, actions, count), count};
}

void fake_plan_bracket(FakePlan *fake, size_t open, size_t close, const size_t *body, size_t count)
{
    fake->brackets[fake->plan.bracket_count++] =
        (PlanBracket){open, close, copy_ids(fake->arena, body, count), count};
}
