/*
 * schema/contract/topology.h - what a PostgreSQL cluster is right now, drawn from the facts.
 *
 * Leadership is what Patroni says now (the leader lock in /cluster, never a declared role). Pure.
 *
 * Read, by the address of each member: "patroni.cluster" (the answer to GET /cluster, or
 * {"running": false}), "node.data" {initialized, no_database, system_identifier}, "node.markers" (a
 * map whose key "cluster.<name>" is our marker; its "state" is "formed" once the creation was
 * finished) and "etcd.member" of all of etcd, for the keys. All but node.data may be missing where
 * it is known that there is nothing to ask. A member that could not be read never makes a cluster
 * NEW; with a marker of ours the DCS alone can still say that nobody leads (FORMING, LEADERLESS).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "schema/contract/domain.h"
#include "schema/contract/facts.h"

typedef enum TopologyState {
    TOPOLOGY_NEW,        /* no data directory and no DCS key of that name: safe to create     */
    TOPOLOGY_FORMING,    /* our marker is there, no leader yet: an interrupted creation        */
    TOPOLOGY_RUNNING,    /* has a leader                                                       */
    TOPOLOGY_LEADERLESS, /* members or data exist, but nobody leads                          */
    TOPOLOGY_FOREIGN,    /* has members but no pgsteer marker: read-only until adopted         */
    TOPOLOGY_UNKNOWN,    /* too little could be read to say                                    */
} TopologyState;

typedef struct Member {
    const char *name;
    const char *host;  /* address */
    const char *role;  /* leader, sync_standby, replica, standby_leader, "" */
    const char *state; /* running, streaming, stopped, ..., ""              */
    int64_t timeline;  /* 0: not known */
    int64_t lag_bytes; /* -1: not known */
    bool pending_restart;
    bool has_data;    /* a data directory is on its node, and more than what a cut initdb left */
    bool is_declared; /* in the inventory */
    bool is_readable; /* its node was read */
} Member;

typedef struct Topology {
    TopologyState state;
    const char *system_identifier; /* "" if none */
    const Member *leader;          /* NULL if none */
    Member *members;               /* declared ones in inventory order, then others */
    size_t member_count;
    size_t healthy_count;
    bool is_paused;
    const char *reason; /* for UNKNOWN, LEADERLESS, FOREIGN: one clause */
} Topology;

/* Names of the sources that topology_of needs, and what these need; NULL-terminated. */
extern const char *const topology_sources[];

Topology topology_of(Arena *arena, const Domain *domain, const Facts *facts);
const Member *topology_member(const Topology *topology, const char *name); /* or NULL */
