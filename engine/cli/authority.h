/*
 * cli/authority.h - which place keeps the leases, and what a user reads when it does not answer.
 *
 * The inventory declares it (pgsteer_lease_authority); the only way around it is -lock=local with a
 * reason.
 */
#pragma once

#include "cli/session.h"
#include "engine/lease_authority.h"

typedef struct LockOptions {
    const char *lock, *reason; /* as given; NULL */
} LockOptions;

/* Errors: ERROR_INVALID (a value that there is not, no reason). */
MUST_USE Error *authority_check(const LockOptions *options);

/* The one that counts, of a session that is loaded. It may need the session's world, which is
 * connected then, so it ends before the session does. Errors: ERROR_INVALID (a secret that is not
 * at hand). */
MUST_USE Error *authority_open(Session *session, const LockOptions *options, LeaseAuthority **ret);

/* What failed when `name` in `place` was asked, for people: CONDITION_LEASE, unless it is this
 * machine's own or was classified. Takes `error` over; NULL stays NULL. */
MUST_USE Error *authority_failed(Cli *cli, const char *name, const char *place, Error *error);
