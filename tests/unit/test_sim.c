/* The simulated fleet under the real engine: plans are made, carried out, and leave nothing to do.
 */
#include "engine/credentials.h"
#include "engine/executor.h"
#include "engine/observe.h"
#include "plans/plan.h"
#include "providers/registry.h"
#include "providers/sim/sim.h"
#include "unit.h"

enum { WORKERS = 16 };

/* A node of infra, and three of etcd and a cluster. */
#define INVENTORY(vars)                                                                            \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 }, 10.10.10.12: { etcd_seq: 2 },"             \
    " 10.10.10.13: { etcd_seq: 3 } } }\n"                                                          \
    "    pg-test:\n"                                                                               \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n" vars                                                           \
    "        pg_users: [ { name: app, password: DBUser.App, roles: [dbrole_readwrite] } ]\n"       \
    "        pg_databases: [ { name: app, owner: app, schemas: [app] } ]\n"                        \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "        10.10.10.13: { pg_seq: 3, pg_role: replica }\n"                                       \
    "  vars:\n"                                                                                    \
    "    admin_ip: 10.10.10.10\n"                                                                  \
    "    pg_version: 15\n"

typedef struct Rehearsal {
    Arena *arena;
    Sim *sim;
    const Inventory *inventory;
    const Domain *domains;
    size_t domain_count;
    Observation *observation;
    Plan *plan;
    Execution *execution;
} Rehearsal;

static void load(Rehearsal *it, const char *text)
{
    Diagnostics *diagnostics = diagnostics_new(it->arena);
    it->inventory = inventory_load_bytes(it->arena, "test.yml", text, strlen(text), diagnostics);
    assert_non_null(it->inventory);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    it->domain_count = domains_of(it->arena, it->inventory, &it->domains);
    sim_add_hosts(it->sim, it->inventory);
}

static void begin(Rehearsal *it, uint64_t seed, const char *text)
{
    *it = (Rehearsal){.arena = arena_new(), .sim = sim_new(seed)};
    load(it, text);
}

static void end(Rehearsal *it)
{
    execution_end(it->execution);
    observation_end(it->observation);
    sim_free(it->sim);
    arena_free(it->arena);
}

static void make_plan(Rehearsal *it)
{
    ObserveInput observe_input = {.registry = &pgsteer_registry,
                                  .inventory = it->inventory,
                                  .domains = it->domains,
                                  .domain_count = it->domain_count,
                                  .world = sim_world(it->sim),
                                  .workers = WORKERS};
    observation_endp(&it->observation);
    check_fine(observe(it->arena, &observe_input, &it->observation));
    PlanInput input = {.registry = &pgsteer_registry,
                       .inventory = it->inventory,
                       .domains = it->domains,
                       .domain_count = it->domain_count,
                       .facts = it->observation->facts};
    check_fine(plan_build(it->arena, &input, &it->plan));
}

static void apply(Rehearsal *it)
{
    Secrets *secrets = NULL;
    Diagnostics *diagnostics = diagnostics_new(it->arena);
    Credentials *credentials = credentials_new(it->arena, it->inventory, it->observation->facts,
                                               sim_world(it->sim), &pgsteer_registry, diagnostics);
    check_fine(secrets_resolve(it->arena, it->plan, credentials_text, credentials, &secrets));
    ExecutorInput input = {.plan = it->plan,
                           .registry = &pgsteer_registry,
                           .world = sim_world(it->sim),
                           .run = "run-1",
                           .secrets = secrets,
                           .workers = WORKERS};
    execution_endp(&it->execution);
    check_fine(executor_run(it->arena, &input, &it->execution));
    for (size_t i = 0; i < it->plan->action_count; i++) {
        const ActionResult *result = &it->execution->results[i];
        if (result->state == ACTION_DONE)
            continue;
        char *text = result->error ? error_text(result->error) : NULL;
        print_error("%s %s: %s: %s\n", it->plan->actions[i].verb->name,
                    it->plan->actions[i].address, action_state_name(result->state),
                    text ? text : "");
        free(text);
    }
    assert_int_equal(it->execution->counts[ACTION_DONE], it->plan->action_count);
}

static void expect_nothing(Rehearsal *it)
{
    make_plan(it);
    for (size_t i = 0; i < it->plan->action_count; i++)
        print_error("left: %s %s\n", it->plan->actions[i].verb->name, it->plan->actions[i].address);
    assert_int_equal(it->plan->action_count, 0);
    assert_int_equal(it->observation->hosts_observed, it->observation->hosts_wanted);
}

/* From bare nodes to one inventory, and on to another. */
static void expect_way(uint64_t seed, const char *from, const char *to, const char *const *verbs)
{
    Rehearsal it;
    begin(&it, seed, from);
    make_plan(&it);
    assert_true(it.plan->action_count > 50);
    apply(&it);
    expect_nothing(&it);
    load(&it, to);
    make_plan(&it);
    for (size_t i = 0; verbs[i]; i++) {
        bool is_there = false;
        for (size_t k = 0; k < it.plan->action_count; k++)
            is_there = is_there || strcmp(it.plan->actions[k].verb->name, verbs[i]) == 0;
        if (!is_there)
            fail_msg("nothing is planned that does %s", verbs[i]);
    }
    apply(&it);
    expect_nothing(&it);
    end(&it);
}

static void bare_nodes_become_a_cluster(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    for (uint64_t seed = 1; seed <= 20; seed++)
        expect_way(seed, INVENTORY(""), INVENTORY(""), none);
}

static void a_raised_limit_restarts_standbys_first(void **state)
{
    (void)state;
    static const char *const verbs[] = {"config.patch", "postgres.restart", "cluster.switchover",
                                        NULL};
    for (uint64_t seed = 1; seed <= 10; seed++)
        expect_way(seed, INVENTORY(""), INVENTORY("        pg_max_conn: 700\n"), verbs);
}

static void a_lowered_limit_restarts_the_primary_first(void **state)
{
    (void)state;
    static const char *const verbs[] = {"config.patch", "postgres.restart", NULL};
    for (uint64_t seed = 1; seed <= 10; seed++)
        expect_way(seed, INVENTORY("        pg_max_conn: 700\n"), INVENTORY(""), verbs);
}

/* The same seed gives the same run, to the millisecond. */
static void a_seed_is_a_run(void **state)
{
    (void)state;
    int64_t took_ms[2];
    for (size_t i = 0; i < COUNT_OF(took_ms); i++) {
        Rehearsal it;
        begin(&it, 7, INVENTORY(""));
        make_plan(&it);
        apply(&it);
        took_ms[i] = it.execution->took_ms;
        end(&it);
    }
    assert_int_equal(took_ms[0], took_ms[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_nodes_become_a_cluster),
        cmocka_unit_test(a_raised_limit_restarts_standbys_first),
        cmocka_unit_test(a_lowered_limit_restarts_the_primary_first),
        cmocka_unit_test(a_seed_is_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
