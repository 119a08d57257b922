/*
 * One etcd cluster. A new one: all members are started, then one step waits for the quorum. A
 * living one takes newcomers one by one, each added to the member list first; restarts go one by
 * one, too, each over when the member answers again.
 */
#include <string.h>

#include "plans/procedures/procedures.h"

static bool is_member(const Change *change)
{
    return strcmp(change_resource(change)->kind->name, "etcd") == 0;
}

/* All members but `without`; NULL: all. */
static const Value *hosts_of(Arena *arena, const Domain *domain, const char *without)
{
    Value *hosts = value_list(arena);
    for (size_t i = 0; i < domain->host_count; i++) {
        const char *address = host_address(domain->hosts[i]);
        if (!without || strcmp(address, without) != 0)
            value_push(arena, hosts, value_text(arena, address));
    }
    return hosts;
}

static const Value *one_host(Arena *arena, const char *host)
{
    Value *hosts = value_list(arena);
    value_push(arena, hosts, value_text(arena, host));
    return hosts;
}

/* Wait until `hosts` answer; asked from the first of them. */
static Action *add_quorum(Builder *builder, const Situation *situation, const char *name,
                          const Value *hosts)
{
    Arena *arena = builder_arena(builder);
    Value *args = value_map(arena);
    value_set(arena, args, "hosts", hosts);
    return builder_add_step(builder, situation->domain, "etcd.quorum",
                            arena_printf(arena, "quorum.%s", name), situation->domain->name,
                            value_as_text(value_at(hosts, 0), ""), args,
                            "a started member is not yet a working one");
}

/* Members of a new cluster need each other: nobody waits for one alone. */
static void order_creation(Builder *builder, const Situation *situation)
{
    Action *quorum = NULL;
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        const char *address = change_resource(change)->address;
        if (!is_member(change) || change->op != CHANGE_CREATE ||
            *resource_text(change->desired, "joins"))
            continue;
        if (!quorum)
            quorum = add_quorum(builder, situation, situation->domain->name,
                                hosts_of(builder_arena(builder), situation->domain, NULL));
        builder_add_edge(builder, builder_action_of(builder, address), quorum,
                         "a quorum is there once enough members are started");
    }
}

static Action *add_to_list(Builder *builder, const Situation *situation, const Resource *member,
                           size_t member_count)
{
    Arena *arena = builder_arena(builder);
    Value *args = value_map(arena);
    value_set_text(arena, args, "member", member->scope);
    value_set_text(arena, args, "peer_url", resource_text(member, "peer_url"));
    value_set_int(arena, args, "count", (int64_t)member_count);
    value_set_text(arena, args, "newcomer", member->host);
    return builder_add_step(builder, situation->domain, "etcd.member_add",
                            arena_printf(arena, "join.%s", member->scope), member->scope,
                            resource_text(member, "joins"), args,
                            "a living etcd takes only members that are on its list");
}

/* List, start, wait; then the next. A member on the list counts for the quorum from then on, so it
 * is listed when nothing but its start is left to do. */
static void order_joins(Builder *builder, const Situation *situation)
{
    const Action *before = NULL;
    size_t member_count = 0;
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        const Resource *member = change_resource(change);
        if (!is_member(change) || change->op != CHANGE_CREATE ||
            !*resource_text(change->desired, "joins"))
            continue;
        const char *living = resource_text(change->desired, "joins");
        if (!before)
            member_count =
                value_count(facts_path(situation->facts, "etcd.member", living, "members"));
        Action *listed = add_to_list(builder, situation, member, member_count++);
        Action *started = builder_action_of(builder, member->address);
        Action *healthy = add_quorum(builder, situation, member->scope,
                                     one_host(builder_arena(builder), member->host));
        if (before)
            builder_add_edge(builder, before, listed, "one newcomer at a time keeps the quorum");
        builder_add_edge(builder, listed, started, "a newcomer is on the list before it starts");
        builder_add_edge(builder, started, healthy, "a started member is not yet a working one");
        before = healthy;
    }
}

/* A member that was down takes its file when it is started. */
static bool needs_restart(const Change *change)
{
    bool is_needed = false;
    for (size_t i = 0; i < change->param_count; i++) {
        if (strcmp(change->params[i].row->name, "running") == 0)
            return false;
        is_needed = is_needed || change->params[i].need == NEED_RESTART;
    }
    return is_needed;
}

static void order_restarts(Builder *builder, const Situation *situation)
{
    Arena *arena = builder_arena(builder);
    const Action *before = NULL;
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        const Resource *member = change_resource(change);
        if (!is_member(change) || change->op != CHANGE_UPDATE || !needs_restart(change))
            continue;
        const char *limit = arena_printf(arena, "disrupt.%s", situation->domain->name);
        Value *args = value_map(arena);
        value_set(arena, args, "hosts", hosts_of(arena, situation->domain, member->host));
        Action *restart =
            builder_add_step(builder, situation->domain, "etcd.restart",
                             arena_printf(arena, "restart.%s", member->scope), member->scope,
                             member->host, args, "its configuration is read when it starts");
        builder_add_limit(builder, restart, limit, 1);
        builder_add_edge(builder, builder_action_of(builder, member->address), restart,
                         "a member reads its file when it starts");
        if (before)
            builder_add_edge(builder, before, restart, "the quorum holds while one is away");
        before = restart;
    }
}

static Error *build(Builder *builder, const Situation *situation)
{
    TRY(procedure_generic(builder, situation));
    order_creation(builder, situation);
    order_joins(builder, situation);
    order_restarts(builder, situation);
    return NULL;
}

const Procedure procedure_etcd = {
    .name = "etcd",
    .domain = DOMAIN_ETCD,
    .doc = "Create or extend an etcd cluster, restart its members one by one, make its users.",
    .build = build,
};
