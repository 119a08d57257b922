/*
 * base/format.h - vsnprintf, several times as fast for the formats that are used most.
 *
 * Those have nothing but %s, %c, %d, %u, %ld, %lu, %lld, %llu, %zu and %%, without flags,
 * width or precision; all others go to vsnprintf, so any format may be used. Any thread.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

/* As vsnprintf: at most room - 1 bytes and a NUL (room > 0); returns the length that it has in
 * full, or < 0. */
int format_text(char *out, size_t room, const char *fmt, va_list args) PRINTF_LIKE(3, 0);
