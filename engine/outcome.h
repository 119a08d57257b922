/*
 * engine/outcome.h - what can be said of a run, and the exit status that follows: one table.
 *
 * A run collects conditions; the exit status is that of the first in the table's order. All of them
 * are listed in the JSON summary and in the last line on stderr.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

/* In order of precedence: the first that is set decides. */
typedef enum Condition {
    CONDITION_INTERNAL,
    CONDITION_INVALID,
    CONDITION_ERROR,
    CONDITION_LEASE,
    CONDITION_HALF_DONE,
    CONDITION_STALE,
    CONDITION_DATA_LOSS,
    CONDITION_POLICY,
    CONDITION_PARTIAL,
    CONDITION_CANCELLED,
    CONDITION_UNREAD,
    CONDITION_DRIFT,
    CONDITION_CHANGES,
    CONDITION_COUNT
} Condition;

typedef struct Outcome {
    unsigned conditions; /* a bit per Condition */
} Outcome;

void outcome_add(Outcome *outcome, Condition condition);
bool outcome_has(const Outcome *outcome, Condition condition);

/* 0 when nothing was added. */
int outcome_exit_status(const Outcome *outcome);

/* "error", "partial", ... */
const char *condition_name(Condition condition);
const char *condition_meaning(Condition condition);
int condition_exit_status(Condition condition);

/* The condition that an Error stands for. */
Condition condition_of_error(const Error *error);

/* A list of {condition, exit, meaning}. */
const Value *outcome_value(Arena *arena, const Outcome *outcome);

/* "pgsteer: exit 9: some actions failed; some nodes could not be read" on one line; nothing when
 * there is no condition. */
void outcome_print(FILE *out, const Outcome *outcome);
