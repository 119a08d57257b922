/*
 * engine/verify.h - ask the world whether checks hold: once, or again until their bound has passed.
 *
 * The checks of one host and stage are asked in one round trip. One Verify belongs to one thread.
 */
#pragma once

#include "engine/cancel.h"
#include "schema/contract/check.h"
#include "schema/contract/registry.h"
#include "schema/contract/verb.h"
#include "schema/contract/world.h"

/* How often a wait looks: first after 200 ms, then less and less often. */
enum {
    VERIFY_FIRST_POLL_MS = 200,
    VERIFY_LAST_POLL_MS = 1000,
    VERIFY_READ_LIMIT_MS = 30000,
    VERIFY_UNREAD_MS = 40000, /* the least time that something may stay unread */
};

typedef struct Verify {
    World *world;
    const Registry *registry;
    const Action *action;                                 /* its target resolved */
    const Cancel *cancel;                                 /* or NULL */
    void (*waiting)(void *context, const char *sentence); /* for progress; or NULL */
    void *context;
} Verify;

typedef struct Verdict {
    CheckResult result;
    const Value *now;        /* what is there; NULL when nothing or not readable */
    const char *why_unknown; /* CHECK_UNKNOWN */
} Verdict;

/* Ask once. ret_verdicts has one item a check. Errors: ERROR_INVALID (a source that is not known).
 * A node that does not answer gives CHECK_UNKNOWN. */
MUST_USE Error *verify_once(const Verify *verify, Arena *arena, const CheckList *checks,
                            Verdict *ret_verdicts);

/* Wait until each has held. Errors: ERROR_REFUSED (one did not hold within its bound),
 * ERROR_UNREACHABLE (it could not be read), ERROR_CANCELLED (CANCEL_INTERRUPT). */
MUST_USE Error *verify_wait(const Verify *verify, Arena *arena, const CheckList *checks);

/* Is every one known to hold? False for no checks at all. */
bool verdicts_hold(const Verdict *verdicts, size_t count);
