/*
 * tests/ssh/bench.h - one real server with a known host key, and sessions to it: what the tests of
 * open sessions share.
 */
#pragma once

#include "base/error.h"
#include "base/text.h"
#include "providers/ssh/session.h"
#include "ssh/sshd.h"

enum { BIG_BYTES = 8 * 1024 * 1024, MAX_BYTES = BIG_BYTES + 1024 };

/* The names of both, each test runs over each. */
extern const char *const backends[2];

typedef struct Bench {
    Rig rig;
    Server server;
} Bench;

typedef struct Open {
    SshClient *client;
    SshSession *session;
    Text out;
    Text err;
    int status;
} Open;

/* A deadline that is only met when something hangs. */
int64_t soon(void);

/* For cmocka; the state is a Bench. */
int bench_setup(void **state);
int bench_teardown(void **state);

/* Log in as root over that backend; NULL becomes root. */
void open_on(const Bench *bench, const Server *server, const char *backend, const char *become_user,
             Open *ret);
void open_session(const Bench *bench, const char *backend, Open *ret);
void close_session(Open *open);

/* ssh_run into open->out, err and status, emptied before. */
Error *run_bytes(Open *open, const char *script, const void *input, size_t length,
                 int64_t deadline_ms);
Error *run(Open *open, const char *script, const char *input);

/* Write to our end of a stream; wait until `want` arrived there. */
void put(SshStream *stream, const char *text);
void expect(SshStream *stream, const char *want);
void expect_end(SshStream *stream);
