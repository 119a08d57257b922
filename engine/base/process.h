/*
 * base/process.h - run a local program without a shell.
 *
 * Every descriptor we open is CLOEXEC, so a child sees only the three it is given.
 */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"

/* Run argv (NULL-terminated, argv[0] looked up in PATH) with `input` (may be NULL) on stdin;
 * collect stdout and stderr, each at most max_bytes. Past the deadline (monotonic ms, -1 none) the
 * child is killed. Errors: ERROR_LOCAL (cannot start), ERROR_UNREACHABLE (deadline, output too
 * long). A non-zero exit is not an Error: *ret_status is the exit status, or 128 + signal. */
MUST_USE Error *process_run(char *const argv[], const char *input, size_t input_length,
                            size_t max_bytes, int64_t deadline_ms, Text *ret_stdout,
                            Text *ret_stderr, int *ret_status);

/* Start argv with both ends of its stdin/stdout on one socket, stderr on a pipe; the caller owns
 * both descriptors and reaps with process_end. Errors: ERROR_LOCAL. */
MUST_USE Error *process_start(char *const argv[], pid_t *ret_pid, int *ret_socket, int *ret_stderr);

/* Terminate (if still there) and reap; returns the exit status or 128 + signal. */
int process_end(pid_t pid);
