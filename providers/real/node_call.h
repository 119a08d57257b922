/*
 * providers/real/node_call.h - functions of the effect library (effects/), called on a node.
 *
 * The library is one constant text; calls and their arguments travel as length-prefixed data on
 * stdin. Several calls go in one round trip and are made in order until one fails.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/value.h"
#include "providers/ssh/session.h"
#include "schema/contract/fence.h"

/* "file_put" calls effect_file_put. Arguments are texts, numbers, booleans, lists of them and lists
 * of maps of them; nulls are left out. A text named content, value or password may hold any
 * character; all others no control characters, and they do not start with '-'. */
typedef struct NodeCall {
    const char *function;
    const Value *args;
} NodeCall;

typedef struct NodeResult {
    bool is_changed;
    const char *said; /* its stdout */
} NodeResult;

/* The whole library. */
const char *node_call_text(Arena *arena);

/* What goes to stdin; `fence` may be NULL: nobody asks. Errors: ERROR_INVALID (an argument that
 * cannot be passed). */
MUST_USE Error *node_call_write(Arena *arena, Text *out, const NodeCall *calls, size_t count,
                                const Fence *fence, const char *nonce);

/* Set the results of an answer. Errors: ERROR_UNREACHABLE (cut off), ERROR_REFUSED (a call failed:
 * which and why), ERROR_FENCED (contract/fence.h). */
MUST_USE Error *node_call_parse(Arena *arena, const char *bytes, size_t length, const char *nonce,
                                const NodeCall *calls, size_t count, NodeResult *ret_results);

/* All of it over an open session. */
MUST_USE Error *node_call_run(SshSession *session, const NodeCall *calls, size_t count,
                              const Fence *fence, int64_t deadline_ms, Arena *arena,
                              NodeResult *ret_results);

MUST_USE Error *node_call_one(SshSession *session, const char *function, const Value *args,
                              const Fence *fence, int64_t deadline_ms, Arena *arena,
                              NodeResult *ret_result);
