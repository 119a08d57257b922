#include "base/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/attr.h"

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

enum { DATE_LENGTH = 10 };

char *clock_date(Arena *arena, int64_t wall_ms)
{
    return arena_strndup(arena, clock_rfc3339(arena, wall_ms), DATE_LENGTH);
}

static bool has_form(const char *text, const char *form)
{
    for (; *form; form++, text++) {
        if (*form == '0' ? !isdigit((unsigned char)*text) : *text != *form)
            return false;
    }
    return *text == '\0';
}

bool clock_is_date(const char *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    enum { MONTH_AT = 5, DAY_AT = 8, BASE = 10 };
    if (!has_form(text, "0000-00-00"))
        return false;
    long year = strtol(text, NULL, BASE), month = strtol(text + MONTH_AT, NULL, BASE);
    long day = strtol(text + DAY_AT, NULL, BASE);
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= (long)COUNT_OF(days) && day >= 1 &&
           day <= days[month - 1] + (month == 2 && is_leap);
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

/* -- the machine's clock as a Clock ------------------------------------------------------------ */

static int64_t real_monotonic_ms(const Clock *clock)
{
    (void)clock;
    return clock_monotonic_ms();
}

static int64_t real_wall_ms(const Clock *clock)
{
    (void)clock;
    return clock_wall_ms();
}

static void real_sleep_ms(const Clock *clock, int64_t duration_ms)
{
    (void)clock;
    clock_sleep_ms(duration_ms);
}

static bool real_wait(const Clock *clock, pthread_cond_t *news, pthread_mutex_t *lock,
                      int64_t deadline_ms)
{
    (void)clock;
    if (deadline_ms < 0) {
        pthread_cond_wait(news, lock);
        return true;
    }
    struct timespec until = {.tv_sec = deadline_ms / MS_PER_SECOND,
                             .tv_nsec = deadline_ms % MS_PER_SECOND * NS_PER_MS};
    return pthread_cond_timedwait(news, lock, &until) != ETIMEDOUT;
}

static void real_wake(const Clock *clock, pthread_cond_t *news, ClockWake whom)
{
    (void)clock;
    if (whom == CLOCK_ALL)
        pthread_cond_broadcast(news);
    else
        pthread_cond_signal(news);
}

static void *real_announce(const Clock *clock)
{
    (void)clock;
    return NULL;
}

static void real_begin_or_end(const Clock *clock, void *place)
{
    (void)clock;
    (void)place;
}

const Clock *clock_real(void)
{
    static const Clock real = {NULL,          real_monotonic_ms, real_wall_ms,
                               real_sleep_ms, real_wait,         real_wake,
                               real_announce, real_begin_or_end, real_begin_or_end};
    return &real;
}

int64_t clock_now_ms(const Clock *clock)
{
    return clock->monotonic_ms(clock);
}

int64_t clock_until_ms(const Clock *clock, int64_t deadline_ms)
{
    if (deadline_ms < 0)
        return -1;
    int64_t left_ms = deadline_ms - clock_now_ms(clock);
    return left_ms > 0 ? left_ms : 0;
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}
