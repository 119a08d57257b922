/* observe: round trips, arguments, gates, leaders, databases, unknowns, stability. */
#include <string.h>

#include "engine/observe.h"
#include "fake_world.h"
#include "unit.h"

static const char inventory_text[] =
    "all:\n"
    "  children:\n"
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd } }\n"
    "    pg-test:\n"
    "      hosts:\n"
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
    "      vars: { pg_cluster: pg-test }\n"
    "  vars: { admin_ip: 10.10.10.10 }\n";

#define META "10.10.10.10"
#define ONE  "10.10.10.11"
#define TWO  "10.10.10.12"

/* -- kinds and sources ----------------------------------------------------------------------- */

static bool has_patroni(const Facts *facts, const char *host)
{
    return facts_value(facts, "patroni.unit", host) != NULL;
}

static const Source sources[] = {
    {.name = "node.paths", .scope = SCOPE_NODE, .stage = 0},
    {.name = "node.data", .scope = SCOPE_NODE, .stage = 0},
    {.name = "patroni.unit", .scope = SCOPE_NODE, .stage = 0},
    {.name = "node.markers", .scope = SCOPE_NODE, .stage = 0},
    {.name = "patroni.cluster", .scope = SCOPE_NODE, .stage = 1, .gate = has_patroni},
    {.name = "sql.member", .scope = SCOPE_NODE, .stage = 2, .gate = has_patroni},
    {.name = "sql.roles", .scope = SCOPE_LEADER, .stage = 2},
    {.name = "sql.databases", .scope = SCOPE_LEADER, .stage = 2},
    {.name = "sql.database", .scope = SCOPE_DATABASE, .stage = 3},
};
static const Source *const source_list[] = {&sources[0], &sources[1], &sources[2], &sources[3],
                                            &sources[4], &sources[5], &sources[6], &sources[7],
                                            &sources[8], NULL};

static const ParamRow param = {.name = "path", .type = PARAM_STRING, .doc = "a path"};

static Error *wanted_paths(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    const Host *host = domain->hosts[0];
    resource_add(out, host_name(host), "/by/name", host_address(host));
    Resource *asking = resource_add(out, host_name(host), "label", host_address(host));
    resource_ask(asking, out->arena, "node.paths", "/by/ask");
    resource_ask(asking, out->arena, "node.paths", "/by/name");
    return NULL;
}

static Error *wanted_databases(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)facts;
    resource_add(out, domain->name, "app", "");
    resource_add(out, domain->name, "new", "");
    return NULL;
}

static Error *wanted_nothing(const Domain *domain, const Facts *facts, ResourceSet *out)
{
    (void)domain;
    (void)facts;
    (void)out;
    return NULL;
}

static const char *const path_sources[] = {"node.paths", NULL};
static const char *const member_sources[] = {"node.data",       "patroni.unit", "node.markers",
                                             "patroni.cluster", "sql.member",   NULL};
static const char *const role_sources[] = {"sql.roles", NULL};
static const char *const database_sources[] = {"sql.databases", "sql.database", NULL};

#define KIND(kind_name, type, list, function)                                                      \
    {                                                                                              \
        .name = (kind_name), .domain = (type), .params = &param, .param_count = 1,                 \
        .sources = (list), .desired = (function), .read = (function)                               \
    }
static const Kind path_kind = KIND("path", DOMAIN_NODE, path_sources, wanted_paths);
static const Kind member_kind = KIND("member", DOMAIN_CLUSTER, member_sources, wanted_nothing);
static const Kind role_kind = KIND("role", DOMAIN_CLUSTER, role_sources, wanted_nothing);
static const Kind database_kind =
    KIND("database", DOMAIN_CLUSTER, database_sources, wanted_databases);
static const Kind *const kind_list[] = {&path_kind, &member_kind, &role_kind, &database_kind, NULL};
static const Registry registry = {.kinds = kind_list, .sources = source_list};

/* -- fixture --------------------------------------------------------------------------------- */

typedef struct Fixture {
    Arena *arena;
    World *world;
    Observation *observation;
} Fixture;

static void fixture_end(Fixture *f)
{
    observation_end(f->observation);
    f->world->free(f->world);
    arena_free(f->arena);
}

static Fixture fixture(void)
{
    return (Fixture){.arena = arena_new(), .world = fake_world_new()};
}

static const Value *map_of(Arena *arena, const char *key, const Value *value)
{
    Value *map = value_map(arena);
    value_set(arena, map, key, value);
    return map;
}

static const Value *view(Arena *arena, const char *leader, int64_t timeline)
{
    static const char *const names[][2] = {{"pg-test-1", ONE}, {"pg-test-2", TWO}};
    Value *members = value_list(arena);
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        bool leads = leader && strcmp(names[i][0], leader) == 0;
        Value *member = value_map(arena);
        value_set_text(arena, member, "name", names[i][0]);
        value_set_text(arena, member, "host", names[i][1]);
        value_set_text(arena, member, "role", leads ? "leader" : "replica");
        value_set_text(arena, member, "state", leads ? "running" : "streaming");
        value_set_int(arena, member, "timeline", timeline);
        value_push(arena, members, member);
    }
    return map_of(arena, "members", members);
}

static void set_node(Fixture *f, const char *host, bool has_data)
{
    fake_world_set(f->world, "node.paths", host, &value_empty_map);
    fake_world_set(f->world, "node.data", host,
                   map_of(f->arena, "initialized", value_bool(has_data)));
    fake_world_set(f->world, "node.markers", host, &value_empty_map);
    if (has_data)
        fake_world_set(f->world, "patroni.unit", host, &value_true);
}

static const Value *member_facts(Fixture *f, bool in_recovery, int64_t timeline)
{
    Value *member = value_map(f->arena);
    value_set_bool(f->arena, member, "in_recovery", in_recovery);
    value_set_int(f->arena, member, "timeline", timeline);
    return member;
}

/* A running cluster, led by pg-test-1. */
static void set_running(Fixture *f)
{
    static const char *const hosts[] = {ONE, TWO};
    set_node(f, META, false);
    for (size_t i = 0; i < COUNT_OF(hosts); i++) {
        set_node(f, hosts[i], true);
        fake_world_set(f->world, "patroni.cluster", hosts[i], view(f->arena, "pg-test-1", 3));
        fake_world_set(f->world, "sql.member", hosts[i], member_facts(f, i > 0, 3));
    }
    fake_world_set(f->world, "sql.roles", "pg-test", &value_empty_map);
    fake_world_set(f->world, "sql.databases", "pg-test",
                   map_of(f->arena, "databases", map_of(f->arena, "app", &value_empty_map)));
    fake_world_set(f->world, "sql.database", "pg-test/app", &value_empty_map);
}

/* `input`: what is special about it. */
static const Facts *run_with(Fixture *f, ObserveInput input)
{
    Diagnostics *diagnostics = diagnostics_new(f->arena);
    Inventory *inventory = inventory_load_bytes(f->arena, "test.yml", inventory_text,
                                                strlen(inventory_text), diagnostics);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    const Domain *domains;
    size_t count = domains_of(f->arena, inventory, &domains);
    input.registry = &registry;
    input.domains = domains;
    input.domain_count = count;
    input.world = f->world;
    assert_null(observe(f->arena, &input, &f->observation));
    return f->observation->facts;
}

static const Facts *run(Fixture *f)
{
    return run_with(f, (ObserveInput){0});
}

static void assert_unknown(const Facts *facts, const char *source, const char *subject,
                           const char *part)
{
    const char *reason = "";
    assert_true(facts_is_unknown(facts, source, subject, &reason));
    if (!strstr(reason, part))
        fail_msg("'%s' does not say '%s'", reason, part);
}

/* -- tests ----------------------------------------------------------------------------------- */

static void one_round_trip_per_node_and_stage(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    const Facts *facts = run(&f);
    assert_int_equal(fake_world_reads(f.world, META), 1); /* stage 0 */
    assert_int_equal(fake_world_reads(f.world, TWO), 3);  /* 0, 1, 2 */
    assert_int_equal(fake_world_reads(f.world, ONE), 4);  /* and 3, as the leader */
    assert_non_null(facts_value(facts, "sql.roles", "pg-test"));
    assert_non_null(facts_value(facts, "sql.database", "pg-test/app"));
    assert_int_equal(f.observation->hosts_wanted, 3);
    assert_int_equal(f.observation->hosts_observed, 3);
}

static void only_named_sources_are_asked(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    static const char *const wanted[] = {"patroni.unit", "patroni.cluster", NULL};
    const Facts *facts = run_with(&f, (ObserveInput){.sources = wanted});
    assert_int_equal(fake_world_reads(f.world, TWO), 2); /* stages 0 and 1 */
    assert_int_equal(fake_world_reads(f.world, ONE), 2);
    assert_non_null(facts_value(facts, "patroni.cluster", ONE));
    assert_null(facts_get(facts, "sql.roles", "pg-test"));
    assert_null(facts_get(facts, "sql.member", TWO));
}

static const Value *echo(World *world, const ReadRequest *request)
{
    (void)world;
    return request->args;
}

static Error *echo_read(World *world, const char *host, const ReadRequest *requests, size_t count,
                        int64_t deadline_ms, Arena *arena, Reading *ret_readings)
{
    (void)host;
    (void)deadline_ms;
    for (size_t i = 0; i < count; i++)
        ret_readings[i] = (Reading){.value = value_copy(arena, echo(world, &requests[i]))};
    return NULL;
}

static void arguments_are_what_resources_ask_or_their_names(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    f.world->read = echo_read;
    const Value *asked = facts_value(run(&f), "node.paths", ONE);
    assert_int_equal(value_count(asked), 2);
    assert_string_equal(value_as_text(value_at(asked, 0), ""), "/by/name");
    assert_string_equal(value_as_text(value_at(asked, 1), ""), "/by/ask");
}

static void what_is_not_there_is_not_asked(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_node(&f, META, false);
    set_node(&f, ONE, false);
    set_node(&f, TWO, false);
    const Facts *facts = run(&f);
    assert_null(facts_get(facts, "patroni.cluster", ONE));
    assert_null(facts_get(facts, "sql.roles", "pg-test")); /* a new cluster: known to be nothing */
    assert_int_equal(fake_world_reads(f.world, ONE), 1);
}

static void an_unreachable_node_makes_its_readings_unknown(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    fake_world_kill(f.world, TWO, true);
    const Facts *facts = run(&f);
    assert_unknown(facts, "node.data", TWO, "does not answer");
    assert_unknown(facts, "sql.member", TWO, "does not answer");
    assert_int_equal(fake_world_reads(f.world, TWO), 1); /* not asked again */
    assert_int_equal(f.observation->hosts_observed, 2);
    assert_non_null(facts_value(facts, "sql.roles", "pg-test"));
}

static void without_a_leader_the_cluster_is_unknown(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    fake_world_set(f.world, "patroni.cluster", ONE, view(f.arena, NULL, 3));
    fake_world_set(f.world, "patroni.cluster", TWO, view(f.arena, NULL, 3));
    const Facts *facts = run(&f);
    assert_unknown(facts, "sql.roles", "pg-test", "no leader");
    assert_unknown(facts, "sql.database", "pg-test/app", "no leader");
}

static void when_no_member_answers_the_cluster_is_unknown(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    fake_world_kill(f.world, ONE, true);
    fake_world_kill(f.world, TWO, true);
    const Facts *facts = run(&f);
    assert_unknown(facts, "sql.roles", "pg-test", "could not be read");
    assert_int_equal(f.observation->hosts_observed, 1);
}

static void a_database_that_is_not_there_is_not_asked(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    assert_null(facts_get(run(&f), "sql.database", "pg-test/new"));
}

static void databases_that_may_be_there_are_asked(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    fake_world_on_read(f.world, "sql.databases", NULL, NULL);
    Value *none = value_map(f.arena);
    fake_world_set(f.world, "sql.databases", "pg-test", none); /* says nothing of databases */
    run(&f);
    assert_int_equal(fake_world_asked(f.world, "sql.database", "pg-test/new"), 1);
}

static void a_leader_outside_the_inventory_is_said(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    Value *stranger = value_map(f.arena), *members = value_list(f.arena);
    value_set_text(f.arena, stranger, "name", "pg-test-9");
    value_set_text(f.arena, stranger, "host", "10.10.10.19");
    value_set_text(f.arena, stranger, "role", "leader");
    value_set_text(f.arena, stranger, "state", "running");
    value_push(f.arena, members, stranger);
    fake_world_set(f.world, "patroni.cluster", ONE, map_of(f.arena, "members", members));
    fake_world_set(f.world, "patroni.cluster", TWO, map_of(f.arena, "members", members));
    assert_unknown(run(&f), "sql.roles", "pg-test", "not in the inventory");
}

/* -- stability ------------------------------------------------------------------------------- */

/* pg-test-1 leads when asked first; later pg-test-2 does. */
static const Value *moves_once(void *context, Arena *arena, size_t asked)
{
    (void)context;
    return asked == 0 ? view(arena, "pg-test-1", 3) : view(arena, "pg-test-2", 4);
}

/* It moves with every question. */
static const Value *moves_always(void *context, Arena *arena, size_t asked)
{
    size_t *total = context;
    (void)asked;
    (*total)++;
    return view(arena, "pg-test-1", (int64_t)*total);
}

static void a_cluster_that_moved_is_read_again(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    fake_world_set(f.world, "sql.member", ONE, member_facts(&f, true, 3));
    fake_world_set(f.world, "sql.member", TWO, member_facts(&f, false, 4));
    fake_world_on_read(f.world, "patroni.cluster", moves_once, NULL);
    const Facts *facts = run(&f);
    assert_non_null(facts_value(facts, "sql.roles", "pg-test"));
    assert_int_equal(fake_world_asked(f.world, "sql.roles", "pg-test"), 2);
}

static void a_cluster_that_never_rests_is_unstable(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t total = 0;
    set_running(&f);
    fake_world_set(f.world, "sql.member", ONE, member_facts(&f, false, 99));
    fake_world_on_read(f.world, "patroni.cluster", moves_always, &total);
    const Facts *facts = run(&f);
    assert_unknown(facts, "sql.roles", "pg-test", "unstable");
    assert_unknown(facts, "sql.database", "pg-test/app", "unstable");
    assert_int_equal(fake_world_asked(f.world, "sql.roles", "pg-test"), 3);
    assert_non_null(facts_value(facts, "node.data", ONE));
}

/* The server's own word may lag behind (its last checkpoint): Patroni is asked once more. */
static void a_doubt_costs_one_small_read(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    fake_world_set(f.world, "sql.member", ONE, member_facts(&f, false, 2));
    assert_non_null(facts_value(run(&f), "sql.roles", "pg-test"));
    assert_int_equal(fake_world_reads(f.world, ONE), 5);
    assert_int_equal(fake_world_asked(f.world, "sql.roles", "pg-test"), 1);
}

/* Nobody leads at first; the reading of `context` (a count) that comes third names a leader. */
static const Value *leads_at_last(void *context, Arena *arena, size_t asked)
{
    size_t *total = context;
    (void)asked;
    return view(arena, ++*total > 2 ? "pg-test-1" : NULL, 3);
}

static void set_forming(Fixture *f)
{
    static const char *const hosts[] = {ONE, TWO};
    const Value *forming = map_of(f->arena, "state", value_text(f->arena, "forming"));
    for (size_t i = 0; i < COUNT_OF(hosts); i++)
        fake_world_set(f->world, "node.markers", hosts[i],
                       map_of(f->arena, "cluster.pg-test", forming));
}

/* Patroni goes on with a creation whose runner was killed. */
static void a_cluster_being_born_is_waited_for(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t total = 0;
    set_running(&f);
    set_forming(&f);
    fake_world_on_read(f.world, "patroni.cluster", leads_at_last, &total);
    const Facts *facts = run(&f);
    assert_non_null(facts_value(facts, "sql.roles", "pg-test"));
    assert_true(fake_world_reads(f.world, META) == 1); /* only the cluster is read again */
}

static void a_birth_that_never_ends_is_waited_for_no_longer(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    set_running(&f);
    set_forming(&f);
    fake_world_set(f.world, "patroni.cluster", ONE, view(f.arena, NULL, 3));
    fake_world_set(f.world, "patroni.cluster", TWO, view(f.arena, NULL, 3));
    const Facts *facts = run_with(&f, (ObserveInput){.forming_limit_ms = 1});
    assert_int_equal(fake_world_asked(f.world, "sql.roles", "pg-test"), 0);
    assert_non_null(facts_value(facts, "patroni.cluster", ONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_round_trip_per_node_and_stage),
        cmocka_unit_test(only_named_sources_are_asked),
        cmocka_unit_test(arguments_are_what_resources_ask_or_their_names),
        cmocka_unit_test(what_is_not_there_is_not_asked),
        cmocka_unit_test(an_unreachable_node_makes_its_readings_unknown),
        cmocka_unit_test(without_a_leader_the_cluster_is_unknown),
        cmocka_unit_test(when_no_member_answers_the_cluster_is_unknown),
        cmocka_unit_test(a_database_that_is_not_there_is_not_asked),
        cmocka_unit_test(databases_that_may_be_there_are_asked),
        cmocka_unit_test(a_leader_outside_the_inventory_is_said),
        cmocka_unit_test(a_cluster_that_moved_is_read_again),
        cmocka_unit_test(a_cluster_that_never_rests_is_unstable),
        cmocka_unit_test(a_cluster_being_born_is_waited_for),
        cmocka_unit_test(a_birth_that_never_ends_is_waited_for_no_longer),
        cmocka_unit_test(a_doubt_costs_one_small_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
