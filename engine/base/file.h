/*
 * base/file.h - whole files: read with a bound, write atomically.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"

/* The whole file, NUL-terminated, at most max_bytes. Errors: ERROR_INVALID when the path
 * leads nowhere or the file is too long, ERROR_LOCAL when it cannot be read. A pipe without a
 * writer is empty. */
MUST_USE Error *file_read(Arena *arena, const char *path, size_t max_bytes, char **ret_bytes,
                          size_t *ret_length);

bool file_exists(const char *path);

typedef enum FileType {
    FILE_ABSENT, /* or a link to nothing, or nothing that may be looked at */
    FILE_REGULAR,
    FILE_DIRECTORY,
    FILE_SPECIAL, /* reading it may wait for ever */
} FileType;

/* Links are followed. */
FileType file_type(const char *path);

/* The names in a directory, sorted as bytes, without "." and "..". Errors: ERROR_LOCAL. */
MUST_USE Error *file_list(Arena *arena, const char *path, const char *const **ret_names,
                          size_t *ret_count);

/* Absolute and without links, an arena string; NULL when there is nothing. */
const char *file_real(Arena *arena, const char *path);

/* Where files are read from: the disk, or a commit. Functions as those above. */
typedef struct FileTree {
    const void *context;
    Error *(*read)(const void *context, Arena *arena, const char *path, size_t max_bytes,
                   char **ret_bytes, size_t *ret_length);
    FileType (*type)(const void *context, const char *path);
    Error *(*list)(const void *context, Arena *arena, const char *path,
                   const char *const **ret_names, size_t *ret_count);
    const char *(*real)(const void *context, Arena *arena, const char *path);
} FileTree;

const FileTree *file_tree_disk(void);

/* Create a directory and its parents. Errors: ERROR_LOCAL. */
MUST_USE Error *file_make_dirs(const char *path, mode_t mode);

/* The directory part ("." if none), an arena string. */
char *file_dirname(Arena *arena, const char *path);

/* An atomic write: begin opens a temporary file beside `path` with `mode`; commit flushes, fsyncs,
 * renames and fsyncs the directory; rollback removes the temporary file and is a no-op after a
 * commit, so `CLEANUP(file_write_rollback) FileWrite write = {0};` can never forget it. */
typedef struct FileWrite {
    FILE *stream;
    char *path;
    char *temporary;
} FileWrite;

MUST_USE Error *file_write_begin(FileWrite *write, const char *path, mode_t mode);
MUST_USE Error *file_write_commit(FileWrite *write);
void file_write_rollback(FileWrite *write);

/* The three in one. */
MUST_USE Error *file_write_all(const char *path, mode_t mode, const void *bytes, size_t length);

/* close() and forget, for CLEANUP. */
void file_close(int *fd);
