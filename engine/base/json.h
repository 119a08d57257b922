/*
 * base/json.h - JSON text to and from Value; the only place that knows jansson.
 *
 * Duplicate keys are refused. Secret holes are written as {"secret": ADDRESS}, late values as
 * {"late": MAKER}; json_parse gives plain maps, json_parse_holes turns those two shapes back.
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "base/value.h"

/* Errors: ERROR_INVALID with line and column. */
MUST_USE Error *json_parse(Arena *arena, const char *bytes, size_t length, const Value **ret);
MUST_USE Error *json_parse_holes(Arena *arena, const char *bytes, size_t length,
                                 const Value **ret);

/* Compact, keys in insertion order, one line, no newline at the end. */
void json_write(Text *out, const Value *value);

/* Compact with keys sorted by bytes: equal values give equal text, for digests and files. */
void json_write_canonical(Text *out, const Value *value);

/* Two blanks an indent, insertion order: for people and for files that git diffs. */
void json_write_pretty(Text *out, const Value *value);

/* A JSON string literal with its quotes. */
void json_write_string(Text *out, const char *text);
