#include "plans/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "plans/builder.h"
#include "plans/draft.h"
#include "plans/graph.h"
#include "plans/impact.h"
#include "plans/order.h"
#include "plans/plan_parts.h"
#include "plans/schedule.h"
#include "plans/target.h"
#include "plans/verify/start.h"

/* All domains with what differs in them, and whether the command wants them at all. */
typedef struct Drafts {
    Draft *items;
    bool *is_wanted; /* its procedure runs */
    size_t count;
} Drafts;

struct Planning {
    Arena *arena;
    const PlanInput *input;
    DraftUse use;
    Drafts drafts;
    char world[SHA256_HEX + 1];
};

static const Procedure *procedure_for(const PlanInput *input, DomainType type)
{
    const Procedure *const *procedure = input->procedures ? input->procedures : procedures;
    while (*procedure && (*procedure)->domain != type)
        procedure++;
    assert(*procedure && "each domain type has a procedure");
    return *procedure;
}

/* A procedure that refuses leaves no action behind: its changes are withheld, with its reason. */
static Error *run_procedure(Builder *builder, const PlanInput *input, Draft *draft)
{
    const Procedure *procedure = procedure_for(input, draft->domain->type);
    Situation situation = {.domain = draft->domain,
                           .facts = input->facts,
                           .topology = draft->topology,
                           .changes = draft->changes,
                           .change_count = draft->change_count};
    BuilderMark mark = builder_mark(builder);
    Error *error = procedure->build(builder, &situation);
    if (!error)
        return NULL;
    if (error->code != ERROR_REFUSED)
        return error_wrap(error, "planning %s", draft->domain->name);
    builder_rollback(builder, mark);
    draft_withhold(builder->arena, draft, error_root(error)->message);
    error_free(error);
    return NULL;
}

static const Topology *topology_for(Arena *arena, const Draft *draft, const Facts *facts)
{
    Topology *topology = ARENA_NEW(arena, Topology);
    *topology = topology_of(arena, draft->domain, facts);
    return topology;
}

static Error *assemble(Arena *arena, const PlanInput *input, Drafts *drafts, Builder **ret)
{
    Builder *builder = builder_new(arena, input->registry);
    for (size_t i = 0; i < drafts->count; i++)
        builder_note_units(builder, drafts->items[i].changes, drafts->items[i].change_count);
    for (size_t i = 0; i < drafts->count; i++) {
        if (drafts->is_wanted[i] && drafts->items[i].is_kept)
            TRY(run_procedure(builder, input, &drafts->items[i]));
    }
    if (builder->problem)
        return error_new(ERROR_INVALID, "%s", builder->problem);
    order_apply(builder, input->registry->order, input->registry->order_count);
    *ret = builder;
    return NULL;
}

static int edge_compare(const void *a, const void *b)
{
    const PlanEdge *left = a, *right = b;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return left->from < right->from ? -1 : left->from > right->from;
}

/* Sorted by (to, from), each pair once. */
static size_t tidy_edges(PlanEdge *edges, size_t count)
{
    if (count == 0)
        return 0;
    qsort(edges, count, sizeof(*edges), edge_compare);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (edge_compare(&edges[i], &edges[kept - 1]) != 0)
            edges[kept++] = edges[i];
    }
    return kept;
}

static Error *cycle_error(const Builder *builder, const size_t *cycle, size_t count)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        const PlanEdge *edge = &builder->edges[cycle[i]];
        text_addf(&text, "%s%s waits for %s (%s)", i ? "; " : "",
                  builder->actions[edge->to]->address, builder->actions[edge->from]->address,
                  edge->sentence ? edge->sentence : "no reason given");
    }
    return error_new(ERROR_INVALID, "the steps of the plan wait for each other: %s",
                     text_get(&text));
}

static Error *order_actions(Arena *arena, Builder *builder, Graph *ret_graph, size_t **ret_order)
{
    assert(builder);
    builder->edge_count = tidy_edges(builder->edges, builder->edge_count);
    *ret_graph = graph_new(arena, builder->action_count, builder->edges, builder->edge_count);
    size_t count = 0;
    if (!graph_order(arena, ret_graph, ret_order, &count))
        return cycle_error(builder, *ret_order, count);
    return NULL;
}

/* -- targets -------------------------------------------------------------------------------- */

/* Marks by action id; a change is named by the address of its action. */
static void mark_named(const Builder *builder, const Drafts *drafts, const char *const *patterns,
                       bool *marks)
{
    for (size_t i = 0; i < drafts->count; i++) {
        for (size_t k = 0; k < drafts->items[i].change_count; k++) {
            const Change *change = &drafts->items[i].changes[k];
            const Action *action = builder_action_of(builder, change_resource(change)->address);
            if (action && target_names_change(patterns, change))
                marks[action->id] = true;
        }
    }
}

/* Keep a change if it was asked for or is needed before something that was, and neither it nor
 * anything it needs was excluded. */
static bool keeps(const PlanInput *input, const Builder *builder, const Change *change,
                  const bool *needed, const bool *barred)
{
    const Action *action = builder_action_of(builder, change_resource(change)->address);
    bool is_asked = !input->targets || target_names_change(input->targets, change);
    bool is_excluded = input->excludes && target_names_change(input->excludes, change);
    if (!action)
        return is_asked && !is_excluded;
    return (!input->targets || needed[action->id]) && !barred[action->id];
}

static void keep_wanted(const PlanInput *input, const Builder *builder, Drafts *drafts,
                        const bool *needed, const bool *barred)
{
    for (size_t i = 0; i < drafts->count; i++) {
        Draft *draft = &drafts->items[i];
        size_t kept = 0;
        for (size_t k = 0; k < draft->change_count; k++) {
            if (keeps(input, builder, &draft->changes[k], needed, barred))
                draft->changes[kept++] = draft->changes[k];
        }
        draft->change_count = kept;
        bool is_asked = !input->targets || target_names_domain(input->targets, draft->domain);
        bool is_excluded = input->excludes && target_names_domain(input->excludes, draft->domain);
        drafts->is_wanted[i] = kept > 0 || (is_asked && !is_excluded);
    }
}

/* The whole plan tells what needs what; then it is made again from the changes that are wanted. */
static Error *select_targets(Arena *arena, const PlanInput *input, Drafts *drafts,
                             Builder **builder)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Graph graph = {0};
    size_t *order = NULL;
    TRY(order_actions(scratch, *builder, &graph, &order));
    bool *needed = ARENA_ARRAY(scratch, bool, graph.node_count);
    bool *barred = ARENA_ARRAY(scratch, bool, graph.node_count);
    mark_named(*builder, drafts, input->targets, needed);
    mark_named(*builder, drafts, input->excludes, barred);
    graph_close_before(&graph, order, needed);
    graph_close_after(&graph, order, barred);
    keep_wanted(input, *builder, drafts, needed, barred);
    return assemble(arena, input, drafts, builder);
}

/* -- the result ----------------------------------------------------------------------------- */

static int64_t expected_ms(const Action *action, const Value *paces)
{
    const Value *known = value_get(paces, action->verb->name);
    return action->guess_ms * value_get_int(known, "pace", PACE_OF_GUESS) / PACE_OF_GUESS;
}

static void take_actions(Plan *plan, const Builder *builder, const Value *paces)
{
    Action *actions = ARENA_ARRAY(plan->arena, Action, builder->action_count);
    for (size_t i = 0; i < builder->action_count; i++) {
        actions[i] = *builder->actions[i];
        actions[i].expected_ms = expected_ms(&actions[i], paces);
    }
    plan->actions = actions;
    plan->action_count = builder->action_count;
    plan->edges = builder->edges;
    plan->edge_count = builder->edge_count;
}

static int id_compare(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

static size_t unique_ids(size_t *ids, size_t count)
{
    if (count == 0)
        return 0;
    qsort(ids, count, sizeof(*ids), id_compare);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (ids[i] != ids[kept - 1])
            ids[kept++] = ids[i];
    }
    return kept;
}

static void take_limits(Plan *plan, const Builder *builder)
{
    PlanLimit *limits = ARENA_ARRAY(plan->arena, PlanLimit, builder->limit_count);
    for (size_t i = 0; i < builder->limit_count; i++) {
        BuilderLimit *limit = builder->limits[i];
        limit->count = unique_ids(limit->actions, limit->count);
        if (limit->count > 0)
            limits[plan->limit_count++] = (PlanLimit){.name = limit->name,
                                                      .capacity = limit->capacity,
                                                      .actions = limit->actions,
                                                      .action_count = limit->count};
    }
    plan->limits = limits;
}

static void take_brackets(Plan *plan, const Builder *builder)
{
    PlanBracket *brackets = ARENA_ARRAY(plan->arena, PlanBracket, builder->bracket_count);
    for (size_t i = 0; i < builder->bracket_count; i++) {
        BuilderBracket *bracket = builder->brackets[i];
        brackets[i] = (PlanBracket){.open = bracket->open->id,
                                    .close = bracket->close->id,
                                    .body = bracket->body,
                                    .body_count = unique_ids(bracket->body, bracket->count)};
    }
    plan->brackets = brackets;
    plan->bracket_count = builder->bracket_count;
}

/* How the clusters stand that have actions, for whoever verifies the plan. */
static void take_starts(Plan *plan, const PlanInput *input, const Drafts *drafts)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Map *touched = map_new(scratch);
    PlanStart *starts = ARENA_ARRAY(plan->arena, PlanStart, drafts->count);
    for (size_t i = 0; i < plan->action_count; i++)
        map_set(touched, plan->actions[i].domain, plan);
    for (size_t i = 0; i < drafts->count; i++) {
        const Domain *domain = drafts->items[i].domain;
        bool is_modelled = domain->type == DOMAIN_ETCD || domain->type == DOMAIN_CLUSTER;
        if (is_modelled && map_get(touched, domain->name))
            starts[plan->start_count++] =
                start_of(plan->arena, domain, drafts->items[i].topology, input->facts);
    }
    plan->starts = starts;
}

static void cost(Plan *plan, const PlanInput *input, const Graph *graph, const size_t *order,
                 const Drafts *drafts)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    int64_t *durations = ARENA_ARRAY(scratch, int64_t, plan->action_count);
    bool *is_new = ARENA_ARRAY(scratch, bool, plan->action_count);
    Map *new_blocks = plan_new_blocks(scratch, drafts->items, drafts->count);
    for (size_t i = 0; i < plan->action_count; i++) {
        durations[i] = plan->actions[i].expected_ms;
        is_new[i] = map_get(new_blocks, plan->actions[i].block) != NULL;
    }
    plan->start_ms = schedule_make(plan->arena, graph, order, durations, plan->limits,
                                   plan->limit_count, &plan->critical_path_ms);
    plan->impact = impact_of(plan->arena, plan->actions, plan->action_count, is_new, plan->start_ms,
                             input->registry);
}

/* -- drafts --------------------------------------------------------------------------------- */

Planning *planning_new(Arena *arena, const PlanInput *input)
{
    Planning *planning = ARENA_NEW(arena, Planning);
    *planning = (Planning){
        .arena = arena,
        .input = input,
        .use = {.targets = target_use_new(arena, input->targets),
                .excludes = target_use_new(arena, input->excludes)},
        .drafts = {.items = ARENA_ARRAY(arena, Draft, input->domain_count),
                   .is_wanted = ARENA_ARRAY(arena, bool, input->domain_count),
                   .count = input->domain_count},
    };
    return planning;
}

/* Of these no heading is shown. */
static bool has_only_asides(const Draft *draft)
{
    for (size_t i = 0; i < draft->note_count; i++) {
        const char *kind = draft->notes[i].kind;
        if (strcmp(kind, "orphan") != 0 && strcmp(kind, PLAN_NOT_COMPARED) != 0)
            return false;
    }
    return true;
}

/* Has its procedure nothing to do or to say, as nothing differs? */
static bool is_idle(const Planning *planning, const Draft *draft, const Facts *facts,
                    const Topology *topology)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Builder *builder = builder_new(scratch, planning->input->registry);
    Situation situation = {.domain = draft->domain, .facts = facts, .topology = topology};
    CLEANUP(error_freep)
    Error *error = procedure_for(planning->input, draft->domain->type)->build(builder, &situation);
    return !error && !builder->problem && builder->action_count == 0 && builder->note_count == 0;
}

Error *planning_draft(Planning *planning, size_t domain, const Facts *facts, bool *ret_is_quiet)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Draft *draft = &planning->drafts.items[domain];
    TRY(draft_make(planning->arena, planning->input, &planning->input->domains[domain], facts,
                   &planning->use, draft));
    planning->drafts.is_wanted[domain] = true;
    const Topology *topology = NULL;
    if (draft->domain->type == DOMAIN_CLUSTER) {
        topology = topology_for(scratch, draft, facts);
        Topology *state = ARENA_NEW(planning->arena, Topology);
        state->state = topology->state; /* the rest hangs on the facts */
        draft->topology = state;
    }
    *ret_is_quiet = draft->change_count == 0 && has_only_asides(draft) &&
                    is_idle(planning, draft, facts, topology);
    return NULL;
}

void planning_note_world(Planning *planning, const Facts *facts)
{
    plan_world_digest(facts, planning->world);
}

void planning_keep(Planning *planning, size_t domain)
{
    planning->drafts.items[domain].is_kept = true;
}

/* -- all of it ------------------------------------------------------------------------------- */

static Error *make_builder(Planning *planning, Builder **ret)
{
    const PlanInput *input = planning->input;
    Drafts *drafts = &planning->drafts;
    TRY(target_use_check(&planning->use.targets, "-target"));
    TRY(target_use_check(&planning->use.excludes, "-exclude"));
    for (size_t i = 0; i < drafts->count; i++) {
        Draft *draft = &drafts->items[i];
        if (draft->is_kept && draft->domain->type == DOMAIN_CLUSTER)
            draft->topology = topology_for(planning->arena, draft, input->facts);
    }
    TRY(assemble(planning->arena, input, drafts, ret));
    if (input->targets || input->excludes)
        TRY(select_targets(planning->arena, input, drafts, ret));
    return NULL;
}

Error *planning_build(Planning *planning, Plan **ret)
{
    Arena *arena = planning->arena;
    const PlanInput *input = planning->input;
    Builder *builder = NULL;
    TRY(make_builder(planning, &builder));
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Graph graph = {0};
    size_t *order = NULL;
    TRY(order_actions(scratch, builder, &graph, &order));
    const Drafts *drafts = &planning->drafts;
    Plan *plan = ARENA_NEW(arena, Plan);
    *plan = (Plan){.arena = arena,
                   .hosts_wanted = input->hosts_wanted,
                   .hosts_observed = input->hosts_observed,
                   .observe_ms = input->observe_ms};
    take_actions(plan, builder, input->paces);
    take_limits(plan, builder);
    take_brackets(plan, builder);
    take_starts(plan, input, drafts);
    cost(plan, input, &graph, order, drafts);
    plan_make_blocks(plan, drafts->items, drafts->count, builder);
    plan->transition = plan_transition_digest(arena, plan);
    plan->world = arena_strdup(arena, planning->world);
    *ret = plan;
    return NULL;
}

Error *plan_build(Arena *arena, const PlanInput *input, Plan **ret)
{
    Planning *planning = planning_new(arena, input);
    for (size_t i = 0; i < input->domain_count; i++) {
        bool is_quiet_there;
        TRY(planning_draft(planning, i, input->facts, &is_quiet_there));
        planning_keep(planning, i);
    }
    planning_note_world(planning, input->facts);
    return planning_build(planning, ret);
}

bool plan_is_empty(const Plan *plan)
{
    return plan->action_count == 0 && plan->withheld_count == 0;
}

size_t plan_predecessors(const Plan *plan, size_t action, Arena *arena, size_t **ret)
{
    size_t first = 0, end = plan->edge_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (plan->edges[middle].to < action)
            first = middle + 1;
        else
            end = middle;
    }
    size_t count = 0;
    while (first + count < plan->edge_count && plan->edges[first + count].to == action)
        count++;
    *ret = ARENA_ARRAY(arena, size_t, count);
    for (size_t i = 0; i < count; i++)
        (*ret)[i] = plan->edges[first + i].from;
    return count;
}
