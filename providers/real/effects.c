#include "providers/real/effects.h"

#include <string.h>

#include "providers/real/cert.h"
#include "providers/real/node_call.h"
#include "providers/real/rest.h"
#include "providers/real/sql_ops.h"

typedef Error *(*Perform)(const NodeContext *context, const Effect *effect, NodeResult *ret);

/* Who does it. Neighbours on the node, and neighbours in SQL, are done together. */
typedef enum Way {
    WAY_NONE,
    WAY_NODE, /* a function of the library on the node, named as in effect_rows */
    WAY_SQL,
    WAY_OWN, /* one by one, by `perform` */
} Way;

static const struct {
    Way way;
    Perform perform;
} performers[EFFECT_TYPE_COUNT] = {
    [EFFECT_FILE_PUT] = {WAY_NODE, NULL},    [EFFECT_FILE_SET_PUT] = {WAY_NODE, NULL},
    [EFFECT_FILE_BLOCK] = {WAY_NODE, NULL},  [EFFECT_FILE_REMOVE] = {WAY_NODE, NULL},
    [EFFECT_DIR] = {WAY_NODE, NULL},         [EFFECT_LINK] = {WAY_NODE, NULL},
    [EFFECT_USER] = {WAY_NODE, NULL},        [EFFECT_HOSTNAME] = {WAY_NODE, NULL},
    [EFFECT_PACKAGES] = {WAY_NODE, NULL},    [EFFECT_APT_UPDATE] = {WAY_NODE, NULL},
    [EFFECT_REPO_INDEX] = {WAY_NODE, NULL},  [EFFECT_UNIT] = {WAY_NODE, NULL},
    [EFFECT_CA] = {WAY_NODE, NULL},          [EFFECT_ETCD] = {WAY_NODE, NULL},
    [EFFECT_CERT] = {WAY_OWN, cert_perform}, [EFFECT_REST] = {WAY_OWN, rest_perform},
    [EFFECT_SQL] = {WAY_SQL, NULL},          [EFFECT_DATA_REMOVE] = {WAY_NODE, NULL},
    [EFFECT_MARKER] = {WAY_NODE, NULL},
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
static Error *perform_on_node(const NodeContext *context, const Effect *effects, size_t count,
                              Outcome *outcome)
{
    NodeCall *calls = ARENA_ARRAY(context->arena, NodeCall, count);
    NodeResult *results = ARENA_ARRAY(context->arena, NodeResult, count);
    for (size_t i = 0; i < count; i++)
        calls[i] = (NodeCall){effect_rows[effects[i].type].name, effects[i].args};
    TRY(node_call_run(context->loan->session, calls, count, context->fence, context->deadline_ms,
                      context->arena, results));
    note(context->arena, outcome, results, count);
    return NULL;
}

static Error *perform_sql(const NodeContext *context, const Effect *effects, size_t count,
                          Outcome *outcome)
{
    NodeResult *results = ARENA_ARRAY(context->arena, NodeResult, count);
    TRY(sql_ops_perform(context, effects, count, results));
    note(context->arena, outcome, results, count);
    return NULL;
}

static Error *perform_own(const NodeContext *context, const Effect *effects, size_t count,
                          Outcome *outcome)
{
    for (size_t i = 0; i < count; i++) {
        NodeResult result = {0};
        TRY(performers[effects[i].type].perform(context, &effects[i], &result));
        note(context->arena, outcome, &result, 1);
    }
    return NULL;
}

static Error *perform_group(const NodeContext *context, Way way, const Effect *effects,
                            size_t count, Outcome *outcome)
{
    if (way == WAY_NODE)
        return perform_on_node(context, effects, count, outcome);
    if (way == WAY_SQL)
        return perform_sql(context, effects, count, outcome);
    if (way == WAY_OWN)
        return perform_own(context, effects, count, outcome);
    return error_new(ERROR_INVALID, "%s cannot be performed", effect_rows[effects[0].type].name);
}

static Error *perform_all(const NodeContext *context, const Effect *effects, size_t count,
                          Outcome *outcome)
{
    for (size_t i = 0; i < count;) {
        Way way = performers[effects[i].type].way;
        size_t end = i + 1;
        while (end < count && performers[effects[end].type].way == way)
            end++;
        TRY(perform_group(context, way, &effects[i], end - i, outcome));
        i = end;
    }
    return NULL;
}

Error *effects_perform(const NodeContext *context, const Effect *effects, size_t count,
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
