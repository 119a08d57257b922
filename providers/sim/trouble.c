/* What befalls nodes, and what other people do to them. */
#include <string.h>

#include "base/text.h"
#include "providers/sim/state.h"

enum { STALE_MS = 10000 };

/* What follows from a change is worked out after each event. */
static void has_changed(Node *node)
{
    (void)node;
}

void node_trouble(Node *node, const SimTrouble *trouble)
{
    int64_t begin_ms = sim_now_ms(node->sim) + trouble->after_ms;
    Span span = {trouble->kind, begin_ms, begin_ms + trouble->for_ms, trouble->amount_ms};
    ARENA_PUSH(node->sim->arena, node->troubles, node->trouble_count, node->trouble_capacity, span);
    if (trouble->kind == SIM_ISOLATED) {
        sim_after_anyway(node, trouble->after_ms, has_changed);
        sim_after_anyway(node, trouble->after_ms + trouble->for_ms, has_changed);
    }
    if (trouble->kind != SIM_POWER_LOSS)
        return;
    sim_after_anyway(node, trouble->after_ms, node_power_off);
    sim_after_anyway(node, trouble->after_ms + trouble->for_ms, node_power_on);
}

const Span *node_troubled(const Node *node, SimTroubleKind kind)
{
    int64_t now_ms = sim_now_ms(node->sim);
    for (size_t i = 0; i < node->trouble_count; i++) {
        const Span *span = &node->troubles[i];
        if (span->kind == kind && span->begin_ms <= now_ms && now_ms < span->end_ms)
            return span;
    }
    return NULL;
}

bool nodes_meet(const Node *a, const Node *b)
{
    return a == b || (!node_troubled(a, SIM_ISOLATED) && !node_troubled(b, SIM_ISOLATED));
}

int64_t node_wall_ms(const Node *node)
{
    const Span *skew = node_troubled(node, SIM_SKEW);
    return node->sim->clock->wall_ms(node->sim->clock) + (skew ? skew->amount_ms : 0);
}

/* -- other people ------------------------------------------------------------------------------ */

/* What does not work for them is not our business. */
static void meddle_now(Node *node)
{
    for (size_t i = 0; i < node->meddling_count; i++) {
        Meddling *meddling = &node->meddlings[i];
        if (meddling->is_done || meddling->at_ms > sim_now_ms(node->sim))
            continue;
        Doing doing = {.node = node, .args = meddling->effect.args, .deadline_ms = -1};
        meddling->is_done = true;
        if (!node->is_down)
            error_free(effect_do(&doing, meddling->effect.type));
    }
}

void node_meddle(Node *node, int64_t after_ms, const Effect *effect)
{
    Arena *arena = node->sim->arena;
    Meddling meddling = {.at_ms = sim_now_ms(node->sim) + after_ms,
                         .effect = {effect->type, node->address, value_copy(arena, effect->args)}};
    ARENA_PUSH(arena, node->meddlings, node->meddling_count, node->meddling_capacity, meddling);
    sim_after_anyway(node, after_ms, meddle_now);
}

/* -- answers of a moment ago ------------------------------------------------------------------- */

typedef struct Answer {
    const Value *value;
    int64_t at_ms;
} Answer;

const Value *stale_or(Node *node, const ReadRequest *request, const Value *value)
{
    Sim *sim = node->sim;
    const char *name = request->source->name;
    if (sim->faults.stale_answers == 0 || !value || strcmp(name, "patroni.cluster") != 0)
        return value;
    Answer *last = node->answers ? map_get(node->answers, name) : NULL;
    if (last && sim_now_ms(sim) - last->at_ms <= STALE_MS &&
        random_below(&sim->random, 1000) < sim->faults.stale_answers)
        return last->value;
    if (!node->answers)
        node->answers = map_new(sim->arena);
    last = ARENA_NEW(sim->arena, Answer);
    *last = (Answer){value_copy(sim->arena, value), sim_now_ms(sim)};
    map_set(node->answers, name, last);
    return value;
}
