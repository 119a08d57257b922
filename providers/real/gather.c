#include "providers/real/gather.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"

enum { TOGETHER_MAX = 64 };

/* One caller's call, on its stack; the caller waits until it is done. */
typedef struct Call Call;
struct Call {
    bool is_read;
    const Effect *effects; /* or */
    const ReadRequest *requests;
    size_t count;
    int64_t deadline_ms;
    Arena *arena; /* the caller's; touched by its own thread only */
    const Value **ret_outcome;
    Reading *ret_readings;
    Error *error;
    bool is_done;
    bool is_alone; /* went with others, which failed: must go again by itself */
    Call *next;
};

/* Calls of one sort to one node. */
typedef struct Lane {
    Call *first, *last;
    bool is_busy;
} Lane;

typedef struct Gather {
    World world;
    World *inner;
    Arena *arena;
    Map *lanes; /* "effects HOST", "reads HOST" */
    pthread_mutex_t mutex;
    pthread_cond_t done;
} Gather;

static const bool small_effects[EFFECT_TYPE_COUNT] = {
    [EFFECT_FILE_PUT] = true, [EFFECT_FILE_BLOCK] = true, [EFFECT_FILE_REMOVE] = true,
    [EFFECT_DIR] = true,      [EFFECT_LINK] = true,       [EFFECT_USER] = true,
    [EFFECT_MARKER] = true,
};

static bool are_small(const Effect *effects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!small_effects[effects[i].type])
            return false;
    }
    return count > 0;
}

static bool are_probe(const ReadRequest *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (requests[i].source->via != VIA_PROBE)
            return false;
    }
    return count > 0;
}

/* -- lanes ------------------------------------------------------------------------------------- */

static Lane *lane_of(Gather *gather, const char *sort, const char *host)
{
    char *name = arena_printf(gather->arena, "%s %s", sort, host);
    Lane *lane = map_get(gather->lanes, name);
    if (!lane) {
        lane = ARENA_NEW(gather->arena, Lane);
        map_set(gather->lanes, name, lane);
    }
    return lane;
}

static void append(Lane *lane, Call *call)
{
    if (lane->last)
        lane->last->next = call;
    else
        lane->first = call;
    lane->last = call;
}

/* The waiting calls, at most TOGETHER_MAX. */
static size_t take(Lane *lane, Call **ret_calls)
{
    size_t count = 0;
    while (lane->first && count < TOGETHER_MAX) {
        ret_calls[count++] = lane->first;
        lane->first = lane->first->next;
    }
    if (!lane->first)
        lane->last = NULL;
    return count;
}

static int64_t earliest(Call *const *calls, size_t count)
{
    int64_t deadline_ms = -1;
    for (size_t i = 0; i < count; i++) {
        int64_t own_ms = calls[i]->deadline_ms;
        if (own_ms >= 0 && (deadline_ms < 0 || own_ms < deadline_ms))
            deadline_ms = own_ms;
    }
    return deadline_ms;
}

/* -- effects ----------------------------------------------------------------------------------- */

static void perform_together(Gather *gather, const char *host, Call *const *calls, size_t count)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t total = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        total += calls[i]->count;
    Effect *effects = ARENA_ARRAY(scratch, Effect, total);
    for (size_t i = 0; i < count; i++) {
        memcpy(&effects[at], calls[i]->effects, calls[i]->count * sizeof(*effects));
        at += calls[i]->count;
    }
    CLEANUP(error_freep)
    Error *error = gather->inner->perform(gather->inner, host, effects, total,
                                          earliest(calls, count), scratch, NULL);
    for (size_t i = 0; i < count; i++)
        calls[i]->is_alone = error != NULL;
}

/* -- readings ---------------------------------------------------------------------------------- */

static bool is_same(const ReadRequest *a, const ReadRequest *b)
{
    return a->source == b->source && strcmp(a->subject, b->subject) == 0;
}

static const Value *both_args(Arena *arena, const Value *a, const Value *b)
{
    Value *both = value_list(arena);
    for (size_t i = 0; i < value_count(a); i++)
        value_push(arena, both, value_at(a, i));
    for (size_t i = 0; i < value_count(b); i++)
        value_push(arena, both, value_at(b, i));
    return both;
}

static size_t merge_request(Arena *arena, ReadRequest *merged, size_t count,
                            const ReadRequest *request)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same(&merged[i], request)) {
            merged[i].args = both_args(arena, merged[i].args, request->args);
            return count;
        }
    }
    merged[count] = *request;
    return count + 1;
}

/* What a call asked for, out of what all asked for; kept on the heap for the caller to copy. */
static void hand_out(Call *call, const ReadRequest *merged, const Reading *readings, size_t count)
{
    for (size_t i = 0; i < call->count; i++) {
        for (size_t k = 0; k < count; k++) {
            if (is_same(&merged[k], &call->requests[i]))
                call->ret_readings[i] = readings[k];
        }
        Reading *reading = &call->ret_readings[i];
        reading->subject = call->requests[i].subject;
        if (reading->value)
            reading->value = value_copy(call->arena, reading->value);
        if (reading->unknown_reason)
            reading->unknown_reason = arena_strdup(call->arena, reading->unknown_reason);
    }
}

/* Who had as little time as all together got what it would have got alone; with more time, another
 * try may end better. */
static void hand_out_error(Call *call, const Error *error, int64_t deadline_ms)
{
    if (call->deadline_ms == deadline_ms)
        call->error = error_copy(error);
    else
        call->is_alone = true;
}

/* The callers wait, so their arenas are ours to write to until they are told. */
static void read_together(Gather *gather, const char *host, Call *const *calls, size_t count)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t total = 0, merged_count = 0;
    for (size_t i = 0; i < count; i++)
        total += calls[i]->count;
    ReadRequest *merged = ARENA_ARRAY(scratch, ReadRequest, total);
    Reading *readings = ARENA_ARRAY(scratch, Reading, total);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < calls[i]->count; k++)
            merged_count = merge_request(scratch, merged, merged_count, &calls[i]->requests[k]);
    }
    int64_t deadline_ms = earliest(calls, count);
    CLEANUP(error_freep)
    Error *error = gather->inner->read(gather->inner, host, merged, merged_count, deadline_ms,
                                       scratch, readings);
    for (size_t i = 0; i < count; i++) {
        if (error)
            hand_out_error(calls[i], error, deadline_ms);
        else
            hand_out(calls[i], merged, readings, merged_count);
    }
}

/* -- one call ---------------------------------------------------------------------------------- */

static Error *go_alone(const Gather *gather, const char *host, const Call *call)
{
    World *inner = gather->inner;
    if (call->is_read)
        return inner->read(inner, host, call->requests, call->count, call->deadline_ms, call->arena,
                           call->ret_readings);
    return inner->perform(inner, host, call->effects, call->count, call->deadline_ms, call->arena,
                          call->ret_outcome);
}

/* Take what waits and do it. Called with the mutex held, which is let go meanwhile. */
static void lead(Gather *gather, Lane *lane, const char *host)
{
    Call *calls[TOGETHER_MAX];
    size_t count = take(lane, calls);
    assert(count > 0 && "the caller's own call waits");
    lane->is_busy = true;
    pthread_mutex_unlock(&gather->mutex);
    if (count == 1)
        calls[0]->error = go_alone(gather, host, calls[0]);
    else if (calls[0]->is_read)
        read_together(gather, host, calls, count);
    else
        perform_together(gather, host, calls, count);
    pthread_mutex_lock(&gather->mutex);
    for (size_t i = 0; i < count; i++)
        calls[i]->is_done = true;
    lane->is_busy = false;
    pthread_cond_broadcast(&gather->done);
}

static Error *go_together(Gather *gather, const char *sort, const char *host, Call *call)
{
    pthread_mutex_lock(&gather->mutex);
    Lane *lane = lane_of(gather, sort, host);
    append(lane, call);
    while (!call->is_done) {
        if (lane->is_busy)
            pthread_cond_wait(&gather->done, &gather->mutex);
        else
            lead(gather, lane, host);
    }
    pthread_mutex_unlock(&gather->mutex);
    return call->is_alone ? go_alone(gather, host, call) : call->error;
}

static Error *gather_perform(World *world, const char *host_address, const Effect *effects,
                             size_t count, int64_t deadline_ms, Arena *arena,
                             const Value **ret_outcome)
{
    Gather *gather = world->context;
    Call call = {.effects = effects,
                 .count = count,
                 .deadline_ms = deadline_ms,
                 .arena = arena,
                 .ret_outcome = ret_outcome};
    if (!are_small(effects, count))
        return go_alone(gather, host_address, &call);
    const Fence *fence = effects[0].fence; /* what goes together has one */
    const char *lane = arena_printf(arena, "effects %s", fence ? fence->domain : "");
    return go_together(gather, lane, host_address, &call);
}

static Error *gather_read(World *world, const char *host_address, const ReadRequest *requests,
                          size_t count, int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    Gather *gather = world->context;
    Call call = {.is_read = true,
                 .requests = requests,
                 .count = count,
                 .deadline_ms = deadline_ms,
                 .arena = arena,
                 .ret_readings = ret_readings};
    return are_probe(requests, count) ? go_together(gather, "reads", host_address, &call)
                                      : go_alone(gather, host_address, &call);
}

static size_t gather_round_trips(World *world, const char *host_address)
{
    Gather *gather = world->context;
    return gather->inner->round_trips(gather->inner, host_address);
}

static Error *gather_ask_etcd(World *world, const char *host_address, const EtcdRequest *request,
                              int64_t deadline_ms, Arena *arena, EtcdAnswer *ret)
{
    Gather *gather = world->context;
    return gather->inner->ask_etcd(gather->inner, host_address, request, deadline_ms, arena, ret);
}

static void gather_free(World *world)
{
    Gather *gather = world->context;
    gather->inner->free(gather->inner);
    pthread_cond_destroy(&gather->done);
    pthread_mutex_destroy(&gather->mutex);
    arena_free(gather->arena);
    free(gather);
}

World *world_gather_new(World *inner)
{
    Gather *gather = must_malloc(sizeof(*gather));
    Arena *arena = arena_new();
    *gather = (Gather){.world = {.context = gather,
                                 .clock = inner->clock,
                                 .read = gather_read,
                                 .perform = gather_perform,
                                 .round_trips = gather_round_trips,
                                 .free = gather_free,
                                 .ask_etcd = gather_ask_etcd},
                       .inner = inner,
                       .arena = arena,
                       .lanes = map_new(arena)};
    pthread_mutex_init(&gather->mutex, NULL);
    pthread_cond_init(&gather->done, NULL);
    return &gather->world;
}
