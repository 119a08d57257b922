/*
 * base/json.h - JSON text to and from Value; the only place that knows jansson.
 *
 * Duplicate keys are refused. Secret holes are written as {"secret": ADDRESS}, late values as
 * {"late": MAKER}; json_parse gives plain maps, json_parse_holes turns those two shapes back (a
 * plain map of just that shape is taken for a hole too, so do not keep foreign data in such a
 * file).
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "base/value.h"

/* The deepest nesting of lists and maps that is read; what we build ourselves stays below it too.
 */
enum { JSON_MAX_DEPTH = 256 };

/* Errors: ERROR_INVALID with line and column: no JSON, not UTF-8, a duplicate key, a number above
 * 64 bits, nested too deeply, bytes after the end. */
MUST_USE Error *json_parse(Arena *arena, const char *bytes, size_t length, const Value **ret);
MUST_USE Error *json_parse_holes(Arena *arena, const char *bytes, size_t length, const Value **ret);

/* Compact, keys in insertion order, one line, no newline at the end. */
void json_write(Text *out, const Value *value);

/* Compact with keys sorted by bytes: equal values give equal text, for digests and files. */
void json_write_canonical(Text *out, const Value *value);

/* Two blanks an indent, insertion order: for people and for files that git diffs. */
void json_write_pretty(Text *out, const Value *value);

/* A JSON string literal with its quotes; see text_add_quoted(). */
void json_write_string(Text *out, const char *text);
