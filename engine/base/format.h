/*
 * base/format.h - vsnprintf, with a short way for what most formats are made of.
 *
 * Names, paths and addresses are put together from texts and whole numbers, hundreds of them a
 * node; the C library takes five times as long for these.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"

/* As vsnprintf: what is written ends in NUL and fits into `size` bytes; the length is that of the
 * whole text, negative if it cannot be formatted. */
int format_text(char *bytes, size_t size, const char *fmt, va_list args) PRINTF_LIKE(3, 0);
