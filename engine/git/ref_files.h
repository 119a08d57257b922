/*
 * engine/git/ref_files.h - small files under one ref of a bare git repository that several programs
 * change: all or none, and only if nobody changed them meanwhile.
 *
 * Each change is a commit on top of the ref, so its history tells who changed what.
 *
 * Of a path the ref moves by compare-and-swap on the repository itself
 * (git_reference_create_matching); it is never pushed to: libgit2's local transport moves the other
 * side's ref by force and loses commits. What is a URL is fetched into a repository of our own and
 * pushed back by the git program, --force-with-lease=REF:WHAT_WAS_FETCHED, as the user would with
 * it: his configuration, his SSH, his agent, but no question. One handle of a URL at a time; others
 * wait.
 *
 * One thread at a time per handle. Errors: ERROR_UNREACHABLE (the repository is not there, or not
 * readable), ERROR_LOCAL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct RefFiles RefFiles;

typedef struct RefFile {
    const char *name;
    const char *content; /* "" and no version: there is none */
    const char *version; /* its blob's id */
} RefFile;

/* Is it for the git program: SCHEME://, or [USER@]HOST:PATH? */
bool ref_files_is_url(const char *place);

/* For who opens handles in several threads: between these two libgit2 stays set up. It keeps the
 * last error of each thread, and when it ends in one of them it loses the others'. Errors:
 * ERROR_LOCAL. */
MUST_USE Error *ref_files_begin(void);
void ref_files_end(void);

/* `place` is a path or a URL; `cache` where the repository of our own is, for a URL. */
MUST_USE Error *ref_files_open(const char *place, const char *cache, const char *ref,
                               RefFiles **ret);
void ref_files_freep(RefFiles **files);

/* All that there are, sorted by name. */
MUST_USE Error *ref_files_list(RefFiles *files, Arena *arena, RefFile **ret, size_t *ret_count);

/* Write every `content` if every `version` ("": there is none) is still what is there, else
 * nothing. */
MUST_USE Error *ref_files_swap(RefFiles *files, Arena *arena, const RefFile *wanted, size_t count,
                               const char *message, bool *ret_is_done);
