#include "engine/leases.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/lock.h"

enum { TRY_AGAIN_MS = 500 };

struct Leases {
    Arena *arena;
    StateDir directory;
    const char *run;
    Lease *items;
    size_t count;
    Lock *alive; /* its run file */
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of is_ending */
    pthread_cond_t ended;
    bool is_ending;
};

/* -- the heartbeat --------------------------------------------------------------------------- */

static bool wait_for_end(Leases *leases, int64_t duration_ms)
{
    const Clock *clock = clock_real();
    int64_t until_ms = clock_now_ms(clock) + duration_ms;
    pthread_mutex_lock(&leases->lock);
    while (!leases->is_ending && clock_until_ms(clock, until_ms) > 0)
        clock->wait(clock, &leases->ended, &leases->lock, until_ms);
    bool is_ending = leases->is_ending;
    pthread_mutex_unlock(&leases->lock);
    return is_ending;
}

/* One that could not be written is tried again at the next beat, long before they expire. */
static void *beat(void *context)
{
    Leases *leases = context;
    while (!wait_for_end(leases, LEASE_HEARTBEAT_MS))
        error_free(lease_renew(&leases->directory, leases->run, leases->items, leases->count));
    return NULL;
}

static void stop_beating(Leases *leases)
{
    if (!leases->has_thread)
        return;
    pthread_mutex_lock(&leases->lock);
    leases->is_ending = true;
    clock_real()->wake(clock_real(), &leases->ended, CLOCK_ALL);
    pthread_mutex_unlock(&leases->lock);
    pthread_join(leases->thread, NULL);
    leases->has_thread = false;
}

/* -- taking and giving back ------------------------------------------------------------------ */

static void leases_free(Leases *leases)
{
    const char *alive = state_dir_run(leases->arena, &leases->directory, leases->run);
    if (leases->alive)
        unlink(alive);
    lock_freep(&leases->alive);
    pthread_cond_destroy(&leases->ended);
    pthread_mutex_destroy(&leases->lock);
    arena_free(leases->arena);
    free(leases);
}

static void leases_freep(Leases **leases)
{
    if (*leases)
        leases_free(*leases);
}

static Error *leases_new(const LeasesWanted *wanted, Leases **ret)
{
    char *nobody = NULL;
    Arena *arena = arena_new();
    Leases *leases = must_malloc(sizeof(*leases));
    *leases = (Leases){.arena = arena,
                       .directory = state_dir_copy(arena, wanted->directory),
                       .run = arena_strdup(arena, wanted->run)};
    pthread_mutex_init(&leases->lock, NULL);
    clock_condition_init(&leases->ended);
    *ret = leases;
    TRY(lock_take(state_dir_run(arena, wanted->directory, wanted->run), wanted->run, &leases->alive,
                  &nobody));
    if (leases->alive)
        return NULL;
    free(nobody);
    return error_new(ERROR_LOCAL, "there is already a run %s", wanted->run);
}

static Error *take_or_wait(Leases *leases, const LeasesWanted *wanted, Lease *ret_other)
{
    const Clock *clock = clock_real();
    int64_t until_ms = clock_now_ms(clock) + wanted->timeout_ms;
    for (bool is_first = true;; is_first = false) {
        TRY(lease_take(leases->arena, &leases->directory, leases->run, wanted->domains,
                       wanted->count, &leases->items, ret_other));
        if (leases->items)
            return NULL;
        if (is_first && wanted->waiting && wanted->timeout_ms > 0)
            wanted->waiting(wanted->context, ret_other);
        if (clock_until_ms(clock, until_ms) == 0)
            return NULL;
        if (cancel_sleep(wanted->cancel, clock, TRY_AGAIN_MS, CANCEL_DRAIN))
            return error_new(ERROR_CANCELLED, "stopped waiting for the lease of %s",
                             ret_other->domain);
    }
}

static Error *start_beating(Leases *leases)
{
    if (pthread_create(&leases->thread, NULL, beat, leases) != 0)
        return error_new(ERROR_LOCAL, "no thread can be started that keeps the leases");
    leases->has_thread = true;
    return NULL;
}

static void keep_other(Arena *arena, Lease *other)
{
    other->domain = arena_strdup(arena, other->domain);
    other->run = arena_strdup(arena, other->run);
    other->holder = arena_strdup(arena, other->holder);
    other->note = arena_strdup(arena, other->note);
}

Error *leases_take(Arena *arena, const LeasesWanted *wanted, Leases **ret, Lease *ret_other)
{
    CLEANUP(leases_freep) Leases *leases = NULL;
    TRY(leases_new(wanted, &leases));
    TRY(take_or_wait(leases, wanted, ret_other));
    if (!leases->items) {
        keep_other(arena, ret_other);
        return NULL;
    }
    leases->count = wanted->count;
    TRY(start_beating(leases));
    *ret = leases;
    leases = NULL;
    return NULL;
}

/* What cannot be given back is found dead by the next one. */
void leases_end(Leases *leases)
{
    if (!leases)
        return;
    stop_beating(leases);
    error_free(lease_give_back(&leases->directory, leases->run, leases->items, leases->count));
    leases_free(leases);
}

/* -- using them ------------------------------------------------------------------------------ */

static Fence fence_of(Arena *arena, const Lease *lease)
{
    return (Fence){.domain = lease->domain,
                   .token = lease->token,
                   .run = fence_word(arena, lease->run),
                   .holder = fence_word(arena, lease->holder),
                   .since = clock_rfc3339(arena, lease->since_ms)};
}

static const Lease *find(const Leases *leases, const char *domain)
{
    for (size_t i = 0; i < leases->count; i++) {
        if (strcmp(leases->items[i].domain, domain) == 0)
            return &leases->items[i];
    }
    return NULL;
}

const Fence *leases_fence_of(const Leases *leases, Arena *arena, const char *domain)
{
    const Lease *lease = find(leases, domain);
    if (!lease)
        return NULL;
    Fence *fence = ARENA_NEW(arena, Fence);
    *fence = fence_of(arena, lease);
    return fence;
}

/* Taken away, and by nobody since: there is only the note. */
static Error *taken_away(const Lease *now)
{
    return error_new(ERROR_FENCED, "the lease of %s is no longer ours: %s", now->domain,
                     *now->note ? now->note : "its file is gone");
}

static Error *look_again(const Leases *leases, Arena *arena, const Fence *ours)
{
    bool is_there;
    Lease now;
    TRY(lease_read(arena, &leases->directory, ours->domain, &now, &is_there));
    if (!is_there || (now.token != ours->token && now.state == LEASE_VACANT))
        return taken_away(&now);
    Fence newest = fence_of(arena, &now);
    return fence_check(ours, &newest);
}

Error *leases_fence(const Leases *leases, Arena *arena, const Action *action, const Fence **ret)
{
    *ret = NULL;
    if (!leases)
        return NULL;
    const Fence *fence = leases_fence_of(leases, arena, lease_domain_of(arena, action));
    if (!fence)
        return error_new(ERROR_FENCED, "the lease of %s was not taken", action->block);
    TRY(look_again(leases, arena, fence));
    *ret = fence;
    return NULL;
}

size_t leases_taken_over(const Leases *leases, Arena *arena, const char *const **ret)
{
    const char **domains = ARENA_ARRAY(arena, const char *, leases->count);
    size_t count = 0;
    for (size_t i = 0; i < leases->count; i++) {
        if (leases->items[i].state != LEASE_FREE)
            domains[count++] = leases->items[i].domain;
    }
    *ret = domains;
    return count;
}
