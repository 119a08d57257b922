#include "base/map.h"
#include "engine/events.h"

static const char *const state_names[ACTION_STATE_COUNT] = {
    [ACTION_WAITING] = "waiting", [ACTION_RUNNING] = "running",     [ACTION_DONE] = "done",
    [ACTION_FAILED] = "failed",   [ACTION_STALE] = "stale",         [ACTION_HALF] = "half",
    [ACTION_SKIPPED] = "skipped", [ACTION_CANCELLED] = "cancelled",
};

const char *action_state_name(ActionState state)
{
    return state_names[state];
}

struct AppliedIndex {
    Map *by_address; /* -> bool: is everything with that name done? */
    Map *by_domain;
};

static void note(Arena *arena, Map *map, const char *name, bool is_done)
{
    bool *all_done = map_get(map, name);
    if (!all_done) {
        all_done = ARENA_NEW(arena, bool);
        *all_done = true;
        map_set(map, name, all_done);
    }
    *all_done = *all_done && is_done;
}

AppliedIndex *execution_index(Arena *arena, const Execution *execution)
{
    AppliedIndex *index = ARENA_NEW(arena, AppliedIndex);
    *index = (AppliedIndex){map_new(arena), map_new(arena)};
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        const Action *action = &execution->plan->actions[i];
        bool is_done = execution->results[i].state == ACTION_DONE;
        note(arena, index->by_address, action->address, is_done);
        note(arena, index->by_domain, action->domain, is_done);
    }
    return index;
}

bool execution_has_applied(const AppliedIndex *index, const Change *change)
{
    if (change->op == CHANGE_NONE || change->op == CHANGE_WITHHOLD)
        return false;
    const bool *all_done = map_get(index->by_address, change_resource(change)->address);
    if (!all_done && change->domain)
        all_done = map_get(index->by_domain, change->domain->name);
    return !all_done || *all_done;
}

Applied execution_applied(Arena *arena, const Execution *execution)
{
    Applied applied = {0};
    const AppliedIndex *index = execution_index(arena, execution);
    for (size_t b = 0; b < execution->plan->block_count; b++) {
        const PlanBlock *block = &execution->plan->blocks[b];
        for (size_t i = 0; i < block->change_count; i++) {
            const Change *change = &block->changes[i];
            if (!execution_has_applied(index, change))
                continue;
            applied.added += change->op == CHANGE_CREATE || change->op == CHANGE_REPLACE;
            applied.changed += change->op == CHANGE_UPDATE;
            applied.destroyed += change->op == CHANGE_DELETE || change->op == CHANGE_REPLACE;
        }
    }
    return applied;
}
