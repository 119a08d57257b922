/*
 * Write-ahead log: who takes writes writes so much a second, who streams receives it a moment
 * later. Nothing happens for a byte: positions are worked out when something changes or is asked.
 */
#include "providers/sim/wal.h"

#include "providers/sim/patroni.h"

enum {
    WRITTEN_PER_MS = 16,     /* bytes, by clients */
    CAUGHT_UP_PER_MS = 8192, /* by a standby that was away */
    IN_TRANSIT = 50 * WRITTEN_PER_MS,
};

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool wal_streams(const Node *node, const Cluster *cluster)
{
    const Node *leader = cluster->leader;
    return leader && leader != node && node->patroni.cluster == cluster &&
           node->server.state == SERVER_RUNS && node->server.is_standby &&
           leader->server.state == SERVER_RUNS && nodes_meet(node, leader) &&
           !slots_lack(node, leader);
}

/* -- since it was last worked out ---------------------------------------------------------------
 */

static void write_on(Wal *wal, int64_t now_ms)
{
    if (!wal->is_written)
        return;
    wal->bytes += most(now_ms - wal->at_ms, 0) * WRITTEN_PER_MS;
    wal->at_ms = now_ms;
}

/* When who writes is gone all of a sudden, what was in transit is gone with it. */
static void receive(Wal *wal, int64_t now_ms)
{
    if (!wal->source)
        return;
    const Wal *from = &wal->source->server.wal;
    int64_t sent = from->bytes - (from->is_written ? IN_TRANSIT : 0);
    int64_t able = wal->bytes + most(now_ms - wal->at_ms, 0) * CAUGHT_UP_PER_MS;
    wal->bytes = most(wal->bytes, wal_least(sent, able));
    wal->at_ms = now_ms;
}

/* Until where all have it that commits wait for, or any when that is enough. */
static int64_t guarded_bytes(const Cluster *cluster, const Node *writer)
{
    int64_t all = writer->server.wal.bytes, any = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Node *member = cluster->members[i];
        if (member->patroni.is_named)
            all = wal_least(all, member->server.wal.bytes);
        if (member->server.wal.source == writer)
            any = most(any, member->server.wal.bytes);
    }
    return cluster->waits_for_any ? any : all;
}

static void tell_clients(Cluster *cluster, const Node *node)
{
    const Server *server = &node->server;
    if (!server->wal.is_written || server->timeline != cluster->timeline)
        return;
    int64_t bytes = server->wal.waits ? guarded_bytes(cluster, node) : server->wal.bytes;
    cluster->told_clients_bytes = most(cluster->told_clients_bytes, bytes);
}

static void work_out(Cluster *cluster, int64_t now_ms)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        Server *server = &cluster->members[i]->server;
        write_on(&server->wal, now_ms);
    }
    for (size_t i = 0; i < cluster->member_count; i++)
        receive(&cluster->members[i]->server.wal, now_ms);
    for (size_t i = 0; i < cluster->member_count; i++)
        tell_clients(cluster, cluster->members[i]);
}

/* -- from now on --------------------------------------------------------------------------------
 */

/* Whoever comes from another history loses what is only in that (pg_rewind). */
static void follow(Server *server, const Server *leader)
{
    if (server->timeline == leader->timeline)
        return;
    server->wal.bytes = wal_least(server->wal.bytes, leader->wal.fork_bytes);
    server->timeline = leader->timeline;
}

/* Standbys that commits wait for; false: one of them does not stream, so no client is told. */
static bool count_guards(const Cluster *cluster, size_t *ret)
{
    bool all_stream = true;
    size_t named = 0, streaming = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Node *member = cluster->members[i];
        bool streams = wal_streams(member, cluster);
        streaming += streams;
        named += member->patroni.is_named;
        all_stream = all_stream && (streams || !member->patroni.is_named);
    }
    *ret = cluster->waits_for_any && streaming > 0 ? 1 : named;
    return cluster->waits_for_any ? streaming > 0 : all_stream;
}

/* Who leads no more waits for standbys that have left it. */
static bool is_written(const Node *node, const Cluster *cluster)
{
    size_t guards;
    if (node->server.state != SERVER_RUNS || node->server.is_standby)
        return false;
    return !node->server.wal.waits || (cluster->leader == node && count_guards(cluster, &guards));
}

static void go_on(Node *node, Cluster *cluster, int64_t now_ms)
{
    Wal *wal = &node->server.wal;
    if (cluster->leader == node)
        wal->waits = wal_guards(cluster) > 0 || cluster->waits_for_any;
    wal->is_written = is_written(node, cluster);
    wal->source = wal_streams(node, cluster) ? cluster->leader : NULL;
    wal->at_ms = now_ms;
    if (wal->source)
        follow(&node->server, &cluster->leader->server);
}

void wal_settle(Cluster *cluster)
{
    if (!cluster || cluster->member_count == 0)
        return;
    int64_t now_ms = sim_now_ms(cluster->members[0]->sim);
    work_out(cluster, now_ms);
    for (size_t i = 0; i < cluster->member_count; i++)
        go_on(cluster->members[i], cluster, now_ms);
    for (size_t i = 0; i < cluster->member_count; i++)
        slots_settle(cluster->members[i], now_ms);
}

size_t wal_guards(const Cluster *cluster)
{
    size_t guards;
    (void)count_guards(cluster, &guards);
    return guards;
}

void wal_send_rest(const Node *node)
{
    Cluster *cluster = node->patroni.cluster;
    if (!cluster)
        return;
    work_out(cluster, sim_now_ms(node->sim));
    for (size_t i = 0; i < cluster->member_count; i++) {
        Wal *wal = &cluster->members[i]->server.wal;
        if (wal->source == node)
            wal->bytes = most(wal->bytes, node->server.wal.bytes);
    }
}

void wal_promote(Node *node, Cluster *cluster)
{
    Server *server = &node->server;
    SimWorst *worst = &node->sim->worst;
    wal_settle(cluster);
    int64_t lost = cluster->told_clients_bytes - server->wal.bytes;
    worst->lost_bytes = most(worst->lost_bytes, lost);
    if (cluster->sync_leader)
        worst->lost_sync_bytes = most(worst->lost_sync_bytes, lost);
    cluster->told_clients_bytes = server->wal.fork_bytes = server->wal.bytes;
    cluster->timeline = ++server->timeline;
    server->is_standby = false;
}

const char *wal_text(Arena *arena, int64_t bytes)
{
    return arena_printf(arena, "%X/%X", (unsigned)((uint64_t)bytes >> 32), (unsigned)bytes);
}
