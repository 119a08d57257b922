#include "schema/source_shade.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "schema/params.h"
#include "schema/secret_name.h"

enum {
    WORD_MAX = 64,
    ABOVE_MAX = 100, /* lines looked at for the key that a line belongs to */
};

typedef struct Line {
    const char *text;
    size_t length;
    size_t indent;
} Line;

static Line line_of(const char *text, size_t length)
{
    Line line = {text, length, 0};
    while (line.indent < length && strchr(" \t", text[line.indent]))
        line.indent++;
    return line;
}

static bool line_above(const char *bytes, Line *line)
{
    if (line->text == bytes)
        return false;
    const char *end = line->text - 1; /* its newline */
    const char *newline = memrchr(bytes, '\n', (size_t)(end - bytes));
    const char *start = newline ? newline + 1 : bytes;
    *line = line_of(start, (size_t)(end - start));
    return true;
}

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

static bool is_secret_word(const char *text, size_t length)
{
    char word[WORD_MAX];
    length = length < WORD_MAX - 1 ? length : WORD_MAX - 1;
    memcpy(word, text, length);
    word[length] = '\0';
    if (secret_name(word))
        return true;
    const char *near = params_nearest_of_all(word);
    return near && secret_name(near);
}

/* Where the first word that names a secret begins and ends. */
static bool find_secret_word(const Line *line, size_t *ret_start, size_t *ret_end)
{
    for (size_t start = line->indent, end; start < line->length; start = end + 1) {
        for (end = start; end < line->length && is_word_byte(line->text[end]);)
            end++;
        if (end == start || !is_secret_word(line->text + start, end - start))
            continue;
        *ret_start = start;
        *ret_end = end;
        return true;
    }
    return false;
}

static bool has_secret_word(const Line *line)
{
    size_t start, end;
    return find_secret_word(line, &start, &end);
}

/* A word without a ':' or '=' behind it may have the secret stuck to it. */
static size_t after_word(const Line *line, size_t start, size_t end)
{
    size_t at = end;
    while (at < line->length && strchr(" '\"", line->text[at]))
        at++;
    if (at < line->length && strchr(":=", line->text[at]))
        return at + 1;
    return start;
}

static bool is_empty(const Line *line)
{
    size_t rest = line->length - line->indent;
    const char *text = line->text + line->indent;
    return rest == 0 || *text == '#' || (rest == 1 && *text == '\r') ||
           (rest == 3 && (memcmp(text, "...", 3) == 0 || memcmp(text, "---", 3) == 0));
}

/* "KEY:", maybe in quotes and behind dashes. */
static bool is_key_line(const Line *line)
{
    size_t at = line->indent;
    while (at + 1 < line->length && line->text[at] == '-' && line->text[at + 1] == ' ')
        at += 2;
    size_t start = at;
    while (at < line->length && (is_word_byte(line->text[at]) || strchr(".-'\"", line->text[at])))
        at++;
    return at > start && at < line->length && line->text[at] == ':' &&
           (at + 1 == line->length || strchr(" \r", line->text[at + 1]));
}

/* "KEY:" or "KEY: |" of a secret: the value is on the next line, however that is indented. */
static bool is_open_secret(const Line *line)
{
    size_t start, end;
    if (!find_secret_word(line, &start, &end))
        return false;
    for (size_t at = end; at < line->length; at++) {
        if (!strchr(" \t\r:=|>+-'\"", line->text[at]))
            return false;
    }
    return true;
}

/* Is it part of the value of a secret's key above? */
static bool is_below_secret(const char *bytes, Line line)
{
    bool is_key = is_key_line(&line), is_first = true;
    Line above = line;
    for (size_t i = 0; line_above(bytes, &above); i++) {
        bool is_parent = is_key && above.indent < line.indent;
        if (is_empty(&above))
            continue;
        if (is_first && is_open_secret(&above))
            return true;
        is_first = false;
        if (is_key && !is_parent)
            continue;
        if (i >= ABOVE_MAX || has_secret_word(&above))
            return i < ABOVE_MAX || !is_key;
        if (is_parent)
            return false;
        is_key = is_key_line(&above); /* they belong together */
        line = above;
    }
    return false;
}

size_t source_shade(const char *bytes, const char *text, size_t length)
{
    size_t start, end;
    Line line = line_of(text, length);
    if (is_below_secret(bytes, line))
        return line.indent;
    return find_secret_word(&line, &start, &end) ? after_word(&line, start, end) : length;
}
