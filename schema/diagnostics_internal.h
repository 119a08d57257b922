/*
 * schema/diagnostics_internal.h - what diagnostics.c collects and diagnostics_print.c shows.
 */
#pragma once

#include "base/map.h"
#include "schema/diagnostics.h"

typedef struct Problem {
    Diagnostic shown;
    size_t number; /* in the order of finding, so that sorting is stable */
} Problem;

/* From line:column to before end_line:end_column. */
typedef struct HiddenSpan {
    int line, column, end_line, end_column;
} HiddenSpan;

typedef struct SourceFile {
    const char *name;
    const char *bytes; /* borrowed; NULL: its text was not given */
    size_t length;
    bool is_distrusted;
    HiddenSpan *hidden;
    size_t hidden_count, hidden_capacity;
} SourceFile;

struct Diagnostics {
    Arena *arena;
    Problem **problems;
    size_t count, capacity, error_count, waived_count;
    const char *today;
    bool is_sorted;
    Map *files; /* name → SourceFile */
};
