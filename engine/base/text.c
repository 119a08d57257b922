#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/format.h"
#include "base/utf8.h"

enum { FORMAT_ROOM = 48 };

/* Room for `more` bytes and the closing NUL. */
static void reserve(Text *text, size_t more)
{
    if (text->capacity - text->length > more)
        return;
    size_t capacity = text->capacity ? text->capacity * 2 : 64;
    if (capacity < text->length + more + 1)
        capacity = text->length + more + 1;
    text->bytes = must_realloc(text->bytes, capacity);
    text->capacity = capacity;
}

void text_release(Text *text)
{
    free(text->bytes);
    *text = (Text)TEXT_INIT;
}

void text_clear(Text *text)
{
    text->length = 0;
    if (text->bytes)
        text->bytes[0] = '\0';
}

void text_add(Text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_bytes(Text *text, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    reserve(text, length);
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_add_char(Text *text, char c)
{
    reserve(text, 1);
    text->bytes[text->length++] = c;
    text->bytes[text->length] = '\0';
}

void text_add_repeat(Text *text, const char *string, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_add(text, string);
}

void text_addf(Text *text, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    text_vaddf(text, fmt, args);
    va_end(args);
}

void text_vaddf(Text *text, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    reserve(text, FORMAT_ROOM); /* nearly all texts fit, and are formatted once */
    size_t room = text->capacity - text->length;
    int length = format_text(text->bytes + text->length, room, fmt, again);
    va_end(again);
    if (length >= 0 && (size_t)length >= room) {
        reserve(text, (size_t)length);
        format_text(text->bytes + text->length, (size_t)length + 1, fmt, args);
    }
    text->length += length > 0 ? (size_t)length : 0;
    text->bytes[text->length] = '\0';
}

/* Other control characters than these two letters' are written as \u00XX. */
static char short_escape(uint32_t c)
{
    static const struct {
        char raw, letter;
    } escapes[] = {
        {'"', '"'}, {'\\', '\\'}, {'\n', 'n'}, {'\t', 't'}, {'\r', 'r'}, {'\b', 'b'}, {'\f', 'f'},
    };
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        if (c == (uint32_t)escapes[i].raw)
            return escapes[i].letter;
    }
    return '\0';
}

/* Most of what is quoted: ASCII that needs no escape. */
static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void text_add_quoted(Text *text, const char *string)
{
    text_add_char(text, '"');
    const char *plain = string; /* start of what is copied as it is */
    for (const char *at = string; *at;) {
        if (is_plain(*at)) {
            at++;
            continue;
        }
        uint32_t c;
        size_t length = utf8_decode(at, strnlen(at, 4), &c);
        bool is_control = c < ' ' || (c >= 0x7f && c < 0xa0);
        if (length > 0 && !is_control && c != '"' && c != '\\') {
            at += length;
            continue;
        }
        text_add_bytes(text, plain, (size_t)(at - plain));
        if (length == 0)
            text_add(text, "\\ufffd");
        else if (short_escape(c))
            text_addf(text, "\\%c", short_escape(c));
        else
            text_addf(text, "\\u%04x", (unsigned)c);
        at += length ? length : 1;
        plain = at;
    }
    text_add(text, plain);
    text_add_char(text, '"');
}

const char *text_get(const Text *text)
{
    return text->bytes ? text->bytes : "";
}

char *text_copy(const Text *text, Arena *arena)
{
    return arena_strndup(arena, text->bytes, text->length);
}

bool text_equal(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    return strcmp(a, b) == 0;
}

bool text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text), suffix_length = strlen(suffix);
    return length >= suffix_length && strcmp(text + length - suffix_length, suffix) == 0;
}

bool text_is_valid_utf8(const char *bytes, size_t length)
{
    uint32_t code;
    for (size_t at = 0, step; at < length; at += step) {
        step = utf8_decode(bytes + at, length - at, &code);
        if (step == 0)
            return false;
    }
    return true;
}

size_t text_columns(const char *text)
{
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xc0) != 0x80;
    return columns;
}

bool text_to_int(const char *text, int64_t *ret)
{
    const char *digits = text + (*text == '-' || *text == '+');
    if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return false;
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    if (errno == ERANGE)
        return false;
    *ret = number;
    return true;
}

size_t text_split(Arena *arena, const char *text, char separator, char ***ret_parts)
{
    char **parts = NULL;
    size_t count = 0, capacity = 0;
    const char *end;
    while ((end = strchr(text, separator)) && separator) {
        ARENA_PUSH(arena, parts, count, capacity, arena_strndup(arena, text, (size_t)(end - text)));
        text = end + 1;
    }
    ARENA_PUSH(arena, parts, count, capacity, arena_strdup(arena, text));
    *ret_parts = parts;
    return count;
}

size_t text_words(Arena *arena, const char *text, bool commas, char ***ret_parts)
{
    const char *separators = commas ? " \t\r\n," : " \t\r\n";
    char **parts = NULL;
    size_t count = 0, capacity = 0;
    for (text += strspn(text, separators); *text; text += strspn(text, separators)) {
        size_t length = strcspn(text, separators);
        ARENA_PUSH(arena, parts, count, capacity, arena_strndup(arena, text, length));
        text += length;
    }
    *ret_parts = parts;
    return count;
}

int text_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}
