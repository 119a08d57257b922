/*
 * schema/codes.h - what may be wrong with an inventory: one row a code.
 *
 * Codes are stable and never change their meaning; E is an error, W a warning. E001 to E040 and
 * W001 to W040 are about one subject each, and W is the weaker form of it.
 */
#pragma once

#include <stddef.h>

typedef struct Code {
    const char *code;    /* "E009" */
    const char *meaning; /* what was found, one clause */
    const char *doc;     /* why it matters and what to do, one or two sentences */
} Code;

/* Sorted by number, E before W. */
size_t codes_count(void);
const Code *codes_at(size_t i);

/* NULL: there is no such code. */
const Code *codes_find(const char *code);
