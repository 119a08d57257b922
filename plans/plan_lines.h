/*
 * plans/plan_lines.h - the parts of plan_file: to lines, from lines.
 *
 * One JSON object a line, told apart by its only key: "plan" (the header, first), "block",
 * "action", "edges" (many in one line), "limit", "bracket", "start" (how a cluster stands; not in
 * files of before it was written), "end" (the trailer, last).
 */
#pragma once

#include <stdio.h>

#include "plans/plan_file.h"

/* Takes a line, with its newline; only valid during the call. */
typedef void (*PlanLineTake)(void *context, const char *line, size_t length);

/* Each line as soon as it is made, trailer included: no more than one is in memory. */
void plan_lines_each(const Plan *plan, PlanLineTake take, void *context);

/* The whole file as text. */
void plan_lines_write(Text *out, const Plan *plan);

/* plan_lines_change.c: one change of a block to a value and back. */
const Value *plan_change_value(Arena *arena, const Change *change);
MUST_USE Error *plan_change_parse(Arena *arena, const Registry *registry, const char *block,
                                  const Value *value, Change *ret);

/* {"file", "line", "column"} or null, and back (NULL for null). */
const Value *plan_origin_value(Arena *arena, const Origin *origin);
const Origin *plan_origin_parse(Arena *arena, const Value *value);
