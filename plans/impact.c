#include "plans/impact.h"

#include <stdlib.h>

typedef struct Restart {
    int64_t start_ms;
    size_t id;
    const char *name;
} Restart;

static int restart_compare(const void *a, const void *b)
{
    const Restart *left = a, *right = b;
    if (left->start_ms != right->start_ms)
        return left->start_ms < right->start_ms ? -1 : 1;
    return left->id < right->id ? -1 : left->id > right->id;
}

static bool loses_data(const Action *action, const Registry *registry)
{
    if (action->op != CHANGE_DELETE && action->op != CHANGE_REPLACE)
        return false;
    const Kind *kind = registry_kind(registry, action->kind);
    return kind && kind->data_bearing;
}

static void count(PlanImpact *impact, const Action *action)
{
    switch (action->verb->availability) {
    case AVAILABLE:
    case AVAILABILITY_COUNT:
        break;
    case AVAILABLE_RELOAD:
        impact->reloads++;
        break;
    case AVAILABLE_RECONNECT:
        impact->reconnects++;
        break;
    case AVAILABLE_RESTART:
        impact->restarts++;
        break;
    case AVAILABLE_WRITE_GAP:
        impact->switchovers++;
        impact->write_gap_ms += action->expected_ms;
        break;
    case AVAILABLE_REBUILD:
        impact->rebuilds++;
        break;
    }
}

PlanImpact impact_of(Arena *arena, const Action *actions, size_t action_count, const bool *is_new,
                     const int64_t *start_ms, const Registry *registry)
{
    PlanImpact impact = {0};
    Restart *restarts = NULL;
    size_t restart_count = 0, capacity = 0;
    for (size_t i = 0; i < action_count; i++) {
        const Action *action = &actions[i];
        impact.data_lost = impact.data_lost || loses_data(action, registry);
        if (is_new[i])
            continue;
        count(&impact, action);
        Restart restart = {start_ms[i], i, action->scope};
        if (action->verb->availability == AVAILABLE_RESTART)
            ARENA_PUSH(arena, restarts, restart_count, capacity, restart);
    }
    if (restart_count > 0)
        qsort(restarts, restart_count, sizeof(*restarts), restart_compare);
    impact.restarted = ARENA_ARRAY(arena, const char *, restart_count);
    impact.restarted_count = restart_count;
    for (size_t i = 0; i < restart_count; i++)
        impact.restarted[i] = restarts[i].name;
    return impact;
}
