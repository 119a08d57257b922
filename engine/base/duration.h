/*
 * base/duration.h - time and size values as users write them, and as we print them.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

/* "250ms", "30s", "5min" or "5m", "2h", "7d" to milliseconds. A bare number is refused.
 * Errors: ERROR_INVALID (empty, no unit, unknown unit, negative, overflow). */
MUST_USE Error *duration_parse(const char *text, int64_t *ret_ms);

/* "0.9 s", "46 s", "2m04s", "1h02m": at most five columns of figures, for people. */
void duration_format(Text *out, int64_t duration_ms);

/* "8192", "64kB", "16MB", "2GB", "1TB" (PostgreSQL's units, 1024 each) and "MiB"-style names to
 * bytes. Errors: ERROR_INVALID. */
MUST_USE Error *size_parse(const char *text, int64_t *ret_bytes);

/* "8 GiB", "38 GiB", "512 MiB": for people. */
void size_format(Text *out, int64_t bytes);
