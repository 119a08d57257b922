/*
 * base/clock.h - time. Durations are signed 64-bit milliseconds in names that end in _ms.
 */
#pragma once

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
