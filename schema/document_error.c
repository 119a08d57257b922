#include "schema/document_error.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "schema/document.h"

/* The parser's words and ours. Looked up by prefix; the first row that fits is used. */
static const struct {
    const char *problem, *context; /* context NULL: any */
    const char *message, *advice;
} teachings[] = {
    {"mapping values are not allowed", NULL, "a ':' where no key can be",
     "Either the line before is not finished (a bracket or quote is open, or its indentation\n"
     "differs), or this is a text with ': ' in it: put it into quotes."},
    {"did not find expected key", "while parsing a block mapping", "a key was expected here",
     "The indentation does not fit the keys above it."},
    {"did not find expected '-' indicator", NULL, "a '-' was expected here",
     "The indentation does not fit the list items above it."},
    {"did not find expected ',' or '}'", NULL, "a ',' or '}' is missing",
     "The map opened with '{' is not closed, or a comma is missing before this."},
    {"did not find expected ',' or ']'", NULL, "a ',' or ']' is missing",
     "The list opened with '[' is not closed, or a comma is missing before this."},
    {"could not find expected ':'", NULL, "a key without a ':'",
     "Write KEY: VALUE with a blank after the colon, or close the quote of the line before.\n"
     "A key has at most 1024 characters and ends on its line."},
    {"found unexpected end of stream", "while scanning a quoted scalar", "a quote is not closed",
     "In single quotes a quote is written twice: 'it''s'."},
    {"found unexpected end of stream", NULL, "the text ends in the middle", NULL},
    {"found unknown escape character", NULL, "an unknown escape in double quotes",
     "Double a backslash that is meant as one, or use single quotes."},
    {"found character that cannot start any token", NULL, "a text cannot begin with this character",
     "Put the text into quotes."},
    {"block sequence entries are not allowed", NULL, "a '-' where no list item can be",
     "Begin the list on its own line, indented below its key."},
    {"found unexpected ':'", NULL, "a ':' inside of a text", "Put the text into quotes."},
    {"found unexpected document indicator", NULL, "a quote is not closed",
     "Close it before the line of --- or ..., or indent that line."},
    {"did not find expected hexdecimal number", NULL, "an unknown escape in double quotes",
     "Double a backslash that is meant as one, or use single quotes."},
    {"did not find expected comment or line break", "while scanning a block scalar",
     "a text on the line of its | or >", "Begin it on the next line, indented."},
    {"found an indentation indicator equal to 0", NULL, "a text that is indented by 0 blanks",
     "Remove the 0 behind the | or >."},
    {"found a tab character", NULL, "a tab in the indentation", "Replace the tab by blanks."},
    {"could not find expected directive name", NULL, "a text cannot begin with a %",
     "Put the text into quotes."},
    {"found unknown directive name", NULL, "a line that begins with %",
     "Remove it, or put a text that begins with % into quotes."},
    {"did not find expected tag URI", NULL, "a '!' with no tag behind it",
     "Put a text that begins with ! into quotes."},
    {"did not find expected whitespace or line break", NULL, "a tag that does not end",
     "Put a text that begins with ! into quotes."},
    {"found undefined tag handle", NULL, "a tag that nobody defined", "Remove it."},
    {"did not find expected alphabetic", NULL, "an '&' or '*' without a name",
     "Put a text that begins with & or * into quotes."},
    {"did not find expected node content", NULL, "a value is missing here",
     "Put a text that begins with one of , [ ] { } # & * ! | > ' \" % @ ` into quotes."},
    {"did not find expected <document start>", NULL, "a text after the end of the document",
     "Remove the ... line above it, or indent it like the rest."},
    {"found incompatible YAML document", NULL, "a %YAML line with a version that nobody knows",
     "Remove it."},
    {"found invalid Unicode character escape code", NULL, "an escape that is no character",
     "Write the character itself."},
};

/* The line that begins `line` lines below the first; its length without the newline. */
static const char *line_at(const char *bytes, size_t length, int line, size_t *ret_length)
{
    const char *end = bytes + length;
    for (; line > 1; line--) {
        const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
        bytes = newline ? newline + 1 : end;
    }
    const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
    *ret_length = (size_t)((newline ? newline : end) - bytes);
    return bytes;
}

/* The column of a tab in the indentation of a line, or 0. */
static int tab_in_indent(const char *bytes, size_t length, int line)
{
    size_t line_length;
    const char *text = line_at(bytes, length, line, &line_length);
    for (size_t i = 0; i < line_length && (text[i] == ' ' || text[i] == '\t'); i++) {
        if (text[i] == '\t')
            return (int)i + 1;
    }
    return 0;
}

static bool report_tab(Diagnostics *diagnostics, const ParserProblem *problem, const char *bytes,
                       size_t length)
{
    Origin origin = problem->origin;
    origin.column = tab_in_indent(bytes, length, origin.line);
    if (origin.column == 0)
        return false;
    diagnostics_add(diagnostics, "E000", &origin, "Replace the tab by blanks.",
                    "a tab at column %d: YAML indents with blanks", origin.column);
    return true;
}

/* The byte at a place, or NULL at the end. Columns count characters. */
static const char *byte_at(const char *bytes, size_t length, const Origin *origin)
{
    size_t line_length;
    const char *line = line_at(bytes, length, origin->line, &line_length);
    size_t at = 0;
    for (int column = 1; column < origin->column && at < line_length; column++) {
        uint32_t code;
        at += utf8_decode(line + at, line_length - at, &code);
    }
    return line + at < bytes + length ? line + at : NULL;
}

/* "[" or "{" stands open at the end, or "]" or "}" where none is open. */
static bool report_bracket(Diagnostics *diagnostics, const ParserProblem *problem,
                           const char *bytes, size_t length)
{
    if (!text_starts_with(problem->problem, "did not find expected"))
        return false;
    bool is_open = problem->bracket.line > 0;
    const char *at = byte_at(bytes, length, &problem->origin);
    if (is_open && !at)
        diagnostics_add(diagnostics, "E000", &problem->bracket, "Write its ']' or '}'.",
                        "not YAML: the text ends before this bracket is closed");
    else if (!is_open && at && (*at == ']' || *at == '}'))
        diagnostics_add(diagnostics, "E000", &problem->origin,
                        "Remove it, or write the one that opens it.",
                        "not YAML: a '%c' that nobody opened", *at);
    else
        return false;
    return true;
}

void document_report(Diagnostics *diagnostics, const ParserProblem *problem, const char *bytes,
                     size_t length)
{
    diagnostics_distrust(diagnostics, problem->origin.file);
    if (report_tab(diagnostics, problem, bytes, length) ||
        report_bracket(diagnostics, problem, bytes, length))
        return;
    const char *message = problem->problem, *advice = NULL;
    for (size_t i = 0; i < COUNT_OF(teachings) && message == problem->problem; i++) {
        const char *context = teachings[i].context;
        if (!text_starts_with(problem->problem, teachings[i].problem) ||
            (context && !text_equal(context, problem->context)))
            continue;
        message = teachings[i].message;
        advice = teachings[i].advice;
    }
    bool has_context = problem->context && problem->context_origin.line < problem->origin.line;
    Diagnostic *diagnostic =
        diagnostics_add(diagnostics, "E000", has_context ? &problem->context_origin : NULL, advice,
                        "not YAML: %s", message);
    diagnostic_add_place(diagnostic, &problem->origin);
}

static bool report_code(Diagnostics *diagnostics, const Origin *origin, uint32_t code)
{
    const char *advice = code == 0      ? "Is it a binary file, or in UTF-16? Save it as UTF-8."
                         : code == '\r' ? "End each line with a newline."
                                        : "Remove it, or write it as an escape in double quotes.";
    diagnostics_add(diagnostics, "E000", origin, advice, "a control character (U+%04X)",
                    (unsigned)code);
    diagnostics_distrust(diagnostics, origin->file);
    return false;
}

static bool report_byte(Diagnostics *diagnostics, const Origin *origin, char byte)
{
    diagnostics_add(diagnostics, "E000", origin, "Save the file as UTF-8.",
                    "a byte that is not UTF-8 (0x%02x)", (unsigned)(unsigned char)byte);
    diagnostics_distrust(diagnostics, origin->file);
    return false;
}

/* What YAML does not allow in a text, and what ends a line for some and not for others: then the
 * lines that are shown would be others than those that are meant. */
static bool is_bad_code(uint32_t code, const char *next, bool is_first)
{
    if (code == '\r')
        return *next != '\n';
    if (code < ' ')
        return code != '\t' && code != '\n';
    bool is_mark = code == 0xfeff && !is_first;
    bool is_line_end = code == 0x2028 || code == 0x2029;
    return (code >= 0x7f && code < 0xa0) || code == 0xfffe || code == 0xffff || is_mark ||
           is_line_end;
}

/* Bytes that are a character of one line each and need no further look: nearly all. */
static size_t plain_run(const char *bytes, size_t length)
{
    size_t run = 0;
    while (run < length && bytes[run] >= ' ' && bytes[run] < 0x7f)
        run++;
    return run;
}

bool document_check_bytes(Diagnostics *diagnostics, const char *name, const char *bytes,
                          size_t length)
{
    Origin origin = {name, 1, 1};
    if (length > DOCUMENT_MAX_BYTES) {
        diagnostics_add(diagnostics, "E000", &origin, NULL, "longer than 64 MB");
        return false;
    }
    for (size_t at = 0, step; at < length; at += step) {
        step = plain_run(bytes + at, length - at);
        origin.column += (int)step;
        if (step > 0)
            continue;
        uint32_t code = (unsigned char)bytes[at];
        step = code < 0x80 ? 1 : utf8_decode(bytes + at, length - at, &code);
        if (step == 0)
            return report_byte(diagnostics, &origin, bytes[at]);
        if (is_bad_code(code, at + step < length ? bytes + at + step : "", at == 0))
            return report_code(diagnostics, &origin, code);
        origin.column++;
        if (code == '\n')
            origin = (Origin){name, origin.line + 1, 1};
    }
    return true;
}
