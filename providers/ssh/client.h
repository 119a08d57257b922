/*
 * providers/ssh/client.h - what all sessions of one program share: settings, the answers of
 * `ssh -G`, known host keys, which backend a host needs, and how many logins run at once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "providers/ssh/backend.h"
#include "providers/ssh/session.h"

/* Everything about a target; the Login lives as long as the client. Errors: ERROR_INVALID for a
 * host or user that is no token; else as ssh_config_read and known_hosts_load. */
MUST_USE Error *client_login(SshClient *client, const SshTarget *target, int64_t deadline_ms,
                             const Login **ret);

const SshSettings *client_settings(const SshClient *client);

/* The backend to begin with, and a lesson learned. */
const Backend *client_backend(SshClient *client, const Login *login);
void client_remember_backend(SshClient *client, const Login *login, const Backend *backend);

/* Take one of the places for unauthenticated connections to login->address; wait for it until the
 * deadline. False: the deadline passed. */
bool client_enter_gate(SshClient *client, const Login *login, int64_t deadline_ms);
void client_leave_gate(SshClient *client, const Login *login);
