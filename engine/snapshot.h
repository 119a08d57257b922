/*
 * engine/snapshot.h - what is known to be in place after an apply, as one commit.
 *
 * A file per domain: clusters/<xx>/<name>.json, nodes/, etcd/, infra/; <xx> are the first two hex
 * digits of the SHA-256 of the name. It holds the resources that were put in place, with their
 * desired values, sorted by address; secrets stay holes. The message tells the run, what was done
 * and what failed.
 *
 * An execution that was killed did more than it could tell. So the next apply also records what it
 * finds in place: all of that when an earlier execution was interrupted, else what no file has yet.
 */
#pragma once

#include "engine/events.h"

/* What a plan found in place. Lives in the arena, until in_place_end(). */
typedef struct InPlace InPlace;

/* `all`: every resource, else those that no file in the repository has. */
InPlace *in_place_new(Arena *arena, const char *repository, bool all);
void in_place_end(InPlace *in_place); /* NULL is a no-op */

/* A PlanWitness; its context is the InPlace. */
void in_place_note(void *context, const Domain *domain, const Resource *resource);

typedef struct SnapshotInput {
    const char *repository, *run, *program_version;
    const char *lock_local;     /* why its leases were taken on this runner alone; or NULL */
    const Execution *execution; /* or NULL: there was nothing to do */
    const InPlace *in_place;    /* or NULL */
} SnapshotInput;

/* Record what was applied and what was in place. *ret_commit stays NULL when nothing changed.
 * Errors: ERROR_LOCAL, ERROR_CONFLICT. */
MUST_USE Error *snapshot_record(Arena *arena, const SnapshotInput *input, const char **ret_commit);

/* "clusters/1f/pg-test.json". */
const char *snapshot_path(Arena *arena, DomainType type, const char *name);

/* What a file has, with `changes` (address -> resource map, or VALUE_NULL for what went away) put
 * in; as text. `old` may be NULL. Errors: ERROR_INVALID when `old` is not ours. */
MUST_USE Error *snapshot_merge(Arena *arena, const char *domain, const char *old,
                               const Value *changes, const char **ret);
