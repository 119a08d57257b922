/*
 * engine/git/store.h - a bare git repository as a store of small files with history.
 *
 * One thread per store. The library is set up when the first store is opened, so commands that need
 * no history never pay for it. The user's own git configuration is not read.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

typedef struct Store Store;

#define STORE_REF "refs/heads/main"

/* Open the bare repository; `create` makes it when it is not there. Errors: ERROR_INVALID (none
 * there, nothing was recorded yet), ERROR_LOCAL. */
MUST_USE Error *store_open(const char *path, bool create, Store **ret);
void store_freep(Store **store);

/* A file to write (content) or to remove (content is NULL). */
typedef struct StoreFile {
    const char *path;
    const char *content;
} StoreFile;

/* One commit on top of the branch. *ret_commit stays NULL when the files are what is there already.
 * Errors: ERROR_CONFLICT (another moved the branch meanwhile), ERROR_LOCAL. */
MUST_USE Error *store_commit(Store *store, Arena *arena, const StoreFile *files, size_t count,
                             const char *message, const char **ret_commit);

/* The commit that `revision` names ("" or NULL: the newest; a hash or its beginning, HEAD~2).
 * Errors: ERROR_INVALID. */
MUST_USE Error *store_resolve(Store *store, Arena *arena, const char *revision,
                              const char **ret_commit);

/* A file as of a commit; NULL when it is not there. With no commit at all: NULL. */
MUST_USE Error *store_read(Store *store, Arena *arena, const char *commit, const char *path,
                           const char **ret_content);

typedef struct StoreCommit {
    const char *id;
    const char *message;
    int64_t wall_ms;
} StoreCommit;

/* Newest first, at most `most`. An empty store has none. */
MUST_USE Error *store_log(Store *store, Arena *arena, size_t most, StoreCommit **ret,
                          size_t *ret_count);

/* A commit's message, and what it changed against its parent, as a patch. */
MUST_USE Error *store_show(Store *store, Arena *arena, const char *commit, StoreCommit *ret,
                           Text *out);

/* What lies between two commits, as a patch. */
MUST_USE Error *store_diff(Store *store, const char *from, const char *to, Text *out);
