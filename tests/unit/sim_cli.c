#include "sim_cli.h"

#include <unistd.h>

#include "base/json.h"
#include "base/map.h"
#include "providers/registry.h"
#include "providers/sim/sim.h"
#include "unit.h"

typedef struct Teller {
    World world; /* between the program and the simulated one */
    Simulation sim;
    Arena *arena;
    Map *told; /* effects that failed once */
    const char *const *words;
    const SimCliWatch *watch; /* or NULL */
} Teller;

static Teller teller;

static Error *read_through(World *world, const char *host, const ReadRequest *requests,
                           size_t count, int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    (void)world;
    World *real = teller.sim.world;
    return real->read(real, host, requests, count, deadline_ms, arena, ret_readings);
}

/* What it is done to; the rest may differ from run to run. */
static const char *name_of(const char *host, const Effect *effect)
{
    static const char *const parts[] = {"op", "path", "checker", "name", "key", "method"};
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "%s %s", host, effect_rows[effect->type].name);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        text_addf(&text, " %s", value_get_text(effect->args, parts[i]));
    return text_copy(&text, teller.arena);
}

static bool has_word(const char *text)
{
    for (const char *const *word = teller.words; *word; word++) {
        if (strstr(text, *word))
            return true;
    }
    return false;
}

static Error *tell(const char *host, const Effect *effects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(host, &effects[i]);
        CLEANUP(text_release) Text text = TEXT_INIT;
        json_write(&text, effects[i].args);
        if (!has_word(text_get(&text)) || map_set(teller.told, name, &teller))
            continue;
        return error_new(ERROR_REFUSED, "%s: %s", name, text_get(&text));
    }
    return NULL;
}

static Error *perform_through(World *world, const char *host, const Effect *effects, size_t count,
                              int64_t deadline_ms, Arena *arena, const Value **ret_outcome)
{
    (void)world;
    World *real = teller.sim.world;
    const SimCliWatch *watch = teller.watch;
    if (watch)
        watch->before(watch->context, host, effects);
    if (teller.words)
        TRY(tell(host, effects, count));
    Error *error = real->perform(real, host, effects, count, deadline_ms, arena, ret_outcome);
    if (watch)
        watch->after(watch->context, effects, error);
    return error;
}

static Error *ask_through(World *world, const char *host, const EtcdRequest *request,
                          int64_t deadline_ms, Arena *arena, EtcdAnswer *ret)
{
    (void)world;
    World *real = teller.sim.world;
    return real->ask_etcd(real, host, request, deadline_ms, arena, ret);
}

static size_t count_through(World *world, const char *host)
{
    (void)world;
    World *real = teller.sim.world;
    return real->round_trips(real, host);
}

static void stay(World *world)
{
    (void)world;
}

static Error *open_world(const Connection *connection, World **ret)
{
    for (size_t i = 0; i < inventory_host_count(connection->inventory); i++)
        teller.sim.add_node(teller.sim.context,
                            host_address(inventory_host_at(connection->inventory, i)));
    teller.world = (World){.clock = teller.sim.world->clock,
                           .read = read_through,
                           .perform = perform_through,
                           .round_trips = count_through,
                           .free = stay,
                           .ask_etcd = ask_through};
    *ret = &teller.world;
    return NULL;
}

static const char *the_probe(Arena *arena)
{
    return arena_strdup(arena, "#!/bin/sh\n# probe\n");
}

static const Program program = {.version = "0.1",
                                .registry = &pgsteer_registry,
                                .probe_text = the_probe,
                                .world_new = open_world,
                                .simulation_new = sim_new};

FakeCli sim_cli_new(uint64_t seed)
{
    FakeCli f = fake_cli_new();
    f.program = &program;
    teller = (Teller){.sim = sim_new(seed), .arena = arena_new()};
    teller.told = map_new(teller.arena);
    assert_int_equal(unlink("pgsteer.yml"), 0);
    return f;
}

void sim_cli_end(FakeCli *f)
{
    teller.sim.free(teller.sim.context);
    arena_free(teller.arena);
    fake_cli_end(f);
}

void sim_cli_tell(const char *const *words)
{
    teller.words = words;
}

void sim_cli_watch(const SimCliWatch *watch)
{
    teller.watch = watch;
}

Simulation *sim_cli_fleet(void)
{
    return &teller.sim;
}

size_t sim_cli_told(void)
{
    return map_count(teller.told);
}
