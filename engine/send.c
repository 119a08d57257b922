#include "engine/send.h"

#include <string.h>

static size_t neighbours(const EffectList *effects, size_t from)
{
    size_t count = 1;
    while (from + count < effects->count &&
           strcmp(effects->items[from + count].host, effects->items[from].host) == 0)
        count++;
    return count;
}

Error *send_effects(const Sending *sending, Arena *arena, const Value **ret_outcome)
{
    World *world = sending->world;
    const EffectList *effects = sending->effects;
    for (size_t i = 0, count; i < effects->count; i += count) {
        const Fence *fence;
        count = neighbours(effects, i);
        TRY(leases_fence(sending->leases, arena, sending->action, &fence));
        for (size_t j = i; j < i + count; j++)
            effects->items[j].fence = fence;
        TRY(world->perform(world, effects->items[i].host, &effects->items[i], count,
                           sending->deadline_ms, arena, ret_outcome));
    }
    return NULL;
}
