/*
 * engine/git/handles.h - handles of libgit2 that end themselves, and its errors; for engine/git
 * only.
 */
#pragma once

#include <git2.h>

#include "base/error.h"

/* For CLEANUP; a handle that was not opened is a no-op. */
void git_commit_end(git_commit **handle);
void git_tree_end(git_tree **handle);
void git_tree_entry_end(git_tree_entry **handle);
void git_blob_end(git_blob **handle);
void git_diff_end(git_diff **handle);
void git_object_end(git_object **handle);
void git_reference_end(git_reference **handle);
void git_revwalk_end(git_revwalk **handle);
void git_signature_end(git_signature **handle);

/* What libgit2 says of the call that just failed, in the same thread. */
Error *git_failed(ErrorCode code, const char *what);

/* Before the first repository is opened; for each call one of git_libgit2_shutdown(). The user's
 * own configuration is not read. Errors: ERROR_LOCAL. */
MUST_USE Error *git_set_up(void);
