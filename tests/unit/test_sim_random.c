/*
 * Random pairs of inventories on the simulated fleet, of every kind and change (generator.h): what
 * is planned can be applied, with and without trouble of every kind, and nothing is left to do
 * then; the way back works too, or the plan says why not; and no step hurts a cluster.
 *
 *     test_sim_random [FIRST_SEED [COUNT]]
 *
 * A pair that fails is made small first, and printed.
 */
#include "base/random.h"
#include "generator.h"
#include "rehearsal.h"
#include "trial.h"
#include "unit.h"

enum {
    FIRST_SEED = 1,
    SEEDS = 40,
    APPLIES_MAX = 6,
    LEGS = 3,
    GAP_MAX_MS = 5000,
    UNGUARDED_MAX_MS =
        15000, /* until Patroni's next look, after a switchover or a new declaration */
    PAUSE_MS = 60000,
    TROUBLE_MS = 300000,
    LOST_MAX_BYTES = 17 << 20, /* the largest maximum_lag_on_failover, and what a ttl writes */
    LIMIT_S = 600,             /* for a pair, under ThreadSanitizer on a busy machine */
};

/* -- troubles ---------------------------------------------------------------------------------- */

enum { KINDS_MAX = 3 };

typedef struct Trouble {
    const char *name;
    SimFaults faults;
    size_t count; /* of troubles of these kinds */
    SimTroubleKind kinds[KINDS_MAX];
    size_t kind_count;
    bool may_hurt; /* the cluster suffers from the trouble, not from us */
} Trouble;

/* Nothing that only we notice may hurt a cluster. */
static const Trouble troubles[] = {
    {.name = "no trouble"},
    {.name = "lost messages", .faults = {.lost_requests = 10, .lost_answers = 30}},
    {.name = "messages that come again", .faults = {.repeated_requests = 50, .stale_answers = 200}},
    {.name = "power losses",
     .count = 3,
     .kinds = {SIM_POWER_LOSS},
     .kind_count = 1,
     .may_hurt = true},
    {.name = "nodes that we do not reach",
     .count = 4,
     .kinds = {SIM_CUT_OFF, SIM_SLOW, SIM_DISK_FULL},
     .kind_count = 3},
    {.name = "isolated nodes and wrong clocks",
     .count = 4,
     .kinds = {SIM_ISOLATED, SIM_SKEW},
     .kind_count = 2,
     .may_hurt = true},
};

/* -- a pair ------------------------------------------------------------------------------------ */

typedef struct Tally {
    size_t pairs, legs, actions, refused, withheld;
} Tally;

typedef struct Ride {
    uint64_t seed;
    Pair pair;
    const Trouble *trouble;
    Random random;
    Tally *tally;
} Ride;

/* A few nodes are in trouble while the plan is carried out, each for a minute or so. */
static void schedule_troubles(const Rehearsal *it, Ride *ride)
{
    enum { WITHIN_MS = 120000, DOWN_MS = 60000 }; /* together less than TROUBLE_MS */
    const Trouble *trouble = ride->trouble;
    for (size_t i = 0; i < trouble->count; i++) {
        size_t host = random_below(&ride->random, inventory_host_count(it->inventory));
        SimTrouble one = {
            .kind = trouble->kinds[random_below(&ride->random, trouble->kind_count)],
            .address = host_address(inventory_host_at(it->inventory, host)),
            .after_ms = (int64_t)random_below(&ride->random, WITHIN_MS),
            .for_ms = 1000 + (int64_t)random_below(&ride->random, DOWN_MS),
            .amount_ms = 500 + (int64_t)random_below(&ride->random, 2000),
        };
        it->sim.trouble(it->sim.context, &one);
    }
}

/* False: the plan is refused, with a reason. */
static bool plan(Rehearsal *it, Ride *ride)
{
    Error *error = rehearsal_try_plan(it);
    if (!error)
        return true;
    if (error_root(error)->code != ERROR_REFUSED)
        check_fine(error);
    assert_true(*error_root(error)->message);
    error_free(error);
    ride->tally->refused++;
    return false;
}

static bool is_troubled(const Trouble *trouble)
{
    return trouble->count > 0 || trouble->faults.lost_requests > 0 ||
           trouble->faults.stale_answers > 0;
}

/* With lost messages some actions fail; applied again and again, without them in the end, every
 * one is done. */
static bool converge(Rehearsal *it, Ride *ride)
{
    static const SimFaults none = {0};
    const char *why = "";
    for (int i = 0; i < APPLIES_MAX; i++) {
        it->sim.set_faults(it->sim.context, &none);
        it->sim.wait_ms(it->sim.context, i == 0 ? 0 : PAUSE_MS);
        if (!plan(it, ride))
            return false;
        ride->tally->actions += it->plan->action_count;
        it->sim.set_faults(it->sim.context, i + 2 < APPLIES_MAX ? &ride->trouble->faults : &none);
        bool was_read = it->observation->hosts_observed == it->observation->hosts_wanted;
        if (rehearsal_apply(it, &why) == 0 && was_read) {
            it->sim.set_faults(it->sim.context, &none);
            return true;
        }
        print_message("not done:\n%s", why);
        if (!is_troubled(ride->trouble))
            fail_msg("not done at once:\n%s", why);
    }
    fail_msg("still not done:\n%s", why);
    return false;
}

/* Nothing that is planned may stop two members at once, let two take writes, lose what clients know
 * to be written, make a standby stop to replay, or leave etcd without a quorum; whatever happens,
 * data are not gone. */
static void expect_gentle(const Rehearsal *it, Ride *ride)
{
    bool may_hurt = ride->trouble->may_hurt;
    SimWorst worst = it->sim.worst(it->sim.context);
    if (worst.bare > 0)
        fail_msg("%zu times the last copy of a cluster was removed", worst.bare);
    if (worst.lost_bytes > (may_hurt ? LOST_MAX_BYTES : 0))
        fail_msg("%lld bytes that clients knew to be written are lost",
                 (long long)worst.lost_bytes);
    if (worst.lost_sync_bytes > 0)
        fail_msg("%lld bytes that a synchronous standby had are lost",
                 (long long)worst.lost_sync_bytes);
    if (may_hurt)
        return;
    if (worst.primaries > 1 || worst.down > 1 || worst.gap_ms > GAP_MAX_MS)
        fail_msg("%zu took writes, %zu were down, nobody took writes for %lld ms", worst.primaries,
                 worst.down, (long long)worst.gap_ms);
    if (worst.unguarded_ms > UNGUARDED_MAX_MS)
        fail_msg("fewer synchronous standbys than declared for %lld ms",
                 (long long)worst.unguarded_ms);
    if (worst.left_behind > 0)
        fail_msg("%zu standbys need log that is gone", worst.left_behind);
    if (worst.lagging > 0 || worst.etcd_gap_ms > GAP_MAX_MS)
        fail_msg("%zu standbys had less than their leader, etcd had no quorum for %lld ms",
                 worst.lagging, (long long)worst.etcd_gap_ms);
}

/* What is not planned has a reason. */
static void expect_reasons(const Rehearsal *it, Ride *ride)
{
    for (size_t i = 0; i < it->plan->block_count; i++) {
        const PlanBlock *block = &it->plan->blocks[i];
        for (size_t k = 0; k < block->change_count; k++) {
            const char *reason = block->changes[k].withhold_reason;
            if (!reason || !*reason)
                fail_msg("left without a reason: %s", change_resource(&block->changes[k])->address);
            ride->tally->withheld++;
        }
    }
}

static bool go_one_leg(Rehearsal *it, Ride *ride, const char *inventory)
{
    ride->tally->legs++;
    rehearsal_load(it, inventory);
    schedule_troubles(it, ride);
    if (!converge(it, ride))
        return false;
    if (ride->trouble->count > 0) {
        it->sim.wait_ms(it->sim.context, TROUBLE_MS);
        if (!converge(it, ride))
            return false;
    }
    expect_gentle(it, ride);
    if (!rehearsal_is_done(it))
        fail_msg("left:\n%s", rehearsal_rest(it));
    expect_reasons(it, ride);
    return true;
}

static void go_there_and_back(void **state)
{
    static const char *const names[LEGS] = {"from nothing", "there", "back"};
    Ride *ride = *state;
    Rehearsal it;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *from = choices_text(arena, &ride->pair.from);
    const char *const ways[LEGS] = {from, choices_text(arena, &ride->pair.to), from};
    ride->random = random_from(ride->seed);
    rehearsal_begin(&it, ride->seed, from);
    for (size_t i = 0; i < LEGS; i++) {
        print_message("%s\n", names[i]);
        if (!go_one_leg(&it, ride, ways[i]))
            break;
    }
    rehearsal_end(&it);
    ride->tally->pairs++;
}

/* -- those that fail --------------------------------------------------------------------------- */

static bool still_fails(void *context, const Pair *pair)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Ride ride = *(const Ride *)context;
    ride.pair = *pair;
    return !trial_passes(arena, go_there_and_back, &ride, LIMIT_S, NULL);
}

static void tell(const Ride *failing)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *why = "(this time it went well)\n";
    Ride ride = *failing;
    ride.pair = pair_shrink(&failing->pair, still_fails, &ride);
    trial_passes(arena, go_there_and_back, &ride, LIMIT_S, &why);
    fprintf(stderr, "with %s, from:\n%sto:\n%s%stest_sim_random %llu 1\n", ride.trouble->name,
            choices_text(arena, &ride.pair.from), choices_text(arena, &ride.pair.to), why,
            (unsigned long long)ride.seed);
}

static bool passes(uint64_t seed, Tally *tally)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Ride ride = {.seed = seed,
                 .pair = pair_from(seed),
                 .trouble = &troubles[seed % COUNT_OF(troubles)],
                 .tally = tally};
    const char *why = "";
    if (trial_passes(arena, go_there_and_back, &ride, LIMIT_S, &why))
        return true;
    fprintf(stderr, "test_sim_random %llu 1 fails with %s:\n%s", (unsigned long long)seed,
            ride.trouble->name, why);
    tell(&ride);
    return false;
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : FIRST_SEED;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : SEEDS;
    Tally *tally = trial_shared(sizeof *tally);
    size_t failed = 0;
    for (uint64_t i = 0; i < count; i++)
        failed += !passes(first + i, tally);
    printf(
        "%zu pairs, %zu ways, %zu actions, %zu plans refused, %zu changes withheld, %zu failed\n",
        tally->pairs, tally->legs, tally->actions, tally->refused, tally->withheld, failed);
    return failed == 0 && tally->pairs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
