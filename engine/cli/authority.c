#include "cli/authority.h"

#include <stdlib.h>
#include <string.h>

#include "engine/authority_etcd.h"
#include "engine/authority_git.h"

Error *authority_check(const LockOptions *options)
{
    bool has_reason = options->reason && *options->reason;
    if (!options->lock)
        return has_reason ? error_new(ERROR_INVALID, "-reason says why -lock=local is right; "
                                                     "without it there is nothing to explain")
                          : NULL;
    if (strcmp(options->lock, "local") != 0)
        return error_new(ERROR_INVALID,
                         "-lock=%s: leases are always taken; -lock=local -reason=TEXT takes them "
                         "on this runner alone, for when the place that keeps them is down",
                         options->lock);
    return has_reason ? NULL
                      : error_new(ERROR_INVALID, "say why with -lock=local: -reason=TEXT; it is "
                                                 "kept with the leases and in the history");
}

static Error *password_of(Session *session, const Host *host, const char **ret)
{
    CLEANUP(text_release) Text reason = TEXT_INIT;
    const Value *value = host_param(host, "pgsteer_etcd_password");
    *ret = LEASE_ETCD_USER; /* without a password the name is it */
    if (!value || value->type != VALUE_SECRET)
        return NULL;
    const char *text = inventory_secret_told(session->inventory, value->text, &reason);
    if (!text)
        return error_new(ERROR_INVALID, "pgsteer_etcd_password is not at hand: %s",
                         text_get(&reason));
    if (*text)
        *ret = text;
    return NULL;
}

static Error *open_etcd(Session *session, LeaseAuthority **ret)
{
    const Host *const *members;
    EtcdLeases settings = {.runners = &session->state_dir};
    settings.host_count = inventory_group_hosts(session->inventory, "etcd", &members);
    const char **hosts = ARENA_ARRAY(session->cli->arena, const char *, settings.host_count);
    for (size_t i = 0; i < settings.host_count; i++)
        hosts[i] = host_address(members[i]);
    settings.hosts = hosts;
    TRY(password_of(session, members[0], &settings.password));
    if (!session->world)
        TRY(session_connect(session));
    settings.world = session->world;
    *ret = lease_authority_etcd(&settings);
    return NULL;
}

Error *authority_open(Session *session, const LockOptions *options, LeaseAuthority **ret)
{
    const Host *host = session->inventory ? inventory_host_at(session->inventory, 0) : NULL;
    const char *name = host ? host_text(host, "pgsteer_lease_authority") : "local";
    if (!options->lock && strcmp(name, "etcd") == 0)
        return open_etcd(session, ret);
    if (!options->lock && strcmp(name, "state") == 0)
        *ret = lease_authority_git(host_text(host, "pgsteer_lease_remote"), &session->state_dir);
    else
        *ret = lease_authority_local(&session->state_dir);
    return NULL;
}

Error *authority_failed(Cli *cli, const char *name, const char *place, Error *error)
{
    static const ErrorCode codes[] = {ERROR_UNREACHABLE, ERROR_REFUSED, ERROR_BUSY, ERROR_LOCAL};
    bool is_its = false;
    for (size_t i = 0; error && i < COUNT_OF(codes); i++)
        is_its = is_its || error->code == codes[i];
    if (!is_its || cli->is_classified || strcmp(name, "local") == 0)
        return error;
    cli->is_classified = true;
    outcome_add(&cli->outcome, CONDITION_LEASE);
    char *why = error_text(error);
    Error *told = error_new(error->code,
                            "%s keeps the leases and cannot be asked: %s; when it stays away and "
                            "no other runner applies: -lock=local -reason=TEXT",
                            place, why);
    free(why);
    error_free(error);
    return told;
}
