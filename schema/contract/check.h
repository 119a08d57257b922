/*
 * schema/contract/check.h - a question to the world with the answer that is wanted.
 *
 * One type serves as precondition, wait, observed effect and resume probe: post holds -> done; pre
 * holds -> not done; neither -> half. A bound above 0 makes it a wait: the source is read again
 * until it holds or the bound passed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/value.h"
#include "schema/contract/facts.h"

typedef enum Relation {
    RELATION_EQUAL,
    RELATION_NOT_EQUAL,
    RELATION_AT_LEAST, /* integers */
    RELATION_AT_MOST,
    RELATION_EXISTS,   /* the path leads somewhere that is not null */
    RELATION_ABSENT,   /* it does not */
    RELATION_IN,       /* value is a list, one of which it equals */
    RELATION_CONTAINS, /* the fact is a list, map or text that has this item, key or part; of a list
                        * of maps: one with all that this map has */
    RELATION_COUNT
} Relation;

typedef struct Check {
    const char *source;
    const char *subject; /* host address, cluster name, ... */
    const char *path;    /* value_path inside the reading */
    Relation relation;
    const Value *value;
    int64_t bound_ms;     /* 0: must hold now */
    const char *sentence; /* "pg-test-1 takes writes": what it means, for people */
    const Value *args;    /* what the source is asked about (a list), or NULL */
} Check;

typedef enum CheckResult { CHECK_HOLDS, CHECK_FAILS, CHECK_UNKNOWN } CheckResult;

/* Against facts that were just read; no waiting. CHECK_UNKNOWN when the reading is unknown. */
CheckResult check_evaluate(const Check *check, const Facts *facts);

const char *relation_name(Relation relation);
