/*
 * tests/unit/fake_cli.h - the whole program on the world in memory: an inventory of three nodes in
 * a directory of its own, and one kind, a file "thing.NODE/app" with a secret in it.
 *
 * The world outlives each command line. One fixture at a time.
 */
#pragma once

#include "cli/cli.h"
#include "fake_world.h"

#define FAKE_CANARY "c4nary-5e87" /* the password in the inventory */

typedef struct FakeCli {
    Arena *arena;
    World *world;
    const Program *program; /* NULL: this one */
    char directory[64];
    char home[256];  /* where the test began */
    char *out, *err; /* of the last command line */
    size_t out_size, err_size;
    bool is_tty, err_is_tty;
    const char *answer;       /* what stdin says */
    const Registry *registry; /* NULL: the one with the kind "thing" */
    Simulation (*simulation_new)(uint64_t seed);
} FakeCli;

/* Makes the directory and goes there. */
FakeCli fake_cli_new(void);
void fake_cli_end(FakeCli *f); /* for CLEANUP */

/* Run the words of one command line; returns the exit status. */
int fake_cli(FakeCli *f, const char *line);

void text_has(const char *text, const char *part);
void text_has_not(const char *text, const char *part);

/* Lines that a shell command prints. */
size_t lines_of(const char *command);
