/*
 * providers/verbs/cluster_parts.h - what the verbs of clusters and of instances share.
 *
 * Pure; values live in the arena that is handed over.
 */
#pragma once

#include "providers/verbs/action_args.h"

/* What is wanted of a fact. */
typedef struct Want {
    Relation relation;
    const Value *value;
} Want;

/* A question to Patroni on the action's node ("patroni.member"). */
void patroni_check(Arena *arena, CheckList *out, const Action *action, const char *path, Want want,
                   int64_t bound_ms, const char *sentence);

/* Arguments of EFFECT_FILE_PUT, of the owner and group that the action names. */
Value *cluster_file_args(Arena *arena, const char *path, const Value *content, const char *mode,
                         const Action *action);

/* Our note that the cluster is ours: "forming" before it exists, so that a creation that was cut
 * short is recognised as our own; "formed" when it stands. */
void cluster_marker_add(Arena *arena, EffectList *out, const Action *action, const char *host,
                        const char *state);

/* A list of two texts, for RELATION_IN. */
const Value *value_either(Arena *arena, const char *a, const char *b);
