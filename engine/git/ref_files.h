/*
 * engine/git/ref_files.h - small files under one ref of a bare git repository that several programs
 * change: all or none, and only if nobody changed them meanwhile.
 *
 * Each change is a commit on top of the ref, so its history tells who changed what; the ref moves
 * by compare-and-swap on the repository itself (git_reference_create_matching). A path is never
 * pushed to: libgit2's local transport moves the other side's ref by force and loses commits.
 *
 * One thread at a time per handle. The user's own git configuration is not read. Errors:
 * ERROR_UNREACHABLE (the repository is not there, or not readable), ERROR_LOCAL.
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

MUST_USE Error *ref_files_open(const char *path, const char *ref, RefFiles **ret);
void ref_files_freep(RefFiles **files);

/* All that there are, sorted by name. */
MUST_USE Error *ref_files_list(RefFiles *files, Arena *arena, RefFile **ret, size_t *ret_count);

/* Write every `content` if every `version` ("": there is none) is still what is there, else
 * nothing. */
MUST_USE Error *ref_files_swap(RefFiles *files, Arena *arena, const RefFile *wanted, size_t count,
                               const char *message, bool *ret_is_done);
