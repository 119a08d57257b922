/* -verify: what is said of a plan, and how one that does harm is refused, on the simulated fleet.
 */
#include "base/file.h"
#include "plans/plan_file.h"
#include "providers/registry.h"
#include "providers/sim/sim.h"
#include "sim_cli.h"
#include "unit.h"

#define TODAY                                                                                      \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"                                          \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      vars: { pg_cluster: pg-test, pg_max_conn: %s }\n"                                       \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "        10.10.10.13: { pg_seq: 3, pg_role: replica }\n"

static void write_file(const FakeCli *f, const char *path, const char *connections)
{
    const char *text = arena_printf(f->arena, TODAY, connections);
    check_fine(file_write_all(path, 0600, text, strlen(text)));
}

static void write_inventory(const FakeCli *f, const char *connections)
{
    write_file(f, "pgsteer.yml", connections);
}

/* A cluster that runs, and an inventory that wants more connections. */
static FakeCli changed(void)
{
    FakeCli f = sim_cli_new(1);
    write_inventory(&f, "300");
    if (fake_cli(&f, "apply -auto-approve") != 0)
        fail_msg("%s", f.err);
    write_inventory(&f, "500");
    return f;
}

static void what_was_tried_is_said(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = changed();
    assert_int_equal(fake_cli(&f, "plan -out all.plan"), 0);
    text_has(f.out,
             "\nVerified: 1 cluster, 1 order of 4 steps, with a crash at each point: nothing "
             "is lost.\n");
    assert_int_equal(fake_cli(&f, "show all.plan"), 0);
    text_has(f.out, "\nVerified: 1 cluster, 1 order");
    assert_int_equal(fake_cli(&f, "plan -verify=sample"), 0);
    text_has(f.out, "Verified: 1 cluster, a sample of 500 orders of 4 steps");
    assert_int_equal(fake_cli(&f, "plan -json"), 0);
    text_has(f.out, "\"verification\":{\"mode\":\"full\",\"complete\":true,\"clusters\":1,");
    text_has(f.out, "\"violation\":null");
}

static void what_was_not_tried_is_not_said(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = changed();
    assert_int_equal(fake_cli(&f, "plan -verify=off"), 0);
    text_has_not(f.out, "Verified");
    assert_int_equal(fake_cli(&f, "plan -verify=off -json"), 0);
    text_has(f.out, "\"mode\":\"off\",\"complete\":false");
    assert_int_equal(fake_cli(&f, "plan -verify=perhaps"), 5);
    text_has(f.err, "'perhaps' is no mode of -verify");
    assert_int_equal(fake_cli(&f, "apply -verify=perhaps"), 5);
}

/* A saved plan without the edges and limits that keep its restarts apart. */
static void spoil(const FakeCli *f, const char *from, const char *to)
{
    Plan *plan;
    size_t kept = 0;
    check_fine(plan_file_read(f->arena, from, &pgsteer_registry, &plan));
    PlanEdge *edges = ARENA_ARRAY(f->arena, PlanEdge, plan->edge_count);
    for (size_t i = 0; i < plan->edge_count; i++) {
        const PlanEdge *edge = &plan->edges[i];
        if (!text_starts_with(plan->actions[edge->from].address, "restart.") ||
            !text_starts_with(plan->actions[edge->to].address, "restart."))
            edges[kept++] = *edge;
    }
    assert_true(kept < plan->edge_count);
    plan->edges = edges;
    plan->edge_count = kept;
    plan->limit_count = 0;
    check_fine(plan_file_write(to, plan));
}

static void a_saved_plan_is_tried_again(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = changed();
    assert_int_equal(fake_cli(&f, "plan -out good.plan"), 0);
    spoil(&f, "good.plan", "bad.plan");
    assert_int_equal(fake_cli(&f, "apply bad.plan"), 4);
    text_has(f.err, "the plan could harm pg-test: At most one member is away at a time.");
    text_has(f.err, "2. restart.pg-test-");
    text_has(f.err, "nothing was changed");
    text_has_not(f.out, "Apply complete");
    assert_int_equal(fake_cli(&f, "apply good.plan"), 0);
}

/* -- a program whose restarts do not look at the other members ----------------------------------
 */

static Verb blind;
static const Verb *verbs[128];

static Registry blind_registry(void)
{
    Registry registry = pgsteer_registry;
    size_t count = 0;
    for (const Verb *const *verb = pgsteer_registry.verbs; *verb; verb++) {
        bool is_restart = strcmp((*verb)->name, "postgres.restart") == 0;
        if (is_restart)
            blind = **verb;
        assert_true(count + 1 < COUNT_OF(verbs));
        verbs[count++] = is_restart ? &blind : *verb;
    }
    blind.pre = NULL;
    registry.verbs = verbs;
    return registry;
}

static void a_harmful_plan_is_shown_and_not_saved(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = changed();
    Registry registry = blind_registry();
    Program program = *f.program;
    program.registry = &registry;
    f.program = &program;
    assert_int_equal(fake_cli(&f, "plan -out bad.plan"), 4);
    text_has(f.out, "Refused: in some order of its steps the plan would do harm.");
    text_has_not(f.out, "pgsteer apply");
    text_has(f.err, "crashes");
    text_has(f.err, "So pg-test-");
    assert_false(file_exists("bad.plan"));
    assert_int_equal(fake_cli(&f, "plan -json"), 4);
    text_has(f.out, "\"invariant\":\"one_away\"");
    assert_int_equal(fake_cli(&f, "apply -auto-approve -max-impact=switchover"), 4);
    text_has_not(f.out, "Apply complete");
    assert_int_equal(fake_cli(&f, "plan -verify=off -out bad.plan"), 0);
    assert_true(file_exists("bad.plan"));
}

static void a_harmful_plan_is_not_rehearsed(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = changed();
    Registry registry = blind_registry();
    Program program = *f.program;
    program.registry = &registry;
    program.simulation_new = sim_new;
    f.program = &program;
    write_file(&f, "before.yml", "300");
    assert_int_equal(fake_cli(&f, "sim -from=before.yml"), 4);
    text_has(f.err, "the plan could harm pg-test");
    text_has_not(f.out, "Rehearsed:");
    assert_int_equal(fake_cli(&f, "sim -from=before.yml -verify=off"), 0);
    text_has(f.out, "Rehearsed:");
    assert_int_equal(fake_cli(&f, "sim -verify=perhaps"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_tried_is_said),
        cmocka_unit_test(what_was_not_tried_is_not_said),
        cmocka_unit_test(a_saved_plan_is_tried_again),
        cmocka_unit_test(a_harmful_plan_is_shown_and_not_saved),
        cmocka_unit_test(a_harmful_plan_is_not_rehearsed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
