/*
 * tests/unit/kill_ways.h - the applies in the middle of which a runner is killed (test_sim_kill.c).
 */
#pragma once

#include <stddef.h>

enum { KILL_STEPS_MAX = 3 };

/* Inventories, NULL-terminated, one applied after the other; the last one is the one that is
 * killed. */
typedef struct KillWay {
    const char *name;
    const char *inventories[KILL_STEPS_MAX];
} KillWay;

extern const KillWay kill_ways[];
extern const size_t kill_way_count;
