#include "base/virtual_clock.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/random.h"

typedef enum State {
    STATE_READY,
    STATE_RUNS,
    STATE_WAITS,
} State;

/* A thread on the clock. */
typedef struct Place {
    State state;
    pthread_cond_t turn;
    const pthread_cond_t *news; /* what it waits for; NULL: only for time to pass */
    int64_t until_ms;           /* -1: for ever */
    bool is_late;               /* woken by time */
    size_t at;                  /* its number in `places` */
} Place;

struct VirtualClock {
    Clock clock;
    pthread_mutex_t lock;
    Random random;
    int64_t now_ms, wall_begin_ms;
    Place **places;
    size_t count, capacity;
    size_t ready_count;
    Place *runs; /* NULL: all wait for ever, or for somebody outside */
};

static VirtualClock *self(const Clock *clock)
{
    return clock->context;
}

static void set_ready(VirtualClock *clock, Place *place, bool is_late)
{
    place->state = STATE_READY;
    place->is_late = is_late;
    clock->ready_count++;
}

static Place *place_add(VirtualClock *clock)
{
    Place *place = must_malloc(sizeof(*place));
    *place = (Place){.at = clock->count, .until_ms = -1};
    pthread_cond_init(&place->turn, NULL);
    if (clock->count == clock->capacity) {
        clock->capacity = clock->capacity * 2 + 1;
        clock->places = must_realloc(clock->places, clock->capacity * sizeof(*clock->places));
    }
    clock->places[clock->count++] = place;
    set_ready(clock, place, false);
    return place;
}

static void place_remove(VirtualClock *clock, Place *place)
{
    Place *last = clock->places[--clock->count];
    clock->places[place->at] = last;
    last->at = place->at;
    pthread_cond_destroy(&place->turn);
    free(place);
}

/* Time goes on to the next moment that somebody waits for, if there is one. */
static void jump(VirtualClock *clock)
{
    int64_t next_ms = -1;
    for (size_t i = 0; i < clock->count; i++) {
        int64_t until_ms = clock->places[i]->until_ms;
        if (until_ms >= 0 && (next_ms < 0 || until_ms < next_ms))
            next_ms = until_ms;
    }
    if (next_ms > clock->now_ms)
        clock->now_ms = next_ms;
    for (size_t i = 0; i < clock->count && next_ms >= 0; i++) {
        if (clock->places[i]->until_ms == next_ms)
            set_ready(clock, clock->places[i], true);
    }
}

static Place *choose(VirtualClock *clock)
{
    size_t skip = random_below(&clock->random, clock->ready_count);
    for (size_t i = 0;; i++) {
        if (clock->places[i]->state == STATE_READY && skip-- == 0)
            return clock->places[i];
    }
}

static void pass_turn(VirtualClock *clock)
{
    clock->runs = NULL;
    if (clock->ready_count == 0)
        jump(clock);
    if (clock->ready_count == 0)
        return;
    Place *next = choose(clock);
    clock->ready_count--;
    next->state = STATE_RUNS;
    next->until_ms = -1;
    next->news = NULL;
    clock->runs = next;
    pthread_cond_signal(&next->turn);
}

static void await_turn(VirtualClock *clock, Place *place)
{
    while (clock->runs != place)
        pthread_cond_wait(&place->turn, &clock->lock);
}

/* With the lock; the place may be a waiting one again when this returns false. */
static bool wait_here(VirtualClock *clock, const pthread_cond_t *news, int64_t until_ms)
{
    Place *place = clock->runs;
    place->state = STATE_WAITS;
    place->news = news;
    place->until_ms = until_ms;
    pass_turn(clock);
    await_turn(clock, place);
    return !place->is_late;
}

static int64_t virtual_monotonic_ms(const Clock *clock)
{
    return self(clock)->now_ms; /* changed only while no thread runs */
}

static int64_t virtual_wall_ms(const Clock *clock)
{
    return self(clock)->wall_begin_ms + self(clock)->now_ms;
}

static void virtual_sleep_ms(const Clock *base, int64_t duration_ms)
{
    VirtualClock *clock = self(base);
    pthread_mutex_lock(&clock->lock);
    wait_here(clock, NULL, clock->now_ms + (duration_ms > 0 ? duration_ms : 0));
    pthread_mutex_unlock(&clock->lock);
}

static bool virtual_wait(const Clock *base, pthread_cond_t *news, pthread_mutex_t *lock,
                         int64_t deadline_ms)
{
    VirtualClock *clock = self(base);
    pthread_mutex_lock(&clock->lock);
    pthread_mutex_unlock(lock);
    bool is_in_time = wait_here(clock, news, deadline_ms);
    pthread_mutex_unlock(&clock->lock);
    pthread_mutex_lock(lock);
    return is_in_time;
}

static void virtual_wake(const Clock *base, pthread_cond_t *news, ClockWake whom)
{
    VirtualClock *clock = self(base);
    pthread_mutex_lock(&clock->lock);
    for (size_t i = 0; i < clock->count; i++) {
        Place *place = clock->places[i];
        if (place->state != STATE_WAITS || place->news != news)
            continue;
        set_ready(clock, place, false);
        if (whom == CLOCK_ONE)
            break;
    }
    if (!clock->runs)
        pass_turn(clock);
    pthread_mutex_unlock(&clock->lock);
}

static void *virtual_announce(const Clock *base)
{
    VirtualClock *clock = self(base);
    pthread_mutex_lock(&clock->lock);
    Place *place = place_add(clock);
    pthread_mutex_unlock(&clock->lock);
    return place;
}

static void virtual_begin(const Clock *base, void *place)
{
    VirtualClock *clock = self(base);
    pthread_mutex_lock(&clock->lock);
    await_turn(clock, place);
    pthread_mutex_unlock(&clock->lock);
}

static void virtual_end(const Clock *base, void *place)
{
    VirtualClock *clock = self(base);
    Place *ended = place;
    pthread_mutex_lock(&clock->lock);
    bool had_turn = clock->runs == ended;
    clock->ready_count -= ended->state == STATE_READY;
    place_remove(clock, ended);
    if (had_turn)
        pass_turn(clock);
    pthread_mutex_unlock(&clock->lock);
}

VirtualClock *virtual_clock_new(int64_t wall_ms, uint64_t seed)
{
    VirtualClock *clock = must_malloc(sizeof(*clock));
    *clock = (VirtualClock){
        .clock = {clock, virtual_monotonic_ms, virtual_wall_ms, virtual_sleep_ms, virtual_wait,
                  virtual_wake, virtual_announce, virtual_begin, virtual_end},
        .random = random_from(seed),
        .wall_begin_ms = wall_ms,
    };
    pthread_mutex_init(&clock->lock, NULL);
    place_add(clock);
    pass_turn(clock);
    return clock;
}

void virtual_clock_free(VirtualClock *clock)
{
    if (!clock)
        return;
    assert(clock->count == 1);
    place_remove(clock, clock->places[0]);
    pthread_mutex_destroy(&clock->lock);
    free(clock->places);
    free(clock);
}

void virtual_clock_freep(VirtualClock **clock)
{
    virtual_clock_free(*clock);
    *clock = NULL;
}

void virtual_clock_outlive(VirtualClock *clock)
{
    /* Conditions that somebody seems to wait for could never be destroyed. */
    clock->places[0] = clock->runs;
    clock->runs->at = 0;
    clock->count = 1;
    clock->ready_count = 0;
    pthread_mutex_init(&clock->lock, NULL);
}

const Clock *virtual_clock_get(const VirtualClock *clock)
{
    return &clock->clock;
}
