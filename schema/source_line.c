#include "schema/source_line.h"

#include <string.h>

#include "base/utf8.h"
#include "schema/source_shade.h"

static const char hidden_mark[] = "***";

/* The line and its length without the newline, or NULL. */
static const char *find_line(const SourceFile *file, int line, size_t *ret_length)
{
    const char *at = file->bytes, *end = file->bytes + file->length;
    for (; line > 1; line--) {
        const char *newline = at == end ? NULL : memchr(at, '\n', (size_t)(end - at));
        if (!newline)
            return NULL;
        at = newline + 1;
    }
    const char *newline = at == end ? NULL : memchr(at, '\n', (size_t)(end - at));
    size_t length = (size_t)((newline ? newline : end) - at);
    if (length > 0 && at[length - 1] == '\r')
        length--;
    *ret_length = length;
    return at;
}

void source_add_clean(Text *out, const char *bytes, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t code;
        size_t step = utf8_decode(bytes + at, length - at, &code);
        bool is_bad = step == 0 || code < ' ' || (code >= 0x7f && code < 0xa0) ||
                      (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2066 && code <= 0x2069);
        if (!is_bad)
            text_add_bytes(out, bytes + at, step);
        else
            text_add_char(out, step && code == '\t' ? ' ' : '?');
        at += step ? step : 1;
    }
}

/* Is this column of the line inside a hidden span? *ret_end is the first column after it. */
static bool in_span(const SourceFile *file, int line, int column, int *ret_end)
{
    for (size_t i = 0; i < file->hidden_count; i++) {
        const HiddenSpan *span = &file->hidden[i];
        bool after_start = line > span->line || (line == span->line && column >= span->column);
        bool before_end =
            line < span->end_line || (line == span->end_line && column < span->end_column);
        if (!after_start || !before_end)
            continue;
        *ret_end = line < span->end_line ? INT32_MAX : span->end_column;
        return true;
    }
    return false;
}

typedef struct Shown {
    Text *out;
    int column;        /* of the source */
    size_t out_column; /* of what is written */
    int caret_column;
    size_t caret;
} Shown;

static void show_hidden(Shown *shown, int end_column)
{
    if (shown->caret_column >= shown->column && shown->caret_column < end_column)
        shown->caret = shown->out_column;
    text_add(shown->out, hidden_mark);
    shown->out_column += sizeof(hidden_mark) - 1;
    shown->column = end_column;
}

static size_t show_character(Shown *shown, const char *bytes, size_t length)
{
    uint32_t code;
    size_t step = utf8_decode(bytes, length, &code);
    step = step ? step : 1;
    if (shown->column == shown->caret_column)
        shown->caret = shown->out_column;
    source_add_clean(shown->out, bytes, step);
    shown->out_column++;
    shown->column++;
    return step;
}

static bool is_comment(const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && (bytes[at] == ' ' || bytes[at] == '\t'))
        at++;
    return at > 0 && at < length && bytes[at] == '#';
}

static void show_line(Shown *shown, const SourceFile *file, int line, const char *bytes,
                      size_t length)
{
    size_t safe = file->is_distrusted ? source_shade(file->bytes, bytes, length) : length;
    for (size_t at = 0; at < safe;) {
        int end_column = 0;
        bool is_blank = bytes[at] == ' '; /* as after "KEY:" */
        if (!in_span(file, line, shown->column, &end_column) || is_blank) {
            at += show_character(shown, bytes + at, length - at);
            continue;
        }
        for (int column = shown->column; column < end_column && at < safe; column++) {
            uint32_t code;
            size_t step = utf8_decode(bytes + at, safe - at, &code);
            at += step ? step : 1;
        }
        show_hidden(shown, end_column);
        if (is_comment(bytes + at, safe - at)) /* or the rest of a text without quotes */
            safe = at;
    }
    if (safe < length)
        show_hidden(shown, INT32_MAX);
    if (shown->caret_column >= shown->column)
        shown->caret = shown->out_column;
}

/* The byte at which column `columns` begins. */
static size_t byte_of_column(const char *text, size_t columns)
{
    size_t at = 0;
    for (; text[at] && columns > 0; columns--) {
        for (at++; ((unsigned char)text[at] & 0xc0) == 0x80; at++)
            ;
    }
    return at;
}

/* Cut a long line to a window around the caret. */
static void cut(Text *out, size_t columns, size_t max_columns, size_t *caret)
{
    if (columns <= max_columns)
        return;
    size_t start = *caret > max_columns / 2 ? *caret - max_columns / 2 : 0;
    if (start + max_columns > columns)
        start = columns - max_columns;
    const char *text = text_get(out);
    size_t from = byte_of_column(text, start);
    size_t length = byte_of_column(text + from, max_columns);
    CLEANUP(text_release) Text window = TEXT_INIT;
    text_add_bytes(&window, text + from, length);
    text_clear(out);
    text_add(out, text_get(&window));
    *caret -= start < *caret ? start : *caret;
}

bool source_line(const SourceFile *file, const Origin *origin, size_t max_columns, Text *out,
                 size_t *ret_caret)
{
    size_t length;
    const char *bytes = file && file->bytes ? find_line(file, origin->line, &length) : NULL;
    if (!bytes)
        return false;
    size_t indent = 0;
    while (indent < length && (bytes[indent] == ' ' || bytes[indent] == '\t'))
        indent++;
    Shown shown = {.out = out, .column = (int)indent + 1, .caret_column = origin->column};
    show_line(&shown, file, origin->line, bytes + indent, length - indent);
    cut(out, shown.out_column, max_columns, &shown.caret);
    *ret_caret = shown.caret;
    return true;
}
