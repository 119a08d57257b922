#include "base/format.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NUMBER_DIGITS = 20, DECIMAL = 10 };

/* What was written so far, and what would have been. */
typedef struct Output {
    char *buffer;
    size_t size, length;
} Output;

/* How long the conversion after a % is; 0: not one of the plain ones. */
static size_t plain_length(const char *conversion)
{
    if (conversion[0] == 's' || conversion[0] == 'd' || conversion[0] == '%')
        return 1;
    return conversion[0] == 'z' && conversion[1] == 'u' ? 2 : 0;
}

static bool is_plain(const char *fmt)
{
    while ((fmt = strchr(fmt, '%'))) {
        size_t length = plain_length(++fmt);
        if (length == 0)
            return false;
        fmt += length;
    }
    return true;
}

static void put(Output *output, const char *bytes, size_t length)
{
    if (output->length + 1 < output->size) {
        size_t room = output->size - output->length - 1;
        memcpy(output->buffer + output->length, bytes, length < room ? length : room);
    }
    output->length += length;
}

static void put_number(Output *output, size_t number, bool is_negative)
{
    char digits[NUMBER_DIGITS + 1], *end = digits + sizeof(digits), *at = end;
    do {
        *--at = (char)('0' + number % DECIMAL);
        number /= DECIMAL;
    } while (number > 0);
    if (is_negative)
        *--at = '-';
    put(output, at, (size_t)(end - at));
}

static void put_int(Output *output, int number)
{
    bool is_negative = number < 0;
    put_number(output, is_negative ? 0 - (size_t)number : (size_t)number, is_negative);
}

static void put_string(Output *output, const char *string)
{
    const char *shown = string ? string : "(null)";
    put(output, shown, strlen(shown));
}

/* Not longer than an int can say: such texts are for vsnprintf() to refuse. */
static int finish(const Output *output)
{
    if (output->size > 0)
        output->buffer[output->length < output->size ? output->length : output->size - 1] = '\0';
    return output->length <= INT_MAX ? (int)output->length : -1;
}

int format_text(char *buffer, size_t size, const char *fmt, va_list args)
{
    if (!is_plain(fmt))
        return vsnprintf(buffer, size, fmt, args);
    Output output = {.buffer = buffer, .size = size};
    while (*fmt) {
        size_t length = strcspn(fmt, "%");
        put(&output, fmt, length);
        fmt += length;
        if (!*fmt++)
            break;
        if (*fmt == 's')
            put_string(&output, va_arg(args, const char *));
        else if (*fmt == 'd')
            put_int(&output, va_arg(args, int));
        else if (*fmt == 'z')
            put_number(&output, va_arg(args, size_t), false);
        else
            put(&output, "%", 1);
        fmt += plain_length(fmt);
    }
    return finish(&output);
}
