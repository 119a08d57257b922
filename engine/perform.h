/*
 * engine/perform.h - one action from its target to its outcome; runs on a worker thread.
 */
#pragma once

#include "engine/executor.h"

/* What a worker needs to know; shared by all, read-only. */
typedef struct Performer {
    const ExecutorInput *input;
    Activities *activities;
} Performer;

/* Carry the action out. *ret gets state, error, misfits (texts live in `arena`), attempts and host;
 * times are the caller's. The outcome is in the journal when this returns; *ret_journal_error is
 * set when that could not be done. */
void perform_action(const Performer *performer, const Action *action, Arena *arena,
                    ActionResult *ret, Error **ret_journal_error);

/* -- what running actions say of themselves -------------------------------------------------- */

enum { ACTIVITY_MAX_BYTES = 96 };

Activities *activities_new(size_t action_count);
void activities_free(Activities *activities);
void activities_set(Activities *activities, size_t action, const char *text);
