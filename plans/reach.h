/*
 * plans/reach.h - which domains -target can concern: what has to be read and planned for it.
 *
 * A plan is made whole and then cut down to what was named and what that needs. What is needed lies
 * in the infra and etcd domains, which come before all others, and in domains on the same nodes
 * (contract/order.h); so nothing else has to be looked at.
 */
#pragma once

#include "schema/contract/domain.h"

/* The domains, in their order, that one of the patterns (NULL-terminated) names, with what they can
 * need. All of `domains` when that cannot be told before everything is read: without patterns, or
 * for a glob, or for one that names no domain itself. *ret lives in the arena. */
size_t reach_of(Arena *arena, const char *const *patterns, const Domain *domains, size_t count,
                const Domain **ret);
