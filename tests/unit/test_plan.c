/* plan_build: procedures, order, targets, refusals, limits, digests. */
#include <stdlib.h>
#include <string.h>

#include "fake_kinds.h"
#include "unit.h"

static const char yaml[] = "all:\n"
                           "  children:\n"
                           "    infra: { hosts: { 10.0.0.9: { infra_seq: 1 } } }\n"
                           "    etcd:\n"
                           "      hosts: { 10.0.0.1: { etcd_seq: 1 } }\n"
                           "      vars: { etcd_cluster: etcd }\n"
                           "    pg-test:\n"
                           "      hosts:\n"
                           "        10.0.0.1: { pg_seq: 1, pg_role: primary }\n"
                           "        10.0.0.2: { pg_seq: 2, pg_role: replica }\n"
                           "      vars: { pg_cluster: pg-test }\n"
                           "    pg-two:\n"
                           "      hosts: { 10.0.0.3: { pg_seq: 1, pg_role: primary } }\n"
                           "      vars: { pg_cluster: pg-two }\n";

/* Both clusters run and are ours. */
#define NODE(NAME) "\"10.0.0." NAME "\": {\"initialized\": true, \"system_identifier\": \"7\"}"
#define RUNNING                                                                                    \
    "\"node.data\": {" NODE("1") ", " NODE("2") ", " NODE(                                         \
        "3") "}, "                                                                                 \
             "\"node.markers\": {\"10.0.0.1\": {\"cluster.pg-test\": {\"state\": \"formed\"}}, "   \
             "\"10.0.0.3\": {\"cluster.pg-two\": {\"state\": \"formed\"}}}, "                      \
             "\"patroni.cluster\": {\"10.0.0.1\": {\"members\": [{\"name\": \"pg-test-1\", "       \
             "\"role\": "                                                                          \
             "\"leader\", \"state\": \"running\"}, {\"name\": \"pg-test-2\", \"role\": "           \
             "\"replica\", "                                                                       \
             "\"state\": \"streaming\"}]}, \"10.0.0.3\": {\"members\": [{\"name\": \"pg-two-1\", " \
             "\"role\": \"leader\", \"state\": \"running\"}]}}"

static Plan *plan_of(Arena *arena, const char *facts, const char *const *targets,
                     const char *const *excludes)
{
    Plan *plan = NULL;
    CLEANUP(error_freep) Error *error = fake_plan(arena, yaml, facts, targets, excludes, &plan);
    if (error)
        fail_msg("%s", error_root(error)->message);
    return plan;
}

static const Action *action_at(const Plan *plan, const char *address)
{
    for (size_t i = 0; i < plan->action_count; i++) {
        if (strcmp(plan->actions[i].address, address) == 0)
            return &plan->actions[i];
    }
    return NULL;
}

static bool waits(const Plan *plan, const char *after, const char *before)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const Action *later = action_at(plan, after), *earlier = action_at(plan, before);
    size_t *ids, count = later ? plan_predecessors(plan, later->id, scratch, &ids) : 0;
    for (size_t i = 0; i < count; i++) {
        if (earlier && ids[i] == earlier->id)
            return true;
    }
    return false;
}

static void nothing_wanted_is_an_empty_plan(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(arena, "{}", NULL, NULL);
    assert_true(plan_is_empty(plan));
    assert_int_equal(plan->block_count, 0);
    assert_int_equal(plan->matching_block_count, 4);
    assert_int_equal(plan->critical_path_ms, 0);
    size_t *ids;
    assert_int_equal(plan_predecessors(plan, 0, arena, &ids), 0);
}

static const char three_files[] =
    "{\"test.desired\": {\"pg-test-1\": ["
    "{\"kind\": \"packages\", \"scope\": \"pg-test-1\", \"host\": \"10.0.0.1\"},"
    "{\"kind\": \"file\", \"scope\": \"pg-test-1\", \"name\": \"/a\", \"host\": \"10.0.0.1\", "
    "\"params\": {\"service\": \"nginx\"}},"
    "{\"kind\": \"file\", \"scope\": \"pg-test-1\", \"name\": \"/b\", \"host\": \"10.0.0.1\", "
    "\"params\": {\"service\": \"nginx\"}},"
    "{\"kind\": \"file\", \"scope\": \"pg-test-1\", \"name\": \"/c\", \"host\": \"10.0.0.1\"},"
    "{\"kind\": \"proxy\", \"scope\": \"pg-test-1\", \"host\": \"10.0.0.1\", \"params\": "
    "{\"ports\": [1]}}]";

static void reloads_are_folded(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(arena, arena_printf(arena, "%s}}", three_files), NULL, NULL);
    assert_int_equal(plan->add_count, 5);
    assert_int_equal(plan->action_count, 7);
    const Action *reload = action_at(plan, "reload.pg-test-1/nginx");
    assert_non_null(reload);
    assert_string_equal(reload->verb->name, "nginx.reload");
    assert_string_equal(reload->host, "10.0.0.1");
    assert_string_equal(value_get_text(reload->args, "name"), "nginx");
    assert_true(waits(plan, "reload.pg-test-1/nginx", "file.pg-test-1//a"));
    assert_true(waits(plan, "reload.pg-test-1/nginx", "file.pg-test-1//b"));
    assert_false(waits(plan, "reload.pg-test-1/nginx", "file.pg-test-1//c"));
    assert_true(waits(plan, "reload.pg-test-1/haproxy", "proxy.pg-test-1"));
    assert_true(waits(plan, "file.pg-test-1//a", "packages.pg-test-1"));
}

static void a_new_unit_is_not_reloaded(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *facts = arena_printf(
        arena,
        "%s, \"pg-test-2\": [{\"kind\": \"unit\", \"scope\": \"pg-test-2\", \"name\": "
        "\"nginx.service\", \"host\": \"10.0.0.2\", \"params\": {\"active\": true, \"current\": "
        "true}}, {\"kind\": \"file\", \"scope\": \"pg-test-2\", \"name\": \"/a\", \"host\": "
        "\"10.0.0.2\", \"params\": {\"service\": \"nginx\"}}]}}",
        three_files);
    const Plan *plan = plan_of(arena, facts, NULL, NULL);
    assert_null(action_at(plan, "reload.pg-test-2/nginx"));
    assert_non_null(action_at(plan, "reload.pg-test-1/nginx"));
    assert_true(waits(plan, "unit.pg-test-2/nginx.service", "reload.pg-test-2/systemd"));
}

static void a_unit_that_starts_is_not_reloaded(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{\"test.desired\": {\"pg-test-2\": [{\"kind\": \"unit\", \"scope\": \"pg-test-2\", "
        "\"name\": \"haproxy\", \"host\": \"10.0.0.2\", \"params\": {\"active\": true}}, "
        "{\"kind\": "
        "\"proxy\", \"scope\": \"pg-test-2\", \"host\": \"10.0.0.2\", \"params\": {\"ports\": "
        "[1]}}]}, \"test.observed\": {\"pg-test-2\": {\"unit\": {\"resources\": [{\"scope\": "
        "\"pg-test-2\", \"name\": \"haproxy\", \"params\": {\"active\": false}}]}}}}",
        NULL, NULL);
    assert_int_equal(plan->action_count, 2);
    assert_int_equal(plan->change_count, 1);
}

static void roles_wait_for_the_roles_they_name(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{" RUNNING ", \"test.desired\": {\"pg-test\": ["
        "{\"kind\": \"role\", \"scope\": \"pg-test\", \"name\": \"b\", \"params\": {\"roles\": "
        "[\"a\", \"elsewhere\"]}},"
        "{\"kind\": \"role\", \"scope\": \"pg-test\", \"name\": \"a\"}], "
        "\"pg-two\": [{\"kind\": \"role\", \"scope\": \"pg-two\", \"name\": \"c\", \"params\": "
        "{\"roles\": [\"a\"]}}]}}",
        NULL, NULL);
    assert_int_equal(plan->edge_count, 1);
    assert_true(waits(plan, "role.pg-test/b", "role.pg-test/a"));
    assert_string_equal(plan->edges[0].sentence, "a role is created before its members");
}

static void cycles_are_printed_whole(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Plan *plan = NULL;
    CLEANUP(error_freep)
    Error *error = fake_plan(
        arena, yaml,
        "{" RUNNING ", \"test.desired\": {\"pg-test\": ["
        "{\"kind\": \"role\", \"scope\": \"pg-test\", \"name\": \"a\", \"params\": {\"roles\": "
        "[\"b\"]}},"
        "{\"kind\": \"role\", \"scope\": \"pg-test\", \"name\": \"b\", \"params\": {\"roles\": "
        "[\"a\"]}}]}}",
        NULL, NULL, &plan);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INVALID);
    assert_non_null(strstr(error->message, "role.pg-test/a waits for role.pg-test/b (a role is "
                                           "created before its members)"));
    assert_non_null(strstr(error->message, "role.pg-test/b waits for role.pg-test/a"));
}

static void a_foreign_cluster_is_left_alone(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{\"node.data\": {\"10.0.0.3\": {\"initialized\": true}}, \"node.markers\": {\"10.0.0.3\": "
        "{}}, \"patroni.cluster\": {\"10.0.0.3\": {\"members\": [{\"name\": \"pg-two-1\", "
        "\"role\": \"leader\", \"state\": \"running\"}]}}, \"test.desired\": {\"pg-two\": "
        "[{\"kind\": \"role\", \"scope\": \"pg-two\", \"name\": \"a\"}], \"pg-two-1\": [{\"kind\": "
        "\"packages\", \"scope\": \"pg-two-1\", \"host\": \"10.0.0.3\"}]}}",
        NULL, NULL);
    assert_int_equal(plan->action_count, 1);
    assert_int_equal(plan->withheld_count, 1);
    assert_int_equal(plan->blocks[0].changes[0].op, CHANGE_WITHHOLD);
    assert_string_equal(plan->blocks[0].changes[0].withhold_reason,
                        "it has a leader but no pgsteer marker");
    assert_string_equal(plan->blocks[0].title, "not made by pgsteer: read-only");
    assert_false(plan_is_empty(plan));
}

static void kinds_that_fail_are_told_apart(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Plan *plan = NULL;
    CLEANUP(error_freep)
    Error *error = fake_plan(arena, yaml, "{\"test.desired\": {\"infra\": \"two of them\"}}", NULL,
                             NULL, &plan);
    CLEANUP(text_release) Text text = TEXT_INIT;
    char *all = error_text(error);
    text_add(&text, all);
    free(all);
    assert_string_equal(text_get(&text), "planning repo of infra: two of them");
    /* What cannot be read right is unknown, for this kind alone. */
    const Plan *read = plan_of(
        arena,
        "{\"test.desired\": {\"pg-test-1\": [{\"kind\": \"file\", \"scope\": \"pg-test-1\", "
        "\"name\": \"/a\", \"host\": \"10.0.0.1\"}, {\"kind\": \"packages\", \"scope\": "
        "\"pg-test-1\", \"host\": \"10.0.0.1\"}]}, \"test.observed\": {\"pg-test-1\": {\"file\": "
        "\"no such answer\"}}}",
        NULL, NULL);
    assert_int_equal(read->withheld_count, 1);
    assert_int_equal(read->add_count, 1);
    assert_string_equal(read->blocks[0].changes[1].withhold_reason, "no such answer");
}

static const char two_clusters[] =
    "{" RUNNING ", \"test.desired\": {"
    "\"infra\": [{\"kind\": \"repo\", \"scope\": \"infra\", \"host\": \"10.0.0.9\"}],"
    "\"pg-test-1\": [{\"kind\": \"packages\", \"scope\": \"pg-test-1\", \"host\": \"10.0.0.1\"}, "
    "{\"kind\": \"file\", \"scope\": \"pg-test-1\", \"name\": \"/a\", \"host\": \"10.0.0.1\"}],"
    "\"pg-two-1\": [{\"kind\": \"packages\", \"scope\": \"pg-two-1\", \"host\": \"10.0.0.3\"}],"
    "\"pg-test\": [{\"kind\": \"config\", \"scope\": \"pg-test\"}, {\"kind\": \"role\", "
    "\"scope\": \"pg-test\", \"name\": \"a\"}, {\"kind\": \"role\", \"scope\": \"pg-test\", "
    "\"name\": \"b\", \"params\": {\"roles\": [\"a\"]}}],"
    "\"pg-two\": [{\"kind\": \"hba\", \"scope\": \"pg-two-1\", \"host\": \"10.0.0.3\", "
    "\"params\": {\"rules\": [\"x\"]}}]}}";

static const char *addresses(Arena *arena, const Plan *plan)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < plan->action_count; i++)
        text_addf(&text, "%s%s", i ? " " : "", plan->actions[i].address);
    return text_copy(&text, arena);
}

static void targets_bring_what_they_need(void **state)
{
    (void)state;
    static const struct {
        const char *target, *exclude, *want;
    } cases[] = {
        {NULL, NULL,
         "repo.infra packages.pg-test-1 file.pg-test-1//a packages.pg-two-1 config.pg-test "
         "role.pg-test/a role.pg-test/b hba.pg-two-1 reload.pg-two-1/postgres"},
        {"pg-two", NULL, "repo.infra packages.pg-two-1 hba.pg-two-1 reload.pg-two-1/postgres"},
        {"pg-two-1", NULL, "repo.infra packages.pg-two-1 hba.pg-two-1 reload.pg-two-1/postgres"},
        {"10.0.0.3", NULL, "repo.infra packages.pg-two-1 hba.pg-two-1 reload.pg-two-1/postgres"},
        {"hba.*", NULL, "hba.pg-two-1 reload.pg-two-1/postgres"},
        {"role.pg-test/a", NULL, "config.pg-test role.pg-test/a"},
        {"role.pg-test/b", NULL, "config.pg-test role.pg-test/a role.pg-test/b"},
        {"file.pg-test-1//a", NULL, "repo.infra packages.pg-test-1 file.pg-test-1//a"},
        {NULL, "pg-test", "repo.infra packages.pg-two-1 hba.pg-two-1 reload.pg-two-1/postgres"},
        {NULL, "role.pg-test/a",
         "repo.infra packages.pg-test-1 file.pg-test-1//a packages.pg-two-1 config.pg-test "
         "hba.pg-two-1 reload.pg-two-1/postgres"},
        {NULL, "infra",
         "config.pg-test role.pg-test/a role.pg-test/b hba.pg-two-1 "
         "reload.pg-two-1/postgres"},
        {"pg-test", "file.*",
         "repo.infra packages.pg-test-1 config.pg-test role.pg-test/a role.pg-test/b"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        const char *const targets[] = {cases[i].target, NULL};
        const char *const excludes[] = {cases[i].exclude, NULL};
        const Plan *plan = plan_of(arena, two_clusters, cases[i].target ? targets : NULL,
                                   cases[i].exclude ? excludes : NULL);
        if (strcmp(addresses(arena, plan), cases[i].want) != 0)
            fail_msg("case %zu: %s", i, addresses(arena, plan));
    }
}

/* A slip of the pen would else be an empty plan, or everything that was to be left alone. */
static void a_target_that_names_nothing_is_an_error(void **state)
{
    (void)state;
    static const char *const wrong[] = {"pg-two", "pg-tow", "role.pg-test/c", NULL};
    static const char *const right[] = {"pg-two", "role.pg-test/a", "10.0.0.*", NULL};
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Plan *plan = NULL;
        CLEANUP(error_freep)
        Error *error =
            fake_plan(arena, yaml, two_clusters, i ? right : wrong, i ? wrong : right, &plan);
        assert_non_null(error);
        assert_int_equal(error_root(error)->code, ERROR_INVALID);
        const char *want = i ? "-exclude names nothing that the inventory or its nodes have: "
                               "'pg-tow', 'role.pg-test/c'."
                             : "-target names nothing that the inventory or its nodes have: "
                               "'pg-tow', 'role.pg-test/c'.";
        assert_non_null(strstr(error_root(error)->message, want));
    }
}

static void targets_filter_what_is_withheld(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *const targets[] = {"pg-two-1", NULL};
    const Plan *plan = plan_of(
        arena,
        "{\"test.desired\": {\"pg-test-1\": [{\"kind\": \"file\", \"scope\": \"pg-test-1\", "
        "\"name\": \"/a\", \"host\": \"10.0.0.1\"}], \"pg-two-1\": [{\"kind\": \"file\", "
        "\"scope\": \"pg-two-1\", \"name\": \"/a\", \"host\": \"10.0.0.3\"}]}, "
        "\"test.observed\": {\"pg-test-1\": {\"file\": {\"complete\": false}}, \"pg-two-1\": "
        "{\"file\": {\"complete\": false}}}}",
        targets, NULL);
    assert_int_equal(plan->withheld_count, 1);
    assert_string_equal(plan->blocks[0].name, "pg-two");
}

static void large_groups_meet_at_a_milestone(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text facts = TEXT_INIT;
    text_add(&facts, "{\"test.desired\": {\"pg-test-1\": [");
    for (int i = 0; i < 10; i++)
        text_addf(&facts,
                  "%s{\"kind\": \"file\", \"scope\": \"s\", \"name\": \"/%d\", \"host\": "
                  "\"10.0.0.1\"}, {\"kind\": \"packages\", \"scope\": \"s%d\", \"host\": "
                  "\"10.0.0.1\"}",
                  i ? ", " : "", i, i);
    text_add(&facts, "]}}");
    const Plan *plan = plan_of(arena, text_get(&facts), NULL, NULL);
    assert_int_equal(plan->action_count, 21);
    assert_int_equal(plan->edge_count, 20);
    const Action *milestone = action_at(plan, "milestone.packages.*..file.*/10.0.0.1");
    assert_non_null(milestone);
    assert_ptr_equal(milestone->verb, &plan_barrier_verb);
    assert_int_equal(milestone->expected_ms, 0);
    assert_int_equal(plan->critical_path_ms, 30100);
    assert_int_equal(plan->add_count, 20);
}

static void a_restart_is_counted_and_limited(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{" RUNNING ", \"test.desired\": {\"pg-test\": ["
        "{\"kind\": \"instance\", \"scope\": \"pg-test-2\", \"host\": \"10.0.0.2\", \"params\": "
        "{\"sessions\": 5}}, {\"kind\": \"instance\", \"scope\": \"pg-test-1\", \"host\": "
        "\"10.0.0.1\", \"params\": {\"sessions\": 5}}]}, \"test.observed\": {\"pg-test\": "
        "{\"instance\": {\"resources\": [{\"scope\": \"pg-test-1\", \"params\": {\"sessions\": "
        "4}}, {\"scope\": \"pg-test-2\", \"params\": {\"sessions\": 4}}]}}}}",
        NULL, NULL);
    assert_int_equal(plan->change_count, 2);
    assert_int_equal(plan->limit_count, 1);
    assert_string_equal(plan->limits[0].name, "disrupt.pg-test");
    assert_int_equal(plan->limits[0].capacity, 1);
    assert_int_equal(plan->limits[0].action_count, 2);
    assert_int_equal(plan->impact.restarts, 2);
    assert_string_equal(plan->impact.restarted[0], "pg-test-2");
    assert_string_equal(plan->impact.restarted[1], "pg-test-1");
    assert_int_equal(plan->impact.reloads, 2); /* sessions needs a reconnect: below it a reload */
    assert_int_equal(plan->critical_path_ms, 18400);
    const Value *args = action_at(plan, "instance.pg-test-1")->args;
    assert_int_equal(value_as_int(value_path(args, "params/sessions"), 0), 5);
    assert_int_equal(value_as_int(value_path(args, "before/sessions"), 0), 4);
    assert_string_equal(action_at(plan, "instance.pg-test-1")->reason, "sessions differs");
}

static void a_replacement_removes_first(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{\"test.desired\": {\"pg-test-1\": [{\"kind\": \"link\", \"scope\": \"pg-test-1\", "
        "\"name\": \"/l\", \"host\": \"10.0.0.1\", \"params\": {\"target\": \"/a\"}}]}, "
        "\"test.observed\": {\"pg-test-1\": {\"link\": {\"resources\": [{\"scope\": "
        "\"pg-test-1\", \"name\": \"/l\", \"params\": {\"target\": \"/b\"}}]}}}}",
        NULL, NULL);
    assert_int_equal(plan->action_count, 2);
    assert_string_equal(plan->actions[0].verb->name, "link.delete");
    assert_int_equal(plan->actions[0].op, CHANGE_DELETE);
    assert_string_equal(plan->actions[1].verb->name, "link.create");
    assert_int_equal(plan->edge_count, 1);
    assert_int_equal(plan->add_count, 1);
    assert_int_equal(plan->destroy_count, 1);
}

static void deletions_of_data_are_counted(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{" RUNNING ", \"test.desired\": {\"pg-test\": [{\"kind\": \"instance\", \"scope\": "
        "\"pg-test-2\", \"host\": \"10.0.0.2\", \"absent\": true}, {\"kind\": \"role\", "
        "\"scope\": \"pg-test\", \"name\": \"old\", \"absent\": true}]}, \"test.observed\": "
        "{\"pg-test\": {\"instance\": {\"resources\": [{\"scope\": \"pg-test-2\"}]}, \"role\": "
        "{\"resources\": [{\"scope\": \"pg-test\", \"name\": \"old\"}]}}}}",
        NULL, NULL);
    assert_int_equal(plan->destroy_count, 2);
    assert_true(plan->impact.data_lost);
    assert_int_equal(plan->impact.rebuilds, 1);
    assert_int_equal(plan->impact.reconnects, 1);
    assert_string_equal(action_at(plan, "role.pg-test/old")->reason,
                        "the inventory does not want it");
}

static void managed_keys_alone_are_handed_on(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *plan = plan_of(
        arena,
        "{" RUNNING ", \"test.desired\": {\"pg-test\": [{\"kind\": \"config\", \"scope\": "
        "\"pg-test\", \"params\": {\"settings\": {\"work_mem\": \"8MB\"}, \"patroni\": {\"ttl\": "
        "30}}}]}, \"test.observed\": {\"pg-test\": {\"config\": {\"resources\": [{\"scope\": "
        "\"pg-test\", \"params\": {\"settings\": {\"work_mem\": \"4MB\", \"port\": \"5432\"}, "
        "\"patroni\": {\"ttl\": 20, \"old\": 1}}}]}}}}",
        NULL, NULL);
    const Value *before = value_get(action_at(plan, "config.pg-test")->args, "before");
    assert_int_equal(value_count(value_get(before, "settings")), 1);
    assert_int_equal(value_count(value_get(before, "patroni")), 2);
    assert_int_equal(plan->impact.reloads, 0); /* the change is on no host: Patroni reloads */
    assert_string_equal(action_at(plan, "config.pg-test")->reason, "work_mem, ttl, old differ");
}

static void equal_worlds_have_equal_digests(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Plan *one = plan_of(arena, two_clusters, NULL, NULL);
    const Plan *two = plan_of(arena, two_clusters, NULL, NULL);
    const char *const targets[] = {"pg-two", NULL};
    const Plan *part = plan_of(arena, two_clusters, targets, NULL);
    const Plan *other =
        plan_of(arena, "{\"node.data\": {\"10.0.0.1\": {\"unknown\": \"x\"}}}", NULL, NULL);
    assert_string_equal(one->transition, two->transition);
    assert_string_equal(one->world, two->world);
    assert_string_not_equal(one->transition, part->transition);
    assert_string_equal(one->world, part->world);
    assert_string_not_equal(one->world, other->world);
    assert_int_equal(strlen(one->world), 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_wanted_is_an_empty_plan),
        cmocka_unit_test(reloads_are_folded),
        cmocka_unit_test(a_new_unit_is_not_reloaded),
        cmocka_unit_test(a_unit_that_starts_is_not_reloaded),
        cmocka_unit_test(roles_wait_for_the_roles_they_name),
        cmocka_unit_test(cycles_are_printed_whole),
        cmocka_unit_test(a_foreign_cluster_is_left_alone),
        cmocka_unit_test(kinds_that_fail_are_told_apart),
        cmocka_unit_test(targets_bring_what_they_need),
        cmocka_unit_test(a_target_that_names_nothing_is_an_error),
        cmocka_unit_test(targets_filter_what_is_withheld),
        cmocka_unit_test(large_groups_meet_at_a_milestone),
        cmocka_unit_test(a_restart_is_counted_and_limited),
        cmocka_unit_test(a_replacement_removes_first),
        cmocka_unit_test(deletions_of_data_are_counted),
        cmocka_unit_test(managed_keys_alone_are_handed_on),
        cmocka_unit_test(equal_worlds_have_equal_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
