/*
 * base/clock.h - time. Durations are signed 64-bit milliseconds in names that end in _ms.
 *
 * Functions without a Clock ask the machine. Whatever waits for a World takes that world's Clock
 * instead: the real one is the machine's too; a virtual one (base/virtual_clock.h) jumps to the
 * next moment at which somebody wants to go on.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

/* Milliseconds on a clock that never jumps; only differences mean something. */
int64_t clock_monotonic_ms(void);

/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);

/* CPU milliseconds this process has used (user and system). */
int64_t clock_cpu_ms(void);

/* "2026-11-23T02:10:23.123Z". */
char *clock_rfc3339(Arena *arena, int64_t wall_ms);

/* "2026-11-23", in UTC. */
char *clock_date(Arena *arena, int64_t wall_ms);

/* Is it a day of the calendar, written as YYYY-MM-DD? Such texts sort by time. */
bool clock_is_date(const char *text);

/* Sleep without being woken early by signals. */
void clock_sleep_ms(int64_t duration_ms);

/* What is left until a monotonic deadline, never negative; -1 for "no deadline" (deadline < 0). */
int64_t clock_left_ms(int64_t deadline_ms);

/* -- the time of a world ------------------------------------------------------------------- */

/* All functions may be called from any thread that belongs to the clock: the one that made it, and
 * those that were announced. A waiting thread holds no lock but the one it hands over. */
typedef enum ClockWake { CLOCK_ONE, CLOCK_ALL } ClockWake;

typedef struct Clock Clock;
struct Clock {
    void *context;
    int64_t (*monotonic_ms)(const Clock *clock);
    int64_t (*wall_ms)(const Clock *clock);
    void (*sleep_ms)(const Clock *clock, int64_t duration_ms);

    /* Let go of `lock` and wait for wake(news), until a moment of monotonic_ms (-1: for ever);
     * false when that has passed. As with pthread_cond_wait, look again at what was waited for.
     * `news` belongs to CLOCK_MONOTONIC. */
    bool (*wait)(const Clock *clock, pthread_cond_t *news, pthread_mutex_t *lock,
                 int64_t deadline_ms);

    /* Wake one who waits for it, or all. The caller holds their lock. */
    void (*wake)(const Clock *clock, pthread_cond_t *news, ClockWake whom);

    /* Before a thread is started, by who starts it; `begin` and `end` by the thread, with what
     * `announce` gave; `end` by the starter too when it could not be started. */
    void *(*announce)(const Clock *clock);
    void (*begin)(const Clock *clock, void *place);
    void (*end)(const Clock *clock, void *place);
};

/* The machine's. */
const Clock *clock_real(void);

/* A condition for Clock.wait. */
void clock_condition_init(pthread_cond_t *condition);

int64_t clock_now_ms(const Clock *clock);

/* What is left until a monotonic deadline of that clock, as clock_left_ms. */
int64_t clock_until_ms(const Clock *clock, int64_t deadline_ms);
