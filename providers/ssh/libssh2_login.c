#include <string.h>

#include "providers/ssh/libssh2_link.h"
#include "providers/ssh/login_keys.h"
#include "providers/ssh/wire.h"

enum { LOGIN_TRIES_MAX = 5 }; /* sshd's MaxAuthTries is 6, and "none" counts */

/* One login, from the first key to the last. */
typedef struct Attempt {
    Ssh2Link *link;
    const LoginKeys *keys;
    LIBSSH2_AGENT *agent;
    int tries;
    bool done;          /* logged in                                    */
    bool needs_program; /* a key was left out that only ssh can use     */
    Text tried;
} Attempt;

static void attempt_end(Attempt *attempt)
{
    if (attempt->agent) {
        libssh2_agent_disconnect(attempt->agent);
        libssh2_agent_free(attempt->agent);
    }
    text_release(&attempt->tried);
}

/* Fold one answer into the attempt: an Error only when the connection is of no use any more. */
static Error *took_answer(Attempt *attempt, int rc, const char *what)
{
    text_addf(&attempt->tried, "%s%s", attempt->tried.length ? ", " : "", what);
    attempt->tries++;
    attempt->done = rc == 0;
    if (rc == LIBSSH2_ERROR_TIMEOUT || ssh2_is_lost(rc))
        return ssh2_failed(attempt->link, rc, "checking the login");
    return NULL;
}

static Error *try_file(Attempt *attempt, const KeyFile *file)
{
    if (!file->exists || !file->readable)
        return NULL;
    if (!login_keys_suit_libssh2(file->type) || file->has_passphrase) {
        attempt->needs_program = attempt->needs_program || !file->has_passphrase;
        return NULL;
    }
    const char *user = attempt->link->login->config->user;
    int rc;
    do
        rc = libssh2_userauth_publickey_fromfile_ex(attempt->link->session, user,
                                                    (unsigned)strlen(user), NULL, file->path, NULL);
    while (ssh2_again(attempt->link, &rc));
    return took_answer(attempt, rc, file->path);
}

static bool open_agent(Attempt *attempt)
{
    const char *path = attempt->link->login->config->identity_agent;
    attempt->agent = libssh2_agent_init(attempt->link->session);
    if (!attempt->agent || (path && !path[0]))
        return false;
    if (path)
        libssh2_agent_set_identity_path(attempt->agent, path);
    return libssh2_agent_connect(attempt->agent) == 0 &&
           libssh2_agent_list_identities(attempt->agent) == 0;
}

static Error *try_identity(Attempt *attempt, struct libssh2_agent_publickey *identity)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *type = wire_key_type(scratch, identity->blob, identity->blob_len);
    if (!login_keys_suit_libssh2(type)) {
        attempt->needs_program = true;
        return NULL;
    }
    const char *user = attempt->link->login->config->user;
    int rc;
    do
        rc = libssh2_agent_userauth(attempt->agent, user, identity);
    while (ssh2_again(attempt->link, &rc));
    return took_answer(attempt, rc, arena_printf(scratch, "%s of the agent", identity->comment));
}

/* The agent's keys that belong to one of the key files, or all the others. */
static Error *try_agent(Attempt *attempt, bool of_files)
{
    struct libssh2_agent_publickey *identity = NULL;
    while (!attempt->done && attempt->tries < LOGIN_TRIES_MAX &&
           libssh2_agent_get_identity(attempt->agent, &identity, identity) == 0) {
        if (login_keys_have(attempt->keys, identity->blob, identity->blob_len) == of_files)
            TRY(try_identity(attempt, identity));
    }
    return NULL;
}

static Error *try_files(Attempt *attempt)
{
    for (size_t i = 0; i < attempt->keys->count; i++) {
        if (!attempt->done && attempt->tries < LOGIN_TRIES_MAX)
            TRY(try_file(attempt, &attempt->keys->files[i]));
    }
    return NULL;
}

/* A key that was named comes before the agent's other keys, the usual files after them. */
static Error *try_keys(Attempt *attempt)
{
    const Login *login = attempt->link->login;
    bool has_agent = open_agent(attempt);
    if (has_agent)
        TRY(try_agent(attempt, true));
    if (login->key_file)
        TRY(try_files(attempt));
    if (has_agent && !login->config->identities_only)
        TRY(try_agent(attempt, false));
    return login->key_file ? NULL : try_files(attempt);
}

static Error *refused(const Attempt *attempt, const char *methods, OpenAdvice *ret_advice)
{
    const Login *login = attempt->link->login;
    if (attempt->needs_program || attempt->keys->needs_program)
        *ret_advice = OPEN_OTHER_BACKEND;
    CLEANUP(text_release) Text hints = TEXT_INIT;
    login_keys_hints(attempt->keys, &hints);
    return error_new(
        ERROR_REFUSED,
        "%s refuses the login of %s; offered: %s; it accepts: %s%s. Put the public key "
        "into ~%s/.ssh/authorized_keys there, or name the right key or user",
        login->host, login->config->user,
        attempt->tried.length ? text_get(&attempt->tried) : "no key was found", methods,
        text_get(&hints), login->config->user);
}

Error *ssh2_log_in(Ssh2Link *link, OpenAdvice *ret_advice)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    const char *user = link->login->config->user;
    const char *methods;
    int rc;
    do {
        methods = libssh2_userauth_list(link->session, user, (unsigned)strlen(user));
        rc = methods ? 0 : libssh2_session_last_errno(link->session);
    } while (ssh2_again(link, &rc));
    if (libssh2_userauth_authenticated(link->session))
        return NULL;
    if (!methods)
        return ssh2_failed(link, rc, "asking how to log in");
    methods = arena_strdup(scratch, methods);

    LoginKeys keys;
    login_keys_collect(scratch, link->login, &keys);
    CLEANUP(attempt_end) Attempt attempt = {.link = link, .keys = &keys};
    TRY(try_keys(&attempt));
    return attempt.done ? NULL : refused(&attempt, methods, ret_advice);
}
