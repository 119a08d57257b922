/*
 * One rolling restart for everything that needs it, in the order that the direction of the change
 * asks for: a standby needs at least its primary's value of five settings (PostgreSQL
 * documentation, "Hot Standby", Administrator's Overview), so these rise on standbys first and fall
 * on the primary first.
 */
#include <string.h>

#include "plans/pg_setting.h"
#include "plans/procedures/cluster.h"
#include "plans/verify/start.h"
#include "schema/contract/owed.h"

static bool is_standby_limit(const char *name)
{
    for (size_t i = 0; i < START_LIMITS; i++) {
        if (strcmp(start_limit_names[i], name) == 0)
            return true;
    }
    return false;
}

static bool number_of(const Value *value, int64_t *ret)
{
    if (value && value->type == VALUE_MAP)
        value = value_get(value, "setting");
    if (value && value->type == VALUE_INT) {
        *ret = value->integer;
        return true;
    }
    return text_to_int(value_as_text(value, ""), ret);
}

/* Does the setting rise (1), fall (-1), or does its direction not matter (0)? */
static int direction_between(const char *name, const Value *before, const Value *after)
{
    int64_t from, to;
    if (!name || !is_standby_limit(name) || !number_of(before, &from) || !number_of(after, &to))
        return 0;
    return to > from ? 1 : to < from ? -1 : 0;
}

static int direction(const ParamChange *change)
{
    return direction_between(change->key, change->before, change->after);
}

static bool is_for_restart(const Change *change, const ParamChange *param)
{
    return change->op == CHANGE_UPDATE && param->need == NEED_RESTART &&
           param->row->service == SERVICE_POSTGRES;
}

/* The first setting that takes effect at a restart of this member; NULL: it needs none. A setting
 * of the cluster is everybody's, one of an instance only its own. */
static const char *cause_of(const Situation *situation, const Member *member)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        const char *host = change_resource(change)->host;
        if (host[0] && strcmp(host, member->host) != 0)
            continue;
        for (size_t k = 0; k < change->param_count; k++) {
            const ParamChange *param = &change->params[k];
            if (is_for_restart(change, param))
                return param->key ? param->key : param->row->name;
        }
    }
    return NULL;
}

/* -- what an earlier run has left -------------------------------------------------------------- */

/* The cluster's dynamic configuration as some member tells it, or NULL. */
static const Value *shared_settings(const Situation *situation)
{
    return value_path(cluster_dynamic(situation), "postgresql/parameters");
}

static bool is_changing(const Situation *situation, const char *name)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        for (size_t k = 0; k < change->param_count; k++) {
            if (is_for_restart(change, &change->params[k]) &&
                text_equal(change->params[k].key, name))
                return true;
        }
    }
    return false;
}

/* What a member should have of a setting that is ours; NULL: it is not. */
static const Value *wanted_of(const Situation *situation, const Host *host, const char *name)
{
    const Value *own = value_get(host_param(host, "pg_parameters"), name);
    return own ? own : value_get(shared_settings(situation), name);
}

/* Does a server wait for a restart with this setting, and is it ours? Patroni tells its server so
 * when it next looks at the configuration; a limit that differs until then is waited with, too. */
static bool is_owed(const Situation *situation, const Host *host, const char *name,
                    const Value *setting)
{
    bool is_pending = value_get_bool(setting, "pending_restart", false);
    const Value *wanted = wanted_of(situation, host, name);
    bool waits = is_pending || direction_between(name, setting, wanted) != 0;
    return waits && wanted && !is_changing(situation, name);
}

static const Value *server_settings(const Situation *situation, const Host *host)
{
    return facts_path(situation->facts, "sql.member", host_address(host), "settings");
}

static bool has_unread_files(const Situation *situation, const Host *host)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Value *notes = facts_value(situation->facts, OWED_SOURCE, host_address(host));
    const char *service = service_name(SERVICE_POSTGRES);
    return notes && value_get(notes, owed_key(arena, situation->domain->name, service));
}

/* The first setting of the member's own file that its server runs without, and cannot know yet: the
 * note says that an apply was cut short before the server read its files. */
static const char *unread_of(const Situation *situation, const Host *host, const Value *settings)
{
    const Value *own = has_unread_files(situation, host) ? host_param(host, "pg_parameters") : NULL;
    for (size_t i = 0; own && i < value_count(own); i++) {
        const char *name = own->map.keys[i];
        const Value *setting = value_get(settings, name);
        if (strcmp(value_get_text(setting, "context"), "postmaster") == 0 &&
            !pg_setting_equal(name, own->map.values[i], setting))
            return name;
    }
    return NULL;
}

/* The first setting of ours that waits on this member since an earlier run; NULL: none. What
 * somebody else has set is theirs to restart for. */
static const char *pending_of(const Situation *situation, const Member *member)
{
    const Host *host = inventory_host(situation->domain->inventory, member->host);
    const Value *settings = host ? server_settings(situation, host) : NULL;
    for (size_t i = 0; settings && i < START_LIMITS; i++) {
        const char *name = start_limit_names[i];
        const Value *setting = value_get(settings, name);
        if (setting && is_owed(situation, host, name, setting))
            return name;
    }
    /* Nearly all others wait for nothing, which is the first question. */
    for (size_t i = 0; settings && i < value_count(settings); i++) {
        const char *name = settings->map.keys[i];
        const Value *setting = settings->map.values[i];
        if (value_get_bool(setting, "pending_restart", false) &&
            is_owed(situation, host, name, setting))
            return name;
    }
    return settings ? unread_of(situation, host, settings) : NULL;
}

typedef struct Directions {
    bool rises, falls;
    bool is_half_done; /* some server waits for it since an earlier run */
} Directions;

/* Only limits have a direction. */
static void add_pending_directions(const Situation *situation, const Host *host, Directions *found)
{
    const Value *settings = server_settings(situation, host);
    for (size_t i = 0; settings && i < START_LIMITS; i++) {
        const char *name = start_limit_names[i];
        const Value *setting = value_get(settings, name);
        if (!setting || !is_owed(situation, host, name, setting))
            continue;
        int way = direction_between(name, setting, wanted_of(situation, host, name));
        found->rises = found->rises || way > 0;
        found->falls = found->falls || way < 0;
        found->is_half_done = found->is_half_done || way != 0;
    }
}

static Directions directions_of(const Situation *situation)
{
    Directions found = {0};
    for (size_t i = 0; i < situation->domain->host_count; i++)
        add_pending_directions(situation, situation->domain->hosts[i], &found);
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        for (size_t k = 0; k < change->param_count; k++) {
            const ParamChange *param = &change->params[k];
            if (!is_for_restart(change, param))
                continue;
            found.rises = found.rises || direction(param) > 0;
            found.falls = found.falls || direction(param) < 0;
        }
    }
    return found;
}

/* A file that is written for this restart is there before it. */
static void order_after_file(Builder *builder, const char *kind, const char *scope,
                             const char *suffix, const Action *action)
{
    Action *before = builder_action_of(
        builder, arena_printf(builder_arena(builder), "%s.%s%s", kind, scope, suffix));
    if (before)
        builder_add_edge(builder, before, action, "a server reads its files before it restarts");
}

/* Why a member restarts. */
typedef struct Cause {
    const char *setting, *what;
} Cause;

#define TAKES_EFFECT "takes effect at a restart"
#define WAITS        "waits for a restart"

/* The other members of the inventory that have data: they must run before this one goes away. */
static const Value *others_of(Arena *arena, const Topology *topology, const Member *member)
{
    Value *others = value_list(arena);
    for (size_t i = 0; i < topology->member_count; i++) {
        const Member *other = &topology->members[i];
        if (other != member && other->is_declared && other->has_data)
            value_push(arena, others, value_text(arena, other->host));
    }
    return others;
}

/* Is it a setting of the member's own file, or one that is taken out of it now? */
static bool is_own_setting(const Situation *situation, const Host *host, const char *setting)
{
    bool is_own = value_get(host_param(host, "pg_parameters"), setting) != NULL;
    for (size_t i = 0; i < situation->change_count && !is_own; i++) {
        const Change *change = &situation->changes[i];
        if (strcmp(change_resource(change)->host, host_address(host)) != 0)
            continue;
        for (size_t k = 0; k < change->param_count && !is_own; k++)
            is_own = is_for_restart(change, &change->params[k]) &&
                     text_equal(change->params[k].key, setting);
    }
    return is_own;
}

/* When the server was started that is to be replaced, and for what. */
static void tell_server(Arena *arena, const Situation *situation, const Host *host,
                        const char *setting, Value *extra)
{
    const Value *started =
        facts_path(situation->facts, "patroni.member", host_address(host), "postmaster_start_time");
    if (started)
        value_set(arena, extra, "started", started);
    if (is_own_setting(situation, host, setting))
        value_set_text(arena, extra, "own_setting", setting);
}

static Action *add_step(Builder *builder, const Situation *situation, const Member *member,
                        const char *verb, Value *extra, Cause cause)
{
    Arena *arena = builder_arena(builder);
    value_set(arena, extra, "others", others_of(arena, situation->topology, member));
    const Host *host = inventory_host(situation->domain->inventory, member->host);
    if (host)
        tell_server(arena, situation, host, cause.setting, extra);
    const char *reason = arena_printf(arena, "%s %s", cause.setting, cause.what);
    Action *action = builder_add_step(builder, situation->domain, verb,
                                      arena_printf(arena, "restart.%s", member->name), member->name,
                                      member->host, extra, reason);
    builder_add_limit(builder, action, arena_printf(arena, "disrupt.%s", situation->domain->name),
                      1);
    order_after_file(builder, "autoconf", member->name, "", action);
    if (host)
        order_after_file(builder, "reload", host_name(host), "/postgres", action);
    return action;
}

/* The leader comes last, and then by a switchover: its restart would stop writes for as long as the
 * shutdown checkpoint takes. When a limit falls the leader must be first, and restart in place. */
static Action *restart_leader(Builder *builder, const Situation *situation, bool in_place,
                              Cause cause)
{
    const Member *leader = situation->topology->leader;
    const Member *candidate = in_place || cluster_stays_with_leader(builder, situation)
                                  ? NULL
                                  : cluster_candidate(situation);
    const Host *host = inventory_host(situation->domain->inventory, leader->host);
    Value *extra = cluster_extra(builder, situation, host);
    if (!candidate)
        return add_step(builder, situation, leader, "leader.restart", extra, cause);
    cluster_name_heir(builder, situation, candidate, extra);
    Action *switchover = add_step(builder, situation, leader, "cluster.switchover", extra, cause);
    cluster_sync_note(builder, situation, switchover, cluster_count_standbys(situation->topology));
    return switchover;
}

static Action *restart_replica(Builder *builder, const Situation *situation, const Member *member,
                               Cause cause)
{
    const Host *host = inventory_host(situation->domain->inventory, member->host);
    Action *restart = add_step(builder, situation, member, "postgres.restart",
                               cluster_extra(builder, situation, host), cause);
    cluster_sync_note(builder, situation, restart, cluster_count_standbys(situation->topology));
    return restart;
}

static Action *chain(Builder *builder, Action *previous, Action *next, bool leader_first)
{
    if (previous)
        builder_add_edge(builder, previous, next,
                         leader_first ? "a limit that falls must fall on the primary first"
                                      : "one member at a time, the leader last");
    return next;
}

static bool restarts(const Situation *situation, const Member *member)
{
    return member->is_declared && member->has_data &&
           (cause_of(situation, member) || pending_of(situation, member));
}

/* Restart one member if it needs that; returns the last step so far. */
static Action *restart_member(Builder *builder, const Situation *situation, const Member *member,
                              bool limit_falls, Action *previous)
{
    if (!restarts(situation, member))
        return previous;
    const char *changed = cause_of(situation, member);
    Cause cause =
        changed ? (Cause){changed, TAKES_EFFECT} : (Cause){pending_of(situation, member), WAITS};
    Action *next = member == situation->topology->leader
                       ? restart_leader(builder, situation, limit_falls, cause)
                       : restart_replica(builder, situation, member, cause);
    return chain(builder, previous, next, limit_falls);
}

/* Who is not in the inventory is not restarted, and a limit must fall on the leader first. */
static void note_foreign_leader(Builder *builder, const Situation *situation)
{
    const char *leader = situation->topology->leader->name;
    builder_note(builder, situation->domain, "warning", "", NULL,
                 "A hot-standby limit falls on the leader first, but %s leads and is not in the "
                 "inventory: nothing restarts until a member of the inventory leads.",
                 leader);
}

/* The first member of the inventory whose server does not tell its settings; NULL: all do. */
static const Member *silent_member(const Situation *situation)
{
    const Topology *topology = situation->topology;
    for (size_t i = 0; i < topology->member_count; i++) {
        const Member *member = &topology->members[i];
        const Host *host = inventory_host(situation->domain->inventory, member->host);
        if (member->is_declared && member->has_data && host && !server_settings(situation, host))
            return member;
    }
    return NULL;
}

/* Which members have a limit already decides who is next, so all must be seen. */
static bool is_order_known(Builder *builder, const Situation *situation,
                           const Directions *directions)
{
    const Member *silent = directions->is_half_done ? silent_member(situation) : NULL;
    if (silent)
        builder_note(builder, situation->domain, "warning", "", NULL,
                     "A hot-standby limit was changed before and waits for restarts, whose order "
                     "depends on every server, and %s does not answer: nothing restarts until it "
                     "does.",
                     silent->name);
    return !silent;
}

/* Replicas one after another, then the leader; the other way round when a limit falls. */
static void add_restarts(Builder *builder, const Situation *situation, bool limit_falls,
                         Action *patch)
{
    const Topology *topology = situation->topology;
    Action *previous = patch;
    if (limit_falls && !topology->leader->is_declared) {
        note_foreign_leader(builder, situation);
        return;
    }
    if (limit_falls)
        previous = restart_member(builder, situation, topology->leader, true, previous);
    for (size_t i = topology->member_count; i-- > 0;) {
        if (&topology->members[i] != topology->leader)
            previous =
                restart_member(builder, situation, &topology->members[i], limit_falls, previous);
    }
    if (!limit_falls)
        restart_member(builder, situation, topology->leader, false, previous);
}

/* The first setting of its own with which a member that comes to be must be restarted: it is made
 * and started before its file of them is there. NULL: none. */
static const char *cause_at_birth(const Change *change)
{
    bool is_file = strcmp(change_resource(change)->kind->name, "autoconf") == 0;
    for (size_t i = 0; is_file && change->op == CHANGE_CREATE && i < change->param_count; i++) {
        if (change->params[i].need == NEED_RESTART)
            return change->params[i].key;
    }
    return NULL;
}

static void restart_newcomers(Builder *builder, const Situation *situation)
{
    Arena *arena = builder_arena(builder);
    for (size_t i = 0; i < situation->change_count; i++) {
        const char *name = change_resource(&situation->changes[i])->scope;
        const char *cause = cause_at_birth(&situation->changes[i]);
        Action *born = builder_action_of(builder, arena_printf(arena, "instance.%s", name));
        const Member *member = topology_member(situation->topology, name);
        if (!cause || !born || !member)
            continue;
        bool leads = strcmp(born->verb->name, "instance.bootstrap") == 0;
        const Host *host = inventory_host(situation->domain->inventory, member->host);
        Action *restart =
            add_step(builder, situation, member, leads ? "leader.restart" : "postgres.restart",
                     cluster_extra(builder, situation, host), (Cause){cause, TAKES_EFFECT});
        builder_add_edge(builder, born, restart, "there must be a server to restart");
    }
}

/* A limit that rises on the leader would stop the replay of a standby that nobody restarts. */
static Error *require_no_stranger(const Situation *situation)
{
    const Topology *topology = situation->topology;
    for (size_t i = 0; i < topology->member_count; i++) {
        const Member *member = &topology->members[i];
        if (!member->is_declared && member != topology->leader)
            return error_new(
                ERROR_REFUSED,
                "%s: a hot-standby limit rises, and %s (%s), a standby that is not in the "
                "inventory, would stop to replay WAL: add it to the inventory, take it out of the "
                "cluster, or raise the limit by hand (patronictl edit-config), restarting %s "
                "before the leader",
                situation->domain->name, member->name, member->host, member->name);
    }
    return NULL;
}

Error *cluster_restart(Builder *builder, const Situation *situation, Action *patch)
{
    restart_newcomers(builder, situation);
    Directions directions = directions_of(situation);
    if (!situation->topology->leader)
        return NULL;
    if (directions.rises && directions.falls)
        return error_new(
            ERROR_REFUSED,
            "%s: some of max_connections, max_worker_processes, max_wal_senders, "
            "max_prepared_transactions and max_locks_per_transaction rise while others "
            "fall: standbys need the rises first and the falls last, so make them two "
            "plans",
            situation->domain->name);
    if (directions.rises && restarts(situation, situation->topology->leader))
        TRY(require_no_stranger(situation));
    if (is_order_known(builder, situation, &directions))
        add_restarts(builder, situation, directions.falls, patch);
    return NULL;
}
