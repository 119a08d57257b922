#include "schema/contract/marker.h"

void marker_checks_add(Arena *arena, const EffectList *effects, CheckList *post)
{
    for (size_t i = 0; i < effects->count; i++) {
        const Effect *effect = &effects->items[i];
        if (effect->type != EFFECT_MARKER)
            continue;
        const Value *note = value_get(effect->args, "value");
        check_add(arena, post,
                  (Check){.source = MARKER_SOURCE,
                          .subject = effect->host,
                          .path = value_get_text(effect->args, "key"),
                          .relation = note ? RELATION_EQUAL : RELATION_ABSENT,
                          .value = note,
                          .sentence = note ? "the node has the note of it"
                                           : "the node's note of it is gone"});
    }
}
