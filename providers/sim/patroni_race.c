/* Who takes over when nobody leads: ha.py of Patroni 3.0, is_healthiest_node(). */
#include <string.h>

#include "base/text.h"
#include "providers/sim/patroni.h"
#include "providers/sim/wal.h"

enum { MAX_LAG = 1048576 }; /* maximum_lag_on_failover, unless it is set */

bool patroni_has_tag(const Node *node, const char *tag)
{
    return text_equal(value_get_text(node->patroni.keys, tag), "true");
}

static bool is_up(const Node *node)
{
    return node->patroni.runs && node->server.state == SERVER_RUNS;
}

/* Does somebody else keep it from leading? Where commits wait, not the former leader by what it has
 * more: nobody was told of that. */
static bool is_better(const Node *other, const Node *node, const Cluster *cluster)
{
    if (other == node || other->patroni.cluster != cluster || !is_up(other) ||
        !nodes_meet(node, other) || patroni_has_tag(other, "tags/nofailover"))
        return false;
    if (!other->server.is_standby)
        return true;
    return other->server.wal.bytes > node->server.wal.bytes && sync_lets_lead(other, cluster) &&
           !(sync_is_on(cluster) && other == cluster->sync_leader);
}

static bool lags(const Node *node, const Cluster *cluster)
{
    int64_t most = value_get_int(cluster->config, "maximum_lag_on_failover", MAX_LAG);
    return cluster->told_bytes - node->server.wal.bytes > most;
}

static bool is_healthiest(const Node *node, const Cluster *cluster)
{
    if (!node->server.is_standby)
        return true;
    if (patroni_has_tag(node, "tags/nofailover") || lags(node, cluster) ||
        !sync_lets_lead(node, cluster))
        return false;
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (is_better(cluster->members[i], node, cluster))
            return false;
    }
    return true;
}

/* Whoever was named comes first, as long as it can come at all. */
bool patroni_may_lead(const Node *node, Cluster *cluster)
{
    const Node *named = cluster->candidate;
    if (cluster->leader || node->server.state != SERVER_RUNS)
        return false;
    if (named && is_up(named))
        return named == node;
    wal_settle(cluster);
    return is_healthiest(node, cluster);
}
