/*
 * cli/box.h - errors as people see them: a box on stderr with a bar at its left.
 */
#pragma once

#include <stdio.h>

#include "base/attr.h"
#include "base/error.h"

typedef struct Box {
    FILE *out;
    bool unicode, color;
    size_t columns;
} Box;

/* "Error: TITLE"; the title is wrapped. */
void box_begin(const Box *box, const char *label, const char *title);
void box_line(const Box *box, const char *fmt, ...) PRINTF_LIKE(2, 3); /* not wrapped */
void box_text(const Box *box, const char *text);                       /* wrapped */
void box_end(const Box *box);

/* The whole chain: the root is the title, what we were doing stands below. */
void box_error(const Box *box, const Error *error);
