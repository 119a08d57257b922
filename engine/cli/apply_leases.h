/*
 * cli/apply_leases.h - the leases of an apply, and what a user reads of them.
 */
#pragma once

#include "cli/authority.h"
#include "engine/leases.h"

/* Those of all domains that the session's plan touches and, `with_left`, of those it looked at that
 * a dead run left; to be ended by leases_end before the session is. While etcd does not keep leases
 * yet, because this plan makes what it needs for that, they are kept on this runner. Errors: also
 * ERROR_REFUSED (another holds one, CONDITION_LEASE), ERROR_CANCELLED. */
MUST_USE Error *apply_leases_take(Session *session, const LockOptions *lock, bool with_left,
                                  int64_t timeout_ms, const Cancel *cancel, Leases **ret);

/* Before the first effect: nodes whose lease was taken over are told. */
MUST_USE Error *apply_leases_announce(const Session *session, const Leases *leases);
