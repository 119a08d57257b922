/*
 * plans/text_diff.h - what changed between two texts, line by line. Pure.
 *
 * The shortest edit script after E. W. Myers, "An O(ND) Difference Algorithm" (1986); texts that
 * have little in common are shown as one replacement.
 */
#pragma once

#include "base/arena.h"

typedef struct DiffLine {
    char mark;          /* ' ' both, '-' only before, '+' only after, '@' a new hunk begins */
    const char *text;   /* borrowed; NULL for '@' */
    size_t line_number; /* counted from 1: for '@' of the first line after it, before the change */
} DiffLine;

/* With up to `context` equal lines around each change. Returns the count of lines. */
size_t text_diff(Arena *arena, const char *const *before, size_t before_count,
                 const char *const *after, size_t after_count, size_t context, DiffLine **ret);
