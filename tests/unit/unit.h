/*
 * tests/unit/unit.h - cmocka with what it wants included before it, in the order that it wants,
 * and the few checks that many tests share.
 */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"

/* No error; prints it otherwise. */
static inline void check_fine(Error *error)
{
    if (!error)
        return;
    char *text = error_text(error);
    error_free(error);
    print_error("unexpected error: %s\n", text);
    free(text);
    fail();
}

/* An error of that code whose text contains `part`. */
static inline void check_error(Error *error, ErrorCode code, const char *part)
{
    if (!error) {
        fail_msg("no error, where '%s' was expected", part);
        return;
    }
    assert_string_equal(error_code_name(error->code), error_code_name(code));
    char *text = error_text(error);
    if (!strstr(text, part))
        fail_msg("the error '%s' does not contain '%s'", text, part);
    free(text);
    error_free(error);
}

/* Setup and teardown of tests whose state is an arena. */
static inline int arena_setup(void **state)
{
    *state = arena_new();
    return 0;
}

static inline int arena_teardown(void **state)
{
    arena_free(*state);
    return 0;
}
