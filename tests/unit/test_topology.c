/* Domains of an inventory, and what a cluster is by its readings. */
#include <string.h>

#include "fake_kinds.h"
#include "schema/contract/topology.h"
#include "unit.h"

static const char yaml[] = "all:\n"
                           "  children:\n"
                           "    infra: { hosts: { 10.0.0.9: { infra_seq: 1 } } }\n"
                           "    etcd:\n"
                           "      hosts:\n"
                           "        10.0.0.8: { etcd_seq: 3 }\n"
                           "        10.0.0.1: { etcd_seq: 1 }\n"
                           "        10.0.0.2: { etcd_seq: 2 }\n"
                           "      vars: { etcd_cluster: etcd }\n"
                           "    pg-test:\n"
                           "      hosts:\n"
                           "        10.0.0.2: { pg_seq: 2, pg_role: replica }\n"
                           "        10.0.0.1: { pg_seq: 1, pg_role: primary }\n"
                           "      vars: { pg_cluster: pg-test }\n";

static void domains_partition_the_inventory(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Inventory *inventory;
    const Domain *domains;
    size_t count = fake_domains(arena, yaml, &inventory, &domains);
    static const struct {
        DomainType type;
        const char *name, *block, *hosts;
    } want[] = {
        {DOMAIN_INFRA, "infra", "infra", "10.0.0.9 "},
        {DOMAIN_NODE, NULL, "infra", "10.0.0.9 "},
        {DOMAIN_NODE, NULL, "etcd", "10.0.0.8 "},
        {DOMAIN_NODE, "pg-test-1", "pg-test", "10.0.0.1 "},
        {DOMAIN_NODE, "pg-test-2", "pg-test", "10.0.0.2 "},
        {DOMAIN_ETCD, "etcd", "etcd", "10.0.0.1 10.0.0.2 10.0.0.8 "},
        {DOMAIN_CLUSTER, "pg-test", "pg-test", "10.0.0.1 10.0.0.2 "},
    };
    assert_int_equal(count, COUNT_OF(want));
    for (size_t i = 0; i < count; i++) {
        CLEANUP(text_release) Text hosts = TEXT_INIT;
        for (size_t k = 0; k < domains[i].host_count; k++)
            text_addf(&hosts, "%s ", host_address(domains[i].hosts[k]));
        assert_int_equal(domains[i].type, want[i].type);
        if (want[i].name)
            assert_string_equal(domains[i].name, want[i].name);
        assert_string_equal(domains[i].block, want[i].block);
        assert_string_equal(text_get(&hosts), want[i].hosts);
        assert_ptr_equal(domains[i].inventory, inventory);
        assert_int_equal(domains[i].cluster != NULL, want[i].type == DOMAIN_CLUSTER);
    }
    assert_string_equal(domain_type_name(DOMAIN_ETCD), "etcd");
}

static void a_node_of_nothing_is_its_own_block(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Inventory *inventory;
    const Domain *domains;
    size_t count = fake_domains(arena, "all: { children: { spare: { hosts: { 10.0.0.7: {} } } } }",
                                &inventory, &domains);
    assert_int_equal(count, 1);
    assert_string_equal(domains[0].block, domains[0].name);
}

/* Readings of member 1 and 2, each a JSON map of source to value, "" for nothing. */
#define BARE                                                                                       \
    "\"node.data\": {\"initialized\": false}, \"node.markers\": {}, "                              \
    "\"patroni.cluster\": {\"running\": false}"
#define DATA                                                                                       \
    "\"node.data\": {\"initialized\": true, \"system_identifier\": \"77\"}, \"node.markers\": {}"
#define MARKED                                                                                     \
    "\"node.data\": {\"initialized\": false}, \"node.markers\": {\"cluster.pg-test\": {}}"
#define FORMED                                                                                     \
    "\"node.data\": {\"initialized\": true}, "                                                     \
    "\"node.markers\": {\"cluster.pg-test\": {\"state\": \"formed\"}}"
#define NO_KEYS                                                                                    \
    ", \"etcd.member\": {\"configured\": true, \"healthy\": true, \"clusters\": {\"pg-test2\": "   \
    "{\"initialize\": \"66\"}}}"
#define KEYS                                                                                       \
    ", \"etcd.member\": {\"configured\": true, \"healthy\": true, \"clusters\": {\"pg-test\": "    \
    "{\"initialize\": \"88\", \"leader\": null}}}"
#define MUTE(MARKERS)                                                                              \
    "\"node.data\": {\"initialized\": false}, \"node.markers\": {" MARKERS "}, "                   \
    "\"etcd.member\": {\"configured\": true, \"healthy\": false, \"clusters\": {}}"
#define GONE                                                                                       \
    "\"node.data\": {\"unknown\": \"no answer\"}, \"node.markers\": {\"unknown\": \"no answer\"}"
#define VIEW(LEADER, TIMELINE)                                                                     \
    ", \"patroni.cluster\": {\"system_identifier\": \"99\", \"members\": [{\"name\": \"" LEADER    \
    "\", \"role\": \"leader\", \"state\": \"running\", \"timeline\": " TIMELINE "}]}"
#define LEADERLESS_VIEW                                                                            \
    ", \"patroni.cluster\": {\"members\": [{\"name\": \"pg-test-1\", \"role\": \"replica\", "      \
    "\"state\": \"running\"}]}"

static const struct {
    const char *first, *second;
    TopologyState want;
    const char *identifier, *leader; /* NULL: none */
    const char *reason;              /* part of it; NULL: none */
} cases[] = {
    {BARE, BARE, TOPOLOGY_NEW, "", NULL, NULL},
    {BARE NO_KEYS, BARE, TOPOLOGY_NEW, "", NULL, NULL},
    {BARE, GONE, TOPOLOGY_UNKNOWN, "", NULL, "pg-test-2 could not be read: no answer"},
    {BARE, "", TOPOLOGY_UNKNOWN, "", NULL, "it was not asked"},
    {BARE ", \"etcd.member\": {\"unknown\": \"denied\"}", BARE, TOPOLOGY_UNKNOWN, "", NULL,
     "pg-test-1 could not be read: denied"},
    {MUTE("\"etcd\": {}"), BARE, TOPOLOGY_UNKNOWN, "", NULL, "etcd does not answer"},
    {MUTE("\"etcd\": {}"), BARE NO_KEYS, TOPOLOGY_NEW, "", NULL, NULL},
    {MUTE(""), BARE, TOPOLOGY_NEW, "", NULL, NULL}, /* its creation was cut short */
    {BARE KEYS, BARE, TOPOLOGY_LEADERLESS, "88", NULL, "the DCS has keys"},
    {DATA, BARE, TOPOLOGY_LEADERLESS, "77", NULL, "pg-test-1 has a data directory"},
    {BARE, DATA LEADERLESS_VIEW, TOPOLOGY_FOREIGN, "77", NULL, "members but no pgsteer marker"},
    {BARE,
     "\"node.data\": {\"initialized\": false}, \"node.markers\": {}, \"patroni.cluster\": "
     "{\"members\": []}",
     TOPOLOGY_LEADERLESS, "", NULL, "the DCS has keys"},
    {MARKED, BARE, TOPOLOGY_FORMING, "", NULL, NULL},
    {MARKED NO_KEYS, GONE, TOPOLOGY_FORMING, "", NULL, NULL},
    {MARKED, GONE, TOPOLOGY_UNKNOWN, "", NULL, "pg-test-2 could not be read"},
    {FORMED, BARE, TOPOLOGY_LEADERLESS, "", NULL, "nobody leads it"},
    {FORMED KEYS, GONE, TOPOLOGY_LEADERLESS, "88", NULL, "nobody leads it"},
    {FORMED VIEW("pg-test-1", "7"), GONE, TOPOLOGY_RUNNING, "99", "pg-test-1", NULL},
    {FORMED VIEW("pg-test-1", "7"), BARE, TOPOLOGY_RUNNING, "99", "pg-test-1", NULL},
    {FORMED LEADERLESS_VIEW, FORMED VIEW("pg-test-2", "7"), TOPOLOGY_RUNNING, "99", "pg-test-2",
     NULL},
    {FORMED VIEW("pg-test-1", "7"), FORMED VIEW("pg-test-2", "8"), TOPOLOGY_RUNNING, "99",
     "pg-test-2", NULL},
    {FORMED VIEW("pg-test-2", "8"), FORMED VIEW("pg-test-1", "7"), TOPOLOGY_RUNNING, "99",
     "pg-test-2", NULL},
    {FORMED VIEW("pg-test-1", "7"), FORMED VIEW("pg-test-2", "7"), TOPOLOGY_UNKNOWN, "99",
     "pg-test-1", "different leaders"},
    {DATA VIEW("pg-test-1", "7"), BARE, TOPOLOGY_FOREIGN, "99", "pg-test-1", "no pgsteer marker"},
    {"\"node.data\": {\"initialized\": true}, \"node.markers\": {\"unknown\": \"denied\"}" VIEW(
         "pg-test-1", "7"),
     GONE, TOPOLOGY_UNKNOWN, "99", "pg-test-1", "no member's marker could be read"},
};

static Topology topology_with(Arena *arena, const char *first, const char *second)
{
    const Inventory *inventory;
    const Domain *domains;
    size_t count = fake_domains(arena, yaml, &inventory, &domains);
    const char *const sides[] = {first, second};
    Facts *facts = facts_new(arena);
    for (size_t i = 0; i < 2; i++) {
        const char *address = i == 0 ? "10.0.0.1" : "10.0.0.2";
        const Value *sources = fake_json(arena, arena_printf(arena, "{%s}", sides[i]));
        for (size_t k = 0; k < value_count(sources); k++) {
            const Value *value = sources->map.values[k];
            const char *unknown = value_as_text(value_get(value, "unknown"), NULL);
            if (unknown)
                facts_put_unknown(facts, sources->map.keys[k], address, ERROR_UNREACHABLE, unknown);
            else
                facts_put_known(facts, sources->map.keys[k], address, value);
        }
    }
    return topology_of(arena, &domains[count - 1], facts);
}

static void states_follow_from_readings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Topology topology = topology_with(arena, cases[i].first, cases[i].second);
        if (topology.state != cases[i].want)
            fail_msg("case %zu: state %d (%s)", i, (int)topology.state, topology.reason);
        assert_string_equal(topology.system_identifier, cases[i].identifier);
        assert_int_equal(topology.leader != NULL, cases[i].leader != NULL);
        if (cases[i].leader && topology.leader)
            assert_string_equal(topology.leader->name, cases[i].leader);
        if ((topology.reason != NULL) != (cases[i].reason != NULL) ||
            (topology.reason && !strstr(topology.reason, cases[i].reason)))
            fail_msg("case %zu: reason '%s'", i, topology.reason);
    }
}

/* A member that could not be read never makes a cluster new. */
static void nothing_unread_is_new(void **state)
{
    (void)state;
    static const char *const sources[] = {"node.data", "node.markers", "patroni.cluster",
                                          "etcd.member"};
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        CLEANUP(text_release) Text text = TEXT_INIT;
        const char *const parts[] = {"\"node.data\": {\"initialized\": false}",
                                     "\"node.markers\": {}",
                                     "\"patroni.cluster\": {\"running\": false}",
                                     "\"etcd.member\": {\"configured\": false}"};
        for (size_t k = 0; k < COUNT_OF(parts); k++) {
            text_add(&text, k ? ", " : "");
            if (k == i)
                text_addf(&text, "\"%s\": {\"unknown\": \"?\"}", sources[i]);
            else
                text_add(&text, parts[k]);
        }
        Topology topology = topology_with(arena, BARE, text_get(&text));
        assert_int_equal(topology.state, TOPOLOGY_UNKNOWN);
    }
}

/* A control file without a database is data, unless our own creation was cut short there. */
static void a_cut_initdb_is_no_data(void **state)
{
    (void)state;
    static const struct {
        const char *facts;
        bool has_data;
    } rows[] = {
#define CUT "\"node.data\": {\"initialized\": true, \"no_database\": true}, "
        {CUT "\"node.markers\": {\"cluster.pg-test\": {\"state\": \"forming\"}}", false},
        {CUT "\"node.markers\": {\"cluster.pg-test\": {\"state\": \"formed\"}}", true},
        {CUT "\"node.markers\": {}", true},
        {CUT "\"node.markers\": {\"cluster.pg-test\": {\"state\": \"forming\"}}, "
             "\"patroni.cluster\": {\"members\": [{\"name\": \"pg-test-1\", \"role\": \"leader\", "
             "\"state\": \"running\"}]}",
         true},
        {"\"node.data\": {\"initialized\": true}, "
         "\"node.markers\": {\"cluster.pg-test\": {\"state\": \"forming\"}}",
         true},
#undef CUT
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        Topology topology = topology_with(arena, rows[i].facts, BARE);
        if (topology_member(&topology, "pg-test-1")->has_data != rows[i].has_data)
            fail_msg("row %zu", i);
    }
}

static void members_are_described(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Topology topology = topology_with(
        arena,
        "\"node.data\": {\"initialized\": true}, \"node.markers\": {\"cluster.pg-test\": {}}, "
        "\"patroni.cluster\": {\"pause\": true, \"members\": ["
        "{\"name\": \"pg-test-9\", \"host\": \"10.0.0.77\", \"role\": \"replica\", \"state\": "
        "\"streaming\", \"timeline\": 3, \"lag\": 5},"
        "{\"name\": \"pg-test-2\", \"role\": \"sync_standby\", \"state\": \"streaming\", "
        "\"timeline\": 2, \"lag\": \"unknown\", \"pending_restart\": true},"
        "{\"name\": \"pg-test-1\", \"role\": \"leader\", \"state\": \"running\", \"timeline\": "
        "3}]}",
        GONE);
    assert_int_equal(topology.state, TOPOLOGY_RUNNING);
    assert_true(topology.is_paused);
    assert_int_equal(topology.member_count, 3);
    assert_int_equal(topology.healthy_count, 2); /* pg-test-2 is on another timeline */
    const Member *first = topology_member(&topology, "pg-test-1");
    assert_ptr_equal(first, topology.leader);
    assert_ptr_equal(first, &topology.members[0]);
    assert_true(first->has_data && first->is_declared && first->is_readable);
    assert_int_equal(first->lag_bytes, 0);
    const Member *second = topology_member(&topology, "pg-test-2");
    assert_true(second->pending_restart && second->is_declared && !second->is_readable);
    assert_int_equal(second->lag_bytes, -1);
    assert_string_equal(second->role, "sync_standby");
    assert_string_equal(second->host, "10.0.0.2");
    const Member *other = topology_member(&topology, "pg-test-9");
    assert_false(other->is_declared || other->has_data);
    assert_int_equal(other->lag_bytes, 5);
    assert_string_equal(other->host, "10.0.0.77");
    assert_null(topology_member(&topology, "pg-test-3"));
}

static void a_standby_leader_leads(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Topology topology =
        topology_with(arena,
                      FORMED ", \"patroni.cluster\": {\"members\": [{\"name\": \"pg-test-2\", "
                             "\"role\": \"standby_leader\", \"state\": \"streaming\"}]}",
                      BARE);
    assert_int_equal(topology.state, TOPOLOGY_RUNNING);
    assert_string_equal(topology.leader->name, "pg-test-2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_partition_the_inventory),
        cmocka_unit_test(a_node_of_nothing_is_its_own_block),
        cmocka_unit_test(states_follow_from_readings),
        cmocka_unit_test(nothing_unread_is_new),
        cmocka_unit_test(a_cut_initdb_is_no_data),
        cmocka_unit_test(members_are_described),
        cmocka_unit_test(a_standby_leader_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
