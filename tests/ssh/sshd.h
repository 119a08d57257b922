/*
 * tests/ssh/sshd.h - real SSH servers on loopback for tests: each with its own configuration, host
 * keys and port in one temporary directory. Nothing outside of it is read or written.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/text.h"
#include "providers/ssh/session.h"

typedef struct Rig {
    Arena *arena;
    char *directory;
    const char *known_hosts; /* starts empty */
    const char *config_file; /* of the ssh client, starts empty */
} Rig;

typedef struct Server {
    pid_t pid;
    int port;
    int fd;
    int errors;
    const char *log;
} Server;

/* Makes keys ed25519, rsa, ecdsa and host_ed25519, host_rsa, host_ecdsa (and .pub); each user key
 * is authorized. */
void rig_start(Rig *rig);
void rig_end(Rig *rig);

/* "<directory>/<name>" */
const char *rig_path(const Rig *rig, const char *name);

/* Whole file, or "" */
const char *rig_read(const Rig *rig, const char *name);
void rig_write(const Rig *rig, const char *name, const char *text);
void rig_append(const Rig *rig, const char *name, const char *text);

/* Run a program, its stdout; a failure ends the test. */
const char *rig_run(const Rig *rig, const char *const *argv);

/* sshd with these lines in its configuration in front of the usual ones; host key: "host_ed25519",
 * ... $HOME is the rig's directory, so that nobody's .bashrc is read. */
void server_start(const Rig *rig, const char *host_key, const char *lines, Server *ret);
void server_stop(Server *server);

/* Put "[127.0.0.1]:port <public key>" into known_hosts, with a marker in front if not "". */
void server_know(const Rig *rig, const Server *server, const char *marker, const char *host_key);

/* Settings for the rig's files, and a target with the named key ("" for none). */
SshSettings rig_settings(const Rig *rig);
SshTarget server_target(const Rig *rig, const Server *server, const char *key);
