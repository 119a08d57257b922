#include <string.h>

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

static bool is_about(const Action *action, const Change *change)
{
    return strcmp(action->address, change_resource(change)->address) == 0;
}

static bool is_in_domain(const Action *action, const Change *change)
{
    return change->domain && strcmp(action->domain, change->domain->name) == 0;
}

bool execution_has_applied(const Execution *execution, const Change *change)
{
    if (change->op == CHANGE_NONE || change->op == CHANGE_WITHHOLD)
        return false;
    bool has_own = false, own_done = true, domain_done = true;
    for (size_t i = 0; i < execution->plan->action_count; i++) {
        const Action *action = &execution->plan->actions[i];
        bool is_done = execution->results[i].state == ACTION_DONE;
        if (is_about(action, change)) {
            has_own = true;
            own_done = own_done && is_done;
        } else if (is_in_domain(action, change)) {
            domain_done = domain_done && is_done;
        }
    }
    return has_own ? own_done : domain_done;
}

Applied execution_applied(const Execution *execution)
{
    Applied applied = {0};
    for (size_t b = 0; b < execution->plan->block_count; b++) {
        const PlanBlock *block = &execution->plan->blocks[b];
        for (size_t i = 0; i < block->change_count; i++) {
            const Change *change = &block->changes[i];
            if (!execution_has_applied(execution, change))
                continue;
            applied.added += change->op == CHANGE_CREATE || change->op == CHANGE_REPLACE;
            applied.changed += change->op == CHANGE_UPDATE;
            applied.destroyed += change->op == CHANGE_DELETE || change->op == CHANGE_REPLACE;
        }
    }
    return applied;
}
