/*
 * plans/compare.h - are a desired and an observed value of a param the same? By its type.
 *
 * Secrets are never compared here: the kind that read them has, and says "match" or "differ".
 * Pure; any thread.
 */
#pragma once

#include "schema/contract/kind.h"

typedef enum Comparison {
    COMPARE_EQUAL,
    COMPARE_DIFFER,
    COMPARE_NOT_POSSIBLE, /* a secret that nobody could compare, a value that is made later */
} Comparison;

/* Whole params of any type but maps and settings. */
Comparison compare_param(const ParamRow *row, const Value *desired, const Value *observed);

/* One key of a map or of settings; NULL: the key is not there. Desired null wants it gone. */
Comparison compare_key(const ParamRow *row, const char *key, const Value *desired,
                       const Value *observed);

/* Is the param compared key by key? */
bool compare_is_keyed(const ParamRow *row);
