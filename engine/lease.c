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

enum { LEASE_FORMAT = 1, HOST_NAME_BYTES = 256, USER_BYTES = 4096, SWAP_TRIES = 50 };

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
        if (*plan->actions[i].block && !map_set(seen, domain, seen))
            domains[count++] = domain;
    }
    if (count > 0)
        qsort(domains, count, sizeof(*domains), text_compare);
    *ret = domains;
    return count;
}

/* -- as texts -------------------------------------------------------------------------------- */

static LeaseState state_from(const char *name)
{
    LeaseState state = LEASE_HELD; /* a newer program's word: rather held than free */
    for (size_t i = 0; i < LEASE_STATE_COUNT; i++) {
        if (strcmp(state_names[i], name) == 0)
            state = (LeaseState)i;
    }
    return state;
}

/* The run of another runner has its file elsewhere. */
static bool holder_is_gone(Arena *arena, const LeaseAuthority *authority, const char *run)
{
    const char *file = state_dir_run(arena, authority->runners, run);
    return (!authority->is_shared || file_exists(file)) && !lock_is_held(file);
}

/* What is written down is only what the holder knew. */
static LeaseState state_now(Arena *arena, const LeaseAuthority *authority, const Lease *lease)
{
    if (lease->state != LEASE_HELD)
        return lease->state;
    if (holder_is_gone(arena, authority, lease->run))
        return LEASE_DEAD;
    return clock_wall_ms() > lease->expires_ms ? LEASE_EXPIRED : LEASE_HELD;
}

static Error *parse_fields(Arena *arena, const char *content, Lease *ret)
{
    const Value *value = NULL;
    TRY(json_parse(arena, content, strlen(content), &value));
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
                                        "remove it there and apply again");
}

static Error *parse(Arena *arena, const LeaseAuthority *authority, const LeaseRecord *record,
                    Lease *ret)
{
    *ret = (Lease){.domain = record->domain, .run = "", .holder = "", .note = ""};
    if (!*record->version)
        return NULL;
    Error *error = parse_fields(arena, record->content, ret);
    if (error)
        return error_wrap(error, "reading the lease of %s in %s", record->domain, authority->place);
    ret->state = state_now(arena, authority, ret);
    return NULL;
}

static const char *content_of(Arena *arena, const Lease *lease)
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
    return text_copy(&text, arena);
}

Error *lease_read(Arena *arena, LeaseAuthority *authority, const char *domain, Lease *ret,
                  bool *ret_is_there)
{
    LeaseRecord record = {.domain = domain};
    TRY(authority->read(authority, arena, &record, 1));
    *ret_is_there = *record.version != '\0';
    return parse(arena, authority, &record, ret);
}

/* -- changing -------------------------------------------------------------------------------- */

/* Some leases as they were found, and what shall become of them. */
typedef struct LeaseEdit {
    Arena *arena;
    LeaseAuthority *authority;
    size_t count;
    LeaseRecord *records;
    Lease *found, *wanted;
    bool *is_changed;
} LeaseEdit;

/* Says what is wanted of what was found, each time anew. */
typedef Error *(*Decide)(LeaseEdit *edit, void *context);

static LeaseEdit edit_of(Arena *arena, LeaseAuthority *authority, size_t count)
{
    return (LeaseEdit){.arena = arena,
                       .authority = authority,
                       .count = count,
                       .records = ARENA_ARRAY(arena, LeaseRecord, count),
                       .found = ARENA_ARRAY(arena, Lease, count),
                       .wanted = ARENA_ARRAY(arena, Lease, count),
                       .is_changed = ARENA_ARRAY(arena, bool, count)};
}

static Error *look(LeaseEdit *edit)
{
    TRY(edit->authority->read(edit->authority, edit->arena, edit->records, edit->count));
    for (size_t i = 0; i < edit->count; i++) {
        TRY(parse(edit->arena, edit->authority, &edit->records[i], &edit->found[i]));
        edit->wanted[i] = edit->found[i];
        edit->is_changed[i] = false;
    }
    return NULL;
}

/* What stays as it was is neither written nor compared. */
static Error *swap(LeaseEdit *edit, bool *ret_is_done)
{
    LeaseRecord *records = ARENA_ARRAY(edit->arena, LeaseRecord, edit->count);
    size_t count = 0;
    for (size_t i = 0; i < edit->count; i++) {
        if (!edit->is_changed[i])
            continue;
        records[count] = edit->records[i];
        records[count++].content = content_of(edit->arena, &edit->wanted[i]);
    }
    *ret_is_done = count == 0;
    if (count == 0)
        return NULL;
    return edit->authority->swap(edit->authority, edit->arena, records, count, ret_is_done);
}

static Error *carry_out(LeaseEdit *edit, Decide decide, void *context)
{
    bool is_done = false;
    for (int tries = 0; tries < SWAP_TRIES && !is_done; tries++) {
        TRY(look(edit));
        TRY(decide(edit, context));
        TRY(swap(edit, &is_done));
    }
    return is_done ? NULL
                   : error_new(ERROR_BUSY, "the leases in %s change faster than we can",
                               edit->authority->place);
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

typedef struct Taking {
    const LeaseWish *wish;
    Lease *ret_other;
    bool is_free; /* nobody has one of them */
} Taking;

static Lease held_by(Arena *arena, const Lease *before, const Taking *taking)
{
    int64_t now_ms = clock_wall_ms();
    return (Lease){.domain = before->domain,
                   .token = next_token(before),
                   .state = LEASE_HELD,
                   .run = taking->wish->run,
                   .holder = this_holder(arena),
                   .since_ms = now_ms,
                   .expires_ms = now_ms + LEASE_TTL_MS,
                   .note = taking->wish->note ? taking->wish->note : before->note};
}

static Error *take_all(LeaseEdit *edit, void *context)
{
    Taking *taking = context;
    taking->is_free = true;
    for (size_t i = 0; i < edit->count && taking->is_free; i++) {
        taking->is_free =
            edit->found[i].state != LEASE_HELD ||
            strcmp(edit->found[i].run, taking->wish->run) == 0; /* its answer was lost */
        if (!taking->is_free)
            *taking->ret_other = edit->found[i];
    }
    for (size_t i = 0; i < edit->count; i++) {
        edit->wanted[i] = held_by(edit->arena, &edit->found[i], taking);
        edit->is_changed[i] = taking->is_free;
    }
    return NULL;
}

Error *lease_take(Arena *arena, LeaseAuthority *authority, const LeaseWish *wish, Lease **ret,
                  Lease *ret_other)
{
    Taking taking = {.wish = wish, .ret_other = ret_other};
    LeaseEdit edit = edit_of(arena, authority, wish->count);
    *ret = NULL;
    for (size_t i = 0; i < wish->count; i++)
        edit.records[i].domain = wish->domains[i];
    TRY(carry_out(&edit, take_all, &taking));
    for (size_t i = 0; i < wish->count; i++)
        edit.wanted[i].state = edit.found[i].state;
    *ret = taking.is_free ? edit.wanted : NULL;
    return NULL;
}

typedef struct Own {
    const char *run;
    const Lease *leases;
    void (*change)(Lease *lease);
} Own;

/* Those of them that are still the run's. */
static Error *edit_own(LeaseEdit *edit, void *context)
{
    const Own *own = context;
    for (size_t i = 0; i < edit->count; i++) {
        Lease *lease = &edit->wanted[i];
        edit->is_changed[i] = lease->token == own->leases[i].token &&
                              strcmp(lease->run, own->run) == 0 && lease->state != LEASE_VACANT &&
                              lease->state != LEASE_FREE;
        if (edit->is_changed[i])
            own->change(lease);
    }
    return NULL;
}

static Error *change_own(Arena *arena, LeaseAuthority *authority, Own own, size_t count,
                         const Lease **ret_now)
{
    LeaseEdit edit = edit_of(arena, authority, count);
    for (size_t i = 0; i < count; i++)
        edit.records[i].domain = own.leases[i].domain;
    *ret_now = edit.wanted;
    return carry_out(&edit, edit_own, &own);
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

Error *lease_renew(Arena *arena, LeaseAuthority *authority, const char *run, const Lease *leases,
                   size_t count, Lease *ret_now)
{
    const Lease *now;
    TRY(change_own(arena, authority, (Own){run, leases, prolong}, count, &now));
    memcpy(ret_now, now, count * sizeof(*now));
    return NULL;
}

Error *lease_give_back(LeaseAuthority *authority, const char *run, const Lease *leases,
                       size_t count)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Lease *now;
    return change_own(arena, authority, (Own){run, leases, free_it}, count, &now);
}

/* -- by hand --------------------------------------------------------------------------------- */

static int lease_compare(const void *a, const void *b)
{
    return strcmp(((const Lease *)a)->domain, ((const Lease *)b)->domain);
}

Error *lease_list(Arena *arena, LeaseAuthority *authority, Lease **ret, size_t *ret_count)
{
    LeaseRecord *records;
    TRY(authority->list(authority, arena, &records, ret_count));
    *ret = ARENA_ARRAY(arena, Lease, *ret_count);
    for (size_t i = 0; i < *ret_count; i++)
        TRY(parse(arena, authority, &records[i], &(*ret)[i]));
    if (*ret_count > 0)
        qsort(*ret, *ret_count, sizeof(**ret), lease_compare);
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

const char *lease_note(Arena *arena, const char *what, const char *reason)
{
    return arena_printf(arena, "%s by %s on %s at %s%s%s", what, this_user(arena),
                        this_holder(arena), clock_rfc3339(arena, clock_wall_ms()),
                        *reason ? ": " : "", reason);
}

static const char *note_of(Arena *arena, const char *what, const Lease *before, const char *reason)
{
    return lease_note(
        arena, arena_printf(arena, "%s run %s (%s)", what, before->run, before->holder), reason);
}

static Error *change_known(Arena *arena, LeaseAuthority *authority, const char *domain,
                           Decide decide, const char *reason, Lease *ret)
{
    LeaseEdit edit = edit_of(arena, authority, 1);
    edit.records[0].domain = domain;
    bool is_there = false;
    if (strcmp(fence_word(arena, domain), domain) == 0)
        TRY(lease_read(arena, authority, domain, ret, &is_there));
    if (!is_there)
        return error_new(ERROR_INVALID,
                         "there is no lease of '%s'; pgsteer lease list has them all", domain);
    TRY(carry_out(&edit, decide, &reason));
    *ret = edit.wanted[0];
    return NULL;
}

static Error *release(LeaseEdit *edit, void *context)
{
    Lease *lease = &edit->wanted[0];
    (void)context;
    if (lease->state == LEASE_HELD)
        return error_new(ERROR_REFUSED,
                         "run %s (%s) holds the lease of %s and lives; let it end, or take the "
                         "lease away: pgsteer lease steal %s -reason TEXT",
                         lease->run, lease->holder, lease->domain, lease->domain);
    edit->is_changed[0] = lease->state != LEASE_FREE;
    if (!edit->is_changed[0])
        return NULL;
    /* The next holder has to know that this one may still act. */
    lease->note = note_of(edit->arena, "released in the place of", lease, "");
    lease->state = LEASE_VACANT;
    return NULL;
}

Error *lease_release(Arena *arena, LeaseAuthority *authority, const char *domain, Lease *ret)
{
    return change_known(arena, authority, domain, release, "", ret);
}

static Error *steal(LeaseEdit *edit, void *context)
{
    Lease *lease = &edit->wanted[0];
    const char *const *reason = context;
    lease->note = note_of(edit->arena, "taken from", lease, *reason);
    lease->token = next_token(lease);
    lease->state = LEASE_VACANT;
    edit->is_changed[0] = true;
    return NULL;
}

Error *lease_steal(Arena *arena, LeaseAuthority *authority, const char *domain, const char *reason,
                   Lease *ret)
{
    return change_known(arena, authority, domain, steal, reason, ret);
}
