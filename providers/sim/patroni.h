/*
 * providers/sim/patroni.h - what Patroni's loop and its REST API share; private to providers/sim.
 */
#pragma once

#include "providers/sim/state.h"

enum { PATRONI_PORT = 8008 };

/* All members look at the cluster's keys in a moment. */
void patroni_wake_members(Cluster *cluster);

/* Is this tag of its file set, "tags/nosync"? */
bool patroni_has_tag(const Node *node, const char *tag);

/* Is it the one that takes the free leader's key? (patroni_race.c) */
bool patroni_may_lead(const Node *node, Cluster *cluster);

/* -- the keys of members (patroni_key.c) ---------------------------------------------------------
 */

int64_t patroni_ttl_ms(const Cluster *cluster);

/* "running", "stopped", "creating replica": as its Patroni sees its server now. */
const char *patroni_state(const Node *node);

/* What etcd has of it, which may be a ttl old; NULL: nothing. */
const MemberKey *key_of(const Cluster *cluster, const Node *node);

/* Its Patroni, which reaches etcd, writes it anew. */
void key_touch(Cluster *cluster, const Node *node);

/* While etcd has no quorum no lease ends, and all that had not ended by then begin anew. */
void key_lease_lost(Cluster *cluster, int64_t now_ms);
void key_lease_back(Cluster *cluster, int64_t now_ms);

/* -- synchronous replication (patroni_sync.c) -----------------------------------------------------
 */

bool sync_is_on(const Cluster *cluster);
size_t sync_wanted(const Cluster *cluster); /* how many standbys; 0: it is off */

/* The leader, which takes writes, looks who streams. Is it to look again in SYNC_CONFIRM_MS? */
enum { SYNC_CONFIRM_MS = 2000 }; /* from a name in the setting to the same in the key */
bool sync_look(Cluster *cluster);

/* Nobody is waited for, and there is no key. */
void sync_forget(Cluster *cluster);

/* Whoever has come to lead is the only one that may, until its first look. */
void sync_promote(Cluster *cluster);

/* Before its server stops a standby asks its leader for another one in its place. */
void patroni_leave_sync(Node *node, Cluster *cluster);

/* A replica's in GET /cluster. */
const char *sync_role(const Node *node, const Cluster *cluster);

/* May it take over, by the key /sync? */
bool sync_lets_lead(const Node *node, const Cluster *cluster);

/* The server of a node that is stopped starts after so long. */
void patroni_start_server(Node *node, bool is_standby, int64_t after_ms);
