#include "engine/leases.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/lock.h"

enum { TRY_AGAIN_MS = 500 };

/* What the heartbeat found; all below its lock. */
typedef struct Pulse {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool is_ending;
    bool is_failing;    /* and was told */
    int64_t renewed_ms; /* clock_real(): when the last renewal that succeeded began */
    Arena *arena;       /* of `seen` */
    const Lease *seen;  /* as many as there are items; NULL: as they were taken */
} Pulse;

struct Leases {
    Arena *arena;
    LeaseAuthority *authority;
    const char *run;
    Lease *items;
    size_t count;
    Lock *alive; /* its run file */
    pthread_t thread;
    bool has_thread, is_override;
    int64_t heartbeat_ms, stale_ms;
    void (*failing)(void *context, const Error *error);
    void *context;
    Pulse *pulse;
};

/* -- the heartbeat --------------------------------------------------------------------------- */

static Pulse *pulse_new(void)
{
    Pulse *pulse = must_malloc(sizeof(*pulse));
    *pulse = (Pulse){.renewed_ms = clock_now_ms(clock_real())};
    pthread_mutex_init(&pulse->lock, NULL);
    clock_condition_init(&pulse->ended);
    return pulse;
}

static void pulse_free(Pulse *pulse)
{
    pthread_cond_destroy(&pulse->ended);
    pthread_mutex_destroy(&pulse->lock);
    if (pulse->arena)
        arena_free(pulse->arena);
    free(pulse);
}

static bool wait_for_end(Pulse *pulse, int64_t duration_ms)
{
    const Clock *clock = clock_real();
    int64_t until_ms = clock_now_ms(clock) + duration_ms;
    pthread_mutex_lock(&pulse->lock);
    while (!pulse->is_ending && clock_until_ms(clock, until_ms) > 0)
        clock->wait(clock, &pulse->ended, &pulse->lock, until_ms);
    bool is_ending = pulse->is_ending;
    pthread_mutex_unlock(&pulse->lock);
    return is_ending;
}

/* The first failure after a success is worth telling. */
static bool note_failure(Pulse *pulse)
{
    pthread_mutex_lock(&pulse->lock);
    bool is_first = !pulse->is_failing;
    pulse->is_failing = true;
    pthread_mutex_unlock(&pulse->lock);
    return is_first;
}

static void note_success(Pulse *pulse, Arena *arena, const Lease *seen, int64_t began_ms)
{
    pthread_mutex_lock(&pulse->lock);
    Arena *before = pulse->arena;
    pulse->arena = arena;
    pulse->seen = seen;
    pulse->is_failing = false;
    pulse->renewed_ms = began_ms;
    pthread_mutex_unlock(&pulse->lock);
    if (before)
        arena_free(before);
}

/* One that does not succeed is tried again at the next beat, long before they expire. */
static Error *renew(const Leases *leases)
{
    Arena *arena = arena_new();
    int64_t began_ms = clock_now_ms(clock_real());
    Lease *seen = ARENA_ARRAY(arena, Lease, leases->count);
    Error *error =
        lease_renew(arena, leases->authority, leases->run, leases->items, leases->count, seen);
    if (!error) {
        note_success(leases->pulse, arena, seen, began_ms);
        return NULL;
    }
    if (note_failure(leases->pulse) && leases->failing)
        leases->failing(leases->context, error);
    arena_free(arena);
    return error;
}

static void *beat(void *context)
{
    const Leases *leases = context;
    while (!wait_for_end(leases->pulse, leases->heartbeat_ms))
        error_free(renew(leases));
    return NULL;
}

static void stop_beating(Leases *leases)
{
    if (!leases->has_thread)
        return;
    pthread_mutex_lock(&leases->pulse->lock);
    leases->pulse->is_ending = true;
    clock_real()->wake(clock_real(), &leases->pulse->ended, CLOCK_ALL);
    pthread_mutex_unlock(&leases->pulse->lock);
    pthread_join(leases->thread, NULL);
    leases->has_thread = false;
}

/* -- taking and giving back ------------------------------------------------------------------ */

static void leases_free(Leases *leases)
{
    const char *alive = state_dir_run(leases->arena, leases->authority->runners, leases->run);
    if (leases->alive)
        unlink(alive);
    lock_freep(&leases->alive);
    lease_authority_freep(&leases->authority);
    pulse_free(leases->pulse);
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
    *leases =
        (Leases){.arena = arena,
                 .authority = wanted->authority,
                 .run = arena_strdup(arena, wanted->run),
                 .heartbeat_ms = wanted->heartbeat_ms ? wanted->heartbeat_ms : LEASE_HEARTBEAT_MS,
                 .stale_ms = wanted->stale_ms ? wanted->stale_ms : LEASE_TTL_MS - LEASE_MARGIN_MS,
                 .is_override = wanted->override != NULL,
                 .failing = wanted->failing,
                 .context = wanted->context,
                 .pulse = pulse_new()};
    *ret = leases;
    TRY(lock_take(state_dir_run(arena, wanted->authority->runners, wanted->run), wanted->run,
                  &leases->alive, &nobody));
    if (leases->alive)
        return NULL;
    free(nobody);
    return error_new(ERROR_LOCAL, "there is already a run %s", wanted->run);
}

static Error *take_or_wait(Leases *leases, const LeasesWanted *wanted, Lease *ret_other)
{
    const Clock *clock = clock_real();
    int64_t until_ms = clock_now_ms(clock) + wanted->timeout_ms;
    const LeaseWish wish = {leases->run, wanted->domains, wanted->count, wanted->override};
    for (bool is_first = true;; is_first = false) {
        TRY(lease_take(leases->arena, leases->authority, &wish, &leases->items, ret_other));
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
    error_free(lease_give_back(leases->authority, leases->run, leases->items, leases->count));
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

/* What the last heartbeat saw; false: there was none yet. */
static bool recall(const Leases *leases, Arena *arena, size_t i, Lease *ret)
{
    Pulse *pulse = leases->pulse;
    pthread_mutex_lock(&pulse->lock);
    bool is_known = pulse->seen != NULL;
    if (is_known) {
        *ret = pulse->seen[i];
        keep_other(arena, ret);
    }
    pthread_mutex_unlock(&pulse->lock);
    return is_known;
}

static Error *look_again(const Leases *leases, Arena *arena, const Lease *lease, const Fence *ours)
{
    bool is_there = true;
    Lease now;
    if (!leases->authority->is_shared)
        TRY(lease_read(arena, leases->authority, ours->domain, &now, &is_there));
    else if (!recall(leases, arena, (size_t)(lease - leases->items), &now))
        return NULL;
    if (!is_there || (now.token != ours->token && now.state == LEASE_VACANT))
        return taken_away(&now);
    Fence newest = fence_of(arena, &now);
    return fence_check(ours, &newest);
}

/* After a failed heartbeat, or a long sleep: once more right now, else nothing more is done. */
static Error *must_be_fresh(const Leases *leases)
{
    pthread_mutex_lock(&leases->pulse->lock);
    int64_t age_ms = clock_now_ms(clock_real()) - leases->pulse->renewed_ms;
    pthread_mutex_unlock(&leases->pulse->lock);
    if (age_ms < leases->stale_ms)
        return NULL;
    CLEANUP(error_freep) Error *error = renew(leases);
    if (!error)
        return NULL;
    return error_new(ERROR_FENCED, "the leases could not be renewed for %lld s: %s",
                     (long long)age_ms / 1000, error_root(error)->message);
}

Error *leases_fence(const Leases *leases, Arena *arena, const Action *action, const Fence **ret)
{
    *ret = NULL;
    if (!leases)
        return NULL;
    const Lease *lease = find(leases, lease_domain_of(arena, action));
    if (!lease)
        return error_new(ERROR_FENCED, "the lease of %s was not taken", action->block);
    const Fence *fence = leases_fence_of(leases, arena, lease->domain);
    TRY(must_be_fresh(leases));
    TRY(look_again(leases, arena, lease, fence));
    *ret = fence;
    return NULL;
}

size_t leases_taken_over(const Leases *leases, Arena *arena, const char *const **ret)
{
    const char **domains = ARENA_ARRAY(arena, const char *, leases->count);
    size_t count = 0;
    for (size_t i = 0; i < leases->count; i++) {
        if (leases->is_override || leases->items[i].state != LEASE_FREE)
            domains[count++] = leases->items[i].domain;
    }
    *ret = domains;
    return count;
}
