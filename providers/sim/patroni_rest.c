/* Patroni's REST API: documentation, "Patroni REST API"; spelled as 3.0 does. */
#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/patroni.h"
#include "providers/sim/wal.h"

#define REPLICATION_USER "replicator"

enum { RESTART_MS = 2000, DEMOTE_MS = 2500, SERVER_VERSION = 150020, PORT = 5432 };

static bool is_master(const Node *node)
{
    return node->server.state == SERVER_RUNS && !node->server.is_standby;
}

/* -- answers ------------------------------------------------------------------------------------
 */

/* Each name has its place among them; with '*' all have the first, and the first of them it is. */
static void tell_sync_state(Arena *arena, Value *sender, const Cluster *cluster, const Node *member,
                            size_t *named)
{
    bool is_waited_for = cluster->waits_for_any || member->patroni.is_named;
    *named += is_waited_for;
    const char *state = !is_waited_for                         ? "async"
                        : cluster->waits_for_any && *named > 1 ? "potential"
                                                               : "sync";
    value_set_text(arena, sender, "sync_state", state);
    value_set_int(arena, sender, "sync_priority",
                  !is_waited_for           ? 0
                  : cluster->waits_for_any ? 1
                                           : (int64_t)*named);
}

static const Value *tell_replication(const Answering *about, const Cluster *cluster)
{
    Value *list = value_list(about->arena);
    size_t named = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Node *member = cluster->members[i];
        if (!wal_streams(member, cluster))
            continue;
        Value *sender = value_map(about->arena);
        value_set_text(about->arena, sender, "usename", REPLICATION_USER);
        value_set_text(about->arena, sender, "application_name", member->patroni.name);
        value_set_text(about->arena, sender, "client_addr", member->address);
        value_set_text(about->arena, sender, "state", "streaming");
        tell_sync_state(about->arena, sender, cluster, member, &named);
        value_push(about->arena, list, sender);
    }
    return list;
}

static const Value *tell_software(const Answering *about)
{
    Value *map = value_map(about->arena);
    value_set_text(about->arena, map, "version", "3.0.2");
    value_set_text(about->arena, map, "scope", about->node->patroni.scope);
    return map;
}

/* Only what is on, as Patroni tells it. */
static void tell_tags(Arena *arena, Value *into, const Value *keys)
{
    static const char prefix[] = "tags/";
    Value *tags = value_map(arena);
    for (size_t i = 0; i < value_count(keys); i++) {
        const char *text = value_as_text(keys->map.values[i], "");
        if (text_starts_with(keys->map.keys[i], prefix) && strcmp(text, "true") == 0)
            value_set_bool(arena, tags, keys->map.keys[i] + strlen(prefix), true);
    }
    if (value_count(tags) > 0)
        value_set(arena, into, "tags", tags);
}

/* What has arrived is replayed at once. */
static const Value *tell_wal(const Answering *about)
{
    Arena *arena = about->arena;
    Value *map = value_map(arena);
    int64_t bytes = about->node->server.wal.bytes;
    if (is_master(about->node)) {
        value_set_int(arena, map, "location", bytes);
        return map;
    }
    value_set_int(arena, map, "received_location", bytes);
    value_set_int(arena, map, "replayed_location", bytes);
    value_set(arena, map, "replayed_timestamp", &value_null);
    value_set_bool(arena, map, "paused", false);
    return map;
}

/* "2026-11-28 12:12:13.593000+00:00" */
static const char *start_time(Arena *arena, int64_t wall_ms)
{
    enum { DATE = 10, TIME = 12 };
    const char *text = clock_rfc3339(arena, wall_ms);
    return arena_printf(arena, "%.*s %.*s000+00:00", DATE, text, TIME, text + DATE + 1);
}

static const Value *tell_member(const Answering *about)
{
    Arena *arena = about->arena;
    Node *node = about->node;
    const Cluster *cluster = patroni_cluster(node);
    Value *map = value_map(arena);
    value_set_text(arena, map, "state", patroni_state(node));
    value_set_text(arena, map, "role", is_master(node) ? "master" : "replica");
    value_set(arena, map, "patroni", tell_software(about));
    if (node->server.state != SERVER_RUNS)
        return map;
    value_set_int(arena, map, "server_version", SERVER_VERSION);
    value_set_int(arena, map, "timeline", node->server.timeline);
    value_set(arena, map, "xlog", tell_wal(about));
    value_set_int(arena, map, "dcs_last_seen", node_wall_ms(node) / 1000);
    if (cluster && node->patroni.is_sync)
        value_set_bool(arena, map, sync_role(node, cluster), true);
    tell_tags(arena, map, node->patroni.keys);
    value_set_text(arena, map, "database_system_identifier", node->server.system_identifier);
    value_set_text(arena, map, "postmaster_start_time", start_time(arena, node->server.start_ms));
    if (node->patroni.tells_pending)
        value_set_bool(arena, map, "pending_restart", true);
    if (cluster && value_get_bool(cluster->config, "pause", false))
        value_set_bool(arena, map, "pause", true);
    if (cluster && cluster->leader == node)
        value_set(arena, map, "replication", tell_replication(about, cluster));
    return map;
}

/* Both as they were last written to etcd (cluster_as_json() of Patroni). */
static const Value *lag_of(Arena *arena, const Cluster *cluster, const MemberKey *key)
{
    if (key->bytes < 0)
        return value_text(arena, "unknown");
    int64_t lag = cluster->told_bytes - key->bytes;
    return value_int(arena, lag > 0 ? lag : 0);
}

static const Value *tell_listed(Arena *arena, const Cluster *cluster, const Node *member,
                                const MemberKey *key)
{
    Value *map = value_map(arena);
    bool is_leader = cluster->leader == member;
    value_set_text(arena, map, "name", key->name);
    value_set_text(arena, map, "role", is_leader ? "leader" : sync_role(member, cluster));
    value_set_text(arena, map, "state", key->state);
    value_set(arena, map, "api_url",
              value_textf(arena, "http://%s:%d/patroni", member->address, PATRONI_PORT));
    value_set_text(arena, map, "host", member->address);
    value_set_int(arena, map, "port", PORT);
    if (key->timeline > 0)
        value_set_int(arena, map, "timeline", key->timeline);
    if (key->needs_restart)
        value_set_bool(arena, map, "pending_restart", true);
    tell_tags(arena, map, key->file_keys);
    if (!is_leader)
        value_set(arena, map, "lag", lag_of(arena, cluster, key));
    return map;
}

/* As their keys tell it: who is gone is there until its key is. */
static const Value *tell_cluster(const Answering *about)
{
    Arena *arena = about->arena;
    const Cluster *cluster = patroni_cluster(about->node);
    Value *map = value_map(arena), *members = value_list(arena);
    if (!cluster)
        return NULL;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const MemberKey *key = key_of(cluster, cluster->members[i]);
        if (key)
            value_push(arena, members, tell_listed(arena, cluster, cluster->members[i], key));
    }
    value_set(arena, map, "members", members);
    return map;
}

static const Value *tell_config(const Answering *about)
{
    const Cluster *cluster = patroni_cluster(about->node);
    return cluster && cluster->config ? value_copy(about->arena, cluster->config) : NULL;
}

static const struct {
    const char *source;
    const Value *(*tell)(const Answering *about);
} tellers[] = {
    {"patroni.member", tell_member},
    {"patroni.cluster", tell_cluster},
    {"patroni.config", tell_config},
};

Error *answer_patroni(const Answering *about, const Value **ret)
{
    if (!about->node->patroni.runs)
        return error_new(ERROR_UNREACHABLE, "nobody listens on port %d", PATRONI_PORT);
    for (size_t i = 0; i < COUNT_OF(tellers); i++) {
        if (strcmp(tellers[i].source, about->request->source->name) == 0)
            *ret = tellers[i].tell(about);
    }
    return *ret ? NULL : error_new(ERROR_BUSY, "Patroni answered with status 503");
}

/* -- requests ------------------------------------------------------------------------------------
 */

/* RFC 7396: null removes, maps are merged, everything else replaces. */
// NOLINTNEXTLINE(misc-no-recursion): a configuration is parsed JSON: JSON_MAX_DEPTH
static Value *merged(Arena *arena, const Value *target, const Value *patch)
{
    Value *out = value_map(arena);
    for (size_t i = 0; i < value_count(target); i++) {
        if (!value_get(patch, target->map.keys[i]))
            value_set(arena, out, target->map.keys[i], target->map.values[i]);
    }
    for (size_t i = 0; i < value_count(patch); i++) {
        const char *key = arena_strdup(arena, patch->map.keys[i]);
        const Value *value = patch->map.values[i];
        if (value->type == VALUE_MAP)
            value_set(arena, out, key, merged(arena, value_get(target, key), value));
        else if (value->type != VALUE_NULL)
            value_set(arena, out, key, value_copy(arena, value));
    }
    return out;
}

static Error *patch_config(Doing *doing, Cluster *cluster)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const Value *config = merged(scratch, cluster->config, value_get(doing->args, "body"));
    cluster->config = sim_keep(doing->node->sim, config);
    patroni_wake_members(cluster);
    return NULL;
}

static Error *restart(Doing *doing, Cluster *cluster)
{
    Node *node = doing->node;
    if (node->server.state != SERVER_RUNS)
        return error_new(ERROR_BUSY, "Patroni answered with status 503");
    bool is_standby = node->server.is_standby;
    patroni_leave_sync(node, cluster);
    postgres_stop(node);
    patroni_start_server(node, is_standby, RESTART_MS);
    node->patroni.task = TASK_RESTART;
    doing->takes_ms = RESTART_MS;
    return NULL;
}

static Node *member_named(const Cluster *cluster, const char *name)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (strcmp(cluster->members[i]->patroni.name, name) == 0)
            return cluster->members[i];
    }
    return NULL;
}

/* Without a name it may be anybody who streams; where commits wait, only one that is waited for. */
static bool may_follow(const Node *node, const Cluster *cluster)
{
    return wal_streams(node, cluster) && (!sync_is_on(cluster) || node->patroni.is_sync) &&
           !patroni_has_tag(node, "tags/nofailover");
}

static Node *first_who_may(const Cluster *cluster)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (may_follow(cluster->members[i], cluster))
            return cluster->members[i];
    }
    return NULL;
}

/* The lock moves at once; the old leader comes back as a replica seconds later. */
static Error *switchover(Doing *doing, Cluster *cluster)
{
    enum { HANDOVER_MS = 1200 };
    const Value *body = value_get(doing->args, "body");
    Node *leader = member_named(cluster, value_get_text(body, "leader"));
    const char *name = value_get_text(body, "candidate");
    Node *candidate = *name ? member_named(cluster, name) : first_who_may(cluster);
    if (!leader || cluster->leader != leader || !candidate || !may_follow(candidate, cluster))
        return error_new(ERROR_BUSY, "Patroni answered with status 412");
    cluster->leader = NULL;
    cluster->candidate = candidate;
    postgres_stop(leader);
    patroni_start_server(leader, true, DEMOTE_MS);
    patroni_wake_members(cluster);
    doing->takes_ms = HANDOVER_MS;
    return NULL;
}

static const struct {
    const char *method, *path;
    Error *(*serve)(Doing *doing, Cluster *cluster);
} routes[] = {
    {"PATCH", "/config", patch_config},
    {"POST", "/restart", restart},
    {"POST", "/switchover", switchover},
};

Error *do_rest(Doing *doing)
{
    Cluster *cluster = patroni_cluster(doing->node);
    if (!doing->node->patroni.runs)
        return error_new(ERROR_UNREACHABLE, "nobody listens on port %d", PATRONI_PORT);
    if (!cluster)
        return error_new(ERROR_BUSY, "Patroni answered with status 503");
    for (size_t i = 0; i < COUNT_OF(routes); i++) {
        if (strcmp(routes[i].method, value_get_text(doing->args, "method")) == 0 &&
            strcmp(routes[i].path, value_get_text(doing->args, "path")) == 0)
            return routes[i].serve(doing, cluster);
    }
    return error_new(ERROR_REFUSED, "Patroni answered with status 404");
}
