/* Time in the simulation: what is to happen later, in a heap by moment. */
#include "providers/sim/wal.h"

int64_t sim_now_ms(const Sim *sim)
{
    return sim->event_ms >= 0 ? sim->event_ms : clock_now_ms(sim->clock);
}

int64_t sim_spread_ms(Sim *sim, int64_t base_ms)
{
    return base_ms + (int64_t)random_below(&sim->random, (size_t)base_ms / 4 + 1);
}

static bool is_before(const Event *a, const Event *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

static void exchange(Event *events, size_t a, size_t b)
{
    Event kept = events[a];
    events[a] = events[b];
    events[b] = kept;
}

static void add(Node *node, int64_t delay_ms, uint64_t life, EventRun run)
{
    Sim *sim = node->sim;
    Event event = {.at_ms = sim_now_ms(sim) + delay_ms,
                   .order = sim->event_order++,
                   .node = node,
                   .life = life,
                   .run = run};
    ARENA_PUSH(sim->arena, sim->events, sim->event_count, sim->event_capacity, event);
    for (size_t i = sim->event_count - 1; i > 0;) {
        size_t parent = (i - 1) / 2;
        if (!is_before(&sim->events[i], &sim->events[parent]))
            break;
        exchange(sim->events, i, parent);
        i = parent;
    }
}

void sim_after(Node *node, int64_t delay_ms, EventRun run)
{
    add(node, delay_ms, node->patroni.life, run);
}

void sim_after_anyway(Node *node, int64_t delay_ms, EventRun run)
{
    add(node, delay_ms, EVENT_ANY_LIFE, run);
}

static Event take_first(Sim *sim)
{
    Event first = sim->events[0];
    sim->events[0] = sim->events[--sim->event_count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < sim->event_count; child++) {
            if (is_before(&sim->events[child], &sim->events[least]))
                least = child;
        }
        if (least == i)
            return first;
        exchange(sim->events, i, least);
        i = least;
    }
}

void sim_catch_up(Sim *sim)
{
    int64_t now_ms = clock_now_ms(sim->clock);
    while (sim->event_count > 0 && sim->events[0].at_ms <= now_ms) {
        Event event = take_first(sim);
        sim->event_ms = event.at_ms;
        if (event.life != EVENT_ANY_LIFE && event.node->patroni.life != event.life)
            continue;
        event.run(event.node);
        wal_settle(event.node->patroni.cluster);
        sim_note_worst(sim);
    }
    sim->event_ms = -1;
}
