/*
 * base/attr.h - the compiler attributes used in this tree, and one array helper.
 */
#pragma once

#include <stddef.h>

/* The result must be looked at: an Error that is dropped is a bug. */
#define MUST_USE __attribute__((warn_unused_result))

/* `fmt` is the number of the format argument, `first` of the first value after it. */
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

/* Call `fn(&variable)` when the variable goes out of scope. Only ever ends things. */
#define CLEANUP(fn)     __attribute__((cleanup(fn)))

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
