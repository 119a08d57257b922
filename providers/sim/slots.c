/*
 * What holds write-ahead log back, and what of it is gone. A leader has a slot for every other
 * member that has a key (Patroni 3.0, slots.py: made and dropped in its loop, none on replicas).
 *
 * A checkpoint every checkpoint_timeout recycles segments that are older than where it began, than
 * wal_keep_size, and than what slots hold within max_slot_wal_keep_size (PostgreSQL documentation,
 * "Write Ahead Log", "Replication"). It ends when the next one begins. There is no archive to
 * fetch them from.
 */
#include "base/attr.h"
#include "base/text.h"
#include "providers/sim/patroni.h"
#include "providers/sim/wal.h"

#define MEGABYTE INT64_C(1048576)

enum {
    SEGMENT = 16 * 1048576,
    KEPT_MB = 128, /* Patroni's own default */
    CHECKPOINT_S = 300,
    SLOTS_MAX = 10,
};

static int64_t setting(const Server *server, const char *name, int64_t fallback)
{
    int64_t number;
    const char *text = value_as_text(value_get(server->settings, name), "");
    return text_to_int(text, &number) ? number : fallback;
}

/* -- slots --------------------------------------------------------------------------------------
 */

static Slot *find(const Server *server, const Node *member)
{
    for (size_t i = 0; i < server->slot_count; i++) {
        if (server->slots[i].member == member)
            return &server->slots[i];
    }
    return NULL;
}

static bool is_wanted(const Node *node, const Cluster *cluster, const Node *member)
{
    const Value *use = value_path(cluster->config, "postgresql/use_slots");
    return cluster->leader == node && !node->server.is_standby && member != node &&
           value_as_bool(use, true) && key_of(cluster, member);
}

static void drop_slots(Node *node, const Cluster *cluster)
{
    Server *server = &node->server;
    size_t kept = 0;
    for (size_t i = 0; i < server->slot_count; i++) {
        if (is_wanted(node, cluster, server->slots[i].member))
            server->slots[kept++] = server->slots[i];
    }
    server->slot_count = kept;
}

/* With the log since the last checkpoint reserved at once. */
static void make_slot(Node *node, const Node *member)
{
    Server *server = &node->server;
    size_t most = (size_t)setting(server, "max_replication_slots", SLOTS_MAX);
    Slot slot = {member, server->redo_bytes};
    if (server->slot_count < most)
        ARENA_PUSH(node->sim->arena, server->slots, server->slot_count, server->slot_capacity,
                   slot);
}

void slots_look(Node *node, const Cluster *cluster)
{
    drop_slots(node, cluster);
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Node *member = cluster->members[i];
        if (is_wanted(node, cluster, member) && !find(&node->server, member))
            make_slot(node, member);
    }
}

/* Who streams tells how far it is. */
static void move_slots(Node *node)
{
    for (size_t i = 0; i < node->server.slot_count; i++) {
        Slot *slot = &node->server.slots[i];
        if (slot->member->server.wal.source == node)
            slot->bytes = slot->member->server.wal.bytes;
    }
}

/* -- checkpoints --------------------------------------------------------------------------------
 */

/* Until where the slots, all together, let log go. */
static int64_t held_by_slots(const Server *server)
{
    int64_t at_most = setting(server, "max_slot_wal_keep_size", -1), held = INT64_MAX;
    for (size_t i = 0; i < server->slot_count; i++)
        held = wal_least(held, server->slots[i].bytes);
    int64_t let_go = at_most < 0 ? 0 : server->wal.bytes - at_most * MEGABYTE;
    return held < let_go ? let_go : held;
}

static void recycle(Server *server)
{
    int64_t kept = setting(server, "wal_keep_size", KEPT_MB) * MEGABYTE;
    int64_t until = wal_least(wal_least(server->redo_bytes, server->wal.bytes - kept),
                              wal_least(held_by_slots(server), server->wal.bytes));
    if (until > server->gone_bytes)
        server->gone_bytes = until - until % SEGMENT;
}

void slots_settle(Node *node, int64_t now_ms)
{
    Server *server = &node->server;
    if (server->state != SERVER_RUNS)
        return;
    move_slots(node);
    if (now_ms < server->checkpoint_ms)
        return;
    recycle(server);
    server->redo_bytes = server->wal.bytes;
    server->checkpoint_ms = now_ms + setting(server, "checkpoint_timeout", CHECKPOINT_S) * 1000;
}

void slots_of_copy(Server *server)
{
    server->slots = NULL;
    server->slot_count = server->slot_capacity = 0;
    server->redo_bytes = server->wal.bytes;
    server->gone_bytes = server->wal.bytes - server->wal.bytes % SEGMENT;
}

/* -- who comes too late -------------------------------------------------------------------------
 */

bool slots_lack(const Node *standby, const Node *leader)
{
    const Server *own = &standby->server, *its = &leader->server;
    int64_t needs = own->timeline == its->timeline ? own->wal.bytes
                                                   : wal_least(own->wal.bytes, its->wal.fork_bytes);
    return needs < its->gone_bytes;
}

bool slots_left_behind(const Node *node, const Cluster *cluster)
{
    const Node *leader = cluster->leader;
    return leader && leader != node && leader->server.state == SERVER_RUNS &&
           node->server.state == SERVER_RUNS && node->server.is_standby && slots_lack(node, leader);
}
