#include "base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct Output {
    char *bytes;
    size_t room, length; /* length: also of what had no room */
} Output;

static void put(Output *out, const char *bytes, size_t length)
{
    size_t left = out->length < out->room ? out->room - out->length : 0;
    if (left > 0)
        memcpy(out->bytes + out->length, bytes, length < left ? length : left);
    out->length += length;
}

static void put_number(Output *out, uint64_t number, bool is_negative)
{
    char digits[21]; /* of UINT64_MAX, and a sign */
    size_t first = sizeof(digits);
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    if (is_negative)
        digits[--first] = '-';
    put(out, digits + first, sizeof(digits) - first);
}

static void put_signed(Output *out, int64_t number)
{
    put_number(out, number < 0 ? -(uint64_t)number : (uint64_t)number, number < 0);
}

static const char *or_null(const char *text)
{
    return text ? text : "(null)";
}

/* The conversion behind a '%'; returns its length, 0 when it is none of ours. */
static size_t put_conversion(Output *out, const char *conversion, va_list *args)
{
    static const char *const words[] = {"s", "c", "d", "u", "zu", "ld", "lu", "lld", "llu", "%"};
    enum { S, C, D, U, ZU, LD, LU, LLD, LLU, PERCENT, COUNT };
    size_t at = 0;
    while (at < COUNT && strncmp(conversion, words[at], strlen(words[at])) != 0)
        at++;
    switch (at) {
    case S: {
        const char *text = or_null(va_arg(*args, const char *));
        put(out, text, strlen(text));
        break;
    }
    case C:
        put(out, &(char){(char)va_arg(*args, int)}, 1);
        break;
    case D:
        put_signed(out, va_arg(*args, int));
        break;
    case U:
        put_number(out, va_arg(*args, unsigned), false);
        break;
    case ZU:
        put_number(out, va_arg(*args, size_t), false);
        break;
    case LD:
        put_signed(out, va_arg(*args, long));
        break;
    case LU:
        put_number(out, va_arg(*args, unsigned long), false);
        break;
    case LLD:
        put_signed(out, va_arg(*args, long long));
        break;
    case LLU:
        put_number(out, va_arg(*args, unsigned long long), false);
        break;
    case PERCENT:
        put(out, "%", 1);
        break;
    default:
        return 0;
    }
    return strlen(words[at]);
}

/* False: the format has more than we know of. */
static bool put_all(Output *out, const char *fmt, va_list *args)
{
    while (*fmt) {
        size_t length = strcspn(fmt, "%");
        put(out, fmt, length);
        fmt += length;
        if (!*fmt)
            break;
        length = put_conversion(out, fmt + 1, args);
        if (length == 0)
            return false;
        fmt += 1 + length;
    }
    return out->length < INT_MAX;
}

int format_text(char *out, size_t room, const char *fmt, va_list args)
{
    Output output = {.bytes = out, .room = room - 1};
    va_list own;
    va_copy(own, args);
    bool is_done = put_all(&output, fmt, &own);
    va_end(own);
    if (!is_done)
        return vsnprintf(out, room, fmt, args);
    out[output.length < room ? output.length : room - 1] = '\0';
    return (int)output.length;
}
