/*
 * base/virtual_clock.h - a Clock on which waiting costs nothing, and on which chance has a seed.
 *
 * Of the threads that belong to it exactly one runs at any moment: the one whose turn it is. It
 * keeps its turn until it sleeps, waits or ends; then one of those that can go on gets it, chosen
 * by the seed; and when all wait, time jumps to the next moment that somebody waits for. So the
 * same seed gives the same interleaving, and a year passes as fast as what happens in it.
 *
 * A thread that waits for something that is not on this clock (a file, a child process) keeps its
 * turn meanwhile. A thread that does not belong to the clock may call only wake().
 */
#pragma once

#include <stdint.h>

#include "base/clock.h"

typedef struct VirtualClock VirtualClock;

/* Begins at 0, and at that wall time. The calling thread belongs to it, and it is its turn. */
VirtualClock *virtual_clock_new(int64_t wall_ms, uint64_t seed);

/* By the thread that made it, when every other one has ended. */
void virtual_clock_free(VirtualClock *clock);
void virtual_clock_freep(VirtualClock **clock);

const Clock *virtual_clock_get(const VirtualClock *clock);

/* By the one thread that is left in the child of a fork(), which had the turn: the others, of which
 * there is nothing left but their places, never come back. */
void virtual_clock_outlive(VirtualClock *clock);
