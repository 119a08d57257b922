/*
 * providers/real/frame.h - reading the framed answers of the probe and of the effect library.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct FrameCursor {
    const char *at, *end;
} FrameCursor;

typedef struct Frame {
    const char *name; /* not NUL-terminated */
    size_t name_length;
    size_t numbers[2]; /* status, and what else there is between name and lengths */
    const char *out, *err;
    size_t out_length, err_length;
} Frame;

/* "<mark>NAME NUMBER... BYTES ERROR_BYTES\n", the bytes of both, "\n"; `mark` is "@F " or "@R ".
 * False: something else stands there. */
bool frame_take(FrameCursor *cursor, const char *mark, size_t number_count, Frame *ret);

/* Is exactly "@E NONCE\n" left? */
bool frame_is_closing(const FrameCursor *cursor, const char *nonce);

/* The last line of a text, and all lines joined by "; ", with anything unprintable as '?'. */
const char *frame_last_line(Arena *arena, const char *bytes, size_t length);
const char *frame_joined_lines(Arena *arena, const char *bytes, size_t length);
