/*
 * The whole way on a simulated fleet: plan it from bare nodes, order that and carry it out, plan
 * again when there is nothing to do, first without (cold) and then with what the plan before has
 * remembered of passwords, and once more for one cluster alone. Prints what each phase
 * took, a line of NAME=NUMBER words each. CPU time and memory are the engine's: what the simulator
 * needs to answer is counted apart (world_ms), and what it keeps is there before the phase begins.
 *
 *     bench_fleet_plan HOSTS
 *     bench_fleet_plan HOSTS filled
 *     bench_fleet_plan HOSTS target
 *
 * filled: the fleet is brought up a thousand clusters at a time, which needs far less memory and
 * time than one plan for all of it (printed as `fill`, which is held to nothing), and then planned.
 * target: only load it and plan one cluster, from bare nodes.
 */
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench/fleet_text.h"
#include "engine/credentials.h"
#include "engine/executor.h"
#include "engine/schedule.h"
#include "engine/survey.h"
#include "plans/parts.h"
#include "plans/reach.h"
#include "plans/verify/verification.h"
#include "providers/registry.h"
#include "providers/sim/sim.h"

/* The fleet is filled by many at a time, though threads take turns on the simulator's clock: what
 * is there already lives on while virtual time passes, which costs the square of the fleet. */
enum { WORKERS = 64, FILL_WORKERS = 400, FILL_PARTS = 1000 };
enum { TODAY = 20000, NS_PER_US = 1000, NS_PER_MS = 1000000 };

typedef struct Bench {
    Arena *arena;
    Simulation sim;
    World world; /* the simulator's, with its time taken */
    atomic_llong world_ns;
    Inventory *inventory;
    const char *known_passwords; /* the file */
    const Domain *domains;
    size_t domain_count;
} Bench;

typedef struct Phase {
    long long cpu_ns, world_ns;
    long begin_kb;
} Phase;

static long long now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void fail(Error *error)
{
    if (!error)
        return;
    fputs("bench: ", stderr);
    error_print(stderr, error);
    fputc('\n', stderr);
    exit(1);
}

/* -- what is measured ------------------------------------------------------------------------ */

/* In kB: "VmRSS:" now, or "VmHWM:" the most since the last forget_peak(). */
static long memory_kb(const char *name)
{
    char line[256];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, name, strlen(name)) == 0)
            kb = strtol(line + strlen(name), NULL, 10);
    }
    if (file)
        fclose(file);
    return kb;
}

static void forget_peak(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file)
        return;
    fputs("5", file);
    fclose(file);
}

static Phase phase_begin(const Bench *bench)
{
    malloc_trim(0);
    forget_peak();
    return (Phase){.cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID),
                   .world_ns = bench->world_ns,
                   .begin_kb = memory_kb("VmRSS:")};
}

static long long world_ns(const Bench *bench, const Phase *phase)
{
    return bench->world_ns - phase->world_ns;
}

static long long engine_ns(const Bench *bench, const Phase *phase)
{
    return now_ns(CLOCK_PROCESS_CPUTIME_ID) - phase->cpu_ns - world_ns(bench, phase);
}

static void phase_end(const Bench *bench, const Phase *phase, const char *name)
{
    printf("%s: cpu_ms=%lld world_ms=%lld kb=%ld", name, engine_ns(bench, phase) / NS_PER_MS,
           world_ns(bench, phase) / NS_PER_MS, memory_kb("VmHWM:") - phase->begin_kb);
}

/* -- the world, with its time taken ---------------------------------------------------------- */

static Error *read_timed(World *world, const char *host_address, const ReadRequest *requests,
                         size_t count, int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    Bench *bench = world->context;
    World *inner = bench->sim.world;
    long long begin_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    Error *error =
        inner->read(inner, host_address, requests, count, deadline_ms, arena, ret_readings);
    bench->world_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
    return error;
}

static Error *perform_timed(World *world, const char *host_address, const Effect *effects,
                            size_t count, int64_t deadline_ms, Arena *arena,
                            const Value **ret_outcome)
{
    Bench *bench = world->context;
    World *inner = bench->sim.world;
    long long begin_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    Error *error =
        inner->perform(inner, host_address, effects, count, deadline_ms, arena, ret_outcome);
    bench->world_ns += now_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
    return error;
}

static size_t round_trips(World *world, const char *host_address)
{
    World *inner = ((Bench *)world->context)->sim.world;
    return inner->round_trips(inner, host_address);
}

/* -- phases ---------------------------------------------------------------------------------- */

static void load(Bench *bench, size_t host_count)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    Phase phase = phase_begin(bench);
    Diagnostics *diagnostics = diagnostics_new(bench->arena);
    fleet_text_add(&text, host_count);
    bench->inventory =
        inventory_load_bytes(bench->arena, "fleet.yml", text_get(&text), text.length, diagnostics);
    if (!bench->inventory) {
        diagnostics_print(stderr, diagnostics, 1, false, false);
        exit(1);
    }
    bench->domain_count = domains_of(bench->arena, bench->inventory, &bench->domains);
    phase_end(bench, &phase, "load");
    printf(" nodes=%zu domains=%zu\n", inventory_host_count(bench->inventory), bench->domain_count);
    for (size_t i = 0; i < inventory_host_count(bench->inventory); i++)
        bench->sim.add_node(bench->sim.context,
                            host_address(inventory_host_at(bench->inventory, i)));
}

/* A PlanWitness: counts what is in place. */
static void count_resource(void *context, const Domain *domain, const Resource *desired)
{
    (void)domain;
    (void)desired;
    size_t *count = context;
    ++*count;
}

/* A piece of the fleet, or all of it. */
typedef struct Piece {
    const Domain *domains;
    size_t count;
    const char *const *targets; /* or NULL */
    size_t workers;
    const PlanWitness *witness; /* or NULL */
} Piece;

/* What is read lives until observation_end(). */
static Plan *survey_piece(Bench *bench, Arena *arena, const Piece *piece,
                          Observation **ret_observation)
{
    ObserveInput observe_input = {
        .registry = &pgsteer_registry, .world = &bench->world, .workers = piece->workers};
    PlanInput plan_input = {.registry = &pgsteer_registry,
                            .inventory = bench->inventory,
                            .domains = piece->domains,
                            .domain_count = piece->count,
                            .witness = piece->witness,
                            .targets = piece->targets};
    SurveyInput input = {.observe = &observe_input, .plan = &plan_input};
    Plan *made = NULL;
    fail(survey(arena, &input, ret_observation, &made));
    made->verification = plan_verify(arena, made, VERIFY_SAMPLE);
    return made;
}

static Plan *plan(Bench *bench, Arena *arena, const char *name, const char *target,
                  Observation **ret_observation)
{
    const char *const targets[] = {target, NULL};
    size_t in_place = 0;
    const PlanWitness witness = {count_resource, &in_place};
    Phase phase = phase_begin(bench);
    CLEANUP(known_passwords_freep) KnownPasswords *known = known_passwords_new(TODAY);
    known_passwords_read(known, bench->known_passwords);
    inventory_use_known_passwords(bench->inventory, known);
    Piece piece = {.targets = target ? targets : NULL, .workers = WORKERS, .witness = &witness};
    piece.count =
        reach_of(arena, piece.targets, bench->domains, bench->domain_count, &piece.domains);
    Plan *made = survey_piece(bench, arena, &piece, ret_observation);
    inventory_use_known_passwords(bench->inventory, NULL);
    fail(known_passwords_write(known));
    phase_end(bench, &phase, name);
    printf(" nodes=%zu in_place=%zu actions=%zu edges=%zu\n", (*ret_observation)->hosts_wanted,
           in_place, made->action_count, made->edge_count);
    fflush(stdout);
    return made;
}

/* What it costs to say which action is next: of as many as run at a time, the one that was begun
 * first is done first. */
static void schedule(const Bench *bench, Arena *arena, const Plan *made)
{
    size_t *running = ARENA_ARRAY(arena, size_t, made->action_count);
    size_t begun = 0, done = 0;
    Schedule *order = NULL;
    Step step;
    Phase phase = phase_begin(bench);
    fail(schedule_new(arena, made, &order));
    do {
        while (begun - done < WORKERS && schedule_next(order, &step))
            running[begun++] = step.action;
        if (done < begun)
            schedule_finish(order, running[done++], FINISH_DONE);
    } while (done < begun);
    long long ns =
        made->action_count ? engine_ns(bench, &phase) / (long long)made->action_count : 0;
    phase_end(bench, &phase, "schedule");
    printf(" ns_an_action=%lld done=%zu actions=%zu\n", ns, done, made->action_count);
}

static Execution *carry_out(Bench *bench, Arena *arena, const Plan *made, const Observation *seen,
                            size_t workers)
{
    Secrets *secrets = NULL;
    Execution *execution = NULL;
    Credentials *credentials = credentials_new(arena, bench->inventory, seen->facts, &bench->world,
                                               &pgsteer_registry, diagnostics_new(arena));
    fail(secrets_resolve(arena, made, credentials_text, credentials, &secrets));
    ExecutorInput input = {.plan = made,
                           .registry = &pgsteer_registry,
                           .world = &bench->world,
                           .run = "bench",
                           .secrets = secrets,
                           .workers = workers};
    fail(executor_run(arena, &input, &execution));
    return execution;
}

static void apply(Bench *bench, Arena *arena, const Plan *made, const Observation *seen)
{
    Phase phase = phase_begin(bench);
    Execution *execution = carry_out(bench, arena, made, seen, WORKERS);
    long long us = made->action_count
                       ? engine_ns(bench, &phase) / NS_PER_US / (long long)made->action_count
                       : 0;
    phase_end(bench, &phase, "apply");
    printf(" us_an_action=%lld done=%zu actions=%zu virtual_ms=%lld\n", us,
           execution->counts[ACTION_DONE], made->action_count, (long long)execution->took_ms);
    fflush(stdout);
    execution_end(execution);
}

/* Plan what infra and etcd, and the parts from `first` on, need, and do it. */
static void fill_piece(Bench *bench, const Parts *parts, size_t first, size_t *actions,
                       size_t *done)
{
    Arena *arena = arena_new();
    Domain *domains = ARENA_ARRAY(arena, Domain, bench->domain_count);
    Piece piece = {.domains = domains, .workers = FILL_WORKERS};
    for (size_t i = 0; i < bench->domain_count; i++) {
        size_t part = parts->part_of[i];
        if (part == 0 || (part >= first && part < first + FILL_PARTS))
            domains[piece.count++] = bench->domains[i];
    }
    Observation *seen = NULL;
    const Plan *made = survey_piece(bench, arena, &piece, &seen);
    Execution *execution = carry_out(bench, arena, made, seen, FILL_WORKERS);
    *actions += made->action_count;
    *done += execution->counts[ACTION_DONE];
    execution_end(execution);
    observation_end(seen);
    arena_free(arena);
}

/* Each of the phases by its name, for profilers. */
__attribute__((noinline)) static void bare(Bench *bench)
{
    Arena *arena = arena_new();
    Observation *seen = NULL;
    const Plan *made = plan(bench, arena, "bare", NULL, &seen);
    schedule(bench, arena, made);
    apply(bench, arena, made, seen);
    observation_end(seen);
    arena_free(arena);
}

__attribute__((noinline)) static void fill(Bench *bench)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Parts parts = parts_of(arena, bench->domains, bench->domain_count);
    size_t actions = 0, done = 0;
    Phase phase = phase_begin(bench);
    for (size_t first = 1; first < parts.count; first += FILL_PARTS)
        fill_piece(bench, &parts, first, &actions, &done);
    phase_end(bench, &phase, "fill");
    printf(" done=%zu actions=%zu\n", done, actions);
    fflush(stdout);
}

__attribute__((noinline)) static void settled(Bench *bench, const char *name)
{
    Arena *arena = arena_new();
    Observation *seen = NULL;
    (void)plan(bench, arena, name, NULL, &seen);
    observation_end(seen);
    arena_free(arena);
}

__attribute__((noinline)) static void one_cluster(Bench *bench)
{
    Arena *arena = arena_new();
    Observation *seen = NULL;
    (void)plan(bench, arena, "target", "pg-0", &seen);
    observation_end(seen);
    arena_free(arena);
}

/* The phases of the whole way, or of the one that `how` names. */
static void go(Bench *bench, const char *how)
{
    bool is_whole = strcmp(how, "target") != 0;
    if (strcmp(how, "filled") == 0)
        fill(bench);
    else if (is_whole)
        bare(bench);
    for (size_t i = 0; is_whole && i < 2; i++)
        settled(bench, i == 0 ? "settled_cold" : "settled");
    one_cluster(bench);
}

static bool is_way(const char *how)
{
    return strcmp(how, "") == 0 || strcmp(how, "filled") == 0 || strcmp(how, "target") == 0;
}

int main(int argc, char **argv)
{
    long host_count = argc >= 2 ? strtol(argv[1], NULL, 10) : 0;
    const char *how = argc == 3 ? argv[2] : "";
    if (host_count < 1 || host_count > FLEET_HOSTS_MAX || argc > 3 || !is_way(how)) {
        fprintf(stderr, "usage: bench_fleet_plan HOSTS [filled|target] (1 to %d hosts)\n",
                FLEET_HOSTS_MAX);
        return 1;
    }
    char folder[] = "/tmp/bench_fleet_plan.XXXXXX";
    if (!mkdtemp(folder))
        return 1;
    Bench bench = {.arena = arena_new(), .sim = sim_new(1)};
    bench.known_passwords = arena_printf(bench.arena, "%s/known_passwords", folder);
    bench.world = (World){.context = &bench,
                          .clock = bench.sim.world->clock,
                          .read = read_timed,
                          .perform = perform_timed,
                          .round_trips = round_trips};
    bench.sim.ignore_worst(bench.sim.context);
    load(&bench, (size_t)host_count);
    go(&bench, how);
    bench.sim.free(bench.sim.context);
    unlink(bench.known_passwords);
    rmdir(folder);
    arena_free(bench.arena);
    return 0;
}
