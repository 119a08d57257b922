#include "base/clock.h"

#include <errno.h>
#include <time.h>

enum { MS_PER_SECOND = 1000, NS_PER_MS = 1000000 };

static int64_t read_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / NS_PER_MS;
}

int64_t clock_monotonic_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_cpu_ms(void)
{
    return read_ms(CLOCK_PROCESS_CPUTIME_ID);
}

char *clock_rfc3339(Arena *arena, int64_t wall_ms)
{
    int64_t ms = wall_ms % MS_PER_SECOND;
    if (ms < 0)
        ms += MS_PER_SECOND;
    time_t seconds = (time_t)((wall_ms - ms) / MS_PER_SECOND);
    struct tm utc = {0};
    gmtime_r(&seconds, &utc);
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                        utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (int)ms);
}

void clock_sleep_ms(int64_t duration_ms)
{
    if (duration_ms <= 0)
        return;
    int64_t end_ms = clock_monotonic_ms() + duration_ms;
    struct timespec end = {.tv_sec = end_ms / MS_PER_SECOND,
                           .tv_nsec = end_ms % MS_PER_SECOND * NS_PER_MS};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
        continue;
}

int64_t clock_left_ms(int64_t deadline_ms)
{
    if (deadline_ms < 0)
        return -1;
    int64_t left_ms = deadline_ms - clock_monotonic_ms();
    return left_ms > 0 ? left_ms : 0;
}
