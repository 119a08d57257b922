#include "engine/schedule.h"

#include <assert.h>
#include <string.h>

#define NONE SCHEDULE_NOBODY

/* Places of one limit: of the whole run, or of a bracket that took one for its body. */
typedef struct Slots {
    size_t free;
    size_t holders;
    size_t dead_by; /* an action that will never give its place back, or NONE */
} Slots;

typedef struct Hold {
    size_t limit;
    Slots *outer; /* where the place came from */
    Slots inner;
} Hold;

typedef struct Bracket {
    size_t open, close;
    size_t parent; /* the bracket that its open belongs to, or NONE */
    size_t body_count;
    bool is_open;
    Hold *holds; /* one for each limit that the body, open or close carries */
    size_t hold_count, hold_capacity;
} Bracket;

typedef struct Node {
    size_t *after;
    size_t after_count, after_capacity;
    size_t *limits; /* numbers */
    size_t limit_count, limit_capacity;
    size_t waiting; /* for so many others */
    int64_t remaining_ms;
    size_t bracket; /* innermost one whose body it belongs to, or NONE */
    size_t opens, closes;
    size_t doomed_by; /* a failed action before it, or NONE */
} Node;

struct Schedule {
    Arena *arena;
    const Plan *plan;
    Node *nodes;
    Slots *slots; /* by limit */
    Bracket *brackets;
    size_t *ready; /* a heap: longest remaining path first */
    size_t ready_count;
    size_t *blocked; /* waiting for a limit */
    size_t blocked_count;
    size_t *stopped; /* disruptive actions that failed */
    size_t stopped_count;
    size_t unsettled;
    bool is_draining;
};

/* -- the heap -------------------------------------------------------------------------------- */

static bool comes_before(const Schedule *schedule, size_t a, size_t b)
{
    int64_t left = schedule->nodes[a].remaining_ms, right = schedule->nodes[b].remaining_ms;
    return left != right ? left > right : a < b;
}

static void swap(size_t *a, size_t *b)
{
    size_t old = *a;
    *a = *b;
    *b = old;
}

static void push_ready(Schedule *schedule, size_t action)
{
    size_t *heap = schedule->ready, i = schedule->ready_count++;
    heap[i] = action;
    for (; i > 0 && comes_before(schedule, heap[i], heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&heap[i], &heap[(i - 1) / 2]);
}

static size_t pop_ready(Schedule *schedule)
{
    size_t *heap = schedule->ready, top = heap[0], i = 0;
    heap[0] = heap[--schedule->ready_count];
    for (;;) {
        size_t first = i, left = 2 * i + 1, right = left + 1;
        if (left < schedule->ready_count && comes_before(schedule, heap[left], heap[first]))
            first = left;
        if (right < schedule->ready_count && comes_before(schedule, heap[right], heap[first]))
            first = right;
        if (first == i)
            return top;
        swap(&heap[i], &heap[first]);
        i = first;
    }
}

/* -- building -------------------------------------------------------------------------------- */

static void add_edge(Schedule *schedule, size_t from, size_t to)
{
    Node *node = &schedule->nodes[from];
    ARENA_PUSH(schedule->arena, node->after, node->after_count, node->after_capacity, to);
    schedule->nodes[to].waiting++;
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

static Error *add_limits(Schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->limit_count; i++) {
        const PlanLimit *limit = &schedule->plan->limits[i];
        schedule->slots[i] = (Slots){limit->capacity ? limit->capacity : 1, 0, NONE};
        for (size_t k = 0; k < limit->action_count; k++) {
            if (!is_action(schedule, limit->actions[k]))
                return outside("a limit");
            Node *node = &schedule->nodes[limit->actions[k]];
            ARENA_PUSH(schedule->arena, node->limits, node->limit_count, node->limit_capacity, i);
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

static void add_to_body(Schedule *schedule, size_t number, size_t action)
{
    Bracket *bracket = &schedule->brackets[number];
    Node *node = &schedule->nodes[action];
    add_edge(schedule, bracket->open, action);
    add_edge(schedule, action, bracket->close);
    add_holds(schedule, bracket, node);
    if (node->bracket == NONE || schedule->brackets[node->bracket].body_count > bracket->body_count)
        node->bracket = number;
}

static Error *add_bracket(Schedule *schedule, size_t number)
{
    const PlanBracket *plan = &schedule->plan->brackets[number];
    if (!is_action(schedule, plan->open) || !is_action(schedule, plan->close))
        return outside("a bracket");
    Bracket *bracket = &schedule->brackets[number];
    *bracket = (Bracket){
        .open = plan->open, .close = plan->close, .parent = NONE, .body_count = plan->body_count};
    schedule->nodes[plan->open].opens = number;
    schedule->nodes[plan->close].closes = number;
    add_edge(schedule, plan->open, plan->close);
    add_holds(schedule, bracket, &schedule->nodes[plan->open]);
    add_holds(schedule, bracket, &schedule->nodes[plan->close]);
    for (size_t i = 0; i < plan->body_count; i++) {
        if (!is_action(schedule, plan->body[i]))
            return outside("a bracket");
        add_to_body(schedule, number, plan->body[i]);
    }
    return NULL;
}

static Error *add_brackets(Schedule *schedule)
{
    for (size_t i = 0; i < schedule->plan->bracket_count; i++)
        TRY(add_bracket(schedule, i));
    for (size_t i = 0; i < schedule->plan->bracket_count; i++)
        schedule->brackets[i].parent = schedule->nodes[schedule->brackets[i].open].bracket;
    return NULL;
}

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
            push_ready(schedule, i);
    }
    *ret = schedule;
    return NULL;
}

/* -- limits ---------------------------------------------------------------------------------- */

static Hold *find_hold(Bracket *bracket, size_t limit)
{
    for (size_t i = 0; i < bracket->hold_count; i++) {
        if (bracket->holds[i].limit == limit)
            return &bracket->holds[i];
    }
    return NULL;
}

/* Where an action inside `bracket` (or in none) takes a limit: the nearest bracket that has it. */
static Slots *slots_of(const Schedule *schedule, size_t bracket, size_t limit)
{
    while (bracket != NONE) {
        Hold *hold = find_hold(&schedule->brackets[bracket], limit);
        if (hold && schedule->brackets[bracket].is_open)
            return &hold->inner;
        bracket = schedule->brackets[bracket].parent;
    }
    return &schedule->slots[limit];
}

/* The limits that an action needs to start: its own, or for an open, all that its bracket holds. */
static size_t needed(const Schedule *schedule, const Node *node, size_t i)
{
    if (node->opens != NONE)
        return schedule->brackets[node->opens].holds[i].limit;
    return node->limits[i];
}

static size_t needed_count(const Schedule *schedule, const Node *node)
{
    if (node->closes != NONE)
        return 0; /* its bracket has them */
    return node->opens != NONE ? schedule->brackets[node->opens].hold_count : node->limit_count;
}

typedef enum Room { ROOM, ROOM_LATER, ROOM_NEVER } Room;

static Room room_for(const Schedule *schedule, const Node *node, size_t *ret_dead_by)
{
    Room room = ROOM;
    for (size_t i = 0; i < needed_count(schedule, node); i++) {
        const Slots *slots = slots_of(schedule, node->bracket, needed(schedule, node, i));
        if (slots->free > 0)
            continue;
        room = ROOM_LATER;
        if (slots->holders == 0) {
            *ret_dead_by = slots->dead_by;
            return ROOM_NEVER;
        }
    }
    return room;
}

static void take(Slots *slots)
{
    assert(slots->free > 0);
    slots->free--;
    slots->holders++;
}

static void give_back(Slots *slots, size_t dead_by)
{
    slots->holders--;
    if (dead_by == NONE)
        slots->free++;
    else
        slots->dead_by = dead_by;
}

static void take_limits(Schedule *schedule, const Node *node)
{
    for (size_t i = 0; i < needed_count(schedule, node); i++) {
        size_t limit = needed(schedule, node, i);
        Slots *slots = slots_of(schedule, node->bracket, limit);
        take(slots);
        if (node->opens != NONE)
            find_hold(&schedule->brackets[node->opens], limit)->outer = slots;
    }
}

static void close_bracket(Bracket *bracket)
{
    for (size_t i = 0; i < bracket->hold_count; i++)
        give_back(bracket->holds[i].outer, bracket->holds[i].inner.dead_by);
    bracket->is_open = false;
}

static void give_back_limits(Schedule *schedule, const Node *node, size_t dead_by)
{
    if (node->opens != NONE)
        return; /* at the close */
    for (size_t i = 0; i < needed_count(schedule, node); i++)
        give_back(slots_of(schedule, node->bracket, needed(schedule, node, i)), dead_by);
}

/* -- running --------------------------------------------------------------------------------- */

static void unblock(Schedule *schedule)
{
    for (size_t i = 0; i < schedule->blocked_count; i++)
        push_ready(schedule, schedule->blocked[i]);
    schedule->blocked_count = 0;
}

static void settle(Schedule *schedule, size_t action, size_t doom)
{
    const Node *node = &schedule->nodes[action];
    schedule->unsettled--;
    for (size_t i = 0; i < node->after_count; i++) {
        Node *after = &schedule->nodes[node->after[i]];
        if (doom != NONE && after->doomed_by == NONE)
            after->doomed_by = doom;
        if (--after->waiting == 0)
            push_ready(schedule, node->after[i]);
    }
}

/* A failed disruptive action of the same cluster, or NONE. */
static size_t stopper_of(const Schedule *schedule, size_t action)
{
    const Action *actions = schedule->plan->actions;
    if (!actions[action].verb->disruptive || !*actions[action].cluster)
        return NONE;
    for (size_t i = 0; i < schedule->stopped_count; i++) {
        if (strcmp(actions[schedule->stopped[i]].cluster, actions[action].cluster) == 0)
            return schedule->stopped[i];
    }
    return NONE;
}

static bool must_close(const Schedule *schedule, const Node *node)
{
    return node->closes != NONE && schedule->brackets[node->closes].is_open;
}

/* Why it will not run, if so. */
static bool is_refused(const Schedule *schedule, size_t action, Step *ret)
{
    const Node *node = &schedule->nodes[action];
    if (must_close(schedule, node))
        return false;
    size_t cause = node->doomed_by != NONE ? node->doomed_by : stopper_of(schedule, action);
    if (cause != NONE)
        *ret = (Step){STEP_SKIP, action, cause};
    else if (schedule->is_draining || node->closes != NONE)
        *ret = (Step){STEP_CANCEL, action, NONE};
    else
        return false;
    return true;
}

/* A close whose bracket was never opened has nothing to do; without a failure it was cancelled. */
bool schedule_next(Schedule *schedule, Step *ret)
{
    while (schedule->ready_count > 0) {
        size_t action = pop_ready(schedule), dead_by = NONE;
        Node *node = &schedule->nodes[action];
        Step step = {STEP_RUN, action, NONE};
        if (!is_refused(schedule, action, &step)) {
            Room room = room_for(schedule, node, &dead_by);
            if (room == ROOM_LATER) {
                schedule->blocked[schedule->blocked_count++] = action;
                continue;
            }
            if (room == ROOM_NEVER)
                step = (Step){STEP_SKIP, action, dead_by};
        }
        if (step.type == STEP_RUN) {
            take_limits(schedule, node);
            if (node->opens != NONE)
                schedule->brackets[node->opens].is_open = true;
        } else {
            settle(schedule, action, step.cause);
        }
        *ret = step;
        return true;
    }
    return false;
}

void schedule_finish(Schedule *schedule, size_t action, Finish finish)
{
    const Node *node = &schedule->nodes[action];
    bool has_failed = finish != FINISH_DONE;
    bool stays_down = finish == FINISH_FAILED && schedule->plan->actions[action].verb->disruptive;
    if (stays_down)
        schedule->stopped[schedule->stopped_count++] = action;
    give_back_limits(schedule, node, stays_down ? action : NONE);
    if (node->closes != NONE && schedule->brackets[node->closes].is_open)
        close_bracket(&schedule->brackets[node->closes]);
    if (node->opens != NONE && finish == FINISH_UNTOUCHED)
        close_bracket(&schedule->brackets[node->opens]);
    settle(schedule, action, has_failed ? action : node->doomed_by);
    unblock(schedule);
}

void schedule_drain(Schedule *schedule)
{
    schedule->is_draining = true;
    unblock(schedule);
}

bool schedule_is_settled(const Schedule *schedule)
{
    return schedule->unsettled == 0;
}

int64_t schedule_remaining_ms(const Schedule *schedule, size_t action)
{
    return schedule->nodes[action].remaining_ms;
}
