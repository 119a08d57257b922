/*
 * engine/paces.h - how long verbs really take, learned from execution to execution.
 *
 * The table of verbs has a first guess for each action (Action.guess_ms). What executions add is a
 * pace: real time over first guess, in thousandths, a moving average. It fits actions of any size
 * and clusters of any machine, and is kept beside the journal. A file that is lost, or is not ours,
 * costs good guesses and nothing else: plans fall back on the table.
 *
 *   {"format": 1, "verbs": {"instance.start": {"pace": 1350, "executions": 4, "planned_ms": 5200,
 *                                              "took_ms": 5710}}}
 *
 * planned_ms and took_ms: of the last execution that had the verb, the mean of its actions.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "engine/events.h"

/* The map "verbs", for PlanInput.paces; empty when nothing was learned yet. */
const Value *paces_read(Arena *arena, const char *path);

/* `verbs` with what an execution showed: actions that were done at the first attempt, by this
 * execution. NULL: it showed nothing. */
const Value *paces_learn(Arena *arena, const Value *verbs, const Execution *execution);

/* Learn and keep, one run after the other (PATH.lock). Errors: ERROR_LOCAL. */
MUST_USE Error *paces_update(Arena *arena, const char *path, const Execution *execution);
