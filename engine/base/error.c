#include "base/error.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

static const char *const code_names[ERROR_CODE_COUNT] = {
    [ERROR_INVALID] = "invalid", [ERROR_UNREACHABLE] = "unreachable", [ERROR_REFUSED] = "refused",
    [ERROR_BUSY] = "busy",       [ERROR_FENCED] = "fenced",           [ERROR_CONFLICT] = "conflict",
    [ERROR_LOCAL] = "local",     [ERROR_CANCELLED] = "cancelled",
};

/* Servers answer in several lines; a message is one. */
static void fold_lines(char *message)
{
    for (char *c = message; *c; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    }
    size_t length = strlen(message);
    while (length > 0 && message[length - 1] == ' ')
        message[--length] = '\0';
}

static Error *error_make(ErrorCode code, Error *cause, const char *message)
{
    size_t size = strlen(message) + 1;
    Error *error = must_malloc(sizeof(*error) + size);
    error->code = code;
    error->cause = cause;
    memcpy(error->message, message, size);
    fold_lines(error->message);
    return error;
}

Error *error_new(ErrorCode code, const char *fmt, ...)
{
    CLEANUP(text_release) Text message = TEXT_INIT;
    va_list args;
    va_start(args, fmt);
    text_vaddf(&message, fmt, args);
    va_end(args);
    return error_make(code, NULL, text_get(&message));
}

Error *error_wrap(Error *cause, const char *fmt, ...)
{
    CLEANUP(text_release) Text message = TEXT_INIT;
    va_list args;
    va_start(args, fmt);
    text_vaddf(&message, fmt, args);
    va_end(args);
    return error_make(cause->code, cause, text_get(&message));
}

const Error *error_root(const Error *error)
{
    while (error && error->cause)
        error = error->cause;
    return error;
}

Error *error_copy(const Error *error)
{
    Error *copy = NULL;
    Error **end = &copy;
    for (; error; error = error->cause) {
        *end = error_make(error->code, NULL, error->message);
        end = &(*end)->cause;
    }
    return copy;
}

char *error_text(const Error *error)
{
    Text text = TEXT_INIT;
    for (; error; error = error->cause) {
        text_add(&text, error->message);
        if (error->cause)
            text_add(&text, ": ");
    }
    return text.bytes ? text.bytes : must_strdup("");
}

void error_print(FILE *out, const Error *error)
{
    for (; error; error = error->cause)
        fprintf(out, "%s%s", error->message, error->cause ? ": " : "");
}

const char *error_code_name(ErrorCode code)
{
    return code_names[code];
}

void error_free(Error *error)
{
    while (error) {
        Error *cause = error->cause;
        free(error);
        error = cause;
    }
}

void error_freep(Error **error)
{
    error_free(*error);
    *error = NULL;
}
