#include "providers/real/frame.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* A decimal number and the character after it. */
static bool take_number(FrameCursor *cursor, char after, size_t *ret)
{
    size_t number = 0;
    const char *start = cursor->at;
    while (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
        if (number > SIZE_MAX / 100)
            return false;
        number = number * 10 + (size_t)(*cursor->at++ - '0');
    }
    if (cursor->at == start || cursor->at == cursor->end || *cursor->at++ != after)
        return false;
    *ret = number;
    return true;
}

static bool take_bytes(FrameCursor *cursor, size_t length, const char **ret)
{
    if (length > (size_t)(cursor->end - cursor->at))
        return false;
    *ret = cursor->at;
    cursor->at += length;
    return true;
}

bool frame_take(FrameCursor *cursor, const char *mark, size_t number_count, Frame *ret)
{
    const char *seen = NULL;
    FrameCursor here = *cursor;
    if (!take_bytes(&here, strlen(mark), &seen) || memcmp(seen, mark, strlen(mark)) != 0)
        return false;
    const char *blank = memchr(here.at, ' ', (size_t)(here.end - here.at));
    if (!blank)
        return false;
    *ret = (Frame){.name = here.at, .name_length = (size_t)(blank - here.at)};
    here.at = blank + 1;
    for (size_t i = 0; i < number_count; i++) {
        if (!take_number(&here, ' ', &ret->numbers[i]))
            return false;
    }
    if (!take_number(&here, ' ', &ret->out_length) || !take_number(&here, '\n', &ret->err_length) ||
        !take_bytes(&here, ret->out_length, &ret->out) ||
        !take_bytes(&here, ret->err_length, &ret->err) || !take_bytes(&here, 1, &seen) ||
        *seen != '\n')
        return false;
    *cursor = here;
    return true;
}

bool frame_is_closing(const FrameCursor *cursor, const char *nonce)
{
    size_t left = (size_t)(cursor->end - cursor->at);
    size_t length = strlen(nonce);
    return left == length + 4 && memcmp(cursor->at, "@E ", 3) == 0 &&
           memcmp(cursor->at + 3, nonce, length) == 0 && cursor->at[left - 1] == '\n';
}

static char *printable(Arena *arena, const char *bytes, size_t length)
{
    char *text = arena_strndup(arena, bytes, length);
    bool is_valid = text_is_valid_utf8(text, strlen(text));
    for (char *c = text; *c; c++) {
        bool is_bad = ((unsigned char)*c < 0x20 && *c != '\n') || *c == 0x7f;
        if (is_bad || (!is_valid && (unsigned char)*c >= 0x80))
            *c = '?';
    }
    return text;
}

const char *frame_last_line(Arena *arena, const char *bytes, size_t length)
{
    while (length > 0 && bytes[length - 1] == '\n')
        length--;
    size_t start = length;
    while (start > 0 && bytes[start - 1] != '\n')
        start--;
    return printable(arena, bytes + start, length - start);
}

const char *frame_joined_lines(Arena *arena, const char *bytes, size_t length)
{
    char *text = printable(arena, bytes, length);
    CLEANUP(text_release) Text joined = TEXT_INIT;
    char **lines = NULL;
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (*lines[i])
            text_addf(&joined, "%s%s", joined.length ? "; " : "", lines[i]);
    }
    return text_copy(&joined, arena);
}
