/*
 * engine/git/tree.h - the files of a commit of the repository around the working directory, under
 * the paths that they have on disk.
 *
 * Paths are relative to the working directory, or absolute; outside of the repository nothing is
 * there. Links are followed inside the commit. One thread.
 */
#pragma once

#include "base/file.h"

typedef struct GitTree GitTree;

/* Errors: ERROR_INVALID (no repository here, no such revision), ERROR_LOCAL. */
MUST_USE Error *git_tree_open(const char *revision, GitTree **ret);
void git_tree_freep(GitTree **tree);

/* Lives as long as the tree. */
const FileTree *git_tree_files(const GitTree *tree);

/* "3f2a91c", for people. */
const char *git_tree_name(const GitTree *tree);
