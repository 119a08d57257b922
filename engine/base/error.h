/*
 * base/error.h - errors as values, with a chain of causes.
 *
 * A function that can fail returns `Error *`. NULL means success. Anything else is owned by the
 * caller, who must do exactly one of: return it, wrap it, report it, free it. Nothing here logs.
 * An Error is a plain heap value, so a worker thread may hand one to the scheduler.
 *
 * Running out of memory is not an Error: it ends the process (see base/arena.h).
 * A broken invariant is not an Error either: it is an assert().
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"

/* What the *user* can do about it. main() maps each code to one exit status. */
typedef enum ErrorCode {
    ERROR_INVALID,     /* the input is wrong: fix the inventory or the command line  */
    ERROR_UNREACHABLE, /* a node did not answer before the deadline: try again       */
    ERROR_REFUSED,     /* a node answered "no": permissions, state, missing feature  */
    ERROR_BUSY,        /* a node answered "not now", and did nothing: try again      */
    ERROR_FENCED,      /* another run has taken over: nothing was done, plan again   */
    ERROR_CONFLICT,    /* the world changed since the plan was made: plan again      */
    ERROR_LOCAL,       /* this machine: disk, git repository, permissions            */
    ERROR_CANCELLED,   /* the user asked to stop                                     */
    ERROR_CODE_COUNT
} ErrorCode;

typedef struct Error Error;
struct Error {
    ErrorCode code;
    Error *cause; /* owned; NULL at the root */
    char message[];
};

/* A root error. The message is one lower-case clause without a full stop or newline. */
MUST_USE Error *error_new(ErrorCode code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Say what we were doing when `cause` happened. Takes ownership; keeps the cause's code. */
MUST_USE Error *error_wrap(Error *cause, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The innermost error of the chain: what went wrong, without what we were doing. */
const Error *error_root(const Error *error);

/* A deep copy; NULL gives NULL. */
Error *error_copy(const Error *error);

/* "doing a: doing b: what went wrong" on one line, without a newline at the end. */
void error_print(FILE *out, const Error *error);

/* The same text in a heap string that the caller frees with free(). */
char *error_text(const Error *error);

/* Lower-case name of a code ("invalid", "unreachable", ...), for JSON. */
const char *error_code_name(ErrorCode code);

/* Free the whole chain. NULL is a no-op. */
void error_free(Error *error);

/* For CLEANUP. */
void error_freep(Error **error);

/* The only macro in the tree that hides a return. Use it as a statement on its own line. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        Error *try_error = (call);                                                                 \
        if (try_error)                                                                             \
            return try_error;                                                                      \
    } while (0)
