#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "engine/lease_authority.h"
#include "engine/lock.h"

#define LEASE_SUFFIX ".json"

enum { LEASE_MAX_BYTES = 65536, LOCK_WAIT_MS = 10000 };

typedef struct LocalAuthority {
    LeaseAuthority authority;
    Arena *arena;
    StateDir directory;
} LocalAuthority;

void lease_authority_freep(LeaseAuthority **authority)
{
    if (*authority)
        (*authority)->free(*authority);
    *authority = NULL;
}

static const StateDir *directory_of(const LeaseAuthority *authority)
{
    const LocalAuthority *local = authority->context;
    return &local->directory;
}

static const char *path_of(Arena *arena, const LeaseAuthority *authority, const char *domain)
{
    return arena_printf(arena, "%s/%s" LEASE_SUFFIX, directory_of(authority)->leases, domain);
}

/* The content is its own version. */
static Error *read_one(const LeaseAuthority *authority, Arena *arena, LeaseRecord *record)
{
    char *bytes;
    size_t length;
    const char *path = path_of(arena, authority, record->domain);
    record->content = record->version = "";
    if (!file_exists(path))
        return NULL;
    TRY(file_read(arena, path, LEASE_MAX_BYTES, &bytes, &length));
    record->content = bytes;
    record->version = *bytes ? bytes : "empty";
    return NULL;
}

static Error *local_read(LeaseAuthority *authority, Arena *arena, LeaseRecord *records,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(read_one(authority, arena, &records[i]));
    return NULL;
}

static Error *local_list(LeaseAuthority *authority, Arena *arena, LeaseRecord **ret,
                         size_t *ret_count)
{
    const char *const *names = NULL;
    const char *folder = directory_of(authority)->leases;
    size_t count = 0, capacity = 0;
    *ret = NULL;
    *ret_count = 0;
    if (file_type(folder) != FILE_DIRECTORY)
        return NULL;
    TRY(file_list(arena, folder, &names, &count));
    for (size_t i = 0; i < count; i++) {
        LeaseRecord record = {0};
        if (!text_ends_with(names[i], LEASE_SUFFIX))
            continue;
        record.domain = arena_strndup(arena, names[i], strlen(names[i]) - strlen(LEASE_SUFFIX));
        TRY(read_one(authority, arena, &record));
        if (*record.version)
            ARENA_PUSH(arena, *ret, *ret_count, capacity, record);
    }
    return NULL;
}

static Error *is_unchanged(const LeaseAuthority *authority, Arena *arena,
                           const LeaseRecord *records, size_t count, bool *ret)
{
    *ret = true;
    for (size_t i = 0; i < count && *ret; i++) {
        LeaseRecord now = {.domain = records[i].domain};
        TRY(read_one(authority, arena, &now));
        *ret = strcmp(now.version, records[i].version) == 0;
    }
    return NULL;
}

static Error *local_swap(LeaseAuthority *authority, Arena *arena, const LeaseRecord *records,
                         size_t count, bool *ret_is_done)
{
    CLEANUP(lock_freep) Lock *lock = NULL;
    const StateDir *directory = directory_of(authority);
    TRY(file_make_dirs(directory->leases, 0700));
    TRY(lock_wait(directory->lock, "a change of leases", LOCK_WAIT_MS, &lock));
    TRY(is_unchanged(authority, arena, records, count, ret_is_done));
    for (size_t i = 0; i < count && *ret_is_done; i++)
        TRY(file_write_all(path_of(arena, authority, records[i].domain), 0600, records[i].content,
                           strlen(records[i].content)));
    return NULL;
}

static void local_free(LeaseAuthority *authority)
{
    LocalAuthority *local = authority->context;
    arena_free(local->arena);
    free(local);
}

LeaseAuthority *lease_authority_local(const StateDir *directory)
{
    LocalAuthority *local = must_malloc(sizeof(*local));
    local->arena = arena_new();
    local->directory = state_dir_copy(local->arena, directory);
    local->authority = (LeaseAuthority){.name = "local",
                                        .place = local->directory.leases,
                                        .runners = &local->directory,
                                        .context = local,
                                        .read = local_read,
                                        .list = local_list,
                                        .swap = local_swap,
                                        .free = local_free};
    return &local->authority;
}
