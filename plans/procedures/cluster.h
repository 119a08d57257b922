/*
 * plans/procedures/cluster.h - the parts of the cluster procedure, one file each.
 *
 * cluster.c          creation, joining, files, SQL objects, reloads, the closing look
 * cluster_restart.c  one rolling restart for all settings that need it
 * cluster_heir.c     who takes over when the leader restarts
 * cluster_sync.c     clusters whose commits wait for standbys: who may take over
 * cluster_notes.c    what the plan says about a cluster: found, fixed for life, known later
 * cluster_fixed.c    what initdb fixed, and the inventory says otherwise now
 * cluster_memory.c   whether the memory that is given away exists
 */
#pragma once

#include "plans/procedure.h"

/* Arguments that every action on this cluster may need; `host` may be NULL. */
Value *cluster_extra(Builder *builder, const Situation *situation, const Host *host);

/* The rolling restart, after `patch` (may be NULL). Errors: ERROR_REFUSED when some hot-standby
 * limits rise while others fall. */
MUST_USE Error *cluster_restart(Builder *builder, const Situation *situation, Action *patch);

/* Patroni's dynamic configuration as some member tells it; NULL: nobody does. */
const Value *cluster_dynamic(const Situation *situation);

/* What GET /cluster calls those that alone may take over, because commits wait for them; NULL: any
 * replica may. */
const char *cluster_heirs_role(const Situation *situation);

/* Declared members with data that do not lead. */
size_t cluster_count_standbys(const Topology *topology);

/* Of those the first that the leader streams to, else the first; NULL: there is none. */
const Member *cluster_candidate(const Situation *situation);

/* Where commits wait for standbys Patroni chooses: whoever is waited for when the plan is made is
 * not after its own restart, and Patroni refuses all others. */
void cluster_name_heir(Builder *builder, const Situation *situation, const Member *candidate,
                       Value *extra);

/* May Patroni hand this cluster over to a member that is not in the inventory? Says so, then. */
bool cluster_stays_with_leader(Builder *builder, const Situation *situation);

/* Say what becomes of commits while the last of so many standbys restarts. */
void cluster_sync_note(Builder *builder, const Situation *situation, const Action *restart,
                       size_t standbys);

void cluster_notes(Builder *builder, const Situation *situation);
void cluster_fixed_notes(Builder *builder, const Situation *situation);
void cluster_memory_notes(Builder *builder, const Situation *situation);

extern const Procedure procedure_cluster;
