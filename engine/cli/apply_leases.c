#include "cli/apply_leases.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "engine/authority_etcd.h"
#include "engine/takeover.h"

static void say_waiting(void *context, const Lease *other)
{
    const Session *session = context;
    fprintf(session->cli->screen.err, "Waiting for the lease of %s, which run %s (%s) holds...\n",
            other->domain, other->run, other->holder);
    fflush(session->cli->screen.err);
}

/* On the thread of the heartbeat. */
static void say_failing(void *context, const Error *error)
{
    const Session *session = context;
    fprintf(session->cli->screen.err,
            "The leases could not be renewed: %s. It is tried again every %d s; without success "
            "nothing new is done after %d s.\n",
            error_root(error)->message, LEASE_HEARTBEAT_MS / 1000,
            (LEASE_TTL_MS - LEASE_MARGIN_MS) / 1000);
    fflush(session->cli->screen.err);
}

static Error *held_by_another(const Session *session, const Lease *other)
{
    Cli *cli = session->cli;
    cli->is_classified = true;
    outcome_add(&cli->outcome, CONDITION_LEASE);
    return error_new(ERROR_REFUSED,
                     "run %s (%s) has held the lease of %s since %s; wait for it with "
                     "-lock-timeout=5min, or take it away: pgsteer lease steal %s -reason TEXT",
                     other->run, other->holder, other->domain,
                     clock_rfc3339(cli->arena, other->since_ms), other->domain);
}

/* Its user there is made by the plan: before that nobody can ask. */
static bool makes_authority(const Plan *plan)
{
    for (size_t i = 0; i < plan->action_count; i++) {
        if (strcmp(plan->actions[i].address, "etcd_user.etcd/" LEASE_ETCD_USER) == 0)
            return true;
    }
    return false;
}

static Error *open_authority(Session *session, const LockOptions *lock, LeaseAuthority **ret)
{
    CLEANUP(lease_authority_freep) LeaseAuthority *declared = NULL;
    FILE *err = session->cli->screen.err;
    TRY(authority_open(session, lock, &declared));
    bool is_early = strcmp(declared->name, "etcd") == 0 && makes_authority(session->plan);
    if (is_early) {
        lease_authority_freep(&declared);
        declared = lease_authority_local(&session->state_dir);
        fprintf(err,
                "etcd keeps leases once this plan has made its user for that; for now they are "
                "kept on this runner.\n");
    }
    if (lock->lock)
        fprintf(err, "Leases are taken on this runner alone (%s): %s\n", declared->place,
                lock->reason);
    *ret = declared;
    declared = NULL;
    return NULL;
}

/* -- of a run that was killed ------------------------------------------------------------------ */

/* Does it belong to what was looked at? So its nodes are known and can be told. */
static bool is_shown(const Session *session, const char *domain)
{
    for (size_t i = 0; i < session->domain_count; i++) {
        if (strcmp(fence_word(session->cli->arena, session->domains[i].block), domain) == 0)
            return true;
    }
    return false;
}

static bool is_among(const char *const *domains, size_t count, const char *domain)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(domains[i], domain) == 0)
            return true;
    }
    return false;
}

/* Those that a dead holder left: once they were taken and given back, nothing that it began can
 * come late. */
static Error *add_left(const Session *session, LeasesWanted *wanted)
{
    Arena *arena = session->cli->arena;
    Lease *leases;
    size_t lease_count, count = wanted->count;
    TRY(lease_list(arena, wanted->authority, &leases, &lease_count));
    const char **domains = ARENA_ARRAY(arena, const char *, count + lease_count);
    for (size_t i = 0; i < count; i++)
        domains[i] = wanted->domains[i];
    for (size_t i = 0; i < lease_count; i++) {
        if (leases[i].state == LEASE_DEAD && is_shown(session, leases[i].domain) &&
            !is_among(wanted->domains, wanted->count, leases[i].domain))
            domains[count++] = leases[i].domain;
    }
    if (count > 0)
        qsort(domains, count, sizeof(*domains), text_compare);
    wanted->domains = domains;
    wanted->count = count;
    return NULL;
}

/* -- taking ------------------------------------------------------------------------------------ */

Error *apply_leases_take(Session *session, const LockOptions *lock, bool with_left,
                         int64_t timeout_ms, const Cancel *cancel, Leases **ret)
{
    Lease other = {0};
    Arena *arena = session->cli->arena;
    LeasesWanted wanted = {.run = session->run,
                           .timeout_ms = timeout_ms,
                           .cancel = cancel,
                           .waiting = say_waiting,
                           .failing = say_failing,
                           .context = session};
    TRY(open_authority(session, lock, &wanted.authority));
    const char *name = wanted.authority->name,
               *place = arena_strdup(arena, wanted.authority->place);
    if (lock->lock)
        wanted.override = lease_note(arena, "taken with -lock=local", lock->reason);
    wanted.count = lease_domains(arena, session->plan, &wanted.domains);
    Error *error = with_left ? add_left(session, &wanted) : NULL;
    if (error) {
        lease_authority_freep(&wanted.authority);
        return authority_failed(session->cli, name, place, error);
    }
    TRY(authority_failed(session->cli, name, place, leases_take(arena, &wanted, ret, &other)));
    return *ret ? NULL : held_by_another(session, &other);
}

static void say_silent(const Session *session, const Value *silent)
{
    FILE *err = session->cli->screen.err;
    if (value_count(silent) == 0)
        return;
    fputs("These nodes could not be told that a lease was taken over; there the earlier run may "
          "still act:",
          err);
    for (size_t i = 0; i < value_count(silent); i++)
        fprintf(err, " %s", value_as_text(value_at(silent, i), ""));
    fputc('\n', err);
}

Error *apply_leases_announce(const Session *session, const Leases *leases)
{
    const Value *silent = NULL;
    Takeover takeover = {.leases = leases,
                         .world = session->world,
                         .domains = session->domains,
                         .domain_count = session->domain_count,
                         .plan = session->plan,
                         .workers = session->cli->common.parallelism};
    TRY(takeover_announce(session->cli->arena, &takeover, &silent));
    say_silent(session, silent);
    return NULL;
}
