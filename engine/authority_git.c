#include "engine/authority_git.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/git/ref_files.h"

#define SUFFIX ".json"

typedef struct GitAuthority {
    LeaseAuthority authority;
    Arena *arena;
    StateDir runners;
    const char *place, *cache;
    Error *not_begun;     /* opening tells it again */
    pthread_mutex_t lock; /* heartbeats and steps would only get into each other's way */
} GitAuthority;

static Error *open_files(const LeaseAuthority *authority, RefFiles **ret)
{
    const GitAuthority *git = authority->context;
    return ref_files_open(git->place, git->cache, LEASE_GIT_REF, ret);
}

static const char *domain_of(Arena *arena, const char *name)
{
    return text_ends_with(name, SUFFIX) ? arena_strndup(arena, name, strlen(name) - strlen(SUFFIX))
                                        : NULL;
}

static Error *list_all(LeaseAuthority *authority, Arena *arena, LeaseRecord **ret,
                       size_t *ret_count)
{
    CLEANUP(ref_files_freep) RefFiles *files = NULL;
    RefFile *found;
    size_t count, capacity = 0;
    *ret = NULL;
    *ret_count = 0;
    TRY(open_files(authority, &files));
    TRY(ref_files_list(files, arena, &found, &count));
    for (size_t i = 0; i < count; i++) {
        LeaseRecord record = {domain_of(arena, found[i].name), found[i].content, found[i].version};
        if (record.domain)
            ARENA_PUSH(arena, *ret, *ret_count, capacity, record);
    }
    return NULL;
}

static Error *git_list(LeaseAuthority *authority, Arena *arena, LeaseRecord **ret,
                       size_t *ret_count)
{
    GitAuthority *git = authority->context;
    pthread_mutex_lock(&git->lock);
    Error *error = list_all(authority, arena, ret, ret_count);
    pthread_mutex_unlock(&git->lock);
    return error;
}

static int record_compare(const void *a, const void *b)
{
    return strcmp(((const LeaseRecord *)a)->domain, ((const LeaseRecord *)b)->domain);
}

static Error *git_read(LeaseAuthority *authority, Arena *arena, LeaseRecord *records, size_t count)
{
    LeaseRecord *all;
    size_t all_count;
    TRY(git_list(authority, arena, &all, &all_count));
    if (all_count > 0)
        qsort(all, all_count, sizeof(*all), record_compare);
    for (size_t i = 0; i < count; i++) {
        const LeaseRecord *found =
            all_count > 0 ? bsearch(&records[i], all, all_count, sizeof(*all), record_compare)
                          : NULL;
        records[i].content = found ? found->content : "";
        records[i].version = found ? found->version : "";
    }
    return NULL;
}

static Error *swap_all(LeaseAuthority *authority, Arena *arena, const LeaseRecord *records,
                       size_t count, bool *ret_is_done)
{
    CLEANUP(ref_files_freep) RefFiles *files = NULL;
    RefFile *wanted = ARENA_ARRAY(arena, RefFile, count);
    for (size_t i = 0; i < count; i++)
        wanted[i] = (RefFile){arena_printf(arena, "%s" SUFFIX, records[i].domain),
                              records[i].content, records[i].version};
    TRY(open_files(authority, &files));
    return ref_files_swap(files, arena, wanted, count, "leases", ret_is_done);
}

static Error *git_swap(LeaseAuthority *authority, Arena *arena, const LeaseRecord *records,
                       size_t count, bool *ret_is_done)
{
    GitAuthority *git = authority->context;
    pthread_mutex_lock(&git->lock);
    Error *error = swap_all(authority, arena, records, count, ret_is_done);
    pthread_mutex_unlock(&git->lock);
    return error;
}

static void git_free(LeaseAuthority *authority)
{
    GitAuthority *git = authority->context;
    if (!git->not_begun)
        ref_files_end();
    error_free(git->not_begun);
    pthread_mutex_destroy(&git->lock);
    arena_free(git->arena);
    free(git);
}

LeaseAuthority *lease_authority_git(const char *place, const StateDir *runners)
{
    GitAuthority *git = must_malloc(sizeof(*git));
    Arena *arena = arena_new();
    *git = (GitAuthority){.arena = arena,
                          .runners = state_dir_copy(arena, runners),
                          .place = arena_strdup(arena, place),
                          .cache = arena_printf(arena, "%s/leases.git", runners->path),
                          .not_begun = ref_files_begin()};
    pthread_mutex_init(&git->lock, NULL);
    git->authority = (LeaseAuthority){.name = "state",
                                      .place = git->place,
                                      .runners = &git->runners,
                                      .is_shared = true,
                                      .context = git,
                                      .read = git_read,
                                      .list = git_list,
                                      .swap = git_swap,
                                      .free = git_free};
    return &git->authority;
}
