/*
 * Write-ahead log: who takes writes writes so much a second, who streams receives it a moment
 * later. Nothing happens for a byte: positions are worked out when something changes or is asked.
 */
#include "providers/sim/wal.h"

enum {
    WRITTEN_PER_MS = 16,     /* bytes, by clients */
    CAUGHT_UP_PER_MS = 8192, /* by a standby that was away */
    IN_TRANSIT = 50 * WRITTEN_PER_MS,
};

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t most(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool wal_streams(const Node *node, const Cluster *cluster)
{
    const Node *leader = cluster->leader;
    return leader && leader != node && node->patroni.cluster == cluster &&
           node->server.state == SERVER_RUNS && node->server.is_standby &&
           leader->server.state == SERVER_RUNS && nodes_meet(node, leader);
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
    wal->bytes = most(wal->bytes, least(sent, able));
    wal->at_ms = now_ms;
}

static void work_out(Cluster *cluster, int64_t now_ms)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        Server *server = &cluster->members[i]->server;
        write_on(&server->wal, now_ms);
        if (server->wal.is_written && server->timeline == cluster->timeline)
            cluster->told_clients_bytes = most(cluster->told_clients_bytes, server->wal.bytes);
    }
    for (size_t i = 0; i < cluster->member_count; i++)
        receive(&cluster->members[i]->server.wal, now_ms);
}

/* -- from now on --------------------------------------------------------------------------------
 */

/* Whoever comes from another history loses what is only in that (pg_rewind). */
static void follow(Server *server, const Server *leader)
{
    if (server->timeline == leader->timeline)
        return;
    server->wal.bytes = least(server->wal.bytes, leader->wal.fork_bytes);
    server->timeline = leader->timeline;
}

static void go_on(Node *node, const Cluster *cluster, int64_t now_ms)
{
    Wal *wal = &node->server.wal;
    wal->is_written = node->server.state == SERVER_RUNS && !node->server.is_standby;
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
    int64_t *worst = &node->sim->worst.lost_bytes;
    wal_settle(cluster);
    *worst = most(*worst, cluster->told_clients_bytes - server->wal.bytes);
    cluster->told_clients_bytes = server->wal.fork_bytes = server->wal.bytes;
    cluster->timeline = ++server->timeline;
    server->is_standby = false;
}

const char *wal_text(Arena *arena, int64_t bytes)
{
    return arena_printf(arena, "%X/%X", (unsigned)((uint64_t)bytes >> 32), (unsigned)bytes);
}
