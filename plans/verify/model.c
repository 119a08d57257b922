#include "plans/verify/model.h"

#include <string.h>

#include "base/map.h"

#define TOO_LARGE "it is too large for the model"

/* -- members and values ----------------------------------------------------------------------- */

uint8_t model_member_at(const Model *model, const char *host)
{
    for (size_t i = 0; i < model->start->member_count; i++) {
        if (strcmp(model->start->members[i].host, host) == 0)
            return (uint8_t)i;
    }
    return MODEL_NOBODY;
}

uint8_t model_member_named(const Model *model, const char *name)
{
    for (size_t i = 0; i < model->start->member_count; i++) {
        if (strcmp(model->start->members[i].name, name) == 0)
            return (uint8_t)i;
    }
    return MODEL_NOBODY;
}

uint8_t model_member_of_url(const Model *model, const char *url)
{
    const char *host = strstr(url, "//");
    for (size_t i = 0; host && i < model->start->member_count; i++) {
        const char *address = model->start->members[i].host;
        size_t length = strlen(address);
        if (strncmp(host + 2, address, length) == 0 && host[2 + length] == ':')
            return (uint8_t)i;
    }
    return MODEL_NOBODY;
}

uint8_t model_value(Model *model, int64_t value)
{
    for (size_t i = 0; i < model->value_count; i++) {
        if (model->values[i] == value)
            return (uint8_t)i;
    }
    if (model->value_count == MODEL_VALUES_MAX) {
        model->why_not = TOO_LARGE;
        return 0;
    }
    model->values[model->value_count] = value;
    return (uint8_t)model->value_count++;
}

/* -- from the plan's actions to the model's --------------------------------------------------- */

/* Where the actions of a plan are in the models, while these are made. */
typedef struct Making {
    Arena *arena, *scratch;
    const Plan *plan;
    Graph graph; /* the plan's edges and those that its brackets mean */
    Model *models;
    Map *by_domain;   /* domain -> Model */
    size_t *position; /* by action of the plan: its position in its model, SIZE_MAX: none */
    Model **model_of; /* by action of the plan */
    size_t *seen;     /* by action: the last walk that came by, counted from 1 */
    size_t walks;
    size_t *stack;
} Making;

static void add_action(const Making *making, Model *model, size_t id)
{
    ModelAction action;
    if (!touch_read(model, &making->plan->actions[id], &action))
        return;
    making->position[id] = model->action_count;
    making->model_of[id] = model;
    ARENA_PUSH(making->arena, model->actions, model->action_count, model->action_capacity, action);
    if (model->action_count > MODEL_ACTIONS_MAX)
        model->why_not = TOO_LARGE;
}

/* An action of another domain that disturbs a member of this one: the first that it touches. */
static void add_stranger(const Making *making, size_t id)
{
    const Action *action = &making->plan->actions[id];
    for (Model *model = making->models; model->start && !making->model_of[id]; model++) {
        if (model_member_at(model, action->host) != MODEL_NOBODY)
            add_action(making, model, id);
    }
}

static void add_actions(const Making *making)
{
    for (size_t i = 0; i < making->plan->action_count; i++) {
        const Action *action = &making->plan->actions[i];
        Model *model = map_get(making->by_domain, action->domain);
        if (model)
            add_action(making, model, i);
        else if (action->verb->disruptive)
            add_stranger(making, i);
    }
}

/* A step back along an edge: what is of the same model stops there, all else leads on. */
static size_t step_back(Making *making, ModelAction *action, size_t from, size_t depth)
{
    if (making->seen[from] == making->walks)
        return depth;
    making->seen[from] = making->walks;
    if (making->model_of[from] != making->model_of[action->action->id]) {
        making->stack[depth] = from;
        return depth + 1;
    }
    ARENA_PUSH(making->arena, action->before, action->before_count, action->before_capacity,
               making->position[from]);
    return depth;
}

/* All that come before an action of the model without another of the same model between. */
static void add_before(Making *making, size_t id)
{
    ModelAction *action = &making->model_of[id]->actions[making->position[id]];
    const Graph *graph = &making->graph;
    size_t depth = 0;
    making->walks++;
    making->stack[depth++] = id;
    while (depth > 0) {
        size_t at = making->stack[--depth];
        for (size_t i = graph->in_start[at]; i < graph->in_start[at + 1]; i++)
            depth = step_back(making, action, graph->edges[graph->in[i]].from, depth);
    }
}

/* A bracket opens before its body and closes after it (engine/schedule.h). */
static Graph whole_graph(Arena *scratch, const Plan *plan)
{
    size_t count = plan->edge_count;
    for (size_t i = 0; i < plan->bracket_count; i++)
        count += 1 + 2 * plan->brackets[i].body_count;
    PlanEdge *edges = ARENA_ARRAY(scratch, PlanEdge, count);
    if (plan->edge_count > 0)
        memcpy(edges, plan->edges, plan->edge_count * sizeof(*edges));
    count = plan->edge_count;
    for (size_t i = 0; i < plan->bracket_count; i++) {
        const PlanBracket *bracket = &plan->brackets[i];
        edges[count++] = (PlanEdge){.from = bracket->open, .to = bracket->close};
        for (size_t k = 0; k < bracket->body_count; k++) {
            edges[count++] = (PlanEdge){.from = bracket->open, .to = bracket->body[k]};
            edges[count++] = (PlanEdge){.from = bracket->body[k], .to = bracket->close};
        }
    }
    return graph_new(scratch, plan->action_count, edges, count);
}

/* -- limits and brackets ---------------------------------------------------------------------- */

/* Those in which one action of the model could wait for another of it. */
static void add_limit(const Making *making, Model *model, const PlanLimit *limit)
{
    ModelLimit made = {.capacity = limit->capacity,
                       .actions = ARENA_ARRAY(making->arena, size_t, limit->action_count)};
    for (size_t i = 0; i < limit->action_count; i++) {
        if (making->model_of[limit->actions[i]] == model)
            made.actions[made.action_count++] = making->position[limit->actions[i]];
    }
    if (made.action_count <= made.capacity)
        return;
    for (size_t i = 0; i < made.action_count; i++) {
        ModelAction *action = &model->actions[made.actions[i]];
        ARENA_PUSH(making->arena, action->limits, action->limit_count, action->limit_capacity,
                   model->limit_count);
    }
    ARENA_PUSH(making->arena, model->limits, model->limit_count, model->limit_capacity, made);
}

static void add_limits(const Making *making)
{
    const Plan *plan = making->plan;
    for (size_t i = 0; i < plan->limit_count; i++) {
        Model *last = NULL;
        for (size_t k = 0; k < plan->limits[i].action_count; k++) {
            Model *model = making->model_of[plan->limits[i].actions[k]];
            if (model && model != last)
                add_limit(making, model, &plan->limits[i]);
            last = model ? model : last;
        }
    }
}

static void add_brackets(const Making *making)
{
    for (size_t i = 0; i < making->plan->bracket_count; i++) {
        const PlanBracket *bracket = &making->plan->brackets[i];
        Model *model = making->model_of[bracket->close];
        if (model && making->model_of[bracket->open] == model)
            model->actions[making->position[bracket->close]].opened_by =
                making->position[bracket->open];
    }
}

/* -- all together ----------------------------------------------------------------------------- */

static void begin_models(Making *making)
{
    const Plan *plan = making->plan;
    making->models = ARENA_ARRAY(making->arena, Model, plan->start_count + 1);
    making->by_domain = map_new(making->scratch);
    for (size_t i = 0; i < plan->start_count; i++) {
        Model *model = &making->models[i];
        bool is_large = plan->starts[i].member_count > MODEL_MEMBERS_MAX;
        *model = (Model){.arena = making->arena,
                         .start = &plan->starts[i],
                         .value_count = 1,
                         .why_not = is_large ? TOO_LARGE : NULL};
        model->values[0] = START_UNKNOWN;
        map_set(making->by_domain, plan->starts[i].domain, model);
    }
}

Model *models_of(Arena *arena, const Plan *plan)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t count = plan->action_count;
    Making making = {.arena = arena,
                     .scratch = scratch,
                     .plan = plan,
                     .position = ARENA_ARRAY(scratch, size_t, count),
                     .model_of = ARENA_ARRAY(scratch, Model *, count),
                     .seen = ARENA_ARRAY(scratch, size_t, count),
                     .stack = ARENA_ARRAY(scratch, size_t, count + 1)};
    begin_models(&making);
    add_actions(&making);
    making.graph = whole_graph(scratch, plan);
    for (size_t i = 0; i < count; i++) {
        if (making.model_of[i])
            add_before(&making, i);
    }
    add_limits(&making);
    add_brackets(&making);
    return making.models;
}
