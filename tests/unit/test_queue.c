#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/queue.h"
#include "unit.h"

enum { STACK_BYTES = 512 * 1024, PATIENCE_MS = 30000 };

typedef struct Job {
    int number;
    int result;
    atomic_int *running; /* how many now, and the most so far */
    atomic_int *most;
    int64_t sleep_ms;
} Job;

static void square(void *argument)
{
    Job *job = argument;
    int now = atomic_fetch_add(job->running, 1) + 1;
    for (int most = atomic_load(job->most); most < now;) {
        if (atomic_compare_exchange_weak(job->most, &most, now))
            break;
    }
    clock_sleep_ms(job->sleep_ms);
    job->result = job->number * job->number;
    atomic_fetch_sub(job->running, 1);
}

static void check_squares(size_t workers, int count, int64_t sleep_ms, int *ret_most)
{
    atomic_int running = 0, most = 0;
    Job *jobs = must_malloc((size_t)count * sizeof(*jobs));
    CLEANUP(pool_freep) Pool *pool = pool_new(clock_real(), workers, STACK_BYTES, square);
    for (int i = 0; i < count; i++) {
        jobs[i] = (Job){i, -1, &running, &most, sleep_ms};
        pool_push(pool, &jobs[i]);
    }
    long sum = 0, want = 0;
    for (int i = 0; i < count; i++) {
        Job *job = pool_pop(pool, -1);
        assert_non_null(job);
        assert_int_equal(job->result, job->number * job->number);
        sum += job->number;
        want += i;
    }
    assert_int_equal(sum, want); /* each once */
    *ret_most = atomic_load(&most);
    free(jobs);
}

static void all_jobs_come_back(void **state)
{
    (void)state;
    int most = 0;
    check_squares(1, 100, 0, &most);
    assert_int_equal(most, 1);
    check_squares(64, 5000, 0, &most);
    assert_true(most <= 64);
}

static void as_many_run_as_there_are_workers(void **state)
{
    (void)state;
    int most = 0;
    check_squares(4, 12, 50, &most);
    assert_int_equal(most, 4);
    check_squares(100, 3, 50, &most);
    assert_int_equal(most, 3);
}

static void pop_keeps_its_deadline(void **state)
{
    (void)state;
    Pool *pool = pool_new(clock_real(), 1, STACK_BYTES, square);
    assert_null(pool_pop(pool, 0));
    int64_t start_ms = clock_monotonic_ms();
    assert_null(pool_pop(pool, start_ms + 20));
    assert_true(clock_monotonic_ms() - start_ms >= 19);

    atomic_int running = 0, most = 0;
    Job job = {3, -1, &running, &most, 0};
    pool_push(pool, &job);
    assert_ptr_equal(pool_pop(pool, clock_monotonic_ms() + PATIENCE_MS), &job);
    pool_free(pool);
    pool_free(NULL);
}

static void *wake_later(void *pool)
{
    clock_sleep_ms(20);
    pool_wake(pool);
    return NULL;
}

static void waking(void **state)
{
    (void)state;
    CLEANUP(pool_freep) Pool *pool = pool_new(clock_real(), 1, STACK_BYTES, square);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, wake_later, pool), 0);
    assert_null(pool_pop(pool, -1));
    pthread_join(thread, NULL);
    pool_wake(pool); /* before anyone waits */
    assert_null(pool_pop(pool, -1));
    assert_null(pool_pop(pool, clock_monotonic_ms() + 5)); /* once only */
}

static void freeing_waits_and_drops(void **state)
{
    (void)state;
    atomic_int running = 0, most = 0;
    Job jobs[50];
    Pool *pool = pool_new(clock_real(), 2, STACK_BYTES, square);
    for (int i = 0; i < 50; i++) {
        jobs[i] = (Job){i, -1, &running, &most, 50};
        pool_push(pool, &jobs[i]);
    }
    assert_non_null(pool_pop(pool, -1));
    pool_free(pool);
    assert_int_equal(atomic_load(&running), 0);
    assert_int_equal(jobs[49].result, -1);
}

static void look_at_mask(void *argument)
{
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    *(bool *)argument = sigismember(&mask, SIGINT) && sigismember(&mask, SIGTERM);
}

static void workers_take_no_signals(void **state)
{
    (void)state;
    CLEANUP(pool_freep) Pool *pool = pool_new(clock_real(), 1, STACK_BYTES, look_at_mask);
    bool blocked = false;
    pool_push(pool, &blocked);
    assert_ptr_equal(pool_pop(pool, -1), &blocked);
    assert_true(blocked);
    bool ours = true;
    look_at_mask(&ours);
    assert_false(ours);
}

static void mark(void *context, size_t i)
{
    atomic_int *marks = context;
    atomic_fetch_add(&marks[i], 1);
}

static void each_runs_each_once(void **state)
{
    (void)state;
    enum { COUNT = 1000 };
    static const struct {
        size_t workers, count;
    } cases[] = {{0, 3}, {1, 10}, {8, COUNT}, {8, 0}, {8, 1}, {50, 3}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        atomic_int marks[COUNT] = {0};
        pool_each(clock_real(), cases[i].workers, cases[i].count, mark, marks);
        for (size_t k = 0; k < COUNT; k++)
            assert_int_equal(atomic_load(&marks[k]), k < cases[i].count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_jobs_come_back),
        cmocka_unit_test(as_many_run_as_there_are_workers),
        cmocka_unit_test(pop_keeps_its_deadline),
        cmocka_unit_test(waking),
        cmocka_unit_test(freeing_waits_and_drops),
        cmocka_unit_test(workers_take_no_signals),
        cmocka_unit_test(each_runs_each_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
