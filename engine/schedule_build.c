#include "engine/schedule_private.h"

static void add_edge(Schedule *schedule, size_t from, size_t to)
{
    Node *node = &schedule->nodes[from];
    Node *next = &schedule->nodes[to];
    ARENA_PUSH(schedule->arena, node->after, node->after_count, node->after_capacity, to);
    ARENA_PUSH(schedule->arena, next->before, next->before_count, next->before_capacity, from);
    next->waiting++;
}

static bool is_action(const Schedule *schedule, size_t action)
{
    return action < schedule->plan->action_count;
}

static Error *outside(const char *what)
{
    return error_new(ERROR_INVALID, "%s of the plan names an action that is not there", what);
}

static Error *add_edges(Schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->edge_count; i++) {
        const PlanEdge *edge = &schedule->plan->edges[i];
        if (!is_action(schedule, edge->from) || !is_action(schedule, edge->to))
            return outside("an edge");
        add_edge(schedule, edge->from, edge->to);
    }
    return NULL;
}

static void add_limit_to(Schedule *schedule, size_t action, size_t limit)
{
    Node *node = &schedule->nodes[action];
    ARENA_PUSH(schedule->arena, node->limits, node->limit_count, node->limit_capacity, limit);
}

static Error *add_limits(Schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->limit_count; i++) {
        const PlanLimit *limit = &schedule->plan->limits[i];
        schedule->slots[i] = (Slots){limit->capacity ? limit->capacity : 1, 0, NONE};
        for (size_t k = 0; k < limit->action_count; k++) {
            if (!is_action(schedule, limit->actions[k]))
                return outside("a limit");
            add_limit_to(schedule, limit->actions[k], i);
        }
    }
    return NULL;
}

static void add_holds(Schedule *schedule, Bracket *bracket, const Node *node)
{
    for (size_t i = 0; i < node->limit_count; i++) {
        bool is_known = false;
        for (size_t k = 0; k < bracket->hold_count; k++)
            is_known = is_known || bracket->holds[k].limit == node->limits[i];
        if (is_known)
            continue;
        Hold hold = {.limit = node->limits[i], .inner = {1, 0, NONE}};
        ARENA_PUSH(schedule->arena, bracket->holds, bracket->hold_count, bracket->hold_capacity,
                   hold);
    }
}

static Error *add_bracket(Schedule *schedule, size_t number)
{
    const PlanBracket *plan = &schedule->plan->brackets[number];
    if (!is_action(schedule, plan->open) || !is_action(schedule, plan->close))
        return outside("a bracket");
    schedule->brackets[number] =
        (Bracket){.open = plan->open, .close = plan->close, .parent = NONE};
    schedule->nodes[plan->open].opens = number;
    schedule->nodes[plan->close].closes = number;
    add_edge(schedule, plan->open, plan->close);
    for (size_t i = 0; i < plan->body_count; i++) {
        if (!is_action(schedule, plan->body[i]))
            return outside("a bracket");
        add_edge(schedule, plan->open, plan->body[i]);
        add_edge(schedule, plan->body[i], plan->close);
    }
    return NULL;
}

/* -- what is inside a bracket ---------------------------------------------------------------- */

/* Scratch marks by action, cleared by whoever set them. */
typedef struct Reach {
    bool *is_after, *is_before; /* of the open; of the close */
    size_t *after, *before;     /* those that are marked */
    size_t after_count, before_count;
} Reach;

static void walk(const Schedule *schedule, size_t start, bool forward, bool *marks, size_t *list,
                 size_t *ret_count)
{
    size_t count = 0;
    list[count++] = start;
    marks[start] = true;
    for (size_t read = 0; read < count; read++) {
        const Node *node = &schedule->nodes[list[read]];
        const size_t *next = forward ? node->after : node->before;
        size_t next_count = forward ? node->after_count : node->before_count;
        for (size_t i = 0; i < next_count; i++) {
            if (!marks[next[i]])
                list[count++] = next[i];
            marks[next[i]] = true;
        }
    }
    *ret_count = count;
}

static void reach(const Schedule *schedule, const Bracket *bracket, Reach *reach)
{
    walk(schedule, bracket->open, true, reach->is_after, reach->after, &reach->after_count);
    walk(schedule, bracket->close, false, reach->is_before, reach->before, &reach->before_count);
}

static void forget(Reach *reach)
{
    for (size_t i = 0; i < reach->after_count; i++)
        reach->is_after[reach->after[i]] = false;
    for (size_t i = 0; i < reach->before_count; i++)
        reach->is_before[reach->before[i]] = false;
}

static bool is_inside(const Reach *reach, const Bracket *bracket, size_t action)
{
    return reach->is_after[action] && reach->is_before[action] && action != bracket->open &&
           action != bracket->close;
}

/* What the inside or the close waits for comes before the open, so that nothing is held while
 * waiting for it; a bracket that opens inside closes inside. Returns whether an edge was added. */
static bool enclose(Schedule *schedule, const Bracket *bracket, const Reach *reach)
{
    bool has_added = false;
    for (size_t i = 0; i < reach->before_count; i++) {
        size_t action = reach->before[i];
        const Node *node = &schedule->nodes[action];
        if (action != bracket->close && !is_inside(reach, bracket, action))
            continue;
        for (size_t k = 0; k < node->before_count; k++) {
            if (reach->is_after[node->before[k]])
                continue;
            add_edge(schedule, node->before[k], bracket->open);
            has_added = true;
        }
        size_t close = node->opens != NONE ? schedule->brackets[node->opens].close : bracket->close;
        if (close != bracket->close && !is_inside(reach, bracket, close)) {
            add_edge(schedule, close, bracket->close);
            has_added = true;
        }
    }
    return has_added;
}

static void belong(Schedule *schedule, size_t number, const Reach *reach)
{
    Bracket *bracket = &schedule->brackets[number];
    add_holds(schedule, bracket, &schedule->nodes[bracket->open]);
    add_holds(schedule, bracket, &schedule->nodes[bracket->close]);
    for (size_t i = 0; i < reach->before_count; i++)
        bracket->body_count += is_inside(reach, bracket, reach->before[i]);
    for (size_t i = 0; i < reach->before_count; i++) {
        if (!is_inside(reach, bracket, reach->before[i]))
            continue;
        Node *node = &schedule->nodes[reach->before[i]];
        add_holds(schedule, bracket, node);
        if (node->bracket == NONE ||
            schedule->brackets[node->bracket].body_count > bracket->body_count)
            node->bracket = number;
    }
}

/* Each added edge can put more inside another bracket; a plan in which that never ends has a
 * circle, which is found later. */
static void enclose_all(Schedule *schedule)
{
    size_t count = schedule->plan->bracket_count, actions = schedule->plan->action_count;
    Reach marks = {.is_after = ARENA_ARRAY(schedule->arena, bool, actions),
                   .is_before = ARENA_ARRAY(schedule->arena, bool, actions),
                   .after = ARENA_ARRAY(schedule->arena, size_t, actions),
                   .before = ARENA_ARRAY(schedule->arena, size_t, actions)};
    bool has_added = count > 0;
    for (size_t round = 0; has_added && round <= count; round++) {
        has_added = false;
        for (size_t i = 0; i < count; i++) {
            reach(schedule, &schedule->brackets[i], &marks);
            has_added = enclose(schedule, &schedule->brackets[i], &marks) || has_added;
            forget(&marks);
        }
    }
    for (size_t i = 0; i < count; i++) {
        reach(schedule, &schedule->brackets[i], &marks);
        belong(schedule, i, &marks);
        forget(&marks);
    }
    for (size_t i = 0; i < count; i++)
        schedule->brackets[i].parent = schedule->nodes[schedule->brackets[i].open].bracket;
}

static Error *add_brackets(Schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->bracket_count; i++)
        TRY(add_bracket(schedule, i));
    enclose_all(schedule);
    return NULL;
}

/* -- order ----------------------------------------------------------------------------------- */

/* An order in which every action comes after those it waits for; fewer than all: a cycle. */
static size_t sort_actions(const Schedule *schedule, size_t *ret_order)
{
    size_t count = schedule->plan->action_count, sorted = 0, read = 0;
    size_t *waiting = ARENA_ARRAY(schedule->arena, size_t, count);
    for (size_t i = 0; i < count; i++) {
        waiting[i] = schedule->nodes[i].waiting;
        if (waiting[i] == 0)
            ret_order[sorted++] = i;
    }
    while (read < sorted) {
        const Node *node = &schedule->nodes[ret_order[read++]];
        for (size_t i = 0; i < node->after_count; i++) {
            if (--waiting[node->after[i]] == 0)
                ret_order[sorted++] = node->after[i];
        }
    }
    return sorted;
}

static Error *measure(Schedule *schedule)
{
    size_t count = schedule->plan->action_count;
    size_t *order = ARENA_ARRAY(schedule->arena, size_t, count);
    if (sort_actions(schedule, order) != count)
        return error_new(ERROR_INVALID, "the actions of the plan wait for each other in a circle");
    for (size_t i = count; i-- > 0;) {
        Node *node = &schedule->nodes[order[i]];
        int64_t longest_ms = 0;
        for (size_t k = 0; k < node->after_count; k++) {
            int64_t after_ms = schedule->nodes[node->after[k]].remaining_ms;
            longest_ms = after_ms > longest_ms ? after_ms : longest_ms;
        }
        node->remaining_ms = longest_ms + schedule->plan->actions[order[i]].expected_ms;
    }
    return NULL;
}

Error *schedule_new(Arena *arena, const Plan *plan, Schedule **ret)
{
    Schedule *schedule = ARENA_NEW(arena, Schedule);
    *schedule = (Schedule){.arena = arena, .plan = plan, .unsettled = plan->action_count};
    schedule->nodes = ARENA_ARRAY(arena, Node, plan->action_count);
    schedule->slots = ARENA_ARRAY(arena, Slots, plan->limit_count);
    schedule->brackets = ARENA_ARRAY(arena, Bracket, plan->bracket_count);
    schedule->ready = ARENA_ARRAY(arena, size_t, plan->action_count);
    schedule->blocked = ARENA_ARRAY(arena, size_t, plan->action_count);
    schedule->stopped = ARENA_ARRAY(arena, size_t, plan->action_count);
    for (size_t i = 0; i < plan->action_count; i++)
        schedule->nodes[i] =
            (Node){.bracket = NONE, .opens = NONE, .closes = NONE, .doomed_by = NONE};
    TRY(add_edges(schedule));
    TRY(add_limits(schedule));
    TRY(add_brackets(schedule));
    TRY(measure(schedule));
    for (size_t i = 0; i < plan->action_count; i++) {
        if (schedule->nodes[i].waiting == 0)
            schedule_push_ready(schedule, i);
    }
    *ret = schedule;
    return NULL;
}
