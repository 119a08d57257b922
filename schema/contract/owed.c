#include "schema/contract/owed.h"

static const Value *marker(Arena *arena, const char *key, const Value *note)
{
    Value *args = value_map(arena);
    value_set_text(arena, args, "key", key);
    if (note)
        value_set(arena, args, "value", note);
    return args;
}

const char *owed_key(Arena *arena, const char *domain, const char *service)
{
    return arena_printf(arena, "owed.%s.%s", domain, service);
}

const char *owed_verb(const Value *note)
{
    return value_get_text(note, "verb");
}

static void add_notes(Arena *arena, const Action *action, EffectList *out)
{
    const Value *owes = value_get(action->args, "owes");
    for (size_t i = 0; i < value_count(owes); i++) {
        Value *note = value_map(arena);
        value_set(arena, note, "verb", owes->map.values[i]);
        effect_add(arena, out, EFFECT_MARKER, action->host, marker(arena, owes->map.keys[i], note));
    }
}

static void settle(Arena *arena, const Action *action, EffectList *effects, CheckList *post)
{
    const char *key = value_get_text(action->args, "settles");
    if (!*key)
        return;
    EffectList end = {0};
    effect_add(arena, &end, EFFECT_MARKER, action->host, marker(arena, key, NULL));
    marker_checks_add(arena, &end, post);
    effect_add(arena, effects, EFFECT_MARKER, action->host, end.items[0].args);
}

void owed_add(Arena *arena, const Action *action, EffectList *effects, CheckList *post)
{
    if (effects->count == 0)
        return;
    EffectList all = {0};
    add_notes(arena, action, &all);
    for (size_t i = 0; i < effects->count; i++)
        effect_add(arena, &all, effects->items[i].type, effects->items[i].host,
                   effects->items[i].args);
    *effects = all;
    settle(arena, action, effects, post);
}
