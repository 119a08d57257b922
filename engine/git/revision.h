/*
 * engine/git/revision.h - the files of one revision of a user's repository, as a FileTree.
 *
 * Nothing is checked out, written or run, and who owns the repository does not matter. Paths are
 * those of the working tree, whether they are there by now or not. Links are followed inside of the
 * revision; one that leads out of it leads nowhere, and a submodule is neither file nor directory.
 * One thread at a time.
 */
#pragma once

#include "base/file.h"

typedef struct Revision Revision;

/* The commit that `name` ("main", "HEAD~2", a hash) means in the repository that `near`, a
 * directory, is in. Errors: ERROR_INVALID (no repository, a bare one, no such revision),
 * ERROR_LOCAL. */
MUST_USE Error *revision_open(const char *near, const char *name, Revision **ret);

/* For CLEANUP; NULL is a no-op. */
void revision_freep(Revision **revision);

/* As long as the revision is open. */
const FileTree *revision_files(const Revision *revision);
const char *revision_id(const Revision *revision); /* the hash of the commit */
