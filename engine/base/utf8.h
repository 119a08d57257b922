/*
 * base/utf8.h - one UTF-8 sequence to one code point.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Decode the sequence at the start of `bytes`; returns its length (1 to 4), or 0 if there is none:
 * cut off, overlong, a surrogate, above U+10FFFF. Then *ret_code is untouched. */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *ret_code);
