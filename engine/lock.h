/*
 * engine/lock.h - one process at a time.
 *
 * An advisory lock (flock) on a file that says who holds it; the kernel takes it back when the
 * holder dies, however it dies. The file itself stays.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct Lock Lock;

/* Errors: ERROR_LOCAL. When another holds it, *ret stays NULL and *ret_holder (to be freed with
 * free()) says who: "pid 4711 on db-admin since 2026-11-23T02:10:23.123Z (run ...)". */
MUST_USE Error *lock_take(const char *path, const char *run, Lock **ret, char **ret_holder);

/* The same, but try for so long. `run` says what for. Errors: also ERROR_LOCAL when another still
 * holds it then. */
MUST_USE Error *lock_wait(const char *path, const char *run, int64_t limit_ms, Lock **ret);

/* Does anybody hold it? A file that is not there, nobody does. */
bool lock_is_held(const char *path);

/* Give it back; NULL is a no-op. */
void lock_freep(Lock **lock);
