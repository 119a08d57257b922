/*
 * base/value_pool.h - equal values of many trees, kept once.
 *
 * What a fleet answers is mostly the same from node to node: of each value, and of each part of it,
 * the pool keeps one copy. Memory then grows with what differs. One thread at a time; what was
 * returned is immutable, lives in the pool's arena and may be read by any number of threads.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"

typedef struct ValuePool ValuePool;

ValuePool *value_pool_new(Arena *arena);

/* An equal value of the pool: of equal values (maps with their keys in the same order) always the
 * same pointer. NULL gives NULL. Nothing of `value` is needed afterwards. */
const Value *value_pool_share(ValuePool *pool, const Value *value);

/* The same, quicker where `value` is mostly like the last one of that name (borrowed). */
const Value *value_pool_share_as(ValuePool *pool, const char *name, const Value *value);
