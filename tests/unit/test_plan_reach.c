/* reach_of: what -target does not have to look at, and that nothing is missing for it. */
#include "base/text.h"
#include "plans/reach.h"
#include "providers/registry.h"
#include "rehearsal.h"
#include "unit.h"

/* infra and etcd on nodes of their own, two clusters that share nothing. */
static const char fleet[] =
    "all:\n"
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"
    "  children:\n"
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra-1 } } }\n"
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1, nodename: etcd-1 } } }\n"
    "    pg-one:\n"
    "      hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary },"
    " 10.10.10.22: { pg_seq: 2, pg_role: replica } }\n"
    "      vars:\n"
    "        pg_cluster: pg-one\n"
    "        pg_users: [ { name: app, password: DBUser.App } ]\n"
    "    pg-two:\n"
    "      hosts: { 10.10.10.31: { pg_seq: 1, pg_role: primary } }\n"
    "      vars: { pg_cluster: pg-two }\n";

static const char *names(Arena *arena, const Domain *domains, size_t count)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        text_addf(&text, "%s%s", i ? " " : "", domains[i].name);
    return text_copy(&text, arena);
}

static void what_a_target_reaches(void **state)
{
    (void)state;
    static const char foundations[] = "infra infra-1 etcd-1 etcd";
    static const char of_one[] = "infra infra-1 etcd-1 pg-one-1 pg-one-2 etcd pg-one";
    static const char of_two[] = "infra infra-1 etcd-1 pg-two-1 etcd pg-two";
    static const struct {
        const char *target, *reached; /* NULL: all */
    } cases[] = {
        {"pg-one", of_one},
        {"pg-one-2", of_one},
        {"10.10.10.31", of_two},
        {"role.pg-one/app", of_one},
        {"pg-two", of_two},
        {"etcd", foundations},
        {"infra", foundations},
        {"pg-t*", NULL},
        {"pg-on?", NULL},
        {"pg-three", NULL},
        {"role.pg-three/app", NULL},
        {"role.*/app", NULL},
    };
    Rehearsal it;
    rehearsal_begin(&it, 1, fleet);
    const char *all = names(it.arena, it.domains, it.domain_count);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *const targets[] = {cases[i].target, NULL};
        const Domain *reached;
        size_t count = reach_of(it.arena, targets, it.domains, it.domain_count, &reached);
        assert_string_equal(names(it.arena, reached, count),
                            cases[i].reached ? cases[i].reached : all);
    }
    const Domain *reached;
    assert_int_equal(reach_of(it.arena, NULL, it.domains, it.domain_count, &reached),
                     it.domain_count);
    const char *const both[] = {"pg-two", "pg-one", NULL};
    assert_int_equal(reach_of(it.arena, both, it.domains, it.domain_count, &reached),
                     it.domain_count);
    rehearsal_end(&it);
}

/* The plan for a target, from these domains; what was read ends with the rehearsal. */
static const Plan *plan_for(Rehearsal *it, const char *const *targets, const Domain *domains,
                            size_t count)
{
    ObserveInput observe_input = {.registry = &pgsteer_registry,
                                  .domains = domains,
                                  .domain_count = count,
                                  .world = it->sim.world,
                                  .workers = 4};
    observation_endp(&it->observation);
    check_fine(observe(it->arena, &observe_input, &it->observation));
    PlanInput input = {.registry = &pgsteer_registry,
                       .inventory = it->inventory,
                       .domains = domains,
                       .domain_count = count,
                       .facts = it->observation->facts,
                       .targets = targets};
    Plan *plan = NULL;
    check_fine(plan_build(it->arena, &input, &plan));
    return plan;
}

static void check_same(Rehearsal *it, const char *target, size_t hosts)
{
    const char *const targets[] = {target, NULL};
    const Plan *whole = plan_for(it, targets, it->domains, it->domain_count);
    const Domain *reached;
    size_t count = reach_of(it->arena, targets, it->domains, it->domain_count, &reached);
    const Plan *narrow = plan_for(it, targets, reached, count);
    assert_int_equal(it->observation->hosts_wanted, hosts);
    assert_int_equal(it->observation->hosts_observed, hosts);
    assert_true(whole->action_count > 0);
    assert_int_equal(narrow->action_count, whole->action_count);
    assert_string_equal(narrow->transition, whole->transition);
}

static void nothing_is_missing(void **state)
{
    (void)state;
    Rehearsal it;
    rehearsal_begin(&it, 1, fleet);
    check_same(&it, "pg-one", 4);
    check_same(&it, "pg-one-2", 4);
    check_same(&it, "pg-two", 3);
    check_same(&it, "10.10.10.31", 3);
    check_same(&it, "etcd", 2);
    rehearsal_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_target_reaches),
        cmocka_unit_test(nothing_is_missing),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
