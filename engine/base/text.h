/*
 * base/text.h - growing strings, and the few string questions that everyone asks.
 *
 * A Text is a heap buffer that always ends in NUL; `length` does not count it and bytes may be
 * anything. Start with TEXT_INIT, end with text_release (CLEANUP(text_release)).
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"

typedef struct Text {
    char *bytes; /* never NULL to a reader: text_get() */
    size_t length;
    size_t capacity;
} Text;

#define TEXT_INIT                                                                                  \
    {                                                                                              \
        NULL, 0, 0                                                                                 \
    }

void text_release(Text *text);
void text_clear(Text *text); /* keeps the memory */
void text_add(Text *text, const char *string);
void text_add_bytes(Text *text, const void *bytes, size_t length);
void text_add_char(Text *text, char c);
void text_add_repeat(Text *text, const char *string, size_t count);
void text_addf(Text *text, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_vaddf(Text *text, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

/* `string` in double quotes, as a JSON string literal: control characters are escaped, bytes that
 * are not UTF-8 become U+FFFD. */
void text_add_quoted(Text *text, const char *string);

/* The content; "" when nothing was added. Valid until the next change. */
const char *text_get(const Text *text);

/* The content as an arena string. */
char *text_copy(const Text *text, Arena *arena);

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);
bool text_is_valid_utf8(const char *bytes, size_t length);

/* Terminal columns of a UTF-8 text: code points, combining marks and East Asian width aside. */
size_t text_columns(const char *text);

/* Whole decimal number with optional sign and nothing around it. False: *ret untouched. */
bool text_to_int(const char *text, int64_t *ret);

/* Split at each `separator` (empty parts kept); the parts are arena strings. Returns the count. */
size_t text_split(Arena *arena, const char *text, char separator, char ***ret_parts);

/* Split at runs of blanks, tabs and newlines (and commas when `commas`); no empty parts. */
size_t text_words(Arena *arena, const char *text, bool commas, char ***ret_parts);

/* The part of `names` nearest to `word` by edit distance, or NULL if none is near:
 * at most 1 edit for words up to 4 letters, 2 up to 8, else 3. For "did you mean". */
const char *text_nearest(const char *word, const char *const *names, size_t count);

/* qsort/bsearch order of char pointers, by bytes. */
int text_compare(const void *a, const void *b);
