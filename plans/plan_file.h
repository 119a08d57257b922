/*
 * plans/plan_file.h - a plan as JSON Lines: header, one line per block, action, edge list, trailer.
 *
 * Mode 0600, written atomically, holds secret holes, never secrets. The trailer has a digest of all
 * lines before it: a torn or edited file is refused. Readable by later versions (unknown keys are
 * ignored; a larger PLAN_FORMAT is refused by name).
 */
#pragma once

#include "plans/plan.h"

MUST_USE Error *plan_file_write(const char *path, const Plan *plan);
MUST_USE Error *plan_file_read(Arena *arena, const char *path, const Registry *registry,
                               Plan **ret);

/* From bytes, for tests and fuzzing. */
MUST_USE Error *plan_file_parse(Arena *arena, const char *bytes, size_t length,
                                const Registry *registry, Plan **ret);
