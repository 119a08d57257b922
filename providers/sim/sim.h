/*
 * providers/sim/sim.h - the World that is simulated: the same sources answered, the same effects
 * performed, on nodes that are only remembered.
 *
 * Nodes begin bare: a Debian 12 with SSH and sudo. What effects make of them (files, packages,
 * units, etcd, Patroni, PostgreSQL) changes as time goes on, by a virtual clock: waiting costs
 * nothing, and the same seed gives the same run. Durations are those measured on real nodes,
 * spread a little by the seed.
 *
 * One simulation belongs to the thread that made it and to the workers of pools on its clock; of
 * these one runs at a time (base/virtual_clock.h), so nothing here is locked.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "schema/contract/world.h"
#include "schema/inventory.h"

typedef struct Sim Sim;

enum { SIM_BEGIN_S = 1700000000 }; /* 2023-11-14: what the clocks say at the beginning */

/* A fleet without nodes. Ended by sim_free. */
Sim *sim_new(uint64_t seed);
void sim_free(Sim *sim);
void sim_freep(Sim **sim);

/* Bare nodes for the hosts that are not there yet. */
void sim_add_hosts(Sim *sim, const Inventory *inventory);

/* Lives as long as the simulation; its free() does nothing. */
World *sim_world(Sim *sim);

/* What goes wrong with requests, of a thousand each. A request that is lost was never heard of on
 * the node; of an answer that is lost the work was done. Both look the same from here. */
typedef struct SimFaults {
    unsigned lost_requests, lost_answers;
} SimFaults;

/* From now on; all 0 at the beginning. */
void sim_set_faults(Sim *sim, const SimFaults *faults);

/* Lose power: what runs on the node is gone at once, and comes back with it `down_ms` later. */
void sim_power_loss(Sim *sim, const char *address, int64_t after_ms, int64_t down_ms);

/* The worst that was seen of any cluster since sim_forget_worst(), at any moment. */
typedef struct SimWorst {
    size_t primaries; /* members that take writes */
    size_t down;      /* members that had run and do not */
    int64_t gap_ms;   /* longest time without a member that takes writes, once there was one */
} SimWorst;

SimWorst sim_worst(const Sim *sim);
void sim_forget_worst(Sim *sim);

/* Let time pass. */
void sim_wait_ms(Sim *sim, int64_t duration_ms);
