/*
 * providers/real/reading.h - filling in a Reading.
 */
#pragma once

#include "schema/contract/world.h"

/* Source, subject and time; unknown until set. */
void reading_start(Reading *reading, const ReadRequest *request);
void reading_set_value(Reading *reading, const Value *value);
void reading_set_unknown(Reading *reading, ErrorCode code, const char *reason); /* borrowed */

/* Unknown because of `error`, which is freed. */
void reading_set_error(Reading *reading, Arena *arena, Error *error);
