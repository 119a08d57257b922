/*
 * plans/page.h - lines of text that never get wider than the page.
 *
 * What does not fit is wrapped at blanks; a word that does not fit is cut. Control characters of
 * foreign texts are not passed on. Colours are only those of the mark that a line begins with.
 */
#pragma once

#include "plans/render.h"

typedef enum Color {
    COLOR_PLAIN,
    COLOR_GREEN,  /* new */
    COLOR_YELLOW, /* restarts, reconnects */
    COLOR_RED,    /* lost data, stopped writes */
    COLOR_DIM,    /* reasons */
    COLOR_BOLD,   /* the whole line: headings */
} Color;

typedef struct Page {
    FILE *out;
    const RenderOptions *options;
    size_t columns;
} Page;

/* At least 40 columns. */
Page page_new(FILE *out, const RenderOptions *options);

/* One line, cut at the edge. */
void page_line(const Page *page, Color color, const char *text);

/* `text`, wrapped; later lines start at column `hang`. `right` (may be "") stands at the right of
 * the first line. */
void page_put(const Page *page, Color color, const char *text, size_t hang, const char *right);

void page_blank(const Page *page);

/* Blanks up to a column, at least `least` of them. */
void page_pad(Text *text, size_t column, size_t least);

/* "── pg-test ─────── new ── 3 members ──── + 58 ──": name left, the others right; "" is left out.
 */
void page_heading(const Page *page, const char *name, const char *title, const char *members,
                  const char *counts, const char *impact);

/* How many bytes of `text` fit into so many columns. */
size_t page_fit(const char *text, size_t columns);
