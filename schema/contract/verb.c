#include "schema/contract/verb.h"

void effect_add(Arena *arena, EffectList *list, EffectType type, const char *host,
                const Value *args)
{
    Effect effect = {.type = type, .host = host, .args = args};
    ARENA_PUSH(arena, list->items, list->count, list->capacity, effect);
}

void check_add(Arena *arena, CheckList *list, Check check)
{
    ARENA_PUSH(arena, list->items, list->count, list->capacity, check);
}
