/*
 * tests/unit/unit.h - cmocka with what it wants included before it, in the order that it wants.
 */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
/* clang-format on */
