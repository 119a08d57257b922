/*
 * schema/contract/marker.h - notes that an action leaves on nodes are part of what it does.
 *
 * A runner that dies between the last effect that shows and the note after it leaves an action that
 * looks done. So the note is a post-check like any other: as long as it is not there, the action is
 * not done, and the next apply repeats it.
 */
#pragma once

#include "schema/contract/verb.h"

#define MARKER_SOURCE "node.markers"

/* For each EFFECT_MARKER: the note is as it was written, or gone if it was taken away. */
void marker_checks_add(Arena *arena, const EffectList *effects, CheckList *post);
