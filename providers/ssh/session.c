#include "providers/ssh/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "providers/ssh/session_private.h"

enum {
    ATTEMPTS_MAX = 8,
    PAUSE_FIRST_MS = 50,
    PAUSE_MAX_MS = 2000,
};

/* A pause that grows with each attempt and is never the same for two of us. */
static void pause_before(int attempt, int64_t deadline_ms)
{
    int64_t span_ms = (int64_t)PAUSE_FIRST_MS << attempt;
    if (span_ms > PAUSE_MAX_MS)
        span_ms = PAUSE_MAX_MS;
    uint32_t random;
    random_bytes(&random, sizeof(random));
    int64_t pause_ms = span_ms / 2 + (int64_t)(random % (uint32_t)span_ms);
    int64_t left_ms = clock_left_ms(deadline_ms);
    clock_sleep_ms(left_ms >= 0 && left_ms < pause_ms ? left_ms : pause_ms);
}

static Error *open_once(SshClient *client, const Login *login, const Backend *backend,
                        int64_t deadline_ms, OpenAdvice *ret_advice, Link **ret)
{
    *ret_advice = OPEN_FINAL;
    if (!client_enter_gate(client, login, deadline_ms))
        return error_new(ERROR_UNREACHABLE, "%s: other logins to %s took all the time there was",
                         login->host, login->address);
    Error *error = backend->open(login, deadline_ms, ret_advice, ret);
    client_leave_gate(client, login);
    return error;
}

/* Try again when too many logins run, and with the other backend when this one cannot. */
static Error *open_link(SshClient *client, const Login *login, int64_t deadline_ms, Link **ret)
{
    const Backend *backend = client_backend(client, login);
    bool may_change = !client_settings(client)->backend;
    for (int attempt = 0;; attempt++) {
        OpenAdvice advice;
        Error *error = open_once(client, login, backend, deadline_ms, &advice, ret);
        if (!error) {
            if (may_change && backend != &libssh2_backend)
                client_remember_backend(client, login, backend);
            return NULL;
        }
        if (advice == OPEN_OTHER_BACKEND && may_change && backend != &openssh_backend)
            backend = &openssh_backend;
        else if (advice == OPEN_AGAIN && attempt < ATTEMPTS_MAX && clock_left_ms(deadline_ms) != 0)
            pause_before(attempt, deadline_ms);
        else
            return error;
        error_free(error);
    }
}

Error *ssh_open(SshClient *client, const SshTarget *target, int64_t deadline_ms, SshSession **ret)
{
    const Login *login;
    TRY(client_login(client, target, deadline_ms, &login));
    Link *link;
    TRY(open_link(client, login, deadline_ms, &link));
    SshSession *session = must_malloc(sizeof(*session));
    *session = (SshSession){
        .link = link,
        .login = login,
        .become_user = must_strdup(target->become_user ? target->become_user : "root"),
        .round_trips = 1,
    };
    *ret = session;
    return NULL;
}

void ssh_close(SshSession *session)
{
    if (!session)
        return;
    while (session->stream_count > 0)
        ssh_stream_close(session->streams[session->stream_count - 1]);
    session->link->backend->close(session->link);
    free(session->become_user);
    free(session);
}

void ssh_closep(SshSession **session)
{
    ssh_close(*session);
}

const char *ssh_backend(const SshSession *session)
{
    return session->link->backend->name;
}

size_t ssh_round_trips(const SshSession *session)
{
    return session->round_trips;
}

Error *session_exec(SshSession *session, const char *command, int64_t deadline_ms, Channel **ret)
{
    TRY(session->link->backend->exec(session->link, command, deadline_ms, ret));
    session->round_trips++;
    return NULL;
}
