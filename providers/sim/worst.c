/* What must not happen, looked for after each event: two who take writes, two who are down, and so
 * on (SimWorst). */
#include "providers/sim/patroni.h"
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

typedef struct Census {
    size_t primaries, written, standbys, down, lagging, copies, left_behind;
} Census;

static Census census_of(const Cluster *cluster)
{
    Census census = {0};
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Server *server = &cluster->members[i]->server;
        census.primaries += server->state == SERVER_RUNS && !server->is_standby;
        census.written += server->wal.is_written;
        census.standbys += server->has_run && cluster->members[i] != cluster->leader;
        census.down += server->has_run && server->state != SERVER_RUNS;
        census.copies += server->is_initialized;
        census.lagging += falls_short(cluster->members[i], cluster);
        census.left_behind += slots_left_behind(cluster->members[i], cluster);
    }
    return census;
}

/* Do commits wait for as many standbys as are declared or, as one member may be away, as there can
 * be then? Clients that are told nothing lose nothing. */
static bool is_guarded(const Cluster *cluster, size_t standbys)
{
    const Node *leader = cluster->leader;
    size_t possible = standbys > 0 ? standbys - 1 : 0, declared = sync_wanted(cluster);
    return !leader || !leader->server.wal.is_written ||
           wal_guards(cluster) >= (declared < possible ? declared : possible);
}

static void note_cluster(Sim *sim, Cluster *cluster)
{
    SimWorst *worst = &sim->worst;
    Census census = census_of(cluster);
    bool waits_for_first = census.primaries > 0 && census.standbys == 0;
    note(&worst->primaries, census.primaries);
    note(&worst->down, census.down);
    note(&worst->lagging, census.lagging);
    note(&worst->left_behind, census.left_behind);
    note_gap(sim, &cluster->writes, census.written > 0 || waits_for_first, &worst->gap_ms);
    note_gap(sim, &cluster->guards, is_guarded(cluster, census.standbys), &worst->unguarded_ms);
    worst->bare += cluster->had_data && census.copies == 0;
    cluster->had_data = census.copies > 0;
}

void sim_note_worst(Sim *sim)
{
    for (size_t i = 0; !sim->ignores_worst && i < map_count(sim->etcds); i++) {
        Etcd *etcd = map_value_at(sim->etcds, i);
        note_gap(sim, &etcd->quorum, etcd_has_quorum(etcd, NULL), &sim->worst.etcd_gap_ms);
        for (size_t k = 0; k < map_count(etcd->clusters); k++)
            note_cluster(sim, map_value_at(etcd->clusters, k));
    }
}
