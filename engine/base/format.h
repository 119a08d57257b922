/*
 * base/format.h - vsnprintf() for those who format most texts, in a fraction of its time where the
 * format has nothing but %s, %d, %zu and %% in it. Pure.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

/* As vsnprintf(): at most `size` bytes with the NUL, the whole length is returned. NULL as a string
 * is "(null)". */
int format_text(char *buffer, size_t size, const char *fmt, va_list args) PRINTF_LIKE(3, 0);
