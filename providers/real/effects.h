/*
 * providers/real/effects.h - performing typed effects on one node.
 *
 * What happens on the node itself goes through the effect library, neighbouring effects in one
 * round trip; certificates involve a second node; REST and SQL go through streams of the same
 * session.
 */
#pragma once

#include "providers/real/node_context.h"
#include "schema/contract/effect.h"

/* In order, until one fails. *ret_outcome: {"changed": how many changed something, "said": [what
 * they told]}. Errors: as World.perform. */
MUST_USE Error *effects_perform(const NodeContext *context, const Effect *effects, size_t count,
                                const Value **ret_outcome);
