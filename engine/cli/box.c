#include "cli/box.h"

#include <stdarg.h>
#include <string.h>

#include "base/text.h"

enum { MARGIN_COLUMNS = 4, LEAST_COLUMNS = 40 };

static const char *bar(const Box *box)
{
    return box->unicode ? "│" : "|";
}

static const char *red(const Box *box)
{
    return box->color ? "\033[31m" : "";
}

static const char *bold(const Box *box)
{
    return box->color ? "\033[1m" : "";
}

static const char *plain(const Box *box)
{
    return box->color ? "\033[0m" : "";
}

static size_t width_of(const Box *box)
{
    size_t columns = box->columns > LEAST_COLUMNS ? box->columns : LEAST_COLUMNS;
    return columns - MARGIN_COLUMNS;
}

/* How many bytes of `text` go on a line of `width` columns; at least one. */
static size_t fitting(const char *text, size_t width)
{
    size_t end = 0, blank = 0, columns = 0;
    for (; text[end] && text[end] != '\n'; end++) {
        if (((unsigned char)text[end] & 0xC0) != 0x80 && ++columns > width)
            return blank ? blank : end;
        if (text[end] == ' ')
            blank = end;
    }
    return end;
}

static void wrapped(const Box *box, size_t indent, const char *text)
{
    size_t used = indent;
    while (*text) {
        size_t length = fitting(text, width_of(box) - used);
        fprintf(box->out, "%.*s\n", (int)length, text);
        text += length;
        while (*text == ' ')
            text++;
        if (*text == '\n')
            text++;
        if (*text)
            fprintf(box->out, "%s%s%s ", red(box), bar(box), plain(box));
        used = 0;
    }
}

void box_begin(const Box *box, const char *label, const char *title)
{
    fprintf(box->out, "%s%s%s\n", red(box), box->unicode ? "╷" : "+", plain(box));
    fprintf(box->out, "%s%s%s %s%s:%s ", red(box), bar(box), plain(box), bold(box), label,
            plain(box));
    wrapped(box, strlen(label) + 2, title);
}

void box_line(const Box *box, const char *fmt, ...)
{
    CLEANUP(text_release) Text line = TEXT_INIT;
    va_list args;
    va_start(args, fmt);
    text_vaddf(&line, fmt, args);
    va_end(args);
    fprintf(box->out, "%s%s%s%s%s\n", red(box), bar(box), plain(box), line.length ? " " : "",
            text_get(&line));
}

void box_text(const Box *box, const char *text)
{
    fprintf(box->out, "%s%s%s ", red(box), bar(box), plain(box));
    wrapped(box, 0, text);
}

void box_end(const Box *box)
{
    fprintf(box->out, "%s%s%s\n", red(box), box->unicode ? "╵" : "+", plain(box));
}

void box_error(const Box *box, const Error *error)
{
    box_begin(box, "Error", error_root(error)->message);
    if (error->cause) {
        box_line(box, "%s", "");
        for (; error->cause; error = error->cause) {
            CLEANUP(text_release) Text doing = TEXT_INIT;
            text_addf(&doing, "while %s", error->message);
            box_text(box, text_get(&doing));
        }
    }
    box_end(box);
}
