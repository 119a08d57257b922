/*
 * schema/diagnostics.h - all problems of one run, collected, sorted and printed at the end.
 *
 * A code, "E009" (error) or "W031" (warning), is a row of codes.h. The message is one clause that
 * quotes the value; `places` are the lines to show (two when two conflict), `advice` says what to
 * write instead. Nothing here prints before diagnostics_print. One thread at a time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/value.h"
#include "schema/origin.h"

enum { DIAGNOSTIC_PLACES_MAX = 4 };

typedef struct Diagnostic {
    const char *code;
    const char *message;
    const char *advice; /* NULL: none; may hold several lines */
    Origin places[DIAGNOSTIC_PLACES_MAX];
    size_t place_count;
    size_t places_left_off;   /* those beyond the first */
    size_t width;             /* columns to underline at the last place; 0: 1 */
    const char *waived_for;   /* the reason of a waived warning; NULL: not waived */
    const char *waived_until; /* "2027-01-31", the last day */
} Diagnostic;

typedef struct Diagnostics Diagnostics;

Diagnostics *diagnostics_new(Arena *arena);

/* None yet, of the same files: for what comes up after the others were printed. */
Diagnostics *diagnostics_again(Arena *arena, const Diagnostics *diagnostics);

/* Add a problem; texts are copied, a message of more than 800 bytes without its middle. `origin`
 * may be NULL (a problem without a place). Returns it so that more places can be added. */
Diagnostic *diagnostics_add(Diagnostics *diagnostics, const char *code, const Origin *origin,
                            const char *advice, const char *fmt, ...) PRINTF_LIKE(5, 6);
void diagnostic_add_place(Diagnostic *diagnostic, const Origin *origin);

/* The day on which the inventory is judged, "2026-11-27"; "" (none was set): no time is over yet.
 */
void diagnostics_set_today(Diagnostics *diagnostics, const char *today);
const char *diagnostics_today(const Diagnostics *diagnostics);

size_t diagnostics_error_count(const Diagnostics *diagnostics);
size_t diagnostics_warning_count(const Diagnostics *diagnostics); /* without waived ones */
size_t diagnostics_waived_count(const Diagnostics *diagnostics);

/* Sorted: errors first, then by file, line, column, code. */
size_t diagnostics_count(const Diagnostics *diagnostics);
const Diagnostic *diagnostics_at(Diagnostics *diagnostics, size_t i);

/* The owner knows of the i-th one, a warning: it is counted, not shown. Texts are copied. */
void diagnostics_waive(Diagnostics *diagnostics, size_t i, const char *reason, const char *until);

/* One more line of advice for the i-th one. */
void diagnostics_advise(Diagnostics *diagnostics, size_t i, const char *line);

/* Give the text of a source file, so that lines can be shown with a caret. Borrowed. */
void diagnostics_add_file(Diagnostics *diagnostics, const char *file, const char *bytes,
                          size_t length);

/* Never show this part of a file: from `start` to before end_line:end_column. A file of which
 * diagnostics_distrust() was said could not be parsed, so its secrets are not known: then
 * everything that follows a key that looks secret is hidden on the lines that are shown. */
void diagnostics_hide(Diagnostics *diagnostics, const Origin *start, int end_line, int end_column);
void diagnostics_distrust(Diagnostics *diagnostics, const char *file);

/* A box for each ("| Error E009: ..."), at most `limit` problems, then "N errors, M warnings."
 * (and how many are not shown or waived) without a newline. `unicode`: box-drawing characters; else
 * ASCII. */
void diagnostics_print(FILE *out, Diagnostics *diagnostics, size_t limit, bool unicode, bool color);

/* All of them, a list of maps {code, severity, message, advice, places: [{file, line, column}],
 * more_places}, which is how many places are not in the list; with waived: {reason, until} where
 * that is so. */
const Value *diagnostics_value(Arena *arena, Diagnostics *diagnostics);
