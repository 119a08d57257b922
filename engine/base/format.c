#include "base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct Sink {
    char *bytes;
    size_t size;
    size_t length; /* of the whole text, also of what does not fit */
} Sink;

static void put(Sink *sink, const char *bytes, size_t length)
{
    size_t room = sink->length < sink->size ? sink->size - sink->length : 0;
    if (length > 0 && room > 0)
        memcpy(sink->bytes + sink->length, bytes, length < room ? length : room);
    sink->length += length;
}

static void put_number(Sink *sink, unsigned long long number, bool is_negative)
{
    char digits[21]; /* of ULLONG_MAX, and a sign */
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (is_negative)
        digits[--first] = '-';
    put(sink, digits + first, sizeof(digits) - first);
}

static void put_signed(Sink *sink, long long number)
{
    unsigned long long size = (unsigned long long)number;
    put_number(sink, number < 0 ? 0 - size : size, number < 0);
}

static const char *text_or_null(const char *text)
{
    return text ? text : "(null)";
}

/* -- directives ------------------------------------------------------------------------------ */

typedef enum Directive {
    TEXT,
    TEXT_UP_TO,
    INT,
    LONG_LONG,
    SIZE,
    PERCENT,
    DIRECTIVE_COUNT,
} Directive;

static const char *const directives[DIRECTIVE_COUNT] = {
    [TEXT] = "s",        [TEXT_UP_TO] = ".*s", [INT] = "d",
    [LONG_LONG] = "lld", [SIZE] = "zu",        [PERCENT] = "%",
};

/* The one at `at`, after its percent sign, or DIRECTIVE_COUNT. */
static Directive directive_at(const char *at, size_t *ret_length)
{
    for (int i = 0; i < DIRECTIVE_COUNT; i++) {
        *ret_length = strlen(directives[i]);
        if (strncmp(at, directives[i], *ret_length) == 0)
            return (Directive)i;
    }
    return DIRECTIVE_COUNT;
}

static void put_text(Sink *sink, const char *text)
{
    text = text_or_null(text);
    put(sink, text, strlen(text));
}

/* A negative limit is none. */
static void put_text_up_to(Sink *sink, int limit, const char *text)
{
    text = text_or_null(text);
    put(sink, text, limit < 0 ? strlen(text) : strnlen(text, (size_t)limit));
}

static void put_next(Sink *sink, Directive directive, va_list *args)
{
    int limit;
    switch (directive) {
    case TEXT:
        put_text(sink, va_arg(*args, const char *));
        break;
    case TEXT_UP_TO:
        limit = va_arg(*args, int);
        put_text_up_to(sink, limit, va_arg(*args, const char *));
        break;
    case INT:
        put_signed(sink, va_arg(*args, int));
        break;
    case LONG_LONG:
        put_signed(sink, va_arg(*args, long long));
        break;
    case SIZE:
        put_number(sink, va_arg(*args, size_t), false);
        break;
    case PERCENT:
    case DIRECTIVE_COUNT:
        put(sink, "%", 1);
        break;
    }
}

/* False: there is something else in `fmt`. */
static bool put_all(Sink *sink, const char *fmt, va_list *args)
{
    while (*fmt) {
        size_t length = strcspn(fmt, "%");
        put(sink, fmt, length);
        fmt += length;
        if (*fmt == '\0')
            break;
        Directive directive = directive_at(fmt + 1, &length);
        if (directive == DIRECTIVE_COUNT)
            return false;
        put_next(sink, directive, args);
        fmt += 1 + length;
    }
    return true;
}

int format_text(char *bytes, size_t size, const char *fmt, va_list args)
{
    Sink sink = {bytes, size, 0};
    va_list again;
    va_copy(again, args);
    bool is_done = put_all(&sink, fmt, &again) && sink.length < INT_MAX;
    va_end(again);
    if (!is_done)
        return vsnprintf(bytes, size, fmt, args);
    if (size > 0)
        bytes[sink.length < size ? sink.length : size - 1] = '\0';
    return (int)sink.length;
}
