/*
 * engine/state_dir.h - where the runner keeps its own things: .pgsteer beside the inventory file,
 * or in the inventory directory.
 *
 *   lock         held while an apply runs      journal/     one file per interrupted execution
 *   state.git    snapshots, bare repository    journal/done the completed ones
 *   timings.json how long verbs really take
 *
 * Losing all of it loses history, nothing else.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct StateDir {
    const char *path;
    const char *lock;
    const char *journal;
    const char *repository;
    const char *timings;
} StateDir;

/* Beside the file or in the directory `inventory_path`; `path` (not NULL) overrides. Makes nothing.
 */
StateDir state_dir_of(Arena *arena, const char *inventory_path, const char *path);

/* "20261123-021023-8f3a": time in UTC and chance. */
const char *run_new(Arena *arena);
