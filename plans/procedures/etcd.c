/*
 * One etcd cluster. A new one: all members are started, then one step waits for the quorum. A
 * living one takes newcomers one by one, each put on the member list as a learner, started, and
 * given its vote when it has caught up: until then nobody counts on it, and before 3.6 etcd has
 * place for one learner. Restarts go one by one, too, each over when the member answers again.
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
            *resource_text(change->desired, "promoter"))
            continue;
        if (!quorum)
            quorum = add_quorum(builder, situation, situation->domain->name,
                                hosts_of(builder_arena(builder), situation->domain, NULL));
        builder_add_edge(builder, builder_action_of(builder, address), quorum,
                         "a quorum is there once enough members are started");
    }
}

static bool differs_in(const Change *change, const char *param)
{
    for (size_t i = 0; i < change->param_count; i++) {
        if (strcmp(change->params[i].row->name, param) == 0)
            return true;
    }
    return false;
}

/* Is it to get a vote in a living cluster? */
static bool is_newcomer(const Change *change)
{
    if (!is_member(change))
        return false;
    if (change->op == CHANGE_UPDATE)
        return differs_in(change, "voter");
    return change->op == CHANGE_CREATE && *resource_text(change->desired, "promoter");
}

/* A step that the member in `through` of the resource is asked to do for the newcomer. */
static Action *add_step_for(Builder *builder, const Situation *situation, const Resource *member,
                            const char *verb, const char *through, const char *reason)
{
    Arena *arena = builder_arena(builder);
    Value *args = value_map(arena);
    value_set_text(arena, args, "member", member->scope);
    value_set_text(arena, args, "peer_url", resource_text(member, "peer_url"));
    value_set_text(arena, args, "newcomer", member->host);
    const char *step = strcmp(through, "joins") == 0 ? "join" : "promote";
    return builder_add_step(builder, situation->domain, verb,
                            arena_printf(arena, "%s.%s", step, member->scope), member->scope,
                            resource_text(member, through), args, reason);
}

/* List it unless it is listed, start it, give it its vote. Returns the last step. */
static const Action *add_join(Builder *builder, const Situation *situation, const Resource *member,
                              const Action *before)
{
    const char *one_by_one = "etcd takes one learner at a time";
    Action *started = builder_action_of(builder, member->address);
    Action *promoted =
        add_step_for(builder, situation, member, "etcd.promote", "promoter",
                     "a newcomer counts for the quorum once it has what the others have");
    if (before)
        builder_add_edge(builder, before, promoted, one_by_one);
    builder_add_edge(builder, started, promoted, "only who runs can catch up");
    if (!*resource_text(member, "joins"))
        return promoted;
    Action *listed = add_step_for(builder, situation, member, "etcd.member_add", "joins",
                                  "a living etcd takes only members that are on its list");
    if (before)
        builder_add_edge(builder, before, listed, one_by_one);
    builder_add_edge(builder, listed, started, "a newcomer is on the list before it starts");
    return promoted;
}

/* The learner that an earlier run left behind first: it has the place that the others need. Returns
 * the last step, or NULL. */
static const Action *order_joins(Builder *builder, const Situation *situation)
{
    const Action *before = NULL;
    for (int are_listed = 1; are_listed >= 0; are_listed--) {
        for (size_t i = 0; i < situation->change_count; i++) {
            const Change *change = &situation->changes[i];
            if (is_newcomer(change) && are_listed == !*resource_text(change->desired, "joins"))
                before = add_join(builder, situation, change->desired, before);
        }
    }
    return before;
}

/* A member that was down takes its file when it is started. */
static bool needs_restart(const Change *change)
{
    bool is_needed = false;
    for (size_t i = 0; i < change->param_count; i++)
        is_needed = is_needed || change->params[i].need == NEED_RESTART;
    return is_needed && !differs_in(change, "running");
}

/* After `before`, for who has no vote yet cannot tell the others' restarts that it runs. */
static void order_restarts(Builder *builder, const Situation *situation, const Action *before)
{
    Arena *arena = builder_arena(builder);
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
    order_restarts(builder, situation, order_joins(builder, situation));
    return NULL;
}

const Procedure procedure_etcd = {
    .name = "etcd",
    .domain = DOMAIN_ETCD,
    .doc = "Create or extend an etcd cluster, restart its members one by one, make its users.",
    .build = build,
};
