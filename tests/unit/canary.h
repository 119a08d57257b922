/*
 * tests/unit/canary.h - an inventory in which everything that the table calls a secret holds one
 * that can be recognised, in each form in which it may be written.
 */
#pragma once

#include "base/arena.h"
#include "base/text.h"

#define CANARY     "c4nary"
#define CANARY_ENV "PGSTEER_TEST_BIRD" /* holds a secret that begins with CANARY */

typedef enum CanaryForm {
    CANARY_PLAIN,
    CANARY_QUOTED,
    CANARY_BLOCK, /* "|", on a line of its own */
    CANARY_FROM_ENV,
    CANARY_FROM_FILE, /* "bird" beside the inventory, or the absolute path in `file` */
    CANARY_VAULT,     /* vault_plain of vault_samples.h */
    CANARY_FORM_COUNT
} CanaryForm;

/* A small fleet with every parameter and field of type password, each on lines of its own. Without
 * errors. *ret_count: how many secrets it has. */
char *canary_inventory(Arena *arena, CanaryForm form, size_t *ret_count);

/* Fails the test, and shows where, when the text has a piece of a canary. `what` says which text.
 */
void canary_is_not_in(const char *text, size_t length, const char *what);
