/*
 * schema/contract/fence.h - what keeps a run that was taken over from doing anything more.
 *
 * A lease may end while its holder sleeps, so that holding it proves nothing at the moment of an
 * effect. Each effect carries the token of its domain's lease, and the target keeps the highest
 * token that it has seen of each domain: what carries a lower one is refused there, right before it
 * would act. Tokens of a domain only grow.
 *
 * All texts are words of [A-Za-z0-9_.:-] that do not start with '-', so that they can travel in a
 * line or a command.
 */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct Fence {
    const char *domain; /* "pg-test" */
    int64_t token;
    const char *run;    /* "20261123-021023-8f3a" */
    const char *holder; /* its host and process: "db-admin:4711" */
    const char *since;  /* when the lease was taken, RFC 3339 */
} Fence;

/* A word of that alphabet from any text: other characters become '_'. */
char *fence_word(Arena *arena, const char *text);

Fence *fence_copy(Arena *arena, const Fence *fence);

/* Errors: ERROR_FENCED if `ours` is older than `newest` (NULL: none was seen). */
MUST_USE Error *fence_check(const Fence *ours, const Fence *newest);
