/*
 * schema/contract/facts.h - what was read, by source and subject, and what could not be.
 *
 * A Reading is the answer of one source (contract/source.h) for one subject: a host address, or a
 * cluster name for cluster-wide sources, or "CLUSTER/DATABASE". It is *known* with a value, or
 * *unknown* with a reason. There is no third: absence is something a known value says. A source
 * that was never asked for a subject has no Reading.
 *
 * Facts are filled by one thread and then read by any number.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

typedef struct Reading {
    const char *source;
    const char *subject;
    const Value *value;         /* NULL when unknown */
    const char *unknown_reason; /* NULL when known: one clause for people */
    ErrorCode unknown_code;     /* why, by class */
    int64_t read_wall_ms;
} Reading;

typedef struct Facts Facts;

Facts *facts_new(Arena *arena);

/* Where they have no reading, what `base` (borrowed, or NULL) has counts; facts_count and facts_at
 * leave that out. */
Facts *facts_new_over(Arena *arena, const Facts *base);

/* Put a reading; a later one for the same source and subject replaces it. Pointers are borrowed. */
void facts_put(Facts *facts, const Reading *reading);
void facts_put_known(Facts *facts, const char *source, const char *subject, const Value *value);
void facts_put_unknown(Facts *facts, const char *source, const char *subject, ErrorCode code,
                       const char *reason);

/* NULL when never asked. */
const Reading *facts_get(const Facts *facts, const char *source, const char *subject);

/* The value, or NULL when never asked or unknown. */
const Value *facts_value(const Facts *facts, const char *source, const char *subject);

/* The value at a path inside a known reading (value_path), else NULL. */
const Value *facts_path(const Facts *facts, const char *source, const char *subject,
                        const char *path);

/* Was it asked for and not readable? *ret_reason (may be NULL) gets the clause. */
bool facts_is_unknown(const Facts *facts, const char *source, const char *subject,
                      const char **ret_reason);

size_t facts_count(const Facts *facts);
const Reading *facts_at(const Facts *facts, size_t i); /* insertion order */
