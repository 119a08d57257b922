/*
 * providers/sim/patroni.h - what Patroni's loop and its REST API share; private to providers/sim.
 */
#pragma once

#include "providers/sim/state.h"

enum { PATRONI_PORT = 8008 };

/* All members look at the cluster's keys in a moment. */
void patroni_wake_members(Cluster *cluster);

/* Is it the one that takes the free leader's key? (patroni_race.c) */
bool patroni_may_lead(const Node *node, Cluster *cluster);

/* The server of a node that is stopped starts after so long. */
void patroni_start_server(Node *node, bool is_standby, int64_t after_ms);
