/*
 * schema/contract/owed.h - what a service has still to be told: files were written for it, and it
 * has not read them yet.
 *
 * Several files are one reload (plans/procedures/reloads), so a runner that dies between the two
 * leaves files that are as wanted and a service that does not know them: a difference that no file
 * shows. So the action that writes notes the debt on the node first, in the same round trip, and
 * the reload takes the note away last. A note that is seen is a reload to plan.
 *
 * In an action's arguments (put there by the procedure, carried out by the executor for every
 * verb): "owes"     a map: key of the note -> name of the verb that settles it "settles"  the key
 * of the note that this action takes away
 */
#pragma once

#include "schema/contract/marker.h"

#define OWED_SOURCE MARKER_SOURCE

/* "owed.pg-test.haproxy" */
const char *owed_key(Arena *arena, const char *domain, const char *service);

/* The verb that a note names, or "". */
const char *owed_verb(const Value *note);

/* Notes before the effects, their end after them, and the check that it has come. */
void owed_add(Arena *arena, const Action *action, EffectList *effects, CheckList *post);
