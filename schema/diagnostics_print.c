#include <string.h>

#include "schema/diagnostics_internal.h"
#include "schema/source_line.h"

enum { MAX_COLUMNS = 100, FRAME_COLUMNS = 4, GAP_COLUMNS = 3 };

typedef struct Look {
    const char *top, *side, *bottom;
    const char *error, *warning, *dim, *plain; /* colours */
} Look;

static const Look looks[2][2] = {
    {
        {"+", "|", "+", "", "", "", ""},
        {"+", "|", "+", "\033[1;31m", "\033[1;33m", "\033[2m", "\033[0m"},
    },
    {
        {"╷", "│", "╵", "", "", "", ""},
        {"╷", "│", "╵", "\033[1;31m", "\033[1;33m", "\033[2m", "\033[0m"},
    },
};

static void print_clean(FILE *out, const char *text, size_t length)
{
    CLEANUP(text_release) Text clean = TEXT_INIT;
    source_add_clean(&clean, text, length);
    fputs(text_get(&clean), out);
}

/* "inventory.yml:31:44" */
static void place_text(const Origin *place, Text *out)
{
    source_add_clean(out, place->file, strlen(place->file));
    text_addf(out, ":%d:%d", place->line, place->column);
}

static size_t place_columns(const Diagnostic *diagnostic)
{
    size_t columns = 0;
    for (size_t i = 0; i < diagnostic->place_count; i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        place_text(&diagnostic->places[i], &text);
        if (text_columns(text_get(&text)) > columns)
            columns = text_columns(text_get(&text));
    }
    return columns;
}

static void print_caret(FILE *out, const Look *look, size_t indent, size_t width)
{
    fprintf(out, "%s %*s%s", look->side, (int)indent, "", look->error);
    for (size_t i = 0; i < (width ? width : 1); i++)
        fputc('^', out);
    fprintf(out, "%s\n", look->plain);
}

static void print_place(FILE *out, const Diagnostics *diagnostics, const Look *look,
                        const Diagnostic *diagnostic, size_t i)
{
    const Origin *place = &diagnostic->places[i];
    size_t columns = place_columns(diagnostic);
    CLEANUP(text_release) Text name = TEXT_INIT;
    place_text(place, &name);
    size_t used = FRAME_COLUMNS + columns + GAP_COLUMNS;
    size_t room = used + 20 < MAX_COLUMNS ? MAX_COLUMNS - used : 20;

    CLEANUP(text_release) Text line = TEXT_INIT;
    size_t caret = 0;
    bool has_line =
        source_line(map_get(diagnostics->files, place->file), place, room, &line, &caret);
    fprintf(out, "%s   %s%s%s", look->side, look->dim, text_get(&name), look->plain);
    if (has_line && line.length > 0)
        fprintf(out, "%*s%s", (int)(columns - text_columns(text_get(&name)) + GAP_COLUMNS), "",
                text_get(&line));
    fputc('\n', out);

    size_t line_columns = text_columns(text_get(&line));
    size_t width = caret + diagnostic->width > line_columns && line_columns > caret
                       ? line_columns - caret
                       : diagnostic->width;
    if (has_line && i + 1 == diagnostic->place_count)
        print_caret(out, look, 2 + columns + GAP_COLUMNS + caret, width);
}

/* The bytes of the first of the lines that a line is broken into at blanks. */
static size_t wrapped_length(const char *text, size_t length, size_t columns)
{
    size_t fits = 0;
    for (size_t i = 0; i <= length; i++) {
        columns -= i > 0 && ((unsigned char)text[i - 1] & 0xc0) != 0x80;
        bool is_end = i == length || text[i] == ' ';
        if (is_end && i > 0)
            fits = i;
        if (columns == 0 && fits > 0)
            break;
        columns += columns == 0; /* a word that is too long for any line */
    }
    return fits;
}

/* Lines that begin after `used` columns, each broken so that it fits. */
static void print_lines(FILE *out, const Look *look, size_t used, const char *text)
{
    while (*text) {
        size_t line = strcspn(text, "\n");
        size_t length = wrapped_length(text, line, MAX_COLUMNS - used);
        if (used == 2)
            fprintf(out, "%s ", look->side);
        print_clean(out, text, length);
        fputc('\n', out);
        text += length + (text[length] == ' ' || text[length] == '\n');
        used = 2;
    }
}

static void print_one(FILE *out, const Diagnostics *diagnostics, const Look *look,
                      const Diagnostic *diagnostic)
{
    bool is_error = diagnostic->code[0] == 'E';
    fprintf(out, "%s\n%s %s%s %s:%s ", look->top, look->side,
            is_error ? look->error : look->warning, is_error ? "Error" : "Warning",
            diagnostic->code, look->plain);
    print_lines(out, look, strlen(is_error ? "| Error E001: " : "| Warning W001: "),
                diagnostic->message);
    if (diagnostic->place_count > 0)
        fprintf(out, "%s\n", look->side);
    for (size_t i = 0; i < diagnostic->place_count; i++)
        print_place(out, diagnostics, look, diagnostic, i);
    if (diagnostic->places_left_off > 0)
        fprintf(out, "%s   and %zu more place%s\n", look->side, diagnostic->places_left_off,
                diagnostic->places_left_off == 1 ? "" : "s");
    if (diagnostic->advice && diagnostic->place_count == 0)
        fprintf(out, "%s\n", look->side);
    if (diagnostic->advice)
        print_lines(out, look, 2, diagnostic->advice);
    fprintf(out, "%s\n", look->bottom);
}

static void print_count(FILE *out, const char *before, size_t count, const char *what)
{
    fprintf(out, "%s%zu %s%s", before, count, what, count == 1 ? "" : "s");
}

void diagnostics_print(FILE *out, Diagnostics *diagnostics, size_t limit, bool unicode, bool color)
{
    const Look *look = &looks[unicode][color];
    size_t shown = 0;
    for (size_t i = 0; i < diagnostics_count(diagnostics) && shown < limit; i++) {
        const Diagnostic *diagnostic = diagnostics_at(diagnostics, i);
        if (diagnostic->waived_for)
            continue;
        print_one(out, diagnostics, look, diagnostic);
        shown++;
    }
    size_t waived = diagnostics_waived_count(diagnostics);
    size_t rest = diagnostics_count(diagnostics) - waived - shown;
    if (rest > 0)
        fprintf(out, "%zu more not shown. ", rest);
    print_count(out, "", diagnostics_error_count(diagnostics), "error");
    print_count(out, ", ", diagnostics_warning_count(diagnostics), "warning");
    if (waived > 0)
        fprintf(out, ", %zu waived", waived);
    fputc('.', out);
}
