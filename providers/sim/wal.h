/*
 * providers/sim/wal.h - where the write-ahead log of each server is; private to providers/sim.
 *
 * Positions are bytes since the beginning, as PostgreSQL counts them. A member costs the same
 * however much was written and however long ago it was last asked.
 */
#pragma once

#include "providers/sim/state.h"

/* Where a server is that initdb has just made. */
enum { WAL_FIRST_BYTES = 0x3000060 };

static inline int64_t wal_least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Does it follow the leader, so that it has what is written now? */
bool wal_streams(const Node *node, const Cluster *cluster);

/* -- what is held back (slots.c) -----------------------------------------------------------------
 */

/* Its Patroni makes the slots that it should have, and drops the others. */
void slots_look(Node *node, const Cluster *cluster);

/* Its slots follow those that stream, and it recycles log when a checkpoint is due. */
void slots_settle(Node *node, int64_t now_ms);

/* It has been copied: without slots, and with log from there on only. */
void slots_of_copy(Server *server);

/* Is log gone from the leader that the standby has not? */
bool slots_lack(const Node *standby, const Node *leader);

/* A standby that runs, and cannot stream any more until it is copied anew. */
bool slots_left_behind(const Node *node, const Cluster *cluster);

/* -- where it is ----------------------------------------------------------------------------------
 */

/* Positions as they are now; Server.wal holds them. NULL: nothing. */
void wal_settle(Cluster *cluster);

/* Standbys that stream and that the leader's commits wait for. */
size_t wal_guards(const Cluster *cluster);

/* A server that shuts down sends what is left to those that stream from it (PostgreSQL
 * documentation, "Shutting Down the Server"). */
void wal_send_rest(const Node *node);

/* A standby takes writes from now on, in a history of its own; what others had told clients that
 * it has not is lost (SimWorst.lost_bytes). */
void wal_promote(Node *node, Cluster *cluster);

/* "0/3000060" */
const char *wal_text(Arena *arena, int64_t bytes);
