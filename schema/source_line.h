/*
 * schema/source_line.h - one line of a source file as it may be shown: without what must stay
 * hidden, without control characters, cut to a width, and where its caret goes.
 */
#pragma once

#include "base/text.h"
#include "schema/diagnostics_internal.h"

/* The line of `origin` without its indentation; false if the text of the file is not known.
 * *ret_caret is the column in `out` (from 0) of the origin's column. At most max_columns. */
bool source_line(const SourceFile *file, const Origin *origin, size_t max_columns, Text *out,
                 size_t *ret_caret);

/* Text for a terminal: control characters and broken UTF-8 become '?'. */
void source_add_clean(Text *out, const char *bytes, size_t length);
