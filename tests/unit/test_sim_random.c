/*
 * Random pairs of inventories on the simulated fleet: what is planned can be applied, with and
 * without trouble of every kind; nothing is left to do then; and the way back works, too.
 *
 *     test_sim_random [FIRST_SEED [COUNT]]
 */
#include "base/random.h"
#include "rehearsal.h"
#include "unit.h"

enum {
    FIRST_SEED = 1,
    SEEDS = 12,
    APPLIES_MAX = 6,
    MEMBERS_MAX = 4,
    NAMES = 3,
    GAP_MAX_MS = 5000,
    PAUSE_MS = 60000,
    TROUBLE_MS = 300000,
};

/* What an inventory of the generator says. */
typedef struct Shape {
    unsigned etcd_count, member_count;
    unsigned users, databases, services, rules; /* bits: which of NAMES there are */
    unsigned attributes;                        /* bits: how they are */
    unsigned connections, work_mem_mb, timeout_s;
    bool has_pooler, has_proxy;
} Shape;

static Shape random_shape(Random *random)
{
    return (Shape){
        .etcd_count = random_below(random, 2) ? 3 : 1,
        .member_count = 1 + (unsigned)random_below(random, MEMBERS_MAX),
        .users = (unsigned)random_below(random, 1U << NAMES),
        .databases = (unsigned)random_below(random, 1U << NAMES),
        .services = (unsigned)random_below(random, 1U << NAMES),
        .rules = (unsigned)random_below(random, 1U << NAMES),
        .attributes = (unsigned)random_below(random, 1U << NAMES),
        .connections = 300 + 100 * (unsigned)random_below(random, 4),
        .work_mem_mb = 16 + 16 * (unsigned)random_below(random, 3),
        .timeout_s = 60 * (unsigned)random_below(random, 3),
        .has_pooler = random_below(random, 4) > 0,
        .has_proxy = random_below(random, 4) > 0,
    };
}

/* A later inventory of the same fleet: nothing leaves it that would be data. */
static Shape random_successor(Random *random, const Shape *before)
{
    Shape next = random_shape(random);
    next.etcd_count = before->etcd_count;
    next.has_pooler = before->has_pooler;
    next.has_proxy = before->has_proxy;
    if (next.member_count < before->member_count)
        next.member_count = before->member_count;
    return next;
}

static void add_list(Text *out, const char *name, unsigned bits, const char *const items[NAMES])
{
    text_addf(out, "        %s:", name);
    text_add(out, bits == 0 ? " []\n" : "\n");
    for (unsigned i = 0; i < NAMES; i++) {
        if (bits & (1U << i))
            text_addf(out, "          - %s\n", items[i]);
    }
}

static void add_objects(Text *out, const Shape *shape)
{
    static const char *const users[2][NAMES] = {
        {"{ name: u0, password: Pass.u0 }", "{ name: u1, password: Pass.u1, createdb: true }",
         "{ name: u2, password: Pass.u2, roles: [dbrole_readonly] }"},
        {"{ name: u0, password: Pass.u0, connlimit: 7 }",
         "{ name: u1, password: Pass.u1, parameters: { work_mem: 8MB } }",
         "{ name: u2, password: Pass.u2, roles: [dbrole_readwrite], comment: hello }"}};
    static const char *const databases[2][NAMES] = {
        {"{ name: d0 }", "{ name: d1, schemas: [s1] }", "{ name: d2, connlimit: 9 }"},
        {"{ name: d0, comment: hello }", "{ name: d1, schemas: [s1, s2] }",
         "{ name: d2, extensions: [pg_trgm] }"}};
    static const char *const rules[NAMES] = {
        "{ title: a, role: common, rules: ['host all all 10.20.0.0/16 scram-sha-256'] }",
        "{ title: b, role: replica, rules: ['host all all 10.21.0.0/16 scram-sha-256'] }",
        "{ user: dbuser_monitor, db: postgres, addr: 10.22.0.0/16, auth: pwd }"};
    static const char *const services[NAMES] = {
        "{ name: s0, port: 6000, dest: default, check: /primary, selector: '[]' }",
        "{ name: s1, port: 6001, dest: default, check: /replica, selector: '[]' }",
        "{ name: s2, port: 6002, dest: pgbouncer, check: /primary, selector: '[]' }"};
    add_list(out, "pg_users", shape->users, users[shape->attributes & 1U]);
    add_list(out, "pg_databases", shape->databases, databases[(shape->attributes >> 1) & 1U]);
    add_list(out, "pg_hba_rules", shape->rules, rules);
    add_list(out, "pg_services", shape->has_pooler && shape->has_proxy ? shape->services : 0,
             services);
}

static const char *inventory_of(Arena *arena, const Shape *shape)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add(&out, "all:\n  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n  children:\n"
                   "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"
                   "    etcd:\n      hosts:\n");
    for (unsigned i = 1; i <= shape->etcd_count; i++)
        text_addf(&out, "        10.10.10.1%u: { etcd_seq: %u }\n", i, i);
    text_add(&out, "    pg-test:\n      vars:\n        pg_cluster: pg-test\n");
    text_addf(&out, "        pg_max_conn: %u\n", shape->connections);
    text_addf(&out,
              "        pg_parameters: { work_mem: %uMB, idle_in_transaction_session_timeout: %us "
              "}\n",
              shape->work_mem_mb, shape->timeout_s);
    text_addf(&out, "        pgbouncer_enabled: %s\n", shape->has_pooler ? "true" : "false");
    text_addf(&out, "        haproxy_enabled: %s\n", shape->has_proxy ? "true" : "false");
    add_objects(&out, shape);
    text_add(&out, "      hosts:\n");
    for (unsigned i = 1; i <= shape->member_count; i++)
        text_addf(&out, "        10.10.10.1%u: { pg_seq: %u, pg_role: %s }\n", i, i,
                  i == 1 ? "primary" : "replica");
    return text_copy(&out, arena);
}

/* With lost messages some actions fail; applied again and again, without them in the end, every
 * one is done. */
static void converge(Rehearsal *it, uint64_t seed, const SimFaults *faults)
{
    static const SimFaults none = {0};
    const char *why = "";
    for (int i = 0; i < APPLIES_MAX; i++) {
        it->sim.set_faults(it->sim.context, &none);
        it->sim.wait_ms(it->sim.context, i == 0 ? 0 : PAUSE_MS);
        rehearsal_plan(it);
        it->sim.set_faults(it->sim.context, i + 2 < APPLIES_MAX ? faults : &none);
        bool was_read = it->observation->hosts_observed == it->observation->hosts_wanted;
        if (rehearsal_apply(it, &why) == 0 && was_read) {
            it->sim.set_faults(it->sim.context, &none);
            return;
        }
    }
    fail_msg("seed %llu: still not done:\n%s", (unsigned long long)seed, why);
}

/* Nothing that is planned may stop two members at once, or let two take writes. */
static void expect_gentle(const Rehearsal *it, uint64_t seed)
{
    SimWorst worst = it->sim.worst(it->sim.context);
    if (worst.primaries > 1 || worst.down > 1 || worst.gap_ms > GAP_MAX_MS)
        fail_msg("seed %llu: %zu took writes, %zu were down, nobody took writes for %lld ms",
                 (unsigned long long)seed, worst.primaries, worst.down, (long long)worst.gap_ms);
}

enum { KINDS_MAX = 3 };

typedef struct Trouble {
    SimFaults faults;
    size_t count; /* of troubles of these kinds */
    SimTroubleKind kinds[KINDS_MAX];
    size_t kind_count;
    bool may_hurt; /* the cluster suffers from the trouble, not from us */
} Trouble;

/* A few nodes are in trouble while the plan is carried out, each for a minute or so. */
static void schedule_troubles(const Rehearsal *it, Random *random, const Trouble *trouble)
{
    enum { WITHIN_MS = 120000, DOWN_MS = 60000 }; /* together less than TROUBLE_MS */
    for (size_t i = 0; i < trouble->count; i++) {
        size_t host = random_below(random, inventory_host_count(it->inventory));
        SimTrouble one = {
            .kind = trouble->kinds[random_below(random, trouble->kind_count)],
            .address = host_address(inventory_host_at(it->inventory, host)),
            .after_ms = (int64_t)random_below(random, WITHIN_MS),
            .for_ms = 1000 + (int64_t)random_below(random, DOWN_MS),
            .amount_ms = 500 + (int64_t)random_below(random, 2000),
        };
        it->sim.trouble(it->sim.context, &one);
    }
}

static void go_there_and_back(uint64_t seed, const Trouble *trouble)
{
    Random random = random_from(seed);
    Rehearsal it;
    Shape from = random_shape(&random), to = random_successor(&random, &from);
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *const ways[] = {inventory_of(arena, &from), inventory_of(arena, &to)};
    rehearsal_begin(&it, seed, ways[0]);
    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        rehearsal_load(&it, ways[i]);
        schedule_troubles(&it, &random, trouble);
        converge(&it, seed, &trouble->faults);
        if (trouble->count > 0) {
            it.sim.wait_ms(it.sim.context, TROUBLE_MS);
            converge(&it, seed, &trouble->faults);
        }
        if (!trouble->may_hurt)
            expect_gentle(&it, seed);
        if (!rehearsal_is_done(&it)) {
            print_error("inventory:\n%s", ways[i]);
            fail_msg("seed %llu, inventory %zu: left:\n%s", (unsigned long long)seed, i,
                     rehearsal_rest(&it));
        }
    }
    rehearsal_end(&it);
}

static uint64_t first_seed = FIRST_SEED, seed_count = SEEDS;

static void go_all_ways(const Trouble *trouble)
{
    for (uint64_t i = 0; i < seed_count; i++)
        go_there_and_back(first_seed + i, trouble);
}

static void without_faults(void **state)
{
    (void)state;
    go_all_ways(&(Trouble){0});
}

static void with_lost_messages(void **state)
{
    (void)state;
    go_all_ways(&(Trouble){.faults = {.lost_requests = 10, .lost_answers = 30}});
}

static void with_messages_that_come_again(void **state)
{
    (void)state;
    go_all_ways(&(Trouble){.faults = {.repeated_requests = 50, .stale_answers = 200}});
}

static void with_power_losses(void **state)
{
    (void)state;
    go_all_ways(
        &(Trouble){.count = 3, .kinds = {SIM_POWER_LOSS}, .kind_count = 1, .may_hurt = true});
}

/* Nothing that only we notice may hurt a cluster. */
static void with_nodes_that_we_do_not_reach(void **state)
{
    (void)state;
    go_all_ways(
        &(Trouble){.count = 4, .kinds = {SIM_CUT_OFF, SIM_SLOW, SIM_DISK_FULL}, .kind_count = 3});
}

static void with_isolated_nodes_and_wrong_clocks(void **state)
{
    (void)state;
    go_all_ways(&(Trouble){
        .count = 4, .kinds = {SIM_ISOLATED, SIM_SKEW}, .kind_count = 2, .may_hurt = true});
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults),
        cmocka_unit_test(with_lost_messages),
        cmocka_unit_test(with_messages_that_come_again),
        cmocka_unit_test(with_power_losses),
        cmocka_unit_test(with_nodes_that_we_do_not_reach),
        cmocka_unit_test(with_isolated_nodes_and_wrong_clocks),
    };
    first_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : first_seed;
    seed_count = argc > 2 ? strtoull(argv[2], NULL, 10) : seed_count;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
