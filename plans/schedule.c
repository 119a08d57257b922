#include "plans/schedule.h"

/* A binary heap of node ids; the smallest key is on top, of equal keys the smallest id. */
typedef struct Heap {
    size_t *items;
    size_t count;
    const int64_t *keys; /* by node */
} Heap;

/* A limit while the schedule runs. */
typedef struct Gate {
    size_t free;
    size_t *waiting; /* nodes, first come first served */
    size_t head, tail;
} Gate;

typedef struct Scheduler {
    const Graph *graph;
    const int64_t *durations;
    int64_t *start, *end;
    size_t *waiting_for; /* by node: actions before it that are not done */
    Gate *gates;
    const size_t *gate_of;    /* gates of all nodes, grouped by node */
    const size_t *gate_start; /* node_count + 1 */
    Heap ready, running;
    int64_t now;
} Scheduler;

static bool is_before(const Heap *heap, size_t a, size_t b)
{
    if (heap->keys[a] != heap->keys[b])
        return heap->keys[a] < heap->keys[b];
    return a < b;
}

static void swap(size_t *items, size_t a, size_t b)
{
    size_t item = items[a];
    items[a] = items[b];
    items[b] = item;
}

static void heap_push(Heap *heap, size_t item)
{
    size_t at = heap->count++;
    heap->items[at] = item;
    while (at > 0 && is_before(heap, heap->items[at], heap->items[(at - 1) / 2])) {
        swap(heap->items, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static size_t heap_pop(Heap *heap)
{
    size_t top = heap->items[0];
    heap->items[0] = heap->items[--heap->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++) {
            if (is_before(heap, heap->items[child], heap->items[least]))
                least = child;
        }
        if (least == at)
            return top;
        swap(heap->items, at, least);
        at = least;
    }
}

/* The gates of each node, grouped like the edges of a graph. */
static void group_gates(Arena *arena, Scheduler *scheduler, const PlanLimit *limits, size_t count)
{
    size_t node_count = scheduler->graph->node_count, total = 0;
    size_t *start = ARENA_ARRAY(arena, size_t, node_count + 2);
    scheduler->gates = ARENA_ARRAY(arena, Gate, count);
    for (size_t i = 0; i < count; i++) {
        scheduler->gates[i] = (Gate){.free = limits[i].capacity};
        scheduler->gates[i].waiting = ARENA_ARRAY(arena, size_t, limits[i].action_count);
        total += limits[i].action_count;
        for (size_t k = 0; k < limits[i].action_count; k++)
            start[limits[i].actions[k] + 2]++;
    }
    for (size_t i = 2; i < node_count + 2; i++)
        start[i] += start[i - 1];
    size_t *gate_of = ARENA_ARRAY(arena, size_t, total);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < limits[i].action_count; k++)
            gate_of[start[limits[i].actions[k] + 1]++] = i;
    }
    scheduler->gate_of = gate_of;
    scheduler->gate_start = start;
}

/* Take all limits together and start, or wait at the first one that is full. */
static void try_start(Scheduler *scheduler, size_t node)
{
    size_t first = scheduler->gate_start[node], last = scheduler->gate_start[node + 1];
    for (size_t i = first; i < last; i++) {
        Gate *gate = &scheduler->gates[scheduler->gate_of[i]];
        if (gate->free == 0) {
            gate->waiting[gate->tail++] = node;
            return;
        }
    }
    for (size_t i = first; i < last; i++)
        scheduler->gates[scheduler->gate_of[i]].free--;
    scheduler->start[node] = scheduler->now;
    scheduler->end[node] = scheduler->now + scheduler->durations[node];
    heap_push(&scheduler->running, node);
}

static void give_back(Scheduler *scheduler, size_t node)
{
    size_t first = scheduler->gate_start[node], last = scheduler->gate_start[node + 1];
    for (size_t i = first; i < last; i++)
        scheduler->gates[scheduler->gate_of[i]].free++;
    for (size_t i = first; i < last; i++) {
        Gate *gate = &scheduler->gates[scheduler->gate_of[i]];
        size_t tail = gate->tail;
        while (gate->free > 0 && gate->head < tail)
            try_start(scheduler, gate->waiting[gate->head++]);
    }
}

static void finish(Scheduler *scheduler, size_t node)
{
    const Graph *graph = scheduler->graph;
    give_back(scheduler, node);
    for (size_t i = graph->out_start[node]; i < graph->out_start[node + 1]; i++) {
        size_t next = graph->edges[graph->out[i]].to;
        if (--scheduler->waiting_for[next] == 0)
            heap_push(&scheduler->ready, next);
    }
}

static void run(Scheduler *scheduler)
{
    for (;;) {
        while (scheduler->ready.count > 0)
            try_start(scheduler, heap_pop(&scheduler->ready));
        if (scheduler->running.count == 0)
            return;
        scheduler->now = scheduler->end[scheduler->running.items[0]];
        while (scheduler->running.count > 0 &&
               scheduler->end[scheduler->running.items[0]] == scheduler->now)
            finish(scheduler, heap_pop(&scheduler->running));
    }
}

static int64_t *negated(Arena *arena, const int64_t *values, size_t count)
{
    int64_t *result = ARENA_ARRAY(arena, int64_t, count);
    for (size_t i = 0; i < count; i++)
        result[i] = -values[i];
    return result;
}

int64_t *schedule_make(Arena *arena, const Graph *graph, const size_t *order,
                       const int64_t *durations, const PlanLimit *limits, size_t limit_count,
                       int64_t *ret_end_ms)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    size_t count = graph->node_count;
    Scheduler scheduler = {
        .graph = graph,
        .durations = durations,
        .start = ARENA_ARRAY(arena, int64_t, count),
        .end = ARENA_ARRAY(scratch, int64_t, count),
        .waiting_for = ARENA_ARRAY(scratch, size_t, count),
    };
    const int64_t *longest = graph_longest(scratch, graph, order, durations);
    scheduler.ready = (Heap){.items = ARENA_ARRAY(scratch, size_t, count),
                             .keys = negated(scratch, longest, count)};
    scheduler.running = (Heap){.items = ARENA_ARRAY(scratch, size_t, count), .keys = scheduler.end};
    group_gates(scratch, &scheduler, limits, limit_count);
    for (size_t i = 0; i < count; i++) {
        scheduler.waiting_for[i] = graph->in_start[i + 1] - graph->in_start[i];
        if (scheduler.waiting_for[i] == 0)
            heap_push(&scheduler.ready, i);
    }
    run(&scheduler);
    *ret_end_ms = scheduler.now;
    return scheduler.start;
}
