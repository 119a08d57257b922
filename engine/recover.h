/*
 * engine/recover.h - closing what interrupted executions left open in the journal.
 *
 * An open intent of an earlier run is settled by a later one: because it looked at the action and
 * found it done or did it, or because a complete new plan no longer has it. The earlier run's file
 * gets an outcome that says so, and is put away when nothing in it is open any more.
 */
#pragma once

#include "engine/events.h"
#include "engine/journal.h"

/* After an execution: end its own journal (taken over), and settle what of earlier runs it dealt
 * with. `sees_all`: the plan was made now and of everything, so what it does not have needs
 * nothing. Errors: ERROR_LOCAL, ERROR_INVALID (a journal was edited). */
MUST_USE Error *recover_close(Arena *arena, const char *directory, Journal *journal,
                              const Execution *execution, bool sees_all);

/* After a complete plan that has nothing to do: nothing can be half done. */
MUST_USE Error *recover_settle_all(Arena *arena, const char *directory, const char *run);
