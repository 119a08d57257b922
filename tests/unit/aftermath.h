/*
 * tests/unit/aftermath.h - what must hold when the one who came after a runner that was killed is
 * done: everything is as after a run that nobody killed, and nothing of the dead one is left.
 */
#pragma once

#include "sim_cli.h"

/* Two state directories: the runner's own, and that of an apply from an empty one after it, which
 * has all that is in place. */
typedef struct Trace {
    const char *state, *world;
} Trace;

/* The nodes of all inventories here. */
extern const char *const aftermath_nodes[];

/* What is wrong, by kind. */
typedef struct Aftermath {
    size_t lost_actions;     /* something is not done, or not known to be */
    size_t stuck_leases;     /* of somebody who is gone */
    size_t forgotten_pauses; /* Patroni is paused, or a note says that something was begun */
} Aftermath;

/* An apply with this state directory: its exit status. */
int aftermath_apply(FakeCli *f, const char *state);

/* Applies once more, to `trace->world`, which must do nothing: `effects` is how many there were so
 * far. Compares with a run that nobody killed (NULL: it is that run itself). What is wrong is told
 * on stderr. */
Aftermath aftermath_look(FakeCli *f, const Trace *trace, const Trace *unharmed,
                         const size_t *effects);
