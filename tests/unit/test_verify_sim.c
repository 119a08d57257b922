/*
 * The model of plans/verify against the simulated fleet: what the model finds fine does no harm
 * there, at most as many members are away as it said; and of plans that were spoilt, what the model
 * refuses is seen there, too.
 */
#include "plans/verify/start.h"
#include "plans/verify/verification.h"
#include "rehearsal.h"
#include "unit.h"

enum { SEEDS = 4, MEMBERS = 4 };

static const char *inventory_of(Arena *arena, unsigned connections)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add(&out, "all:\n  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n  children:\n"
                   "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"
                   "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 } } }\n"
                   "    pg-test:\n      vars:\n        pg_cluster: pg-test\n");
    text_addf(&out, "        pg_max_conn: %u\n      hosts:\n", connections);
    for (unsigned i = 1; i <= MEMBERS; i++)
        text_addf(&out, "        10.10.10.1%u: { pg_seq: %u, pg_role: %s }\n", i, i,
                  i == 1 ? "primary" : "replica");
    return text_copy(&out, arena);
}

/* A cluster that runs with one number of connections, and the plan for another. */
static void begin(Rehearsal *it, uint64_t seed, unsigned from, unsigned to)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *why = "";
    rehearsal_begin(it, seed, inventory_of(arena, from));
    rehearsal_plan(it);
    if (rehearsal_apply(it, &why) > 0)
        fail_msg("%s", why);
    it->sim.forget_worst(it->sim.context);
    rehearsal_load(it, arena_strdup(it->arena, inventory_of(arena, to)));
    rehearsal_plan(it);
}

static SimWorst worst_of(const Rehearsal *it)
{
    return it->sim.worst(it->sim.context);
}

/* -- plans as they are made ----------------------------------------------------------------------
 */

static void expect_agreement(Rehearsal *it)
{
    const Verification *found = plan_verify(it->arena, it->plan, VERIFY_FULL);
    const char *why = "";
    assert_int_equal(found->cluster_count, 1);
    assert_int_equal(found->gap_count, 0);
    if (found->violation)
        fail_msg("%s: %s", found->violation->rule, found->violation->broken);
    if (rehearsal_apply(it, &why) > 0)
        fail_msg("%s", why);
    assert_int_equal(worst_of(it).down, found->most_away);
    assert_int_equal(worst_of(it).primaries, 1);
}

static void fine_plans_do_no_harm(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Rehearsal it;
        begin(&it, seed, seed % 2 ? 300 : 500, seed % 2 ? 500 : 300);
        expect_agreement(&it);
        rehearsal_end(&it);
    }
}

/* What is saved with a plan is enough. */
static void start_survives(void **state)
{
    (void)state;
    Rehearsal it;
    begin(&it, 1, 300, 500);
    const PlanStart *start = &it.plan->starts[0];
    PlanStart again;
    assert_int_equal(it.plan->start_count, 1);
    check_fine(start_parse(it.arena, start_value(it.arena, start), &again));
    assert_true(value_equal(start_value(it.arena, start), start_value(it.arena, &again)));
    assert_int_equal(again.member_count, MEMBERS);
    assert_true(again.members[0].limits[0].now > 0);
    rehearsal_end(&it);
}

/* -- plans that were spoilt ----------------------------------------------------------------------
 */

static bool is_restart(const Plan *plan, size_t action)
{
    return text_starts_with(plan->actions[action].address, "restart.");
}

static size_t action_of(const Plan *plan, const char *address)
{
    for (size_t i = 0; i < plan->action_count; i++) {
        if (strcmp(plan->actions[i].address, address) == 0)
            return i;
    }
    fail_msg("nothing is planned at %s", address);
    return 0;
}

/* The edges between restarts go, or are turned round; all restarts still wait for the settings. */
static void spoil_edges(Rehearsal *it, bool turn_round)
{
    Plan *plan = it->plan;
    size_t patch = action_of(plan, "config.pg-test"), count = 0;
    PlanEdge *edges = ARENA_ARRAY(it->arena, PlanEdge, plan->edge_count + plan->action_count);
    for (size_t i = 0; i < plan->edge_count; i++) {
        const PlanEdge *edge = &plan->edges[i];
        if (!is_restart(plan, edge->from) || !is_restart(plan, edge->to))
            edges[count++] = *edge;
        else if (turn_round)
            edges[count++] = (PlanEdge){.from = edge->to, .to = edge->from};
    }
    for (size_t i = 0; i < plan->action_count; i++) {
        if (is_restart(plan, i))
            edges[count++] = (PlanEdge){.from = patch, .to = i};
    }
    plan->edges = edges;
    plan->edge_count = count;
}

static const char *invariant_of(Rehearsal *it)
{
    const Verification *found = plan_verify(it->arena, it->plan, VERIFY_FULL);
    return found->violation ? found->violation->invariant : "";
}

/* Restarts do not look at the other members any more. */
static void blind(Rehearsal *it)
{
    Action *actions = ARENA_ARRAY(it->arena, Action, it->plan->action_count);
    for (size_t i = 0; i < it->plan->action_count; i++) {
        Value *args = value_copy(it->arena, it->plan->actions[i].args);
        if (is_restart(it->plan, i))
            value_set(it->arena, args, "others", &value_empty_list);
        actions[i] = it->plan->actions[i];
        actions[i].args = args;
    }
    it->plan->actions = actions;
}

/* Nothing keeps the restarts apart any more. That they look at each other is no safety: two may
 * look before either begins. */
static void two_away_are_seen_by_both(void **state)
{
    (void)state;
    size_t seen = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Rehearsal it;
        begin(&it, seed, 300, 500);
        spoil_edges(&it, false);
        it.plan->limit_count = 0;
        assert_string_equal(invariant_of(&it), "one_away");
        blind(&it);
        assert_string_equal(invariant_of(&it), "one_away");
        (void)rehearsal_apply(&it, NULL);
        seen += worst_of(&it).down > 1;
        rehearsal_end(&it);
    }
    assert_true(seen > 0);
}

/* A limit falls on standbys first: there they keep what they have, and the restart has failed. */
static void wrong_directions_are_seen_by_both(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        Rehearsal it;
        begin(&it, seed, 500, 300);
        spoil_edges(&it, true);
        assert_string_equal(invariant_of(&it), "limits");
        assert_true(rehearsal_apply(&it, NULL) > 0);
        rehearsal_end(&it);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fine_plans_do_no_harm),
        cmocka_unit_test(start_survives),
        cmocka_unit_test(two_away_are_seen_by_both),
        cmocka_unit_test(wrong_directions_are_seen_by_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
