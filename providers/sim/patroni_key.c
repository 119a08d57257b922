/*
 * What each member keeps in etcd of itself: ha.py of Patroni 3.0, touch_member(). It writes it anew
 * in each loop and once its server is stopped; who dies leaves it as it was, until its ttl is over.
 */
#include "base/attr.h"
#include "providers/sim/patroni.h"

enum { TTL_S = 30 };

int64_t patroni_ttl_ms(const Cluster *cluster)
{
    return value_get_int(cluster->config, "ttl", TTL_S) * 1000;
}

const char *patroni_state(const Node *node)
{
    static const char *const tasks[] = {
        [TASK_NONE] = "stopped",          [TASK_INITDB] = "initializing new cluster",
        [TASK_COPY] = "creating replica", [TASK_START] = "starting",
        [TASK_RESTART] = "restarting",
    };
    return node->server.state == SERVER_RUNS ? "running" : tasks[node->patroni.task];
}

static bool lives(const Cluster *cluster, const MemberKey *key, int64_t now_ms)
{
    return key->until_ms >= (cluster->lost_ms > 0 ? cluster->lost_ms : now_ms);
}

const MemberKey *key_of(const Cluster *cluster, const Node *node)
{
    const MemberKey *key = cluster->keys ? map_get(cluster->keys, node->address) : NULL;
    return key && lives(cluster, key, sim_now_ms(node->sim)) ? key : NULL;
}

static MemberKey *own_key(Cluster *cluster, const Node *node)
{
    Arena *arena = node->sim->arena;
    if (!cluster->keys)
        cluster->keys = map_new(arena);
    MemberKey *key = map_get(cluster->keys, node->address);
    if (!key) {
        key = ARENA_NEW(arena, MemberKey);
        map_set(cluster->keys, node->address, key);
    }
    return key;
}

void key_touch(Cluster *cluster, const Node *node)
{
    const Server *server = &node->server;
    bool runs = server->state == SERVER_RUNS;
    *own_key(cluster, node) = (MemberKey){
        .until_ms = sim_now_ms(node->sim) + patroni_ttl_ms(cluster),
        .name = node->patroni.name,
        .state = patroni_state(node),
        .timeline = runs ? server->timeline : 0,
        .bytes = runs ? server->wal.bytes : -1,
        .needs_restart = runs && node->patroni.tells_pending,
        .file_keys = node->patroni.keys,
    };
}

void key_lease_lost(Cluster *cluster, int64_t now_ms)
{
    if (cluster->lost_ms == 0)
        cluster->lost_ms = now_ms;
}

void key_lease_back(Cluster *cluster, int64_t now_ms)
{
    int64_t until_ms = now_ms + patroni_ttl_ms(cluster);
    if (cluster->lost_ms == 0)
        return;
    cluster->lease_ms = until_ms;
    for (size_t i = 0; cluster->keys && i < map_count(cluster->keys); i++) {
        MemberKey *key = map_value_at(cluster->keys, i);
        if (lives(cluster, key, now_ms))
            key->until_ms = until_ms;
    }
    cluster->lost_ms = 0;
}
