/*
 * providers/ssh/host_key.h - may we talk to this key? The policy of SshSettings over known_hosts,
 * and the texts for the answers "no".
 */
#pragma once

#include "base/error.h"
#include "providers/ssh/backend.h"

/* NULL: yes; with SSH_HOST_KEY_ACCEPT_NEW an unknown key is stored first.
 * Errors: ERROR_REFUSED with both fingerprints and the way out. */
MUST_USE Error *host_key_check(const Login *login, const unsigned char *key, size_t length);

/* The same refusals for a key that another program has seen. `shown` is its fingerprint or "". */
MUST_USE Error *host_key_changed(const Login *login, const char *type, const char *shown);
MUST_USE Error *host_key_unknown(const Login *login, const char *type, const char *shown);
MUST_USE Error *host_key_revoked(const Login *login, const char *type, const char *shown,
                                 const HostKeyLine *line);
