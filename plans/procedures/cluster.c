/*
 * The choreography of one PostgreSQL cluster. Leader before replicas when it is created; replicas
 * before the leader when it is restarted; the rule file that admits a newcomer before it joins
 * (Patroni's documentation, "Replication modes" and "pg_hba"; PostgreSQL's, "Hot Standby").
 */
#include "plans/procedures/cluster.h"

#include <string.h>

#include "plans/procedures/procedures.h"

#define LEADER "@leader"

static bool is_kind(const Change *change, const char *kind)
{
    return strcmp(change_resource(change)->kind->name, kind) == 0;
}

static bool has_action(const Change *change)
{
    return change->op == CHANGE_CREATE || change->op == CHANGE_UPDATE ||
           change->op == CHANGE_DELETE || change->op == CHANGE_REPLACE;
}

static const Host *host_of(const Situation *situation, const char *address)
{
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        if (strcmp(host_address(situation->domain->hosts[i]), address) == 0)
            return situation->domain->hosts[i];
    }
    return NULL;
}

Value *cluster_extra(Builder *builder, const Situation *situation, const Host *host)
{
    Arena *arena = builder_arena(builder);
    const Domain *domain = situation->domain;
    const Host *any = host ? host : domain->hosts[0];
    Value *members = value_list(arena);
    for (size_t i = 0; i < domain->host_count; i++) {
        Value *member = value_map(arena);
        value_set_text(arena, member, "name", host_instance(domain->hosts[i]));
        value_set_text(arena, member, "host", host_address(domain->hosts[i]));
        value_push(arena, members, member);
    }
    Value *extra = value_map(arena);
    value_set(arena, extra, "members", members);
    value_set_text(arena, extra, "owner", host_text(any, "pg_dbsu"));
    value_set_text(arena, extra, "group", "postgres");
    value_set_text(arena, extra, "user", host_text(any, "patroni_username"));
    value_set(arena, extra, "password", host_param(any, "patroni_password"));
    value_set_int(arena, extra, "port", host_int(any, "patroni_port", 8008));
    if (host)
        value_set_text(arena, extra, "path",
                       arena_printf(arena, "/pg/conf/%s.yml", host_instance(host)));
    return extra;
}

/* Who creates the cluster: the declared primary, and only while nobody leads and nobody has data.
 */
static const Host *creator(const Situation *situation)
{
    const Topology *topology = situation->topology;
    if (topology->leader)
        return NULL;
    for (size_t i = 0; i < topology->member_count; i++) {
        if (topology->members[i].has_data)
            return NULL;
    }
    return situation->domain->cluster->primary;
}

/* Patroni keeps the key of a creation that was cut short, and then nobody creates: who takes it
 * away, and which it is; NULL if no member of etcd answered. */
static const Value *stale_claim(Builder *builder, const Situation *situation)
{
    const Host *const *hosts;
    size_t count = inventory_group_hosts(situation->domain->inventory, "etcd", &hosts);
    Arena *arena = builder_arena(builder);
    for (size_t i = 0; i < count; i++) {
        const char *address = host_address(hosts[i]);
        const Value *etcd = facts_value(situation->facts, "etcd.member", address);
        if (!value_get_bool(etcd, "healthy", false))
            continue;
        Value *claim = value_map(arena);
        value_set_text(arena, claim, "host", address);
        value_set_text(arena, claim, "key",
                       arena_printf(arena, "%s/%s/initialize",
                                    host_text(situation->domain->hosts[0], "pg_namespace"),
                                    situation->domain->name));
        return claim;
    }
    return NULL;
}

static void set_host(Action *action, const char *host)
{
    if (action)
        action->host = host;
}

static void add_instance(Builder *builder, const Situation *situation, const Change *change)
{
    const Host *host = host_of(situation, change_resource(change)->host);
    Value *extra = cluster_extra(builder, situation, host);
    const char *verb = NULL;
    if (change->op == CHANGE_CREATE)
        verb = host == creator(situation) ? "instance.bootstrap" : "instance.join";
    const Value *claim =
        host == creator(situation) && situation->topology->state == TOPOLOGY_FORMING
            ? stale_claim(builder, situation)
            : NULL;
    if (claim)
        value_set(builder_arena(builder), extra, "claim", claim);
    builder_add_change(builder, change, verb, extra);
}

static void add_other(Builder *builder, const Situation *situation, const Change *change)
{
    const Resource *resource = change_resource(change);
    const Host *host = resource->host[0] ? host_of(situation, resource->host) : NULL;
    Action *action =
        builder_add_change(builder, change, NULL, cluster_extra(builder, situation, host));
    if (action && !resource->host[0])
        set_host(action, LEADER);
    if (action && is_kind(change, "database"))
        builder_add_limit(
            builder, action,
            arena_printf(builder_arena(builder), "create-database.%s", situation->domain->name), 1);
}

/* The services of one proxy are judged together, so they are one action. */
static void add_services(Builder *builder, const Situation *situation, const Host *host)
{
    Arena *arena = builder_arena(builder);
    const Change **batch = ARENA_ARRAY(arena, const Change *, situation->change_count);
    size_t count = 0;
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        if (has_action(change) && is_kind(change, "service") &&
            strcmp(change_resource(change)->host, host_address(host)) == 0)
            batch[count++] = change;
    }
    builder_add_changes(builder, batch, count, count > 1 ? "service.update" : NULL,
                        arena_printf(arena, "services.%s", host_instance(host)));
}

static void add_actions(Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->domain->host_count; i++)
        add_services(builder, situation, situation->domain->hosts[i]);
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        if (!has_action(change) || is_kind(change, "service"))
            continue;
        if (is_kind(change, "instance"))
            add_instance(builder, situation, change);
        else
            add_other(builder, situation, change);
    }
}

/* The action of "kind.scope", or "kind.scope/name" with a suffix; NULL if none is planned. */
static Action *step_of(Builder *builder, const char *kind, const char *scope, const char *suffix)
{
    return builder_action_of(builder,
                             arena_printf(builder_arena(builder), "%s.%s%s", kind, scope, suffix));
}

static void edge(Builder *builder, const Action *before, const Action *after, const char *sentence)
{
    if (before && after && before != after)
        builder_add_edge(builder, before, after, sentence);
}

/* Of a creation that was cut short: who has data leads when it is started again. */
static const Member *heir(const Situation *situation)
{
    const Topology *topology = situation->topology;
    const Host *primary = situation->domain->cluster->primary;
    const Member *first = primary ? topology_member(topology, host_instance(primary)) : NULL;
    if (first && first->has_data)
        return first;
    for (size_t i = 0; i < topology->member_count; i++) {
        if (topology->members[i].has_data)
            return &topology->members[i];
    }
    return NULL;
}

/* Who leads while the plan runs: the leader of now, the creator, or who went on from a creation. */
static const char *leading_instance(const Situation *situation)
{
    const Host *host = creator(situation);
    const Member *member =
        situation->topology->leader ? situation->topology->leader : heir(situation);
    if (member)
        return member->name;
    return host ? host_instance(host) : "";
}

static const char *node_of(const Situation *situation, const char *instance)
{
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        if (strcmp(host_instance(situation->domain->hosts[i]), instance) == 0)
            return host_name(situation->domain->hosts[i]);
    }
    return instance;
}

/* Each newcomer waits for the leader and for the rules that let it in. */
static void order_joins(Builder *builder, const Situation *situation)
{
    const char *leader = leading_instance(situation);
    Action *created = step_of(builder, "instance", leader, "");
    Action *reloaded = step_of(builder, "reload", node_of(situation, leader), "/postgres");
    Action *rules = step_of(builder, "hba", leader, "");
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const char *name = host_instance(situation->domain->hosts[i]);
        Action *join = step_of(builder, "instance", name, "");
        if (!join || strcmp(name, leader) == 0 || strcmp(join->verb->name, "instance.join") != 0)
            continue;
        edge(builder, created, join, "a replica is a copy of the leader");
        edge(builder, rules, join, "the leader's rules let its replicas in");
        edge(builder, reloaded, join, "the leader has read the rules that let its replicas in");
    }
    for (size_t i = 0; i < situation->change_count && created; i++) {
        const Resource *resource = change_resource(&situation->changes[i]);
        if (!resource->host[0])
            edge(builder, created, builder_action_of(builder, resource->address),
                 "there must be a leader to ask");
    }
}

/* A leader that restarts, or hands over, is not asked meanwhile; what it restarts for comes first.
 */
static void order_after_restart(Builder *builder, const Situation *situation, const Action *patch)
{
    Action *restart = step_of(builder, "restart", leading_instance(situation), "");
    bool is_new = !situation->topology->leader;
    for (size_t i = 0; i < situation->change_count && restart; i++) {
        const Resource *resource = change_resource(&situation->changes[i]);
        Action *action = builder_action_of(builder, resource->address);
        if (!resource->host[0] && (is_new || action != patch))
            edge(builder, restart, action, "the leader restarts before it is asked");
    }
}

static bool may_be_copied(const Situation *situation, const Member *member)
{
    return member->has_data || strcmp(member->name, leading_instance(situation)) == 0;
}

/* A newcomer comes when those that it may be a copy of restart no more: the copy would break off,
 * and it would start with settings of which the leader soon has more. */
static void order_joins_last(Builder *builder, const Situation *situation, const Action *patch)
{
    const Topology *topology = situation->topology;
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const char *name = host_instance(situation->domain->hosts[i]);
        Action *join = step_of(builder, "instance", name, "");
        if (!join || strcmp(join->verb->name, "instance.join") != 0)
            continue;
        if (topology->leader)
            edge(builder, patch, join, "a newcomer starts with the settings that are to be");
        for (size_t k = 0; k < topology->member_count; k++) {
            if (may_be_copied(situation, &topology->members[k]))
                edge(builder, step_of(builder, "restart", topology->members[k].name, ""), join,
                     "a copy would break off when its leader restarts");
        }
    }
}

/* An extension's files are on every member before the extension is made: a member without them
 * could not take over. */
static void order_packages(Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        Action *action = builder_action_of(builder, change_resource(change)->address);
        if (!is_kind(change, "provision") && !is_kind(change, "database"))
            continue;
        for (size_t j = 0; j < situation->domain->host_count; j++)
            edge(builder, step_of(builder, "packages", host_name(situation->domain->hosts[j]), ""),
                 action, "the files of an extension are on every member before it is made");
    }
}

/* The closing look: after all else, every replica streams. */
static void add_verify(Builder *builder, const Situation *situation)
{
    Value *extra = cluster_extra(builder, situation, NULL);
    value_set_int(builder_arena(builder), extra, "replicas",
                  (int64_t)situation->domain->host_count - 1);
    Action *verify = builder_add_step(
        builder, situation->domain, "cluster.verify",
        arena_printf(builder_arena(builder), "verify.%s", situation->domain->name),
        situation->domain->name, LEADER, extra, "a plan ends with a look at what it did");
    edge(builder, step_of(builder, "config", situation->domain->name, ""), verify,
         "the settings are handed out");
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const Host *host = situation->domain->hosts[i];
        edge(builder, step_of(builder, "instance", host_instance(host), ""), verify,
             "every member is there");
        edge(builder, step_of(builder, "restart", host_instance(host), ""), verify,
             "every restart is over");
    }
}

static bool touches_members(const Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Resource *resource = change_resource(&situation->changes[i]);
        if (strcmp(resource->kind->name, "instance") == 0 &&
            builder_action_of(builder, resource->address))
            return true;
    }
    return false;
}

/* A cluster that runs while a note of ours still says that it is being created: the last step of
 * its creation was lost. */
static bool is_unsealed(const Situation *situation)
{
    const Domain *domain = situation->domain;
    for (size_t i = 0; i < domain->host_count; i++) {
        const Value *markers =
            facts_value(situation->facts, "node.markers", host_address(domain->hosts[i]));
        CLEANUP(text_release) Text key = TEXT_INIT;
        text_addf(&key, "cluster.%s", domain->name);
        const char *state = value_get_text(value_get(markers, text_get(&key)), "state");
        if (strcmp(state, "forming") == 0)
            return situation->topology->state == TOPOLOGY_RUNNING;
    }
    return false;
}

/* What is done at the leader is done at a member of the inventory. */
static Error *require_leader(const Situation *situation)
{
    const Member *leader = situation->topology->leader;
    for (size_t i = 0; leader && !leader->is_declared && i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        if (has_action(change) && !change_resource(change)->host[0])
            return error_new(ERROR_REFUSED,
                             "%s leads and is not in the inventory: add it, or let a member of the "
                             "inventory lead",
                             leader->name);
    }
    return NULL;
}

static Error *build(Builder *builder, const Situation *situation)
{
    cluster_notes(builder, situation);
    TRY(procedure_require_ours(situation));
    TRY(require_leader(situation));
    TRY(procedure_require_version(situation));
    add_actions(builder, situation);
    procedure_reloads(builder, situation);
    order_joins(builder, situation);
    order_packages(builder, situation);
    Action *patch = step_of(builder, "config", situation->domain->name, "");
    TRY(cluster_restart(builder, situation, patch));
    order_joins_last(builder, situation, patch);
    order_after_restart(builder, situation, patch);
    bool was_cut_short = is_unsealed(situation);
    if (was_cut_short)
        builder_note(builder, situation->domain, "found", "", NULL,
                     "Its creation was cut short: it ends with the look that was not taken then.");
    if (touches_members(builder, situation) || patch || was_cut_short)
        add_verify(builder, situation);
    return NULL;
}

const Procedure procedure_cluster = {
    .name = "cluster",
    .domain = DOMAIN_CLUSTER,
    .doc = "Create, extend and change a PostgreSQL cluster.",
    .build = build,
};
