/*
 * providers/sources/answer.h - reading what probe fragments print: lines, fields, pairs, contents.
 *
 * Works on any bytes: what is not UTF-8 is shown as '?', a line that is not understood is skipped
 * by its caller. Lines and fields are arena strings.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/value.h"

typedef struct Answer {
    Arena *arena;
    const char *bytes;
    size_t length;
    size_t position;
} Answer;

Answer answer_of(Arena *arena, const char *bytes, size_t length);

/* The next line without its newline; NULL at the end. */
char *answer_line(Answer *answer);

/* The next `length` bytes as they are; NULL if there are fewer. */
const char *answer_bytes(Answer *answer, size_t length);

/* Cut a line at each tab into exactly `max` fields; the last keeps its tabs, missing ones are "".
 * Returns how many there were. */
size_t answer_fields(char *line, char **ret_fields, size_t max);

/* Cut "key=value" (or another separator); false if there is no separator. Blanks around the value
 * are dropped. */
bool answer_pair(char *line, char separator, char **ret_key, char **ret_value);

/* How the text of one key becomes a value. */
typedef struct AnswerKey {
    const char *from; /* in the answer */
    const char *to;   /* in the value  */
    ValueType type;   /* VALUE_TEXT, VALUE_INT, VALUE_BOOL ("true", "yes") */
} AnswerKey;

/* Every `to` with its default ("", 0, false). */
void answer_defaults(Arena *arena, Value *map, const AnswerKey *keys, size_t count);

/* Set the `to` of `key`, if it is in the table and the text fits its type. */
void answer_set(Arena *arena, Value *map, const AnswerKey *keys, size_t count, const char *key,
                const char *text);

/* The whole answer as lines of pairs into a new map. */
Value *answer_pairs(Answer *answer, char separator, const AnswerKey *keys, size_t count);

/* Octal mode as find and stat print it, with four digits at least: "644" -> "0644"; "" stays. */
const Value *answer_mode(Arena *arena, const char *octal);
