#include "providers/sources/answer.h"

#include <ctype.h>
#include <string.h>

Answer answer_of(Arena *arena, const char *bytes, size_t length)
{
    return (Answer){.arena = arena, .bytes = bytes, .length = length};
}

/* Values hold NUL-terminated UTF-8 only. */
static void make_valid(char *line, size_t length)
{
    bool is_valid = text_is_valid_utf8(line, length);
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\0' || (!is_valid && (unsigned char)line[i] >= 0x80))
            line[i] = '?';
    }
}

char *answer_line(Answer *answer)
{
    if (answer->position >= answer->length)
        return NULL;
    const char *start = answer->bytes + answer->position;
    size_t left = answer->length - answer->position;
    const char *end = memchr(start, '\n', left);
    size_t length = end ? (size_t)(end - start) : left;
    answer->position += length + (end ? 1 : 0);
    char *line = arena_alloc(answer->arena, length + 1);
    memcpy(line, start, length);
    make_valid(line, length);
    return line;
}

const char *answer_bytes(Answer *answer, size_t length)
{
    if (length > answer->length - answer->position)
        return NULL;
    const char *start = answer->bytes + answer->position;
    answer->position += length;
    return start;
}

size_t answer_fields(char *line, char **ret_fields, size_t max)
{
    size_t count = 0;
    char *end = line + strlen(line);
    char *rest = line;
    while (rest && count < max) {
        ret_fields[count++] = rest;
        rest = count < max ? strchr(rest, '\t') : NULL;
        if (rest)
            *rest++ = '\0';
    }
    for (size_t i = count; i < max; i++)
        ret_fields[i] = end;
    return count;
}

static char *trimmed(char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    size_t length = strlen(text);
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
        text[--length] = '\0';
    return text;
}

bool answer_pair(char *line, char separator, char **ret_key, char **ret_value)
{
    char *at = strchr(line, separator);
    if (!at)
        return false;
    *at = '\0';
    *ret_key = trimmed(line);
    *ret_value = trimmed(at + 1);
    return true;
}

static const Value *typed(Arena *arena, ValueType type, const char *text)
{
    int64_t number = 0;
    if (type == VALUE_INT)
        return text_to_int(text, &number) ? value_int(arena, number) : NULL;
    if (type == VALUE_BOOL)
        return value_bool(strcmp(text, "true") == 0 || strcmp(text, "yes") == 0);
    return value_text(arena, text);
}

void answer_defaults(Arena *arena, Value *map, const AnswerKey *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = keys[i].type == VALUE_INT ? "0" : "";
        value_set(arena, map, keys[i].to, typed(arena, keys[i].type, text));
    }
}

void answer_set(Arena *arena, Value *map, const AnswerKey *keys, size_t count, const char *key,
                const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].from, key) != 0)
            continue;
        const Value *value = typed(arena, keys[i].type, text);
        if (value)
            value_set(arena, map, keys[i].to, value);
    }
}

Value *answer_pairs(Answer *answer, char separator, const AnswerKey *keys, size_t count)
{
    Value *map = value_map(answer->arena);
    answer_defaults(answer->arena, map, keys, count);
    for (char *line = answer_line(answer); line; line = answer_line(answer)) {
        char *key = NULL;
        char *text = NULL;
        if (answer_pair(line, separator, &key, &text))
            answer_set(answer->arena, map, keys, count, key, text);
    }
    return map;
}

const Value *answer_mode(Arena *arena, const char *octal)
{
    static const char zeros[] = "0000";
    size_t length = strlen(octal);
    if (length == 0)
        return value_text(arena, "");
    return value_textf(arena, "%s%s", zeros + (length < 4 ? length : 4), octal);
}
