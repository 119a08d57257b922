#include "engine/cancel.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"

enum { SLICE_MS = 25 };

struct Cancel {
    atomic_int level;
    atomic_bool is_ending;
    bool is_watching;
    pthread_t watcher;
};

Cancel *cancel_new(void)
{
    Cancel *cancel = must_malloc(sizeof(*cancel));
    memset(cancel, 0, sizeof(*cancel));
    return cancel;
}

CancelLevel cancel_level(const Cancel *cancel)
{
    return cancel ? (CancelLevel)atomic_load(&cancel->level) : CANCEL_NOT;
}

void cancel_raise(Cancel *cancel)
{
    int level = atomic_load(&cancel->level);
    if (level < CANCEL_LEAVE)
        atomic_compare_exchange_strong(&cancel->level, &level, level + 1);
}

/* SIGUSR1 is how cancel_free wakes the thread. */
static void watched_signals(sigset_t *ret)
{
    sigemptyset(ret);
    sigaddset(ret, SIGINT);
    sigaddset(ret, SIGTERM);
    sigaddset(ret, SIGUSR1);
}

static void *watch(void *context)
{
    Cancel *cancel = context;
    sigset_t signals;
    watched_signals(&signals);
    int number = 0;
    while (!atomic_load(&cancel->is_ending)) {
        if (sigwait(&signals, &number) == 0 && number != SIGUSR1)
            cancel_raise(cancel);
    }
    return NULL;
}

Error *cancel_watch_signals(Cancel *cancel)
{
    sigset_t signals;
    watched_signals(&signals);
    int failure = pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (failure == 0)
        failure = pthread_create(&cancel->watcher, NULL, watch, cancel);
    if (failure != 0)
        return error_new(ERROR_LOCAL, "cannot watch for signals: %s", strerror(failure));
    cancel->is_watching = true;
    return NULL;
}

void cancel_free(Cancel *cancel)
{
    if (!cancel)
        return;
    if (cancel->is_watching) {
        atomic_store(&cancel->is_ending, true);
        pthread_kill(cancel->watcher, SIGUSR1);
        pthread_join(cancel->watcher, NULL);
    }
    free(cancel);
}

void cancel_freep(Cancel **cancel)
{
    cancel_free(*cancel);
    *cancel = NULL;
}

bool cancel_sleep(const Cancel *cancel, const Clock *clock, int64_t duration_ms, CancelLevel level)
{
    int64_t end_ms = clock_now_ms(clock) + duration_ms;
    while (cancel_level(cancel) < level) {
        int64_t left_ms = clock_until_ms(clock, end_ms);
        if (left_ms <= 0)
            return false;
        clock->sleep_ms(clock, left_ms < SLICE_MS ? left_ms : SLICE_MS);
    }
    return true;
}
