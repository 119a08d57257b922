#include "providers/real/effects.h"

#include <string.h>

#include "providers/real/node_call.h"

typedef Error *(*Perform)(const EffectContext *context, const Effect *effect, NodeResult *ret);

/* Who does it: a function of the library on the node, or code of ours. */
static const struct {
    bool is_on_node; /* effect_rows[].name is the function */
    Perform perform;
} performers[EFFECT_TYPE_COUNT] = {
    [EFFECT_FILE_PUT] = {true, NULL},    [EFFECT_FILE_SET_PUT] = {true, NULL},
    [EFFECT_FILE_BLOCK] = {true, NULL},  [EFFECT_FILE_REMOVE] = {true, NULL},
    [EFFECT_DIR] = {true, NULL},         [EFFECT_LINK] = {true, NULL},
    [EFFECT_USER] = {true, NULL},        [EFFECT_HOSTNAME] = {true, NULL},
    [EFFECT_PACKAGES] = {true, NULL},    [EFFECT_APT_UPDATE] = {true, NULL},
    [EFFECT_REPO_INDEX] = {true, NULL},  [EFFECT_UNIT] = {true, NULL},
    [EFFECT_CA] = {true, NULL},          [EFFECT_ETCD] = {true, NULL},
    [EFFECT_DATA_REMOVE] = {true, NULL}, [EFFECT_MARKER] = {true, NULL},
};

typedef struct Outcome {
    int64_t changed;
    Value *said;
} Outcome;

static void note(Arena *arena, Outcome *outcome, const NodeResult *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        outcome->changed += results[i].is_changed;
        if (results[i].said && *results[i].said)
            value_push(arena, outcome->said, value_text(arena, results[i].said));
    }
}

/* As many neighbours as the node can do alone, in one round trip. */
static Error *perform_on_node(const EffectContext *context, const Effect *effects, size_t count,
                              Outcome *outcome)
{
    NodeCall *calls = ARENA_ARRAY(context->arena, NodeCall, count);
    NodeResult *results = ARENA_ARRAY(context->arena, NodeResult, count);
    for (size_t i = 0; i < count; i++)
        calls[i] = (NodeCall){effect_rows[effects[i].type].name, effects[i].args};
    TRY(node_call_run(context->loan->session, calls, count, context->deadline_ms, context->arena,
                      results));
    note(context->arena, outcome, results, count);
    return NULL;
}

static Error *perform_one(const EffectContext *context, const Effect *effect, Outcome *outcome)
{
    NodeResult result = {0};
    TRY(performers[effect->type].perform(context, effect, &result));
    note(context->arena, outcome, &result, 1);
    return NULL;
}

static Error *perform_all(const EffectContext *context, const Effect *effects, size_t count,
                          Outcome *outcome)
{
    for (size_t i = 0; i < count;) {
        size_t end = i;
        while (end < count && performers[effects[end].type].is_on_node)
            end++;
        if (end > i) {
            TRY(perform_on_node(context, &effects[i], end - i, outcome));
            i = end;
        } else if (performers[effects[i].type].perform) {
            TRY(perform_one(context, &effects[i], outcome));
            i++;
        } else {
            return error_new(ERROR_INVALID, "%s cannot be performed yet",
                             effect_rows[effects[i].type].name);
        }
    }
    return NULL;
}

Error *effects_perform(const EffectContext *context, const Effect *effects, size_t count,
                       const Value **ret_outcome)
{
    Arena *arena = context->arena;
    Outcome outcome = {.said = value_list(arena)};
    for (size_t i = 0; i < count; i++)
        TRY(effect_check(&effects[i]));
    TRY(perform_all(context, effects, count, &outcome));
    if (ret_outcome) {
        Value *map = value_map(arena);
        value_set_int(arena, map, "changed", outcome.changed);
        value_set(arena, map, "said", outcome.said);
        *ret_outcome = map;
    }
    return NULL;
}
