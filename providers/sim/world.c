/* The simulation as a World: who is asked, how long it takes, who answers. */
#include <assert.h>
#include <string.h>

#include "base/attr.h"
#include "providers/sim/wal.h"

enum { ROUND_TRIP_MS = 30, NO_ANSWER_MS = 10000 };

static const struct {
    const char *prefix; /* of the source's name */
    Answerer answer;
} answerers[] = {
    {"node.", answer_node},
    {"etcd.", answer_etcd},
    {"patroni.", answer_patroni},
    {"sql.", answer_sql},
};

static const struct {
    Performer run;
    bool writes; /* to the disk: not when it is full */
} performers[EFFECT_TYPE_COUNT] = {
    [EFFECT_FILE_PUT] = {do_file_put, true},
    [EFFECT_FILE_SET_PUT] = {do_file_set_put, true},
    [EFFECT_FILE_BLOCK] = {do_file_block, true},
    [EFFECT_FILE_REMOVE] = {do_file_remove, false},
    [EFFECT_DIR] = {do_dir, true},
    [EFFECT_LINK] = {do_link, true},
    [EFFECT_USER] = {do_user, true},
    [EFFECT_HOSTNAME] = {do_hostname, false},
    [EFFECT_PACKAGES] = {do_packages, true},
    [EFFECT_APT_UPDATE] = {do_apt_update, true},
    [EFFECT_REPO_INDEX] = {do_repo_index, true},
    [EFFECT_UNIT] = {do_unit, false},
    [EFFECT_CA] = {do_ca, true},
    [EFFECT_CERT] = {do_cert, true},
    [EFFECT_ETCD] = {do_etcd, false},
    [EFFECT_REST] = {do_rest, false},
    [EFFECT_SQL] = {do_sql, true},
    [EFFECT_DATA_REMOVE] = {do_data_remove, false},
    [EFFECT_MARKER] = {do_marker, true},
};

Value *state_edit(const Value *value)
{
    // NOLINTNEXTLINE(performance-no-int-to-ptr): a map keeps what it was given as const
    return (Value *)(uintptr_t)value;
}

const Value *sim_keep(Sim *sim, const Value *value)
{
    return value_pool_share(sim->pool, value);
}

const char *sim_keep_text(Sim *sim, const char *text)
{
    return text ? sim_keep(sim, &(Value){.type = VALUE_TEXT, .text = text})->text : NULL;
}

static Sim *sim_of(World *world)
{
    return world->context;
}

static void wait_until(Sim *sim, int64_t at_ms)
{
    sim->clock->sleep_ms(sim->clock, at_ms - clock_now_ms(sim->clock));
    sim_catch_up(sim);
}

static void pass(Sim *sim, int64_t base_ms)
{
    wait_until(sim, clock_now_ms(sim->clock) + sim_spread_ms(sim, base_ms));
}

/* Nothing comes back, for as long as anybody waits. */
static Error *silence(Sim *sim, const char *address, int64_t deadline_ms)
{
    int64_t give_up_ms = clock_now_ms(sim->clock) + NO_ANSWER_MS;
    wait_until(sim, deadline_ms >= 0 && deadline_ms < give_up_ms ? deadline_ms : give_up_ms);
    return error_new(ERROR_UNREACHABLE, "%s does not answer", address);
}

static bool strikes(Sim *sim, unsigned of_thousand)
{
    return of_thousand > 0 && random_below(&sim->random, 1000) < of_thousand;
}

/* Nothing of ours comes there, or back. */
static bool is_silent(const Node *node)
{
    return node->is_down || node_troubled(node, SIM_CUT_OFF) || node_troubled(node, SIM_ISOLATED);
}

/* The node, once the request has reached it. */
static Error *reach(World *world, const char *address, int64_t deadline_ms, Node **ret)
{
    Sim *sim = sim_of(world);
    Node *node = map_get(sim->nodes, address);
    if (!node || is_silent(node) || strikes(sim, sim->faults.lost_requests))
        return silence(sim, address, deadline_ms);
    const Span *slow = node_troubled(node, SIM_SLOW);
    pass(sim, ROUND_TRIP_MS + (slow ? slow->amount_ms : 0));
    *ret = node;
    return is_silent(node) ? silence(sim, address, deadline_ms) : NULL;
}

static void answer(Node *node, const ReadRequest *request, Arena *arena, Reading *ret)
{
    Answering about = {node, request, arena};
    const Value *value = NULL;
    Error *error = NULL;
    wal_settle(node->patroni.cluster);
    for (size_t i = 0; i < COUNT_OF(answerers); i++) {
        if (strncmp(answerers[i].prefix, request->source->name, strlen(answerers[i].prefix)) == 0)
            error = answerers[i].answer(&about, &value);
    }
    value = stale_or(node, request, value);
    *ret = (Reading){.source = request->source->name,
                     .subject = request->subject,
                     .value = value,
                     .read_wall_ms = node->sim->clock->wall_ms(node->sim->clock)};
    if (value)
        return;
    ret->unknown_code = error ? error_root(error)->code : ERROR_UNREACHABLE;
    ret->unknown_reason = error ? arena_strdup(arena, error_root(error)->message) : "no answer";
    error_free(error);
}

static Error *sim_read(World *world, const char *address, const ReadRequest *requests, size_t count,
                       int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    Node *node = NULL;
    TRY(reach(world, address, deadline_ms, &node));
    assert(node);
    for (size_t i = 0; i < count; i++)
        answer(node, &requests[i], arena, &ret_readings[i]);
    return NULL;
}

static void tell_watch(const Sim *sim)
{
    if (sim->watch.effect)
        sim->watch.effect(sim->watch.context);
}

Error *effect_do(Doing *doing, EffectType type)
{
    if (!performers[type].run)
        return error_new(ERROR_INVALID, "%s cannot be performed", effect_rows[type].name);
    if (performers[type].writes && node_troubled(doing->node, SIM_DISK_FULL))
        return error_new(ERROR_REFUSED, "No space left on device");
    TRY(performers[type].run(doing));
    wal_settle(doing->node->patroni.cluster);
    sim_note_worst(doing->node->sim);
    return NULL;
}

/* As the effect library does on a real node (providers/real/effects/fence.sh). */
static Error *pass_fence(Node *node, const Fence *fence)
{
    if (!fence)
        return NULL;
    const Fence *newest = map_get(node->fences, fence->domain);
    if (newest && newest->token >= fence->token)
        return fence_check(fence, newest);
    map_set(node->fences, arena_strdup(node->sim->arena, fence->domain),
            fence_copy(node->sim->arena, fence));
    return NULL;
}

static Error *perform_one(Node *node, const Effect *effect, int64_t deadline_ms)
{
    Doing doing = {.node = node, .args = effect->args, .deadline_ms = deadline_ms};
    tell_watch(node->sim);
    TRY(pass_fence(node, effect->fence));
    TRY(effect_do(&doing, effect->type));
    tell_watch(node->sim);
    if (doing.takes_ms > 0)
        pass(node->sim, doing.takes_ms);
    return is_silent(node) ? silence(node->sim, node->address, deadline_ms) : NULL;
}

static Error *perform_each(Node *node, const Effect *effects, size_t count, int64_t deadline_ms)
{
    for (size_t i = 0; i < count; i++)
        TRY(perform_one(node, &effects[i], deadline_ms));
    return NULL;
}

static Error *sim_perform(World *world, const char *address, const Effect *effects, size_t count,
                          int64_t deadline_ms, Arena *arena, const Value **ret_outcome)
{
    Node *node = NULL;
    for (size_t i = 0; i < count; i++)
        TRY(effect_check(&effects[i]));
    TRY(reach(world, address, deadline_ms, &node));
    assert(node);
    TRY(perform_each(node, effects, count, deadline_ms));
    if (strikes(node->sim, node->sim->faults.repeated_requests))
        TRY(perform_each(node, effects, count, deadline_ms));
    if (strikes(node->sim, node->sim->faults.lost_answers))
        return silence(node->sim, address, deadline_ms);
    if (ret_outcome)
        *ret_outcome = value_map(arena);
    return NULL;
}

static Error *sim_ask_etcd(World *world, const char *address, const EtcdRequest *request,
                           int64_t deadline_ms, Arena *arena, EtcdAnswer *ret)
{
    Node *node = NULL;
    TRY(reach(world, address, deadline_ms, &node));
    assert(node);
    return etcd_gateway(node, request, arena, ret);
}

/* Not counted: the test that counts them asks real nodes. */
static size_t sim_round_trips(World *world, const char *address)
{
    (void)world;
    (void)address;
    return 0;
}

static void sim_world_free(World *world)
{
    (void)world;
}

/* -- as a simulation ----------------------------------------------------------------------------
 */

static void sim_add_node(void *context, const char *address)
{
    Sim *sim = context;
    if (map_get(sim->nodes, address))
        return;
    Node *node = node_new(sim, address, "debian");
    map_set(sim->nodes, node->address, node);
}

static void sim_set_faults(void *context, const SimFaults *faults)
{
    Sim *sim = context;
    sim->faults = *faults;
}

static void sim_trouble(void *context, const SimTrouble *trouble)
{
    Sim *sim = context;
    Node *node = map_get(sim->nodes, trouble->address);
    if (node)
        node_trouble(node, trouble);
}

static void sim_meddle(void *context, const char *address, int64_t after_ms, const Effect *effect)
{
    Sim *sim = context;
    Node *node = map_get(sim->nodes, address);
    if (node)
        node_meddle(node, after_ms, effect);
}

static void sim_resize(void *context, const char *address, const SimSize *size)
{
    Sim *sim = context;
    Node *node = map_get(sim->nodes, address);
    if (!node)
        return;
    node->size = (SimSize){size->cpu_count ? size->cpu_count : node->size.cpu_count,
                           size->memory_kb ? size->memory_kb : node->size.memory_kb,
                           size->disk_bytes ? size->disk_bytes : node->size.disk_bytes};
}

static void sim_wait_ms(void *context, int64_t duration_ms)
{
    Sim *sim = context;
    wait_until(sim, clock_now_ms(sim->clock) + duration_ms);
}

static SimWorst sim_worst(const void *context)
{
    const Sim *sim = context;
    return sim->worst;
}

static void sim_ignore_worst(void *context)
{
    Sim *sim = context;
    sim->ignores_worst = true;
}

static void sim_forget_worst(void *context)
{
    Sim *sim = context;
    sim->worst = (SimWorst){0};
}

static void sim_watch(void *context, const SimWatch *watch)
{
    Sim *sim = context;
    sim->watch = *watch;
}

static void sim_outlive(void *context)
{
    Sim *sim = context;
    virtual_clock_outlive(sim->virtual_clock);
}

static void sim_free(void *context)
{
    Sim *sim = context;
    virtual_clock_free(sim->virtual_clock);
    arena_free(sim->arena);
}

Simulation sim_new(uint64_t seed)
{
    Arena *arena = arena_new();
    Sim *sim = ARENA_NEW(arena, Sim);
    *sim = (Sim){.arena = arena,
                 .pool = value_pool_new(arena),
                 .virtual_clock = virtual_clock_new(SIM_BEGIN_S * INT64_C(1000), seed),
                 .random = random_from(seed),
                 .nodes = map_new(arena),
                 .etcds = map_new(arena),
                 .event_ms = -1};
    sim->clock = virtual_clock_get(sim->virtual_clock);
    sim->world = (World){.context = sim,
                         .clock = sim->clock,
                         .read = sim_read,
                         .perform = sim_perform,
                         .round_trips = sim_round_trips,
                         .free = sim_world_free,
                         .ask_etcd = sim_ask_etcd};
    return (Simulation){.context = sim,
                        .world = &sim->world,
                        .add_node = sim_add_node,
                        .set_faults = sim_set_faults,
                        .trouble = sim_trouble,
                        .meddle = sim_meddle,
                        .resize = sim_resize,
                        .wait_ms = sim_wait_ms,
                        .worst = sim_worst,
                        .forget_worst = sim_forget_worst,
                        .ignore_worst = sim_ignore_worst,
                        .watch = sim_watch,
                        .outlive = sim_outlive,
                        .free = sim_free};
}
