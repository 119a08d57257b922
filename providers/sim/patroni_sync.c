/*
 * Synchronous replication as Patroni 3.0 keeps it: who is in synchronous_standby_names, and who in
 * the key /sync, where only those are of which a commit has waited (documentation, "Replication
 * modes"; ha.py, process_sync_replication()).
 */
#include "base/text.h"
#include "providers/sim/patroni.h"
#include "providers/sim/wal.h"

static bool is_quorum(const Cluster *cluster)
{
    return text_equal(value_get_text(cluster->config, "synchronous_mode"), "quorum");
}

bool sync_is_on(const Cluster *cluster)
{
    return value_get_bool(cluster->config, "synchronous_mode", is_quorum(cluster));
}

size_t sync_wanted(const Cluster *cluster)
{
    int64_t count = value_get_int(cluster->config, "synchronous_node_count", 1);
    return !sync_is_on(cluster) ? 0 : count > 0 ? (size_t)count : 1;
}

static bool is_strict(const Cluster *cluster)
{
    return value_get_bool(cluster->config, "synchronous_mode_strict", false);
}

static bool lags(const Node *node, const Cluster *cluster)
{
    int64_t most = value_get_int(cluster->config, "maximum_lag_on_syncnode", -1);
    return most > 0 && cluster->leader->server.wal.bytes - node->server.wal.bytes > most;
}

static bool is_eligible(const Node *node, const Cluster *cluster)
{
    return wal_streams(node, cluster) && !node->patroni.is_leaving &&
           !patroni_has_tag(node, "tags/nosync") && !lags(node, cluster);
}

/* Who has it keeps it; of the others comes first who has more. */
static bool is_better(const Node *a, const Node *b)
{
    if (!b || a->patroni.is_named != b->patroni.is_named)
        return !b || a->patroni.is_named;
    return a->server.wal.bytes > b->server.wal.bytes;
}

static Node *best_of(const Cluster *cluster)
{
    Node *best = NULL;
    for (size_t i = 0; i < cluster->member_count; i++) {
        Node *member = cluster->members[i];
        if (!member->patroni.is_picked && is_eligible(member, cluster) && is_better(member, best))
            best = member;
    }
    return best;
}

static size_t pick(Cluster *cluster)
{
    size_t count = 0;
    for (size_t i = 0; i < cluster->member_count; i++)
        cluster->members[i]->patroni.is_picked = false;
    for (Node *best; count < sync_wanted(cluster) && (best = best_of(cluster)); count++)
        best->patroni.is_picked = true;
    return count;
}

/* A name goes from the key before it goes from the setting, and comes after it. */
static bool set_name(Node *member)
{
    Patroni *patroni = &member->patroni;
    bool has_changed = patroni->is_named != patroni->is_picked;
    patroni->is_named = patroni->is_picked;
    patroni->is_sync = patroni->is_sync && patroni->is_named;
    return has_changed;
}

/* Does it have all that was written before somebody waited for it? */
static void confirm(Cluster *cluster, Node *member)
{
    int64_t since_ms = sim_now_ms(member->sim) - cluster->named_ms;
    if (member->patroni.is_named && since_ms >= SYNC_CONFIRM_MS &&
        member->server.wal.bytes >= cluster->named_bytes)
        member->patroni.is_sync = true;
}

static void set_key(Cluster *cluster, Node *leader, bool waits_for_any)
{
    cluster->sync_leader = leader;
    cluster->waits_for_any = waits_for_any;
}

void sync_forget(Cluster *cluster)
{
    for (size_t i = 0; i < cluster->member_count; i++)
        cluster->members[i]->patroni.is_named = cluster->members[i]->patroni.is_sync = false;
    set_key(cluster, NULL, false);
}

bool sync_look(Cluster *cluster)
{
    Node *leader = cluster->leader;
    bool has_changed = false;
    wal_settle(cluster);
    if (!sync_is_on(cluster)) {
        sync_forget(cluster);
        return false;
    }
    size_t count = pick(cluster);
    for (size_t i = 0; i < cluster->member_count; i++)
        has_changed = set_name(cluster->members[i]) || has_changed;
    if (has_changed) {
        cluster->named_ms = sim_now_ms(leader->sim);
        cluster->named_bytes = leader->server.wal.bytes;
    }
    for (size_t i = 0; i < cluster->member_count; i++)
        confirm(cluster, cluster->members[i]);
    set_key(cluster, leader, count == 0 && is_strict(cluster));
    return has_changed;
}

void sync_promote(Cluster *cluster)
{
    sync_forget(cluster);
    if (sync_is_on(cluster))
        set_key(cluster, cluster->leader, is_strict(cluster));
}

bool sync_lets_lead(const Node *node, const Cluster *cluster)
{
    return !sync_is_on(cluster) || !cluster->sync_leader || cluster->sync_leader == node ||
           node->patroni.is_sync;
}

const char *sync_role(const Node *node, const Cluster *cluster)
{
    if (!node->patroni.is_sync)
        return "replica";
    return is_quorum(cluster) ? "quorum_standby" : "sync_standby";
}
