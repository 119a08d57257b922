/* A fleet that is read part by part gives the plan that it gives when it is read at once, and what
 * was read of quiet parts is gone afterwards. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "engine/survey.h"
#include "plans/parts.h"
#include "plans/render.h"
#include "providers/registry.h"
#include "rehearsal.h"
#include "unit.h"

/* infra and etcd on nodes of their own, three clusters that share nothing; one gets `more`. */
#define FLEET(more)                                                                                \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"                                          \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra-1 } } }\n"                 \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1, nodename: etcd-1 } } }\n"                    \
    "    pg-one:\n"                                                                                \
    "      hosts: { 10.10.10.21: { pg_seq: 1, pg_role: primary },"                                 \
    " 10.10.10.22: { pg_seq: 2, pg_role: replica } }\n"                                            \
    "      vars: { pg_cluster: pg-one }\n"                                                         \
    "    pg-two:\n"                                                                                \
    "      hosts: { 10.10.10.31: { pg_seq: 1, pg_role: primary } }\n"                              \
    "      vars: { pg_cluster: pg-two" more " }\n"                                                 \
    "    pg-three:\n"                                                                              \
    "      hosts: { 10.10.10.41: { pg_seq: 1, pg_role: primary } }\n"                              \
    "      vars: { pg_cluster: pg-three }\n"

enum { HOSTS = 6 };

static const char fleet[] = FLEET("");
static const char changed[] = FLEET(", pg_users: [ { name: more, password: More-1234 } ]"
                                    ", pg_parameters: { log_min_duration_statement: 77 }");

static void count_resource(void *context, const Domain *domain, const Resource *desired)
{
    (void)domain;
    (void)desired;
    ++*(size_t *)context;
}

typedef struct Result {
    const char *text; /* the plan as people see it, with its digests */
    size_t in_place, kept_nodes;
} Result;

static const char *text_of_plan(Arena *arena, const Plan *plan)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&bytes, &length);
    plan_render_json(stream, plan, &value_empty_map);
    RenderOptions options = {.verbose = true, .columns = 100};
    plan_render_text(stream, plan, &options);
    fclose(stream);
    char *text = arena_printf(arena, "%s", bytes);
    free(bytes);
    return text;
}

/* What was read, and its digest, aside. */
static Plan without_world(const Plan *plan)
{
    Plan copy = *plan;
    copy.observe_ms = 0;
    copy.world = "";
    return copy;
}

/* Of how many nodes, beside the first batch, is there still a reading of the kind? */
static size_t kept_nodes(const Facts *facts)
{
    size_t count = 0;
    for (size_t i = 0; i < facts_count(facts); i++)
        count += strcmp(facts_at(facts, i)->source, "node.os") == 0;
    return count;
}

static Result survey_with(Rehearsal *it, size_t hosts_at_once)
{
    Result result = {0};
    const PlanWitness witness = {count_resource, &result.in_place};
    const ObserveInput observe_input = {
        .registry = &pgsteer_registry, .world = it->sim.world, .workers = 4};
    const PlanInput plan_input = {.registry = &pgsteer_registry,
                                  .inventory = it->inventory,
                                  .domains = it->domains,
                                  .domain_count = it->domain_count,
                                  .witness = &witness};
    const SurveyInput input = {.observe = &observe_input,
                               .plan = &plan_input,
                               .hosts_at_once = hosts_at_once,
                               .with_world = true};
    CLEANUP(observation_endp) Observation *kept = NULL;
    Plan *plan = NULL;
    check_fine(survey(it->arena, &input, &kept, &plan));
    assert_int_equal(kept->hosts_wanted, HOSTS);
    assert_int_equal(kept->hosts_observed, HOSTS);
    assert_true(*plan->world);
    const Plan shown = without_world(plan);
    result.text = text_of_plan(it->arena, &shown);
    result.kept_nodes = kept_nodes(kept->facts);
    return result;
}

/* Each part for itself, two of them together, and all at once. */
static void check_same(Rehearsal *it, size_t kept_count)
{
    static const size_t sizes[] = {1, 2, 3, HOSTS - 1};
    Result whole = survey_with(it, HOSTS);
    assert_int_equal(whole.kept_nodes, HOSTS);
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        Result parts = survey_with(it, sizes[i]);
        assert_string_equal(parts.text, whole.text);
        assert_int_equal(parts.in_place, whole.in_place);
        assert_int_equal(parts.kept_nodes, kept_count);
    }
}

static void parts_give_the_same_plan(void **state)
{
    (void)state;
    Rehearsal it;
    rehearsal_begin(&it, 1, fleet);
    check_same(&it, HOSTS - 2); /* all but infra and etcd, which lie below */
    rehearsal_plan(&it);
    assert_int_equal(rehearsal_apply(&it, NULL), 0);
    check_same(&it, 0);
    rehearsal_load(&it, changed);
    check_same(&it, 1);
    rehearsal_end(&it);
}

/* The number of each part, in the order of domains. */
static void domains_that_share_nodes_are_one_part(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        size_t part;
    } expected[] = {{"infra", 0},    {"infra-1", 0},  {"etcd-1", 0},     {"pg-one-1", 1},
                    {"pg-one-2", 1}, {"pg-two-1", 2}, {"pg-three-1", 3}, {"etcd", 0},
                    {"pg-one", 1},   {"pg-two", 2},   {"pg-three", 3}};
    Rehearsal it;
    rehearsal_begin(&it, 1, fleet);
    Parts parts = parts_of(it.arena, it.domains, it.domain_count);
    assert_int_equal(it.domain_count, COUNT_OF(expected));
    assert_int_equal(parts.count, 4);
    for (size_t i = 0; i < it.domain_count; i++) {
        assert_string_equal(it.domains[i].name, expected[i].domain);
        assert_int_equal(parts.part_of[i], expected[i].part);
    }
    assert_int_equal(parts_of(it.arena, NULL, 0).count, 1);
    rehearsal_end(&it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_that_share_nodes_are_one_part),
        cmocka_unit_test(parts_give_the_same_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
