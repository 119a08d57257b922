/*
 * engine/state_dir.h - where the runner keeps its own things: .pgsteer beside the inventory file,
 * or in the inventory directory.
 *
 *   lock         held while leases are changed journal/     one file per unfinished execution
 *   leases/      one file per domain           journal/done the completed ones
 *   runs/        one file per apply that runs  state.git    snapshots, bare repository
 *   timings.json how long verbs really take
 *   known_passwords  what schema/known_passwords.h remembers; no repository may have it
 *
 * Losing all of it loses history, nothing else.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct StateDir {
    const char *path;
    const char *lock;
    const char *leases;
    const char *runs;
    const char *journal;
    const char *repository;
    const char *timings;
    const char *known_passwords;
} StateDir;

/* Beside the file or in the directory `inventory_path`; `path` (not NULL) overrides. Makes nothing.
 */
StateDir state_dir_of(Arena *arena, const char *inventory_path, const char *path);

StateDir state_dir_copy(Arena *arena, const StateDir *directory);

/* The file that a run holds locked as long as it lives. */
const char *state_dir_run(Arena *arena, const StateDir *directory, const char *run);

/* "20261123-021023-8f3a": time in UTC and chance. */
const char *run_new(Arena *arena);
