/* What must not happen, looked for after each event: two who take writes, two who are down, and so
 * on (SimWorst). */
#include "providers/sim/wal.h"

static void note(size_t *worst, size_t now)
{
    *worst = now > *worst ? now : *worst;
}

static void note_gap(const Sim *sim, Gap *gap, bool is_there, int64_t *worst_ms)
{
    int64_t now_ms = sim_now_ms(sim);
    if (gap->is_open && now_ms - gap->begin_ms > *worst_ms)
        *worst_ms = now_ms - gap->begin_ms;
    gap->was_there = gap->was_there || is_there;
    if (gap->was_there && !is_there && !gap->is_open)
        gap->begin_ms = now_ms;
    gap->is_open = gap->was_there && !is_there;
}

/* PostgreSQL documentation, "Hot Standby", Administrator's Overview: it stops to replay. */
static bool falls_short(const Node *member, const Cluster *cluster)
{
    const Node *leader = cluster->leader;
    if (!leader || leader->server.is_standby || leader->server.state != SERVER_RUNS ||
        !member->server.is_standby || member->server.state != SERVER_RUNS)
        return false;
    for (size_t i = 0; i < STANDBY_LIMITS; i++) {
        if (member->server.limits[i] < leader->server.limits[i])
            return true;
    }
    return false;
}

static void note_cluster(Sim *sim, Cluster *cluster)
{
    wal_settle(cluster);
    size_t primaries = 0, down = 0, lagging = 0, copies = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Server *server = &cluster->members[i]->server;
        primaries += server->state == SERVER_RUNS && !server->is_standby;
        down += server->has_run && server->state != SERVER_RUNS;
        copies += server->is_initialized;
        lagging += falls_short(cluster->members[i], cluster);
    }
    note(&sim->worst.primaries, primaries);
    note(&sim->worst.down, down);
    note(&sim->worst.lagging, lagging);
    note_gap(sim, &cluster->writes, primaries > 0, &sim->worst.gap_ms);
    sim->worst.bare += cluster->had_data && copies == 0;
    cluster->had_data = copies > 0;
}

void sim_note_worst(Sim *sim)
{
    for (size_t i = 0; i < map_count(sim->etcds); i++) {
        Etcd *etcd = map_value_at(sim->etcds, i);
        note_gap(sim, &etcd->quorum, etcd_has_quorum(etcd, NULL), &sim->worst.etcd_gap_ms);
        for (size_t k = 0; k < map_count(etcd->clusters); k++)
            note_cluster(sim, map_value_at(etcd->clusters, k));
    }
}
