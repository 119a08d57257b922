/*
 * Patroni 3: who leads, who is copied, what is started and when. Times are those seen on real
 * nodes with its defaults (loop_wait 10 s, ttl 30 s).
 */
#include "providers/sim/patroni.h"

#include <string.h>

#include "base/attr.h"
#include "base/text.h"
#include "providers/kinds/yaml_file.h"
#include "providers/sim/wal.h"

#define PATRONI_FILE "/etc/patroni/patroni.yml"

enum {
    FIRST_LOOK_MS = 500,
    INITDB_MS = 3500,
    COPY_MS = 3000,
    START_MS = 1200,
    PROMOTE_MS = 800,
    WATCH_MS = 100, /* until members see that a key has changed */
    LOOP_WAIT_S = 10,
    RETRY_TIMEOUT_S = 10,
};

/* -- its cluster ------------------------------------------------------------------------------- */

/* The first of its etcd hosts that answers, "10.0.0.1:2379,10.0.0.2:2379". */
static Etcd *reached_etcd(Node *node)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    char **hosts = NULL;
    const char *list = value_get_text(node->patroni.keys, "etcd3/hosts");
    size_t count = text_split(scratch, list, ',', &hosts);
    for (size_t i = 0; i < count; i++) {
        const char *address = arena_strndup(scratch, hosts[i], strcspn(hosts[i], ":"));
        const Node *member = map_get(node->sim->nodes, address);
        if (member && nodes_meet(node, member) && etcd_is_healthy(member))
            return member->etcd.etcd;
    }
    return NULL;
}

Cluster *patroni_cluster(Node *node)
{
    Etcd *etcd = node->patroni.runs ? reached_etcd(node) : NULL;
    return etcd ? etcd_cluster(node->sim, etcd, node->patroni.scope) : NULL;
}

static int64_t config_ms(const Cluster *cluster, const char *name, int64_t fallback_s)
{
    return value_get_int(cluster ? cluster->config : NULL, name, fallback_s) * 1000;
}

static void join_members(Cluster *cluster, Node *node)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (cluster->members[i] == node)
            return;
    }
    ARENA_PUSH(node->sim->arena, cluster->members, cluster->member_count, cluster->member_capacity,
               node);
}

static void glance(Node *node);

void patroni_wake_members(Cluster *cluster)
{
    for (size_t i = 0; i < cluster->member_count; i++)
        sim_after(cluster->members[i], WATCH_MS, glance);
}

/* ha.py, while_not_sync_standby(): the leader sees that it asks to be none, and chooses another. */
void patroni_leave_sync(Node *node, Cluster *cluster)
{
    Node *leader = cluster->leader;
    node->patroni.is_leaving = true;
    if (!node->patroni.is_named || !leader || leader->server.state != SERVER_RUNS ||
        leader->server.is_standby || !nodes_meet(node, leader) ||
        patroni_cluster(leader) != cluster)
        return;
    if (sync_look(cluster))
        sim_after(leader, SYNC_CONFIRM_MS, glance);
}

/* -- tasks: each ends with an event ------------------------------------------------------------ */

static void started(Node *node)
{
    node->patroni.task = TASK_NONE;
    node->patroni.is_leaving = false;
    postgres_start(node, node->server.is_standby);
    glance(node);
}

void patroni_start_server(Node *node, bool is_standby, int64_t after_ms)
{
    node->patroni.task = TASK_START;
    node->server.is_standby = is_standby;
    sim_after(node, after_ms, started);
}

/* bootstrap.dcs with its sections, scalars as YAML means them. */
static const Value *plain(Arena *arena, const Value *value)
{
    int64_t number = 0;
    const char *text = value_as_text(value, NULL);
    if (!text)
        return value_copy(arena, value);
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return value_bool(*text == 't');
    return text_to_int(text, &number) ? value_int(arena, number) : value_text(arena, text);
}

static Value *section_of(Arena *arena, Value *map, const char *name)
{
    const Value *found = value_get(map, name);
    if (found && found->type == VALUE_MAP)
        return state_edit(found);
    Value *made = value_map(arena);
    value_set(arena, map, arena_strdup(arena, name), made);
    return made;
}

/* Quoted in the file: texts whatever they look like. */
static bool is_parameter(const char *key)
{
    return text_starts_with(key, "bootstrap/dcs/postgresql/parameters/");
}

/* Made in `arena`. */
static Value *first_config(Arena *arena, const Node *node)
{
    static const char prefix[] = "bootstrap/dcs/";
    Value *config = value_map(arena);
    for (size_t i = 0; i < value_count(node->patroni.keys); i++) {
        char **parts = NULL;
        const char *key = node->patroni.keys->map.keys[i];
        if (!text_starts_with(key, prefix))
            continue;
        size_t count = text_split(arena, key + strlen(prefix), '/', &parts);
        Value *section = config;
        for (size_t k = 0; k + 1 < count; k++)
            section = section_of(arena, section, parts[k]);
        const Value *scalar = node->patroni.keys->map.values[i];
        value_set(arena, section, parts[count - 1],
                  is_parameter(key) ? value_copy(arena, scalar) : plain(arena, scalar));
    }
    return config;
}

/* A fresh data directory's empty file of ALTER SYSTEM, and rules of initdb. */
static void put_data_files(Node *node)
{
    static const Path file = {"file", "postgres", "postgres", "0600", "", ""};
    node_put(node, "/pg/data/postgresql.auto.conf", &file);
    node_put(node, "/pg/data/pg_hba.conf", &file);
}

/* "16" of /usr/lib/postgresql/16/bin, also where the folder above bin is a link. */
static const char *version_of_programs(Node *node)
{
    Arena *arena = node->sim->arena;
    const char *bin = value_get_text(node->patroni.keys, "postgresql/bin_dir");
    const char *end = strrchr(bin, '/');
    const char *home = end ? arena_strndup(arena, bin, (size_t)(end - bin)) : "";
    const Path *path = node_path(node, home);
    if (path && strcmp(path->type, "link") == 0)
        home = path->target;
    int64_t number;
    const char *name = strrchr(home, '/');
    return name && text_to_int(name + 1, &number) ? name + 1 : "15";
}

/* Among the options of initdb, those with a value are maps. */
static bool wants_checksums(const Node *node)
{
    const Value *options = value_get(node->patroni.keys, "bootstrap/initdb");
    for (size_t i = 0; i < value_count(options); i++) {
        if (text_equal(value_as_text(value_at(options, i), NULL), "data-checksums"))
            return true;
    }
    return false;
}

static void initdb_done(Node *node)
{
    Sim *sim = node->sim;
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Cluster *cluster = patroni_cluster(node);
    node->patroni.task = TASK_NONE;
    if (!cluster)
        return; /* it waits for etcd; glance() sees the rest */
    node->server = (Server){.is_initialized = true,
                            .timeline = 1,
                            .wal = {.bytes = WAL_FIRST_BYTES},
                            .version = version_of_programs(node),
                            .has_checksums = wants_checksums(node)};
    node->server.system_identifier =
        arena_printf(sim->arena, "73000000000000%05llu", (unsigned long long)++sim->system_count);
    node->server.catalog = catalog_new(sim->arena, node->patroni.keys);
    put_data_files(node);
    cluster->initialize = node->server.system_identifier;
    cluster->config = sim_keep(sim, first_config(scratch, node));
    cluster->leader = node;
    cluster->timeline = node->server.timeline;
    cluster->told_clients_bytes = 0;
    sync_forget(cluster);
    cluster->lease_ms = sim_now_ms(sim) + patroni_ttl_ms(cluster);
    postgres_start(node, false);
    patroni_wake_members(cluster);
}

static void copy_done(Node *node)
{
    Cluster *cluster = patroni_cluster(node);
    node->patroni.task = TASK_NONE;
    if (!cluster || !cluster->leader || cluster->leader->server.state != SERVER_RUNS ||
        !nodes_meet(node, cluster->leader))
        return; /* the copy broke off: begun again at the next look */
    wal_settle(cluster);
    node->server = cluster->leader->server;
    node->server.wal = (Wal){.bytes = node->server.wal.bytes};
    slots_of_copy(&node->server);
    node->server.state = SERVER_STOPPED;
    node->server.has_run = false;
    put_data_files(node);
    patroni_start_server(node, true, START_MS);
}

/* -- the loop -----------------------------------------------------------------------------------
 */

static void begin_data(Node *node, Cluster *cluster)
{
    Sim *sim = node->sim;
    if (!cluster->initialize) {
        cluster->initialize = "";
        cluster->claimant = node;
        node->patroni.task = TASK_INITDB;
        sim_after(node, sim_spread_ms(sim, INITDB_MS), initdb_done);
    } else if (cluster->leader && cluster->leader->server.state == SERVER_RUNS) {
        node->patroni.task = TASK_COPY;
        sim_after(node, sim_spread_ms(sim, COPY_MS), copy_done);
    }
}

static void promoted(Node *node)
{
    Cluster *cluster = patroni_cluster(node);
    if (!cluster || cluster->leader != node || node->server.state != SERVER_RUNS)
        return;
    if (!node->server.is_standby)
        return;
    wal_promote(node, cluster);
    sync_promote(cluster);
    sim_after(node, WATCH_MS, glance);
}

static void take_lead(Node *node, Cluster *cluster)
{
    cluster->leader = node;
    cluster->candidate = NULL;
    cluster->lease_ms = sim_now_ms(node->sim) + patroni_ttl_ms(cluster);
    sim_after(node, PROMOTE_MS, promoted);
    patroni_wake_members(cluster);
}

/* Documentation, "DCS Failsafe Mode": a leader that still reaches every member goes on. */
static bool is_failsafe(const Node *node)
{
    const Cluster *cluster = node->patroni.cluster;
    if (!cluster || !value_get_bool(cluster->config, "failsafe_mode", false))
        return false;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Node *member = cluster->members[i];
        bool is_there = member->patroni.runs && !member->is_down && nodes_meet(node, member);
        if (!is_there && key_of(cluster, member))
            return false;
    }
    return true;
}

static bool has_quorum(const Etcd *etcd)
{
    for (size_t i = 0; i < etcd->node_count; i++) {
        if (etcd->nodes[i]->etcd.etcd == etcd && etcd_is_healthy(etcd->nodes[i]))
            return true;
    }
    return false;
}

static void demote(Node *node)
{
    postgres_stop(node);
    patroni_start_server(node, true, START_MS);
}

/* It tries for as long as retry_timeout, then it gives up the lead. */
static void without_etcd(Node *node)
{
    int64_t now_ms = sim_now_ms(node->sim);
    Cluster *cluster = node->patroni.cluster;
    int64_t patience_ms = config_ms(cluster, "retry_timeout", RETRY_TIMEOUT_S);
    if (cluster && !has_quorum(cluster->etcd))
        key_lease_lost(cluster, now_ms);
    if (node->server.state != SERVER_RUNS || node->server.is_standby)
        return;
    if (node->patroni.alone_ms == 0) {
        node->patroni.alone_ms = now_ms;
        sim_after(node, patience_ms, glance);
    } else if (now_ms - node->patroni.alone_ms >= patience_ms && !is_failsafe(node)) {
        demote(node);
    }
}

/* Patroni, ha.py: "demoting self because i am not the leader", after it was away for a while. */
static bool was_overtaken(const Node *node, const Cluster *cluster)
{
    return cluster->leader && cluster->leader != node && !node->server.is_standby;
}

static void tell_position(Node *node, Cluster *cluster)
{
    wal_settle(cluster);
    if (cluster->leader == node)
        cluster->told_bytes = node->server.wal.bytes;
}

static void look(Node *node, Cluster *cluster)
{
    if (cluster->leader && cluster->lease_ms < sim_now_ms(node->sim))
        cluster->leader = NULL;
    if (node->patroni.task != TASK_NONE)
        return;
    if (!node->server.is_initialized) {
        begin_data(node, cluster);
        return;
    }
    if (node->server.state == SERVER_STOPPED) {
        patroni_start_server(node, cluster->leader != node, START_MS);
        return;
    }
    if (node->server.state == SERVER_RUNS && was_overtaken(node, cluster)) {
        demote(node);
        return;
    }
    postgres_look(node, cluster);
    if (patroni_may_lead(node, cluster))
        take_lead(node, cluster);
    else if (cluster->leader == node && node->server.is_standby)
        sim_after(node, PROMOTE_MS, promoted);
    if (cluster->leader == node)
        cluster->lease_ms = sim_now_ms(node->sim) + patroni_ttl_ms(cluster);
    if (cluster->leader == node && !node->server.is_standby && sync_look(cluster))
        sim_after(node, SYNC_CONFIRM_MS, glance);
    tell_position(node, cluster);
    slots_look(node, cluster);
}

static void glance(Node *node)
{
    Cluster *cluster = patroni_cluster(node);
    if (!cluster) {
        without_etcd(node);
        return;
    }
    node->patroni.cluster = cluster;
    node->patroni.alone_ms = 0;
    key_lease_back(cluster, sim_now_ms(node->sim));
    join_members(cluster, node);
    look(node, cluster);
    key_touch(cluster, node);
}

static void loop(Node *node)
{
    sim_after(node, config_ms(patroni_cluster(node), "loop_wait", LOOP_WAIT_S), loop);
    glance(node);
}

/* -- the service --------------------------------------------------------------------------------
 */

static Error *read_file(Node *node)
{
    const char *text = node_content(node, PATRONI_FILE);
    if (!text)
        return error_new(ERROR_REFUSED, "patroni has no configuration");
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const Value *keys = NULL;
    TRY(yaml_file_read(scratch, text, NULL, &keys));
    node->patroni.keys = sim_keep(node->sim, keys);
    node->patroni.scope = value_get_text(node->patroni.keys, "scope");
    node->patroni.name = value_get_text(node->patroni.keys, "name");
    return NULL;
}

static void stop_service(Node *node)
{
    Cluster *cluster = patroni_cluster(node);
    if (cluster && cluster->leader == node) {
        cluster->leader = NULL;
        patroni_wake_members(cluster);
    }
    if (cluster)
        patroni_leave_sync(node, cluster);
    node->patroni.life++;
    node->patroni.runs = false;
    node->patroni.task = TASK_NONE;
    postgres_stop(node);
    if (cluster)
        key_touch(cluster, node);
    node_listen(node, PATRONI_PORT, false);
}

Error *patroni_service(Node *node, const char *action)
{
    if (strcmp(action, "stop") == 0) {
        stop_service(node);
        return NULL;
    }
    TRY(read_file(node));
    if (strcmp(action, "reload") == 0) {
        sim_after(node, WATCH_MS, glance);
        return NULL;
    }
    node->patroni.life++;
    node->patroni.runs = true;
    node->patroni.is_leaving = false;
    node_listen(node, PATRONI_PORT, true);
    sim_after(node, FIRST_LOOK_MS, loop);
    return NULL;
}
