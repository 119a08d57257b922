/*
 * engine/snapshot.h - what is known to be in place after an execution, as one commit.
 *
 * A file per domain: clusters/<xx>/<name>.json, nodes/, etcd/, infra/; <xx> are the first two hex
 * digits of the SHA-256 of the name. It holds the resources that executions have put in place, with
 * their desired values, sorted by address; secrets stay holes. The message tells the run, what was
 * done and what failed.
 */
#pragma once

#include "engine/events.h"

/* Record what the execution applied. *ret_commit stays NULL when nothing changed.
 * Errors: ERROR_LOCAL, ERROR_CONFLICT. */
MUST_USE Error *snapshot_record(Arena *arena, const char *repository, const Execution *execution,
                                const char *program_version, const char **ret_commit);

/* "clusters/1f/pg-test.json". */
const char *snapshot_path(Arena *arena, DomainType type, const char *name);

/* What a file has, with `changes` (address -> resource map, or VALUE_NULL for what went away) put
 * in; as text. `old` may be NULL. Errors: ERROR_INVALID when `old` is not ours. */
MUST_USE Error *snapshot_merge(Arena *arena, const char *domain, const char *old,
                               const Value *changes, const char **ret);
