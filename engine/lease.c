#include "engine/lease.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/map.h"
#include "engine/lock.h"

#define LEASE_SUFFIX ".json"

enum {
    LEASE_FORMAT = 1,
    LEASE_MAX_BYTES = 65536,
    HOST_NAME_BYTES = 256,
    USER_BYTES = 4096,
    LOCK_WAIT_MS = 10000
};

static const char *const state_names[LEASE_STATE_COUNT] = {
    [LEASE_FREE] = "free", [LEASE_HELD] = "held",     [LEASE_EXPIRED] = "expired",
    [LEASE_DEAD] = "dead", [LEASE_VACANT] = "vacant",
};

const char *lease_state_name(LeaseState state)
{
    return state_names[state];
}

/* -- which ----------------------------------------------------------------------------------- */

const char *lease_domain_of(Arena *arena, const Action *action)
{
    return fence_word(arena, action->block);
}

size_t lease_domains(Arena *arena, const Plan *plan, const char *const **ret)
{
    Map *seen = map_new(arena);
    const char **domains = ARENA_ARRAY(arena, const char *, plan->action_count);
    size_t count = 0;
    for (size_t i = 0; i < plan->action_count; i++) {
        const char *domain = lease_domain_of(arena, &plan->actions[i]);
        if (!map_set(seen, domain, seen))
            domains[count++] = domain;
    }
    if (count > 0)
        qsort(domains, count, sizeof(*domains), text_compare);
    *ret = domains;
    return count;
}

/* -- files ----------------------------------------------------------------------------------- */

static const char *path_of(Arena *arena, const StateDir *directory, const char *domain)
{
    return arena_printf(arena, "%s/%s" LEASE_SUFFIX, directory->leases, domain);
}

static LeaseState state_from(const char *name)
{
    LeaseState state = LEASE_HELD; /* a newer program's word: rather held than free */
    for (size_t i = 0; i < LEASE_STATE_COUNT; i++) {
        if (strcmp(state_names[i], name) == 0)
            state = (LeaseState)i;
    }
    return state;
}

static bool holder_is_gone(Arena *arena, const StateDir *directory, const char *run)
{
    return !lock_is_held(state_dir_run(arena, directory, run));
}

/* What is written down is only what the holder knew. */
static LeaseState state_now(Arena *arena, const StateDir *directory, const Lease *lease)
{
    if (lease->state != LEASE_HELD)
        return lease->state;
    if (holder_is_gone(arena, directory, lease->run))
        return LEASE_DEAD;
    return clock_wall_ms() > lease->expires_ms ? LEASE_EXPIRED : LEASE_HELD;
}

static Error *parse(Arena *arena, const char *bytes, size_t length, Lease *ret)
{
    const Value *value = NULL;
    TRY(json_parse(arena, bytes, length, &value));
    *ret = (Lease){.domain = value_get_text(value, "domain"),
                   .token = value_get_int(value, "token", -1),
                   .state = state_from(value_get_text(value, "state")),
                   .run = value_get_text(value, "run"),
                   .holder = value_get_text(value, "holder"),
                   .since_ms = value_get_int(value, "since_ms", 0),
                   .expires_ms = value_get_int(value, "expires_ms", 0),
                   .note = value_get_text(value, "note")};
    return ret->token >= 0 && *ret->domain
               ? NULL
               : error_new(ERROR_LOCAL, "it is no lease; if no apply runs, "
                                        "remove the file and apply again");
}

Error *lease_read(Arena *arena, const StateDir *directory, const char *domain, Lease *ret,
                  bool *ret_is_there)
{
    char *bytes;
    size_t length;
    const char *path = path_of(arena, directory, domain);
    *ret = (Lease){.domain = domain, .run = "", .holder = "", .note = ""};
    *ret_is_there = file_exists(path);
    if (!*ret_is_there)
        return NULL;
    TRY(file_read(arena, path, LEASE_MAX_BYTES, &bytes, &length));
    Error *error = parse(arena, bytes, length, ret);
    if (error)
        return error_wrap(error, "reading the lease %s", path);
    ret->state = state_now(arena, directory, ret);
    return NULL;
}

static Error *write_lease(Arena *arena, const StateDir *directory, const Lease *lease)
{
    Value *value = value_map(arena);
    value_set_int(arena, value, "format", LEASE_FORMAT);
    value_set_text(arena, value, "domain", lease->domain);
    value_set_int(arena, value, "token", lease->token);
    value_set_text(arena, value, "state", state_names[lease->state]);
    value_set_text(arena, value, "run", lease->run);
    value_set_text(arena, value, "holder", lease->holder);
    value_set_int(arena, value, "since_ms", lease->since_ms);
    value_set_int(arena, value, "expires_ms", lease->expires_ms);
    value_set_text(arena, value, "note", lease->note);
    CLEANUP(text_release) Text text = TEXT_INIT;
    json_write(&text, value);
    text_add_char(&text, '\n');
    return file_write_all(path_of(arena, directory, lease->domain), 0600, text_get(&text),
                          text.length);
}

/* Under the one lock of all leases. */
static Error *begin_change(const StateDir *directory, Lock **ret)
{
    TRY(file_make_dirs(directory->leases, 0700));
    return lock_wait(directory->lock, "a change of leases", LOCK_WAIT_MS, ret);
}

/* -- holding --------------------------------------------------------------------------------- */

static const char *this_holder(Arena *arena)
{
    char host[HOST_NAME_BYTES] = "";
    gethostname(host, sizeof(host) - 1);
    return fence_word(arena, arena_printf(arena, "%s:%ld", host, (long)getpid()));
}

static int64_t next_token(const Lease *lease)
{
    int64_t now_ms = clock_wall_ms();
    return now_ms > lease->token ? now_ms : lease->token + 1;
}

static Lease held_by(Arena *arena, const Lease *before, const char *run)
{
    int64_t now_ms = clock_wall_ms();
    return (Lease){.domain = before->domain,
                   .token = next_token(before),
                   .state = LEASE_HELD,
                   .run = run,
                   .holder = this_holder(arena),
                   .since_ms = now_ms,
                   .expires_ms = now_ms + LEASE_TTL_MS,
                   .note = before->note};
}

/* *ret_is_free: nobody has one of them. */
static Error *look_at(Arena *arena, const StateDir *directory, const char *const *domains,
                      size_t count, Lease *ret, Lease *ret_other, bool *ret_is_free)
{
    *ret_is_free = true;
    for (size_t i = 0; i < count; i++) {
        bool is_there;
        TRY(lease_read(arena, directory, domains[i], &ret[i], &is_there));
        if (!*ret_is_free || ret[i].state != LEASE_HELD)
            continue;
        *ret_is_free = false;
        *ret_other = ret[i];
    }
    return NULL;
}

Error *lease_take(Arena *arena, const StateDir *directory, const char *run,
                  const char *const *domains, size_t count, Lease **ret, Lease *ret_other)
{
    CLEANUP(lock_freep) Lock *lock = NULL;
    bool is_free;
    Lease *leases = ARENA_ARRAY(arena, Lease, count);
    *ret = NULL;
    TRY(begin_change(directory, &lock));
    TRY(look_at(arena, directory, domains, count, leases, ret_other, &is_free));
    if (!is_free)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        LeaseState found = leases[i].state;
        leases[i] = held_by(arena, &leases[i], run);
        TRY(write_lease(arena, directory, &leases[i]));
        leases[i].state = found;
    }
    *ret = leases;
    return NULL;
}

typedef void (*LeaseEdit)(Lease *lease);

/* Those of them that are still the run's. */
static Error *edit_own(const StateDir *directory, const char *run, const Lease *leases,
                       size_t count, LeaseEdit edit)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(lock_freep) Lock *lock = NULL;
    TRY(begin_change(directory, &lock));
    for (size_t i = 0; i < count; i++) {
        bool is_there;
        Lease now;
        TRY(lease_read(arena, directory, leases[i].domain, &now, &is_there));
        if (!is_there || now.token != leases[i].token || strcmp(now.run, run) != 0 ||
            now.state == LEASE_VACANT || now.state == LEASE_FREE)
            continue;
        edit(&now);
        TRY(write_lease(arena, directory, &now));
    }
    return NULL;
}

static void prolong(Lease *lease)
{
    lease->state = LEASE_HELD;
    lease->expires_ms = clock_wall_ms() + LEASE_TTL_MS;
}

static void free_it(Lease *lease)
{
    lease->state = LEASE_FREE;
}

Error *lease_renew(const StateDir *directory, const char *run, const Lease *leases, size_t count)
{
    return edit_own(directory, run, leases, count, prolong);
}

Error *lease_give_back(const StateDir *directory, const char *run, const Lease *leases,
                       size_t count)
{
    return edit_own(directory, run, leases, count, free_it);
}

/* -- by hand --------------------------------------------------------------------------------- */

Error *lease_list(Arena *arena, const StateDir *directory, Lease **ret, size_t *ret_count)
{
    const char *const *names = NULL;
    size_t count = 0, capacity = 0;
    *ret = NULL;
    *ret_count = 0;
    if (file_type(directory->leases) != FILE_DIRECTORY)
        return NULL;
    TRY(file_list(arena, directory->leases, &names, &count));
    for (size_t i = 0; i < count; i++) {
        bool is_there;
        Lease lease;
        if (!text_ends_with(names[i], LEASE_SUFFIX))
            continue;
        const char *domain =
            arena_strndup(arena, names[i], strlen(names[i]) - strlen(LEASE_SUFFIX));
        TRY(lease_read(arena, directory, domain, &lease, &is_there));
        if (is_there)
            ARENA_PUSH(arena, *ret, *ret_count, capacity, lease);
    }
    return NULL;
}

static const char *this_user(Arena *arena)
{
    char buffer[USER_BYTES];
    struct passwd entry, *found = NULL;
    if (getpwuid_r(getuid(), &entry, buffer, sizeof(buffer), &found) != 0 || !found)
        return arena_printf(arena, "uid %u", (unsigned)getuid());
    return arena_strdup(arena, entry.pw_name);
}

static const char *note_of(Arena *arena, const char *what, const Lease *before, const char *reason)
{
    return arena_printf(arena, "%s run %s (%s) by %s on %s at %s%s%s", what, before->run,
                        before->holder, this_user(arena), this_holder(arena),
                        clock_rfc3339(arena, clock_wall_ms()), *reason ? ": " : "", reason);
}

static Error *read_known(Arena *arena, const StateDir *directory, const char *domain, Lease *ret)
{
    bool is_there;
    if (strcmp(fence_word(arena, domain), domain) == 0) {
        TRY(lease_read(arena, directory, domain, ret, &is_there));
        if (is_there)
            return NULL;
    }
    return error_new(ERROR_INVALID, "there is no lease of '%s'; pgsteer lease list has them all",
                     domain);
}

Error *lease_release(Arena *arena, const StateDir *directory, const char *domain, Lease *ret)
{
    CLEANUP(lock_freep) Lock *lock = NULL;
    TRY(begin_change(directory, &lock));
    TRY(read_known(arena, directory, domain, ret));
    if (ret->state == LEASE_HELD)
        return error_new(ERROR_REFUSED,
                         "run %s (%s) holds the lease of %s and lives; let it end, or take the "
                         "lease away: pgsteer lease steal %s -reason TEXT",
                         ret->run, ret->holder, domain, domain);
    if (ret->state == LEASE_FREE)
        return NULL;
    /* The next holder has to know that this one may still act. */
    ret->note = note_of(arena, "released in the place of", ret, "");
    ret->state = LEASE_VACANT;
    return write_lease(arena, directory, ret);
}

Error *lease_steal(Arena *arena, const StateDir *directory, const char *domain, const char *reason,
                   Lease *ret)
{
    CLEANUP(lock_freep) Lock *lock = NULL;
    TRY(begin_change(directory, &lock));
    TRY(read_known(arena, directory, domain, ret));
    ret->note = note_of(arena, "taken from", ret, reason);
    ret->token = next_token(ret);
    ret->state = LEASE_VACANT;
    return write_lease(arena, directory, ret);
}
