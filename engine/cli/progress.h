/*
 * cli/progress.h - an execution as it is watched: live on a terminal, a line per event elsewhere,
 * or NDJSON on stdout. One sink at a time; memory lives in the arena of the run.
 */
#pragma once

#include "cli/cli.h"
#include "engine/events.h"

/* Redrawn in place on stderr. */
EventSink progress_live_new(Cli *cli, const Plan *plan);

/* A line per event on stderr, a sign of life every 10 s. */
EventSink progress_plain_new(Cli *cli, const Plan *plan);

/* One JSON object per event on stdout, in OpenTofu's shape. */
EventSink progress_ndjson_new(Cli *cli, const Plan *plan);

/* The last line of such a stream: all conditions of the run and the exit status. */
void progress_ndjson_outcome(const EventSink *sink, const char *run);

/* That its leases were taken on this runner alone, and why. */
void progress_ndjson_lock(const EventSink *sink, const char *run, const char *reason);

/* The one that fits: -json, a terminal, else plain. */
EventSink progress_new(Cli *cli, const Plan *plan);

/* -- shared ---------------------------------------------------------------------------------- */

/* "because packages.pg-test-1 failed", "cancelled", an error's root: why it did not succeed; "" for
 * what was done. */
const char *progress_why(Arena *arena, const Execution *execution, size_t action);

/* What this signal does, and what the next one would do. */
const char *progress_cancel_text(int cancel_level);

/* That so many failed that nothing new is started, and what is left to do. */
const char *progress_budget_text(Arena *arena, const Execution *execution);

/* What still runs at this moment, for how long yet as a rule, and until when at most: a line each,
 * of the first few; "" when nothing does. */
const char *progress_running_text(Arena *arena, const Event *event);

/* When a running action is given up at the latest, as wall time. */
int64_t progress_latest_ms(const Event *event, size_t action);

/* "r", "c", "R", "S" or " ": what users notice of an action. */
const char *progress_mark(const Action *action);
