/*
 * schema/document_error.h - what is wrong with a text that is no YAML, in words that teach.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "schema/diagnostics.h"
#include "schema/origin.h"

/* What libyaml says; places count from 1. */
typedef struct ParserProblem {
    const char *problem; /* never NULL after an error */
    const char *context; /* NULL: none */
    Origin origin;
    Origin context_origin;
    Origin bracket; /* of the innermost one that is open; line 0: none */
} ParserProblem;

/* Length, UTF-8 and control characters; false after a report. */
bool document_check_bytes(Diagnostics *diagnostics, const char *name, const char *bytes,
                          size_t length);

/* Turn the parser's words into E000 at the right line. */
void document_report(Diagnostics *diagnostics, const ParserProblem *problem, const char *bytes,
                     size_t length);
