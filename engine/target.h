/*
 * engine/target.h - which node an action works on, found out when it starts.
 *
 * The host "@leader" stands for the member that leads at that moment. It is looked for by asking
 * Patroni on the nodes in the argument "members": [{name, host}].
 */
#pragma once

#include "engine/cancel.h"
#include "schema/contract/registry.h"
#include "schema/contract/verb.h"
#include "schema/contract/world.h"

#define TARGET_LEADER "@leader"

enum { TARGET_LIMIT_MS = 30000 };

bool target_is_leader(const char *host);

/* *ret is the action with its host resolved; strings live in `arena`. Waits at most `limit_ms` for
 * a leader. Errors: ERROR_UNREACHABLE (nobody leads, nobody answers), ERROR_INVALID (the action
 * names no members), ERROR_CANCELLED. */
MUST_USE Error *target_resolve(World *world, const Registry *registry, const Action *action,
                               int64_t limit_ms, const Cancel *cancel, Arena *arena, Action *ret);

/* Put the resolved host where effects and checks say "@leader". */
void target_replace(const Action *resolved, EffectList *effects, CheckList *checks);
