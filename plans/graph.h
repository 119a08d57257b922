/*
 * plans/graph.h - the actions of a plan as a graph: order, cycles, longest paths.
 *
 * Nodes are the ids 0 .. node_count-1. All functions are linear in nodes and edges. Pure.
 */
#pragma once

#include <stdbool.h>

#include "plans/plan.h"

typedef struct Graph {
    size_t node_count;
    const PlanEdge *edges; /* borrowed */
    size_t edge_count;
    const size_t *out;       /* indices of edges, grouped by `from` */
    const size_t *out_start; /* node_count + 1 */
    const size_t *in;        /* indices of edges, grouped by `to` */
    const size_t *in_start;
} Graph;

Graph graph_new(Arena *arena, size_t node_count, const PlanEdge *edges, size_t edge_count);

/* All nodes, each after those before it. False when
 * there is a cycle: then *ret_order holds the indices of its edges in walking order. */
bool graph_order(Arena *arena, const Graph *graph, size_t **ret_order, size_t *ret_count);

/* For each node the weight of the heaviest path that starts there, its own weight included.
 * `order` is that of graph_order. */
int64_t *graph_longest(Arena *arena, const Graph *graph, const size_t *order,
                       const int64_t *weights);

/* Mark everything that is before (or after) the marked nodes, in place. */
void graph_close_before(const Graph *graph, const size_t *order, bool *marks);
void graph_close_after(const Graph *graph, const size_t *order, bool *marks);
