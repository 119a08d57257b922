/*
 * tests/unit/trial.h - a test that runs in a process of its own: whatever it ends with (a failure,
 * a crash, a report of a sanitizer, no end at all), who began it goes on and can read why.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"

/* One cmocka test with `state` in a child that is killed after `limit_s`. False: it failed;
 * *ret_why (may be NULL) is what it printed. What it is to tell in numbers goes to shared memory.
 */
bool trial_passes(Arena *arena, void (*test)(void **state), void *state, unsigned limit_s,
                  const char **ret_why);

/* Memory that a child's writes show in, with zeros. */
void *trial_shared(size_t size);
