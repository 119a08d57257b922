/*
 * schema/contract/simulation.h - a World that is only remembered, as the command that rehearses
 * plans needs it: who is there, what goes wrong, how bad it was.
 *
 * Time is virtual: waiting costs nothing, a seed is a run (base/virtual_clock.h). For the thread
 * that made it and the workers of pools on its clock.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "schema/contract/world.h"

/* What goes wrong with requests, of a thousand each. A request that is lost was never heard of on
 * the node; of an answer that is lost the work was done. Both look the same from here. */
typedef struct SimFaults {
    unsigned lost_requests, lost_answers;
} SimFaults;

/* The worst that was seen of any cluster, at any moment. */
typedef struct SimWorst {
    size_t primaries; /* members that take writes */
    size_t down;      /* members that had run and do not */
    int64_t gap_ms;   /* longest time without a member that takes writes, once there was one */
} SimWorst;

/* Called before and after each effect, by the thread that performs it: where a runner may die. */
typedef struct SimWatch {
    void (*effect)(void *context);
    void *context;
} SimWatch;

typedef struct Simulation {
    void *context;
    World *world; /* lives as long as the simulation */

    /* A bare node with this address, unless it is there. */
    void (*add_node)(void *context, const char *address);
    void (*set_faults)(void *context, const SimFaults *faults);

    /* What runs on the node is gone at once, and comes back with it `down_ms` later. */
    void (*power_loss)(void *context, const char *address, int64_t after_ms, int64_t down_ms);
    void (*wait_ms)(void *context, int64_t duration_ms);

    /* Since the beginning, or since it was last forgotten. */
    SimWorst (*worst)(const void *context);
    void (*forget_worst)(void *context);
    void (*watch)(void *context, const SimWatch *watch);

    /* In the child of a fork() by a thread of this clock: the runner is gone with all its other
     * threads, the fleet goes on. */
    void (*outlive)(void *context);
    void (*free)(void *context);
} Simulation;
