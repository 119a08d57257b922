/*
 * providers/sim/sim.h - the World that is simulated: the same sources answered, the same effects
 * performed, on nodes that are only remembered.
 *
 * Nodes begin bare: a Debian 12 with SSH and sudo. What effects make of them (files, packages,
 * units, etcd, Patroni, PostgreSQL) changes as time goes on, by a virtual clock: waiting costs
 * nothing, and the same seed gives the same run. Durations are those measured on real nodes,
 * spread a little by the seed.
 *
 * Of the threads on its clock one runs at a time, so nothing here is locked.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "schema/contract/simulation.h"

enum { SIM_BEGIN_S = 1700000000 }; /* 2023-11-14: what the clocks say at the beginning */

/* A fleet without nodes; Simulation.free() ends it. */
Simulation sim_new(uint64_t seed);
