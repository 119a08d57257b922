#include "plans/verify/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { FIRST_ROOM = 256 };

/* How a state was first reached. */
typedef struct Visit {
    size_t from;
    Move move;
    uint64_t ways; /* without a crash */
} Visit;

/* All states that were reached, in the order in which they were; a table finds them by content. */
typedef struct Store {
    size_t size, count, room; /* bytes of a state; states */
    uint8_t *bytes;
    Visit *visits;
    size_t *table; /* position + 1; twice the room */
} Store;

static void store_free(Store *store)
{
    free(store->bytes);
    free(store->visits);
    free(store->table);
}

static State *state_at(const Store *store, size_t i)
{
    return (State *)(store->bytes + i * store->size);
}

/* FNV-1a. */
static size_t hash_of(const uint8_t *bytes, size_t count)
{
    uint64_t hash = 14695981039346656037U;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ bytes[i]) * 1099511628211U;
    return (size_t)(hash ^ (hash >> 32));
}

/* Where a state is in the table, or should be. */
static size_t *slot_of(const Store *store, const State *state)
{
    size_t mask = store->room * 2 - 1;
    size_t at = hash_of((const uint8_t *)state, store->size) & mask;
    while (store->table[at] &&
           memcmp(state_at(store, store->table[at] - 1), state, store->size) != 0)
        at = (at + 1) & mask;
    return &store->table[at];
}

static void make_room(Store *store)
{
    if (store->count < store->room)
        return;
    store->room = store->room ? store->room * 2 : FIRST_ROOM;
    store->bytes = must_realloc(store->bytes, store->room * store->size);
    store->visits = must_realloc(store->visits, store->room * sizeof(Visit));
    free(store->table);
    store->table = must_malloc(store->room * 2 * sizeof(size_t));
    memset(store->table, 0, store->room * 2 * sizeof(size_t));
    for (size_t i = 0; i < store->count; i++)
        *slot_of(store, state_at(store, i)) = i + 1;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* All ways to a state are equally long, so it is whole before anything is taken from it. */
static void visit(Store *store, const State *state, const Visit *how)
{
    make_room(store);
    size_t *slot = slot_of(store, state);
    if (*slot) {
        Visit *seen = &store->visits[*slot - 1];
        seen->ways = sum(seen->ways, how->ways);
        return;
    }
    memcpy(state_at(store, store->count), state, store->size);
    store->visits[store->count] = *how;
    *slot = ++store->count;
}

/* -- what was found --------------------------------------------------------------------------- */

static void tell(Arena *arena, const Store *store, size_t last, Move move, Search *search)
{
    size_t length = 1;
    for (size_t at = last; at != 0; at = store->visits[at].from)
        length++;
    search->story = ARENA_ARRAY(arena, Move, length);
    search->story_length = length;
    search->story[--length] = move;
    for (size_t at = last; at != 0; at = store->visits[at].from)
        search->story[--length] = store->visits[at].move;
}

/* -- everything ------------------------------------------------------------------------------- */

typedef struct Walk {
    Arena *arena;
    Model *model;
    Store store;
    State *next; /* scratch */
    Move *moves;
    Search search;
} Walk;

static bool is_crash(Move move)
{
    return move.type == MOVE_CRASH || move.type == MOVE_BACK;
}

static void note_away(Walk *walk)
{
    size_t away = walk->next->crash == CRASH_NONE ? state_away_count(walk->model, walk->next) : 0;
    if (away > walk->search.most_away)
        walk->search.most_away = away;
}

/* False: something is broken. */
static bool take(Walk *walk, size_t from, Move move)
{
    Store *store = &walk->store;
    memcpy(walk->next, state_at(store, from), store->size);
    walk->search.breach = state_move(walk->model, walk->next, move);
    if (walk->search.breach.invariant) {
        tell(walk->arena, store, from, move, &walk->search);
        return false;
    }
    note_away(walk);
    Visit how = {from, move, is_crash(move) ? 0 : store->visits[from].ways};
    visit(store, walk->next, &how);
    return true;
}

static bool expand(Walk *walk, size_t from)
{
    size_t count = state_moves(walk->model, state_at(&walk->store, from), walk->moves);
    if (count == 0 || is_crash(walk->moves[0]))
        walk->search.orders = sum(walk->search.orders, walk->store.visits[from].ways);
    for (size_t i = 0; i < count; i++) {
        if (!take(walk, from, walk->moves[i]))
            return false;
    }
    return true;
}

static Walk walk_new(Arena *arena, Arena *scratch, Model *model)
{
    return (Walk){.arena = arena,
                  .model = model,
                  .store = {.size = state_size(model)},
                  .next = state_first(scratch, model),
                  .moves = ARENA_ARRAY(scratch, Move, state_moves_max(model))};
}

Search search_all(Arena *arena, Model *model, size_t states_max)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Walk walk = walk_new(arena, scratch, model);
    visit(&walk.store, walk.next, &(Visit){.ways = 1});
    size_t at = 0;
    while (at < walk.store.count && walk.store.count <= states_max && expand(&walk, at))
        at++;
    walk.search.states = walk.store.count;
    walk.search.is_complete = at == walk.store.count;
    store_free(&walk.store);
    return walk.search;
}

/* -- some ways -------------------------------------------------------------------------------- */

enum { CRASH_ONE_IN = 8 };

/* Crashes stand last; they are many, and most ways would begin with one. */
static Move choose(Random *random, const Move *moves, size_t count)
{
    size_t ours = 0;
    while (ours < count && !is_crash(moves[ours]))
        ours++;
    bool is_ours = ours == count || (ours > 0 && random_below(random, CRASH_ONE_IN) > 0);
    return is_ours ? moves[random_below(random, ours)]
                   : moves[ours + random_below(random, count - ours)];
}

/* One way to its end. False: something is broken. */
static bool wander(Walk *walk, Random *random, const State *first, size_t length_max)
{
    memcpy(walk->next, first, walk->store.size);
    walk->search.story_length = 0;
    for (size_t i = 0; i < length_max; i++) {
        size_t count = state_moves(walk->model, walk->next, walk->moves);
        if (count == 0)
            return true;
        Move move = choose(random, walk->moves, count);
        walk->search.story[walk->search.story_length++] = move;
        walk->search.breach = state_move(walk->model, walk->next, move);
        if (walk->search.breach.invariant)
            return false;
        note_away(walk);
    }
    return true;
}

Search search_some(Arena *arena, Model *model, uint64_t seed, size_t walks)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Walk walk = walk_new(arena, scratch, model);
    const State *first = state_first(scratch, model);
    Random random = random_from(seed);
    size_t length_max = 2 * model->action_count + 2;
    walk.search.story = ARENA_ARRAY(arena, Move, length_max);
    while (walk.search.walks < walks && wander(&walk, &random, first, length_max))
        walk.search.walks++;
    return walk.search;
}
