/*
 * cli/apply_leases.h - the leases of an apply, and what a user reads of them.
 */
#pragma once

#include "cli/session.h"
#include "engine/leases.h"

/* Those of all domains that the session's plan touches, to be ended by leases_end. Errors: also
 * ERROR_REFUSED (another holds one, CONDITION_LEASE), ERROR_CANCELLED. */
MUST_USE Error *apply_leases_take(Session *session, int64_t timeout_ms, const Cancel *cancel,
                                  Leases **ret);

/* Before the first effect: nodes whose lease was taken over are told. */
MUST_USE Error *apply_leases_announce(const Session *session, const Leases *leases);
