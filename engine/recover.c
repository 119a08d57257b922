#include "engine/recover.h"

#include <string.h>

#include "base/clock.h"
#include "engine/lock.h"

enum { LOCK_WAIT_MS = 10000 };

/* Who settles: an execution, or a plan of everything that has nothing to do (execution is NULL). */
typedef struct Settler {
    const char *run;
    const Execution *execution;
    bool sees_all;
} Settler;

/* Did it deal with what the intent is about? */
static bool is_settled(const Settler *settler, const OpenIntent *intent)
{
    const Execution *execution = settler->execution;
    for (size_t i = 0; execution && i < execution->plan->action_count; i++) {
        const Action *action = &execution->plan->actions[i];
        if (strcmp(action->address, intent->address) != 0 ||
            strcmp(action->verb->name, intent->verb) != 0)
            continue;
        const ActionResult *result = &execution->results[i];
        return result->state == ACTION_DONE ||
               (result->has_begun && result->state == ACTION_FAILED);
    }
    return settler->sees_all;
}

static Value *settling_record(Arena *arena, const OpenIntent *intent, const char *run)
{
    Value *outcome = value_map(arena);
    value_set_text(arena, outcome, "type", "outcome");
    value_set_int(arena, outcome, "action", intent->action);
    value_set_text(arena, outcome, "result", "settled");
    value_set_text(arena, outcome, "by", run);
    value_set_int(arena, outcome, "wall_ms", clock_wall_ms());
    return outcome;
}

static Error *settle_run(Arena *arena, const char *directory, const char *run,
                         const Settler *settler)
{
    OpenIntent *open;
    size_t count, left = 0;
    TRY(journal_open_intents(arena, directory, &open, &count, NULL));
    CLEANUP(journal_freep) Journal *journal = NULL;
    TRY(journal_reopen(directory, run, &journal));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(open[i].run, run) != 0)
            continue;
        if (!is_settled(settler, &open[i]))
            left++;
        else
            TRY(journal_append(journal, settling_record(arena, &open[i], settler->run)));
    }
    Journal *ending = journal;
    journal = NULL;
    return journal_end(ending, left == 0);
}

static Error *settle(Arena *arena, const char *directory, const Settler *settler)
{
    OpenIntent *open;
    size_t count;
    const Value *runs;
    CLEANUP(lock_freep) Lock *lock = NULL; /* several runs may settle */
    TRY(journal_open_intents(arena, directory, &open, &count, &runs));
    if (value_count(runs) == 0)
        return NULL;
    TRY(lock_wait(arena_printf(arena, "%s/lock", directory), settler->run, LOCK_WAIT_MS, &lock));
    TRY(journal_open_intents(arena, directory, &open, &count, &runs));
    for (size_t i = 0; i < value_count(runs); i++) {
        const char *run = value_as_text(value_at(runs, i), "");
        if (strcmp(run, settler->run) != 0)
            TRY(settle_run(arena, directory, run, settler));
    }
    return NULL;
}

Error *recover_close(Arena *arena, const char *directory, Journal *journal,
                     const Execution *execution, bool sees_all)
{
    bool is_complete = execution->counts[ACTION_HALF] == 0 && !execution->journal_error;
    TRY(journal_end(journal, is_complete));
    return settle(arena, directory, &(Settler){execution->run, execution, sees_all});
}

Error *recover_settle_all(Arena *arena, const char *directory, const char *run)
{
    return settle(arena, directory, &(Settler){run, NULL, true});
}
