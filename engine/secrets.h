/*
 * engine/secrets.h - the texts behind the secret holes of a plan, while it is applied.
 *
 * All are resolved before the first effect. They live in memory only; what is written or printed
 * goes through secrets_mask first. Read-only once made: any thread.
 */
#pragma once

#include "plans/plan.h"

typedef struct Secrets Secrets;

/* The text behind an address, or NULL. Called on one thread. */
typedef const char *(*SecretSource)(void *context, const char *address);

/* Resolve every hole in the effects and checks of all actions. Errors: ERROR_INVALID naming the
 * addresses that lead nowhere. */
MUST_USE Error *secrets_resolve(Arena *arena, const Plan *plan, SecretSource source, void *context,
                                Secrets **ret);

/* The value with its holes filled; NULL secrets fill none. Errors: ERROR_INVALID when a hole was
 * not in the plan. */
MUST_USE Error *secrets_fill(const Secrets *secrets, Arena *arena, const Value *value,
                             const Value **ret);

/* `text` with each secret (as it is, and as JSON, SQL and YAML write it) replaced by
 * "(sensitive value)". Secrets of fewer than four bytes are not looked for. */
char *secrets_mask(const Secrets *secrets, Arena *arena, const char *text);

/* The same in an error and its causes. Takes ownership; NULL gives NULL. */
Error *secrets_mask_error(const Secrets *secrets, Error *error);

/* The same in the texts of a value. */
const Value *secrets_mask_value(const Secrets *secrets, Arena *arena, const Value *value);

size_t secrets_count(const Secrets *secrets);
