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
     "The indentation does not fit the keys above it, or a bracket was closed that nobody opened."},
    {"did not find expected '-' indicator", NULL, "a '-' was expected here",
     "The indentation does not fit the list items above it."},
    {"did not find expected ',' or '}'", NULL, "a ',' or '}' is missing",
     "The map opened with '{' is not closed, or a comma is missing before this."},
    {"did not find expected ',' or ']'", NULL, "a ',' or ']' is missing",
     "The list opened with '[' is not closed, or a comma is missing before this."},
    {"could not find expected ':'", NULL, "a key without a ':'",
     "Write KEY: VALUE with a blank after the colon, or close the quote of the line before."},
    {"found unexpected end of stream", "while scanning a quoted scalar", "a quote is not closed",
     "In single quotes a quote is written twice: 'it''s'."},
    {"found unexpected end of stream", NULL, "the text ends in the middle", NULL},
    {"found unknown escape character", NULL, "an unknown escape in double quotes",
     "Double a backslash that is meant as one, or use single quotes."},
    {"found character that cannot start any token", NULL, "a text cannot begin with this character",
     "Put the text into quotes."},
    {"block sequence entries are not allowed", NULL, "a '-' where no list item can be",
     "Begin the list on its own line, indented below its key."},
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

void document_report(Diagnostics *diagnostics, const ParserProblem *problem, const char *bytes,
                     size_t length)
{
    diagnostics_distrust(diagnostics, problem->origin.file);
    if (report_tab(diagnostics, problem, bytes, length))
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
    const char *advice = code == 0 ? "Is it a binary file?"
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

/* What YAML does not allow in a text. */
static bool is_bad_code(uint32_t code)
{
    if (code < ' ')
        return code != '\t' && code != '\n' && code != '\r';
    return (code >= 0x7f && code < 0xa0 && code != 0x85) || code == 0xfffe || code == 0xffff;
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
        uint32_t code = (unsigned char)bytes[at];
        step = code < 0x80 ? 1 : utf8_decode(bytes + at, length - at, &code);
        if (step == 0)
            return report_byte(diagnostics, &origin, bytes[at]);
        if (is_bad_code(code))
            return report_code(diagnostics, &origin, code);
        origin.column++;
        if (code == '\n')
            origin = (Origin){name, origin.line + 1, 1};
    }
    return true;
}
