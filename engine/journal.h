/*
 * engine/journal.h - what was intended and what came of it, safe against a crash at any point.
 *
 * One file per execution, <dir>/<run>.journal; moved to <dir>/done/ when nothing is left open. A
 * record is one line: eight hex digits (length of the JSON), a blank, 64 hex digits (SHA-256 of the
 * digest before and the JSON), a blank, the JSON, a newline. The first record's digest before is 64
 * zeros. A tail that is cut off, garbled or has holes is recognised and ignored: it was never
 * synced, and an outcome that is not there means that the action may be half done.
 *
 * Whoever writes a file holds it locked (flock), which ends with the process.
 *
 * An append returns once the record is on disk; appends of several threads share one fsync. The
 * journal never holds an action's arguments, so never a secret.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"

typedef struct Journal Journal;

enum { JOURNAL_FORMAT = 1 };

/* Create the file (its directory, too) with `begin` as its first record. Errors: ERROR_LOCAL. */
MUST_USE Error *journal_begin(const char *directory, const char *run, const Value *begin,
                              Journal **ret);

/* Append a record to an earlier execution's file, whose torn tail is cut off. Errors: ERROR_LOCAL.
 */
MUST_USE Error *journal_reopen(const char *directory, const char *run, Journal **ret);

/* Write a record and wait until it is on disk. Any thread. Errors: ERROR_LOCAL (disk full, ...):
 * the action must not go on. */
MUST_USE Error *journal_append(Journal *journal, const Value *record);

/* Close the file; when `is_complete`, move it to done/. NULL is a no-op. */
MUST_USE Error *journal_end(Journal *journal, bool is_complete);

/* Close without a word; for CLEANUP. */
void journal_freep(Journal **journal);

/* -- reading --------------------------------------------------------------------------------- */

typedef struct JournalFile {
    const char *run;
    const Value *records; /* a list, verified */
    bool is_torn;         /* a last record was cut off or garbled, and is not in the list */
    size_t good_bytes;    /* up to the end of the last good record */
} JournalFile;

/* From bytes, for tests and fuzzing. Errors: ERROR_INVALID when a record that others follow does
 * not verify: the file was edited. */
MUST_USE Error *journal_parse(Arena *arena, const char *bytes, size_t length, JournalFile *ret);

MUST_USE Error *journal_read(Arena *arena, const char *directory, const char *run,
                             JournalFile *ret);

/* An intent without outcome. */
typedef struct OpenIntent {
    const char *run;
    int64_t action;
    const char *address, *verb, *host;
    int64_t wall_ms;
    bool is_live; /* its run goes on: it matters only to who has taken its lease */
} OpenIntent;

/* Of all executions that were not completed, oldest first; *ret_runs (may be NULL) gets the list of
 * those executions that have ended, also of those without an open intent. Others may begin and end
 * meanwhile. Errors: ERROR_LOCAL, ERROR_INVALID. */
MUST_USE Error *journal_open_intents(Arena *arena, const char *directory, OpenIntent **ret,
                                     size_t *ret_count, const Value **ret_runs);
