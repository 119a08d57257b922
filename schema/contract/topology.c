#include "schema/contract/topology.h"

#include <assert.h>
#include <string.h>

/* The sources, by host address. */
static const char patroni_source[] = "patroni.cluster";
static const char data_source[] = "node.data";
static const char marker_source[] = "node.markers";
static const char dcs_source[] = "etcd.member";

/* Whether Patroni runs, and so can be asked, is what the units say. */
const char *const topology_sources[] = {data_source,    marker_source, "node.units",
                                        patroni_source, dcs_source,    NULL};

/* What all the readings together say, before a state is drawn from it. */
typedef struct Evidence {
    const Value *view;     /* the answer of Patroni that counts, or NULL         */
    const char *leader;    /* its leader's name, or NULL                         */
    bool leaders_disagree; /* two answers of one timeline name different leaders */
    bool marker_was_read;  /* on one node at least                               */
    const Value *marker;   /* ours for this cluster, or NULL                     */
    bool keys_were_read;   /* some member of etcd answered with a quorum behind it   */
    bool has_initialize_key;
    const char *key_identifier;
    const char *dcs_unread_reason; /* why a member of etcd could not be asked, or NULL */
    const char *data_identifier;
    const char *data_node;   /* a member with a data directory, or NULL */
    const char *unread_node; /* a member of which something is not known, or NULL */
    const char *unread_reason;
} Evidence;

static bool is_leader(const Value *member)
{
    const char *role = value_get_text(member, "role");
    return strcmp(role, "leader") == 0 || strcmp(role, "standby_leader") == 0 ||
           strcmp(role, "master") == 0 || strcmp(role, "primary") == 0;
}

static const Value *leader_in(const Value *view)
{
    const Value *members = value_get(view, "members");
    for (size_t i = 0; i < value_count(members); i++) {
        if (is_leader(value_at(members, i)))
            return value_at(members, i);
    }
    return NULL;
}

/* Every member tells the same from the DCS; one that is cut off may tell an older truth, which has
 * an older timeline. */
static void weigh_view(Evidence *evidence, const Value *view)
{
    if (!value_get(view, "members"))
        return; /* Patroni is not there */
    const Value *leader = leader_in(view);
    if (!leader) {
        if (!evidence->view)
            evidence->view = view;
        return;
    }
    const Value *known = evidence->leader ? leader_in(evidence->view) : NULL;
    int64_t known_timeline = value_get_int(known, "timeline", 0);
    int64_t timeline = value_get_int(leader, "timeline", 0);
    const char *name = value_get_text(leader, "name");
    if (!known || timeline > known_timeline) {
        evidence->view = view;
        evidence->leader = name;
        evidence->leaders_disagree = false;
    } else if (timeline == known_timeline && strcmp(name, evidence->leader) != 0) {
        evidence->leaders_disagree = true;
    }
}

static void weigh_marker(Evidence *evidence, const Value *markers, const char *cluster)
{
    evidence->marker_was_read = true;
    for (size_t i = 0; i < value_count(markers); i++) {
        const char *key = markers->map.keys[i];
        if (text_starts_with(key, "cluster.") && strcmp(key + strlen("cluster."), cluster) == 0)
            evidence->marker = markers->map.values[i];
    }
}

/* What a node's etcd says of the cluster's keys. One that was whole once (its marker is there) and
 * does not answer may hold some; one whose creation was cut short never held any. */
static void weigh_dcs(Evidence *evidence, const Facts *facts, const Host *host, const char *cluster)
{
    const char *address = host_address(host), *reason = NULL;
    const Value *etcd = facts_value(facts, dcs_source, address);
    const Value *key = value_path(value_get(value_get(etcd, "clusters"), cluster), "initialize");
    if (facts_is_unknown(facts, dcs_source, address, &reason))
        evidence->dcs_unread_reason = reason;
    else if (value_get_bool(etcd, "configured", false) && !value_get_bool(etcd, "healthy", false) &&
             facts_path(facts, marker_source, address, "etcd"))
        evidence->dcs_unread_reason = "etcd does not answer";
    evidence->keys_were_read = evidence->keys_were_read || value_get_bool(etcd, "healthy", false);
    if (key && key->type == VALUE_TEXT) {
        evidence->has_initialize_key = true;
        evidence->key_identifier = key->text;
    }
}

/* etcd may run on other nodes than the cluster. */
static void weigh_dcs_nodes(Evidence *evidence, const Domain *domain, const Facts *facts)
{
    const Host *const *hosts;
    size_t count = inventory_group_hosts(domain->inventory, "etcd", &hosts);
    for (size_t i = 0; i < count; i++)
        weigh_dcs(evidence, facts, hosts[i], domain->name);
    for (size_t i = 0; i < domain->host_count; i++)
        weigh_dcs(evidence, facts, domain->hosts[i], domain->name);
}

static void weigh_data(Evidence *evidence, const Value *data, const Host *host)
{
    if (!value_get_bool(data, "initialized", false))
        return;
    if (!evidence->data_node) {
        evidence->data_node = host_name(host);
        evidence->data_identifier = value_get_text(data, "system_identifier");
    }
}

/* node.data is asked of every node; the others may not have been asked because it is known that
 * there is nothing to ask. */
static bool is_unread(const Facts *facts, const char *host, const char **ret_reason)
{
    const char *const sources[] = {data_source, marker_source, patroni_source, dcs_source};
    for (size_t i = 0; i < COUNT_OF(sources); i++) {
        if (facts_is_unknown(facts, sources[i], host, ret_reason))
            return true;
    }
    *ret_reason = "it was not asked";
    return !facts_get(facts, data_source, host);
}

static Evidence gather(const Domain *domain, const Facts *facts)
{
    Evidence evidence = {0};
    weigh_dcs_nodes(&evidence, domain, facts);
    for (size_t i = 0; i < domain->host_count; i++) {
        const Host *host = domain->hosts[i];
        const char *address = host_address(host), *reason = NULL;
        const Value *view = facts_value(facts, patroni_source, address);
        const Value *markers = facts_value(facts, marker_source, address);
        const Value *data = facts_value(facts, data_source, address);
        if (view)
            weigh_view(&evidence, view);
        if (markers)
            weigh_marker(&evidence, markers, domain->name);
        if (data)
            weigh_data(&evidence, data, host);
        if (!evidence.unread_node && is_unread(facts, address, &reason)) {
            evidence.unread_node = host_name(host);
            evidence.unread_reason = reason;
        }
    }
    return evidence;
}

static void describe(Member *member, const Value *seen)
{
    const Value *lag = value_get(seen, "lag");
    member->role = value_get_text(seen, "role");
    member->state = value_get_text(seen, "state");
    member->timeline = value_get_int(seen, "timeline", 0);
    member->lag_bytes = is_leader(seen) ? 0 : value_as_int(lag, -1);
    member->pending_restart = value_get_bool(seen, "pending_restart", false);
}

/* An initdb that was cut short leaves a control file, too. While the creation is not finished and
 * nobody ever led, a directory without a database but the templates holds nothing of anybody. */
static bool holds_data(const Value *data, TopologyState state)
{
    bool is_unborn = state == TOPOLOGY_FORMING && value_get_bool(data, "no_database", false);
    return value_get_bool(data, "initialized", false) && !is_unborn;
}

static Member declared_member(const Host *host, const Facts *facts, TopologyState state)
{
    const char *reason = NULL;
    const Value *data = facts_value(facts, data_source, host_address(host));
    return (Member){
        .name = host_instance(host),
        .host = host_address(host),
        .role = "",
        .state = "",
        .lag_bytes = -1,
        .has_data = holds_data(data, state),
        .is_declared = true,
        .is_readable = !is_unread(facts, host_address(host), &reason),
    };
}

static Member *find_member(const Topology *topology, const char *name)
{
    for (size_t i = 0; i < topology->member_count; i++) {
        if (strcmp(topology->members[i].name, name) == 0)
            return &topology->members[i];
    }
    return NULL;
}

static void add_members(Arena *arena, Topology *topology, const Domain *domain, const Facts *facts,
                        const Value *view)
{
    const Value *seen = value_get(view, "members");
    topology->members = ARENA_ARRAY(arena, Member, domain->host_count + value_count(seen));
    for (size_t i = 0; i < domain->host_count; i++)
        topology->members[topology->member_count++] =
            declared_member(domain->hosts[i], facts, topology->state);
    for (size_t i = 0; i < value_count(seen); i++) {
        const Value *item = value_at(seen, i);
        Member *member = find_member(topology, value_get_text(item, "name"));
        if (!member) {
            member = &topology->members[topology->member_count++];
            member->name = value_get_text(item, "name");
            member->host = value_get_text(item, "host");
        }
        describe(member, item);
    }
}

/* Works, and is of the leader's history. */
static bool is_healthy(const Member *member, const Member *leader)
{
    bool runs = strcmp(member->state, "running") == 0 || strcmp(member->state, "streaming") == 0;
    bool follows = !leader || member->timeline == 0 || leader->timeline == 0 ||
                   member->timeline == leader->timeline;
    return runs && follows;
}

static const char *identifier_of(const Evidence *evidence)
{
    const char *told = value_get_text(evidence->view, "system_identifier");
    if (*told)
        return told;
    if (evidence->key_identifier && *evidence->key_identifier)
        return evidence->key_identifier;
    return evidence->data_identifier ? evidence->data_identifier : "";
}

static TopologyState led_state(const Evidence *evidence, const char **ret_reason)
{
    if (evidence->leaders_disagree) {
        *ret_reason = "members of one timeline name different leaders";
        return TOPOLOGY_UNKNOWN;
    }
    if (evidence->marker)
        return TOPOLOGY_RUNNING;
    if (!evidence->marker_was_read) {
        *ret_reason = "no member's marker could be read";
        return TOPOLOGY_UNKNOWN;
    }
    *ret_reason = "it has a leader but no pgsteer marker";
    return TOPOLOGY_FOREIGN;
}

/* With a marker of ours. Only the DCS can say that nobody leads while a node is not readable. */
static TopologyState marked_state(const Evidence *evidence, const char **ret_reason)
{
    bool is_formed = strcmp(value_get_text(evidence->marker, "state"), "formed") == 0;
    bool dcs_was_read = evidence->keys_were_read || evidence->view;
    if (evidence->unread_node && !dcs_was_read)
        return TOPOLOGY_UNKNOWN;
    if (!is_formed) {
        *ret_reason = NULL;
        return TOPOLOGY_FORMING;
    }
    *ret_reason = "the cluster was created, but nobody leads it";
    return TOPOLOGY_LEADERLESS;
}

static TopologyState unled_state(Arena *arena, const Evidence *evidence, const char **ret_reason)
{
    if (evidence->unread_node)
        *ret_reason = arena_printf(arena, "%s could not be read: %s", evidence->unread_node,
                                   evidence->unread_reason);
    if (evidence->marker)
        return marked_state(evidence, ret_reason);
    if (evidence->unread_node)
        return TOPOLOGY_UNKNOWN;
    if (value_count(value_get(evidence->view, "members")) > 0) {
        *ret_reason = "it has members but no pgsteer marker";
        return TOPOLOGY_FOREIGN;
    }
    if (evidence->data_node) {
        *ret_reason =
            arena_printf(arena, "%s has a data directory, but nobody leads", evidence->data_node);
        return TOPOLOGY_LEADERLESS;
    }
    if (evidence->has_initialize_key || evidence->view) {
        *ret_reason =
            "the DCS has keys of that name, but nobody leads; if nothing of that cluster is "
            "needed any more, take them away with patronictl remove";
        return TOPOLOGY_LEADERLESS;
    }
    if (evidence->dcs_unread_reason && !evidence->keys_were_read) {
        *ret_reason = arena_printf(arena, "whether the DCS has keys of that name is not known: %s",
                                   evidence->dcs_unread_reason);
        return TOPOLOGY_UNKNOWN;
    }
    return TOPOLOGY_NEW;
}

Topology topology_of(Arena *arena, const Domain *domain, const Facts *facts)
{
    assert(domain->type == DOMAIN_CLUSTER);
    Evidence evidence = gather(domain, facts);
    Topology topology = {
        .system_identifier = identifier_of(&evidence),
        .is_paused = value_get_bool(evidence.view, "pause", false),
    };
    topology.state = evidence.leader ? led_state(&evidence, &topology.reason)
                                     : unled_state(arena, &evidence, &topology.reason);
    add_members(arena, &topology, domain, facts, evidence.view);
    if (evidence.leader)
        topology.leader = find_member(&topology, evidence.leader);
    for (size_t i = 0; i < topology.member_count; i++)
        topology.healthy_count += is_healthy(&topology.members[i], topology.leader);
    return topology;
}

const Member *topology_member(const Topology *topology, const char *name)
{
    return find_member(topology, name);
}
