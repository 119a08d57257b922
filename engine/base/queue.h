/*
 * base/queue.h - a pool of worker threads and the queue between them and one owner.
 *
 * The owner pushes jobs; workers call run(job) and push the job to the done side; the owner pops.
 * No lock is visible outside.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

typedef struct Pool Pool;

/* `workers` threads of `stack_bytes` each; each started on demand. run() is called on a worker. Who
 * waits does so by `clock`, which outlives the pool. */
Pool *pool_new(const Clock *clock, size_t workers, size_t stack_bytes, void (*run)(void *job));

/* Hand a job over. */
void pool_push(Pool *pool, void *job);

/* A finished job; waits until deadline (monotonic ms of the clock; -1 for ever). NULL when the
 * deadline passed or pool_wake() was called. */
void *pool_pop(Pool *pool, int64_t deadline_ms);

/* Make a waiting pool_pop return NULL. Safe from any thread, not from a signal handler. */
void pool_wake(Pool *pool);

/* Wait for running jobs, end the threads, free. Jobs not started are dropped. */
void pool_free(Pool *pool);
void pool_freep(Pool **pool);

/* Run `run(context, i)` for i < count on at most `workers` threads and return when all are done. */
void pool_each(const Clock *clock, size_t workers, size_t count,
               void (*run)(void *context, size_t i), void *context);
