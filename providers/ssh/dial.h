/*
 * providers/ssh/dial.h - the descriptor under a libssh2 session: a TCP connection, or an ssh
 * program that carries the bytes through jump hosts.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/text.h"
#include "providers/ssh/backend.h"

typedef struct Carrier {
    int fd;     /* -1: none */
    pid_t pid;  /* of the ssh program, 0: none */
    int errors; /* its stderr, -1: none */
} Carrier;

#define CARRIER_INIT                                                                               \
    {                                                                                              \
        -1, 0, -1                                                                                  \
    }

/* Errors: ERROR_UNREACHABLE (no answer, refused, name not known). */
MUST_USE Error *dial(const Login *login, int64_t deadline_ms, Carrier *ret);

/* Let the kernel acknowledge at once; not sticky, so before every wait. Without it each answer
 * that follows a small packet waits for a delayed acknowledgement, 40 ms. */
void dial_quick_ack(int fd);

/* What the jump's ssh program has said so far, appended to `out`. */
void dial_read_errors(const Carrier *carrier, Text *out);

/* For CLEANUP; a no-op on CARRIER_INIT. */
void dial_end(Carrier *carrier);
