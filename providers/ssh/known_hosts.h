/*
 * providers/ssh/known_hosts.h - OpenSSH's known_hosts files, read once for any number of hosts.
 *
 * Read as OpenSSH reads them (hostfile.c, sshconnect.c): several names in a line, `*`, `?` and `!`
 * patterns, hashed names, [host]:port, @revoked, @cert-authority; lines that make no sense are
 * skipped. A key of another type than the stored ones counts as changed, as in OpenSSH. Names are
 * compared in lower case.
 *
 * Any number of threads may use one KnownHosts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

typedef struct KnownHosts KnownHosts;

typedef enum HostKeyVerdict {
    HOST_KEY_KNOWN,
    HOST_KEY_UNKNOWN, /* no key of this host is stored        */
    HOST_KEY_CHANGED, /* keys are stored, but not this one    */
    HOST_KEY_REVOKED, /* a @revoked line names exactly this key */
} HostKeyVerdict;

/* The line that decided; only for changed and revoked keys. Strings live in the arena. */
typedef struct HostKeyLine {
    const char *file;
    size_t line;
    const char *type;
    const char *fingerprint;
} HostKeyLine;

/* What is stored for one host, before it was asked. */
typedef struct HostKeyTypes {
    const char *types[8]; /* "ssh-ed25519", ...; each once */
    size_t count;
    bool has_authority; /* a @cert-authority line matches */
} HostKeyTypes;

/* Read all files; one that does not exist is empty. New keys go to the first.
 * Errors: ERROR_LOCAL when a file cannot be read. */
MUST_USE Error *known_hosts_load(const char *const *files, size_t count, KnownHosts **ret);
void known_hosts_free(KnownHosts *known);
void known_hosts_freep(KnownHosts **known);

/* The name under which a host is stored: lower case, "[host]:port" unless the port is 22. */
const char *known_hosts_name(Arena *arena, const char *host, int port);

/* `name` as made by known_hosts_name (or a HostKeyAlias). When it has a port, a matching line of
 * the host without port is good, too, as in OpenSSH. *ret_line is set for changed and revoked. */
HostKeyVerdict known_hosts_check(KnownHosts *known, const char *name, const unsigned char *key,
                                 size_t length, Arena *arena, HostKeyLine *ret_line);

/* The stored key of a host, one of `type` if there is one. False: none. */
bool known_hosts_stored(KnownHosts *known, const char *name, const char *type, Arena *arena,
                        HostKeyLine *ret_line);

void known_hosts_types(KnownHosts *known, const char *name, HostKeyTypes *ret);

/* Append a key under a file lock, unless another process stored one meanwhile: *ret is then what
 * known_hosts_check says of it, else HOST_KEY_KNOWN. `hashed`: store the name hashed.
 * Errors: ERROR_LOCAL. */
MUST_USE Error *known_hosts_add(KnownHosts *known, const char *name, const unsigned char *key,
                                size_t length, bool hashed, HostKeyVerdict *ret);

/* Add the lines of `bytes` as if they stood in `file`, for tests and fuzzing. */
void known_hosts_parse(KnownHosts *known, const char *file, const char *bytes, size_t length);
