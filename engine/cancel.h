/*
 * engine/cancel.h - how urgently the user wants to stop: a number that only grows.
 *
 * Raised by SIGINT and SIGTERM (a thread takes them with sigwait: nothing runs in a handler) or by
 * a call; read by any thread.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/error.h"

typedef enum CancelLevel {
    CANCEL_NOT,
    CANCEL_DRAIN,     /* start nothing new; what runs comes to its end, brackets close */
    CANCEL_INTERRUPT, /* stop waiting for what is being waited for                     */
    CANCEL_LEAVE,     /* leave, as soon as the journal is safe                         */
} CancelLevel;

typedef struct Cancel Cancel;

Cancel *cancel_new(void);

/* Ends the watching thread, if any. */
void cancel_free(Cancel *cancel);
void cancel_freep(Cancel **cancel);

CancelLevel cancel_level(const Cancel *cancel); /* NULL: CANCEL_NOT */
void cancel_raise(Cancel *cancel);

/* Take SIGINT and SIGTERM from here on. To be called before other threads are started, so that
 * these leave the signals alone. Errors: ERROR_LOCAL. */
MUST_USE Error *cancel_watch_signals(Cancel *cancel);

/* Sleep, but not beyond the moment when `level` is reached; true if it was. */
bool cancel_sleep(const Cancel *cancel, const Clock *clock, int64_t duration_ms, CancelLevel level);
