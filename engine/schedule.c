#include "engine/schedule.h"

#include <assert.h>
#include <string.h>

#include "engine/schedule_private.h"

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

void schedule_push_ready(Schedule *schedule, size_t action)
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
        Hold *hold =
            node->opens != NONE ? find_hold(&schedule->brackets[node->opens], limit) : NULL;
        if (hold)
            hold->outer = slots;
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
        schedule_push_ready(schedule, schedule->blocked[i]);
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
            schedule_push_ready(schedule, node->after[i]);
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
