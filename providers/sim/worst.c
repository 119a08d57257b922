/* What must not happen, looked for after each event: two who take writes, two who are down. */
#include "providers/sim/state.h"

static void note(size_t *worst, size_t now)
{
    *worst = now > *worst ? now : *worst;
}

static void note_gap(Sim *sim, Cluster *cluster, bool is_writable)
{
    int64_t now_ms = sim_now_ms(sim);
    if (cluster->gap_begin_ms >= 0 && now_ms - cluster->gap_begin_ms > sim->worst.gap_ms)
        sim->worst.gap_ms = now_ms - cluster->gap_begin_ms;
    cluster->was_writable = cluster->was_writable || is_writable;
    if (is_writable)
        cluster->gap_begin_ms = -1;
    else if (cluster->was_writable && cluster->gap_begin_ms < 0)
        cluster->gap_begin_ms = now_ms;
}

static void note_cluster(Sim *sim, Cluster *cluster)
{
    size_t primaries = 0, down = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Server *server = &cluster->members[i]->server;
        primaries += server->state == SERVER_RUNS && !server->is_standby;
        down += server->has_run && server->state != SERVER_RUNS;
    }
    note(&sim->worst.primaries, primaries);
    note(&sim->worst.down, down);
    note_gap(sim, cluster, primaries > 0);
}

void sim_note_worst(Sim *sim)
{
    for (size_t i = 0; i < map_count(sim->etcds); i++) {
        const Etcd *etcd = map_value_at(sim->etcds, i);
        for (size_t k = 0; k < map_count(etcd->clusters); k++)
            note_cluster(sim, map_value_at(etcd->clusters, k));
    }
}
