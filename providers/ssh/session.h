/*
 * providers/ssh/session.h - one open connection to a node, whatever carries it.
 *
 * Two backends stand behind the same calls: libssh2 (fast, the default) and the ssh program (for
 * servers and keys that libssh2 1.10 cannot serve: RSA host or user keys, EtM-only MACs, AEAD-only
 * ciphers, hardware keys, ...). The choice is made per host by ssh_open and remembered in the
 * SshClient. Host keys are checked as OpenSSH does, by the same code for both backends' policy.
 *
 * Threads: an SshClient may be shared by any number of threads. A session and the streams made from
 * it belong to one thread at a time. Deadlines are monotonic milliseconds (base/clock.h), -1 none.
 *
 * Errors: ERROR_UNREACHABLE (no answer before the deadline, connection lost, output over the
 * bound), ERROR_REFUSED (host key, login, sudo: the message says which and how to mend it).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

typedef struct SshClient SshClient;
typedef struct SshSession SshSession;
typedef struct SshStream SshStream;

typedef enum SshHostKeyPolicy {
    SSH_HOST_KEY_STRICT,     /* unknown, changed and revoked keys are refused            */
    SSH_HOST_KEY_ACCEPT_NEW, /* an unknown key is appended to the first known_hosts file  */
} SshHostKeyPolicy;

typedef struct SshSettings {
    SshHostKeyPolicy host_key_policy;
    const char *config_file;       /* ssh -F; NULL: the user's and the system's          */
    const char *known_hosts_file;  /* NULL: what ssh -G says                             */
    const char *backend;           /* NULL: automatic; "libssh2", "openssh"               */
    size_t handshakes_per_address; /* unauthenticated at once; 0: 8 (sshd's MaxStartups) */
} SshSettings;

/* Where and as whom. NULL or 0 members are asked from `ssh -G` (one local process per host, once).
 */
typedef struct SshTarget {
    const char *host; /* address or alias, [A-Za-z0-9_.:-]+, not starting with '-' */
    int port;
    const char *user;
    const char *key_file;
    const char *become_user; /* sudo -n -u; NULL: "root". Skipped if the login user is it */
} SshTarget;

/* May this text stand in a command line of ours: [A-Za-z0-9_.:-]+, not starting with '-'? */
bool ssh_is_token(const char *text);

/* Call once in main() before the first thread. */
MUST_USE Error *ssh_global_init(void);

SshClient *ssh_client_new(const SshSettings *settings); /* copies */
/* After all of its sessions. */
void ssh_client_free(SshClient *client);

/* Connect, check the host key, log in. Errors name host, user, what was offered. */
MUST_USE Error *ssh_open(SshClient *client, const SshTarget *target, int64_t deadline_ms,
                         SshSession **ret);
void ssh_close(SshSession *session);
void ssh_closep(SshSession **session);

/* "libssh2" or "openssh". */
const char *ssh_backend(const SshSession *session);

/* Requests sent so far (connect counts 1, each exec or stream 1): for the round-trip test. */
size_t ssh_round_trips(const SshSession *session);

/* Run `script` (a constant of ours) by sh as the become user, with `input` as its stdin after the
 * script; nothing of either reaches a command line. Collect both outputs, at most max_bytes
 * together. *ret_status is the script's own exit status, carried by a closing line of ours: a
 * missing closing line is ERROR_UNREACHABLE, never status 0 (libssh2 #2515). */
MUST_USE Error *ssh_run(SshSession *session, const char *script, const void *input,
                        size_t input_length, size_t max_bytes, int64_t deadline_ms,
                        Text *ret_stdout, Text *ret_stderr, int *ret_status);

/* A byte stream to host:port as seen from the node (direct-tcpip). */
MUST_USE Error *ssh_stream_tcp(SshSession *session, const char *host, int port, int64_t deadline_ms,
                               SshStream **ret);

/* A byte stream to the stdin and stdout of `command`, run by sudo as `user` (a token). `command` is
 * shell text of ours (it travels as data, as the script of ssh_run does); what varies in it must be
 * tokens (ssh_is_token). Returns when it runs: ERROR_REFUSED when sudo says no. */
MUST_USE Error *ssh_stream_command(SshSession *session, const char *user, const char *command,
                                   int64_t deadline_ms, SshStream **ret);

/* The same in two halves, so that several commands can start at once: begin asks for the
 * command, await returns when it runs. */
MUST_USE Error *ssh_stream_begin(SshSession *session, const char *user, const char *command,
                                 int64_t deadline_ms, SshStream **ret);
MUST_USE Error *ssh_stream_await(SshStream *stream, int64_t deadline_ms);

/* Our end of the stream: a connected non-blocking socket for libpq or libcurl. Data moves only
 * inside ssh_stream_wait (of any stream of the session) and ssh_run. It belongs to the stream: who
 * hands it to a library that closes its sockets hands over a dup(). */
int ssh_stream_fd(const SshStream *stream);

/* Carry the data of `inner_fd` instead (taken over, non-blocking), and let ssh_stream_wait look at
 * `outer_fd`, its borrowed other end: for a library that makes its connection itself, such as libpq
 * to a Unix socket whose accepted end is inner_fd. Before the first ssh_stream_wait. */
void ssh_stream_splice(SshStream *stream, int inner_fd, int outer_fd);

/* Move data until our end is ready for `events` (POLLIN, POLLOUT), the far side closed (our end
 * then reads end-of-file), or the deadline passed (ERROR_UNREACHABLE). *ret_events as poll's. */
MUST_USE Error *ssh_stream_wait(SshStream *stream, short events, int64_t deadline_ms,
                                short *ret_events);

/* What the command said on stderr so far (for relays that refuse); "" for TCP. */
const char *ssh_stream_stderr(const SshStream *stream);

void ssh_stream_close(SshStream *stream);
