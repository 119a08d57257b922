/*
 * schema/sarif.h - the problems of an inventory as SARIF 2.1.0, for code scanning.
 *
 * The first place of a problem is its location, the others are related ones; a waived warning is a
 * suppressed result. GitHub wants of each result a location, so a problem without a place stands at
 * the beginning of the inventory, and of each rule a description and a help text. Columns count
 * characters. No line of a file is repeated. Pure; the result lives in the arena.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"
#include "schema/diagnostics.h"

typedef struct SarifRun {
    const char *version;   /* of the program */
    const char *directory; /* absolute: what lies in it is named relative to it */
    const char *inventory; /* the path that problems without a place are said of */
    const char *failure;   /* why the inventory could not be checked at all; NULL: it was */
} SarifRun;

const Value *sarif_document(Arena *arena, Diagnostics *diagnostics, const SarifRun *run);

/* A path as a URI, relative to `directory` when it lies there. */
const char *sarif_uri(Arena *arena, const char *path, const char *directory);
