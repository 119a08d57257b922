/*
 * tests/unit/sim_cli.h - the whole program, with all kinds, on the simulated fleet: fake_cli.h with
 * another world, of nodes that are bare at first and outlive each command line.
 */
#pragma once

#include "fake_cli.h"

/* Also removes the inventory of fake_cli_new(). */
FakeCli sim_cli_new(uint64_t seed);
void sim_cli_end(FakeCli *f); /* for CLEANUP */

/* From now on each effect whose arguments have one of these words (NULL-terminated) in them fails
 * the first time, and the error quotes them all: what a program on a node may do that does not like
 * what it was given. NULL: no more. */
void sim_cli_tell(const char *const *words);

/* From now on told before effects reach the fleet, on the thread of their run, and once more when
 * they came back. It may perform effects itself. */
typedef struct SimCliWatch {
    void (*before)(void *context, const char *host, const Effect *effects);
    void (*after)(void *context, const Effect *effects, const Error *error);
    void *context;
} SimCliWatch;

/* NULL: no more. Borrowed. */
void sim_cli_watch(const SimCliWatch *watch);

/* The fleet itself. */
Simulation *sim_cli_fleet(void);

/* How many did so far. */
size_t sim_cli_told(void);
