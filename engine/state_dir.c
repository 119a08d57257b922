#include "engine/state_dir.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"

enum { CHANCE_DIGITS = 4 };

static StateDir below(Arena *arena, const char *path)
{
    return (StateDir){.path = path,
                      .lock = arena_printf(arena, "%s/lock", path),
                      .leases = arena_printf(arena, "%s/leases", path),
                      .runs = arena_printf(arena, "%s/runs", path),
                      .journal = arena_printf(arena, "%s/journal", path),
                      .repository = arena_printf(arena, "%s/state.git", path),
                      .timings = arena_printf(arena, "%s/timings.json", path),
                      .known_passwords = arena_printf(arena, "%s/known_passwords", path)};
}

StateDir state_dir_of(Arena *arena, const char *inventory_path, const char *path)
{
    const char *folder = file_type(inventory_path) == FILE_DIRECTORY
                             ? inventory_path
                             : file_dirname(arena, inventory_path);
    return below(arena, path ? path : arena_printf(arena, "%s/.pgsteer", folder));
}

StateDir state_dir_copy(Arena *arena, const StateDir *directory)
{
    return below(arena, arena_strdup(arena, directory->path));
}

const char *state_dir_run(Arena *arena, const StateDir *directory, const char *run)
{
    return arena_printf(arena, "%s/%s", directory->runs, run);
}

/* "2026-11-23T02:10:23.123Z" has what is needed at fixed places. */
const char *run_new(Arena *arena)
{
    char chance[CHANCE_DIGITS + 1];
    random_hex(chance, CHANCE_DIGITS);
    const char *now = clock_rfc3339(arena, clock_wall_ms());
    return arena_printf(arena, "%.4s%.2s%.2s-%.2s%.2s%.2s-%s", now, now + 5, now + 8, now + 11,
                        now + 14, now + 17, chance);
}
