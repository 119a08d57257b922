/*
 * providers/real/gather.h - a World that turns many small calls to one node into few round trips.
 *
 * While a call to a node is on its way, the small calls that other threads make to the same node
 * are collected, and go together in the next one (group commit, as databases do it with fsync).
 * Small are effects that take milliseconds on the node (files, folders, links, users, markers) and
 * questions of the node probe; everything else goes straight through.
 *
 * Each caller gets what it would have got alone: a reading holds at least what it asked about, and
 * when effects that went together fail, each caller's are performed again by themselves, so that an
 * error is nobody else's. That is allowed since every effect may be performed twice
 * (contract/effect.h).
 */
#pragma once

#include "schema/contract/world.h"

/* Owns `inner`: World.free ends both. Any thread, as every World. */
World *world_gather_new(World *inner);
