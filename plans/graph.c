#include "plans/graph.h"

/* Counting sort of the edges by one of their ends. */
static size_t *group(Arena *arena, size_t node_count, const PlanEdge *edges, size_t edge_count,
                     bool by_from, const size_t **ret_start)
{
    size_t *start = ARENA_ARRAY(arena, size_t, node_count + 2);
    size_t *items = ARENA_ARRAY(arena, size_t, edge_count);
    for (size_t i = 0; i < edge_count; i++)
        start[(by_from ? edges[i].from : edges[i].to) + 2]++;
    for (size_t i = 2; i < node_count + 2; i++)
        start[i] += start[i - 1];
    for (size_t i = 0; i < edge_count; i++)
        items[start[(by_from ? edges[i].from : edges[i].to) + 1]++] = i;
    *ret_start = start;
    return items;
}

Graph graph_new(Arena *arena, size_t node_count, const PlanEdge *edges, size_t edge_count)
{
    Graph graph = {.node_count = node_count, .edges = edges, .edge_count = edge_count};
    graph.out = group(arena, node_count, edges, edge_count, true, &graph.out_start);
    graph.in = group(arena, node_count, edges, edge_count, false, &graph.in_start);
    return graph;
}

/* Walk backwards over nodes that still wait until one comes again: that is a cycle. */
static size_t *find_cycle(Arena *arena, const Graph *graph, const size_t *waiting,
                          size_t *ret_count)
{
    size_t node = 0;
    while (waiting[node] == 0)
        node++;
    size_t *step_of = ARENA_ARRAY(arena, size_t, graph->node_count); /* 1 + position, 0: not seen */
    size_t *path = ARENA_ARRAY(arena, size_t, graph->node_count);    /* edges, backwards */
    size_t length = 0;
    while (step_of[node] == 0) {
        step_of[node] = length + 1;
        size_t at = graph->in_start[node];
        while (waiting[graph->edges[graph->in[at]].from] == 0)
            at++;
        path[length++] = graph->in[at];
        node = graph->edges[graph->in[at]].from;
    }
    size_t first = step_of[node] - 1;
    size_t *cycle = ARENA_ARRAY(arena, size_t, length - first);
    for (size_t i = 0; i < length - first; i++)
        cycle[i] = path[length - 1 - i];
    *ret_count = length - first;
    return cycle;
}

bool graph_order(Arena *arena, const Graph *graph, size_t **ret_order, size_t *ret_count)
{
    size_t *order = ARENA_ARRAY(arena, size_t, graph->node_count);
    size_t *waiting = ARENA_ARRAY(arena, size_t, graph->node_count);
    size_t head = 0, tail = 0;
    for (size_t i = 0; i < graph->node_count; i++) {
        waiting[i] = graph->in_start[i + 1] - graph->in_start[i];
        if (waiting[i] == 0)
            order[tail++] = i;
    }
    while (head < tail) {
        size_t node = order[head++];
        for (size_t i = graph->out_start[node]; i < graph->out_start[node + 1]; i++) {
            size_t next = graph->edges[graph->out[i]].to;
            if (--waiting[next] == 0)
                order[tail++] = next;
        }
    }
    if (tail < graph->node_count) {
        *ret_order = find_cycle(arena, graph, waiting, ret_count);
        return false;
    }
    *ret_order = order;
    *ret_count = tail;
    return true;
}

int64_t *graph_longest(Arena *arena, const Graph *graph, const size_t *order,
                       const int64_t *weights)
{
    int64_t *longest = ARENA_ARRAY(arena, int64_t, graph->node_count);
    for (size_t k = graph->node_count; k-- > 0;) {
        size_t node = order[k];
        int64_t best = 0;
        for (size_t i = graph->out_start[node]; i < graph->out_start[node + 1]; i++) {
            int64_t length = longest[graph->edges[graph->out[i]].to];
            best = length > best ? length : best;
        }
        longest[node] = best + weights[node];
    }
    return longest;
}

void graph_close_before(const Graph *graph, const size_t *order, bool *marks)
{
    for (size_t k = graph->node_count; k-- > 0;) {
        size_t node = order[k];
        if (!marks[node])
            continue;
        for (size_t i = graph->in_start[node]; i < graph->in_start[node + 1]; i++)
            marks[graph->edges[graph->in[i]].from] = true;
    }
}

void graph_close_after(const Graph *graph, const size_t *order, bool *marks)
{
    for (size_t k = 0; k < graph->node_count; k++) {
        size_t node = order[k];
        if (!marks[node])
            continue;
        for (size_t i = graph->out_start[node]; i < graph->out_start[node + 1]; i++)
            marks[graph->edges[graph->out[i]].to] = true;
    }
}
