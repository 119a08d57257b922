/* Order, cycles and longest paths of graphs; schedules within limits. */
#include <string.h>

#include "plans/graph.h"
#include "plans/schedule.h"
#include "unit.h"

enum { NODES = 6 };

/* 0 -> 1 -> 3, 0 -> 2 -> 3, 4 -> 5 */
static const PlanEdge diamond[] = {{0, 1, ""}, {0, 2, ""}, {1, 3, ""}, {2, 3, ""}, {4, 5, ""}};

static void order_respects_edges(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Graph graph = graph_new(arena, NODES, diamond, COUNT_OF(diamond));
    size_t *order, count, place[NODES];
    assert_true(graph_order(arena, &graph, &order, &count));
    assert_int_equal(count, NODES);
    for (size_t i = 0; i < count; i++)
        place[order[i]] = i;
    for (size_t i = 0; i < COUNT_OF(diamond); i++)
        assert_true(place[diamond[i].from] < place[diamond[i].to]);
}

static void an_empty_graph_has_an_order(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Graph graph = graph_new(arena, 0, NULL, 0);
    size_t *order, count = 7;
    assert_true(graph_order(arena, &graph, &order, &count));
    assert_int_equal(count, 0);
}

static void a_cycle_is_walked_whole(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    /* 0 -> 1 -> 2 -> 3 -> 1, 3 -> 4: the cycle is 1, 2, 3 */
    const PlanEdge edges[] = {{0, 1, ""}, {1, 2, ""}, {2, 3, ""}, {3, 1, ""}, {3, 4, ""}};
    Graph graph = graph_new(arena, 5, edges, COUNT_OF(edges));
    size_t *cycle, count;
    assert_false(graph_order(arena, &graph, &cycle, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        const PlanEdge *edge = &edges[cycle[i]], *next = &edges[cycle[(i + 1) % count]];
        assert_int_equal(edge->to, next->from);
    }
}

static void a_node_that_waits_for_itself_is_a_cycle(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const PlanEdge edges[] = {{1, 1, ""}};
    Graph graph = graph_new(arena, 2, edges, 1);
    size_t *cycle, count;
    assert_false(graph_order(arena, &graph, &cycle, &count));
    assert_int_equal(count, 1);
    assert_int_equal(cycle[0], 0);
}

static void longest_paths_and_closures(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Graph graph = graph_new(arena, NODES, diamond, COUNT_OF(diamond));
    size_t *order, count;
    assert_true(graph_order(arena, &graph, &order, &count));
    const int64_t weights[NODES] = {1, 10, 2, 3, 4, 5};
    const int64_t *longest = graph_longest(arena, &graph, order, weights);
    assert_int_equal(longest[0], 14);
    assert_int_equal(longest[2], 5);
    assert_int_equal(longest[4], 9);

    bool before[NODES] = {[1] = true}, after[NODES] = {[2] = true};
    graph_close_before(&graph, order, before);
    graph_close_after(&graph, order, after);
    const bool want_before[NODES] = {true, true, false, false, false, false};
    const bool want_after[NODES] = {false, false, true, true, false, false};
    assert_memory_equal(before, want_before, sizeof(before));
    assert_memory_equal(after, want_after, sizeof(after));
}

static int64_t *schedule(Arena *arena, const Graph *graph, const int64_t *durations,
                         const PlanLimit *limits, size_t limit_count, int64_t *ret_end)
{
    size_t *order, count;
    assert_true(graph_order(arena, graph, &order, &count));
    return schedule_make(arena, graph, order, durations, limits, limit_count, ret_end);
}

static void without_limits_all_that_is_ready_runs(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const int64_t durations[NODES] = {1, 10, 2, 3, 4, 5};
    int64_t end;
    Graph graph = graph_new(arena, NODES, diamond, COUNT_OF(diamond));
    const int64_t *start = schedule(arena, &graph, durations, NULL, 0, &end);
    const int64_t want[NODES] = {0, 1, 1, 11, 0, 4};
    assert_memory_equal(start, want, sizeof(want));
    assert_int_equal(end, 14);
}

static void a_limit_lets_one_after_the_other_through(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const int64_t durations[4] = {5, 5, 5, 1};
    size_t held[] = {0, 1, 2}, two[] = {0, 1, 2, 3};
    const PlanLimit limits[] = {{"one", 1, held, 3}, {"two", 2, two, 4}};
    int64_t end;
    Graph graph = graph_new(arena, 4, NULL, 0);
    const int64_t *start = schedule(arena, &graph, durations, limits, 2, &end);
    const int64_t want[4] = {0, 5, 10, 0};
    assert_memory_equal(start, want, sizeof(want));
    assert_int_equal(end, 15);
}

static void the_longest_path_goes_first(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    /* 1 -> 2: the limit is for 0 and 1, and 1 heads the longer path. */
    const PlanEdge edges[] = {{1, 2, ""}};
    const int64_t durations[3] = {5, 5, 50};
    size_t held[] = {0, 1};
    const PlanLimit limits[] = {{"one", 1, held, 2}};
    int64_t end;
    Graph graph = graph_new(arena, 3, edges, 1);
    const int64_t *start = schedule(arena, &graph, durations, limits, 1, &end);
    assert_int_equal(start[1], 0);
    assert_int_equal(start[0], 5);
    assert_int_equal(end, 55);
}

/* Waiting at two limits in turn must not lose anybody. */
static void crossed_limits_come_to_an_end(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    enum { COUNT = 60 };
    int64_t durations[COUNT];
    size_t a[COUNT], b[COUNT], a_count = 0, b_count = 0;
    for (size_t i = 0; i < COUNT; i++) {
        durations[i] = 1 + (int64_t)(i * 7 % 5);
        if (i % 3 != 0)
            a[a_count++] = i;
        if (i % 2 == 0)
            b[b_count++] = i;
    }
    const PlanLimit limits[] = {{"a", 2, a, a_count}, {"b", 1, b, b_count}};
    int64_t end;
    Graph graph = graph_new(arena, COUNT, NULL, 0);
    const int64_t *start = schedule(arena, &graph, durations, limits, 2, &end);
    for (int64_t now = 0; now < end; now++) {
        size_t in_a = 0, in_b = 0;
        for (size_t i = 0; i < COUNT; i++) {
            bool runs = start[i] <= now && now < start[i] + durations[i];
            in_a += runs && i % 3 != 0;
            in_b += runs && i % 2 == 0;
        }
        assert_true(in_a <= 2 && in_b <= 1);
    }
    int64_t total_b = 0;
    for (size_t i = 0; i < b_count; i++)
        total_b += durations[b[i]];
    assert_true(end >= total_b);
}

static void large_graphs_are_quick(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    enum { COUNT = 200000 };
    PlanEdge *edges = ARENA_ARRAY(arena, PlanEdge, COUNT - 1);
    int64_t *durations = ARENA_ARRAY(arena, int64_t, COUNT);
    for (size_t i = 0; i < COUNT - 1; i++) {
        edges[i] = (PlanEdge){i, i + 1, ""};
        durations[i] = 1;
    }
    durations[COUNT - 1] = 1;
    int64_t end;
    Graph graph = graph_new(arena, COUNT, edges, COUNT - 1);
    schedule(arena, &graph, durations, NULL, 0, &end);
    assert_int_equal(end, COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_respects_edges),
        cmocka_unit_test(an_empty_graph_has_an_order),
        cmocka_unit_test(a_cycle_is_walked_whole),
        cmocka_unit_test(a_node_that_waits_for_itself_is_a_cycle),
        cmocka_unit_test(longest_paths_and_closures),
        cmocka_unit_test(without_limits_all_that_is_ready_runs),
        cmocka_unit_test(a_limit_lets_one_after_the_other_through),
        cmocka_unit_test(the_longest_path_goes_first),
        cmocka_unit_test(crossed_limits_come_to_an_end),
        cmocka_unit_test(large_graphs_are_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
