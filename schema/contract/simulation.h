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
 * the node; of an answer that is lost the work was done; one that arrives again is done again. A
 * stale answer is up to ten seconds old, as Patroni's view of its cluster may be. */
typedef struct SimFaults {
    unsigned lost_requests, lost_answers, repeated_requests, stale_answers;
} SimFaults;

/* What befalls a node for a while. */
typedef enum SimTroubleKind {
    SIM_POWER_LOSS, /* what runs there is gone at once, and comes back in the end */
    SIM_CUT_OFF,    /* nothing of ours reaches it; it works on, with the others */
    SIM_ISOLATED,   /* neither we nor other nodes reach it */
    SIM_DISK_FULL,  /* what writes fails */
    SIM_SLOW,       /* each answer takes `amount_ms` more */
    SIM_SKEW,       /* its clock is ahead by `amount_ms`, which may be less than nothing */
    SIM_TROUBLE_COUNT
} SimTroubleKind;

typedef struct SimTrouble {
    SimTroubleKind kind;
    const char *address;
    int64_t after_ms, for_ms; /* from now */
    int64_t amount_ms;
} SimTrouble;

/* The worst that was seen of any cluster, at any moment. */
typedef struct SimWorst {
    size_t primaries;   /* members that take writes */
    size_t down;        /* members that had run and do not */
    int64_t gap_ms;     /* longest time without a member that takes writes, once there was one */
    size_t lagging;     /* standbys that run with less of a hot-standby limit than their leader */
    size_t left_behind; /* standbys that run and need log that their leader has recycled */
    size_t bare;        /* clusters whose last copy of the data is gone */
    int64_t lost_bytes; /* most log that clients knew to be written, and the new leader lacked */
    int64_t lost_sync_bytes; /* the same, of clusters with synchronous_mode */
    int64_t unguarded_ms;    /* longest time with fewer synchronous standbys than declared */
    int64_t etcd_gap_ms;     /* longest time in which an etcd had no quorum, once it had one */
} SimWorst;

/* Called before and after each effect, by the thread that performs it: where a runner may die. */
typedef struct SimWatch {
    void (*effect)(void *context);
    void *context;
} SimWatch;

typedef struct SimSize {
    int64_t cpu_count, memory_kb, disk_bytes;
} SimSize;

typedef struct Simulation {
    void *context;
    World *world; /* lives as long as the simulation */

    /* A bare node with this address, unless it is there. */
    void (*add_node)(void *context, const char *address);
    void (*set_faults)(void *context, const SimFaults *faults);

    /* It is to begin later, by itself. A node that is not there has none. */
    void (*trouble)(void *context, const SimTrouble *trouble);

    /* Somebody else does this on the node, that long after now. */
    void (*meddle)(void *context, const char *address, int64_t after_ms, const Effect *effect);

    /* Another size of a machine; what is 0 in it stays. */
    void (*resize)(void *context, const char *address, const SimSize *size);
    void (*wait_ms)(void *context, int64_t duration_ms);

    /* Since the beginning, or since it was last forgotten. */
    SimWorst (*worst)(const void *context);
    void (*forget_worst)(void *context);
    /* From now on nothing is noted: looking at all clusters after each event takes the longer the
     * more there are. */
    void (*ignore_worst)(void *context);
    void (*watch)(void *context, const SimWatch *watch);

    /* In the child of a fork() by a thread of this clock: the runner is gone with all its other
     * threads, the fleet goes on. */
    void (*outlive)(void *context);
    void (*free)(void *context);
} Simulation;
