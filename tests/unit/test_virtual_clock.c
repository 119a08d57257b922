/* Time that jumps: who waits is woken in order of time, and one thread runs at any moment. */
#include <stdatomic.h>

#include "base/queue.h"
#include "base/virtual_clock.h"
#include "unit.h"

enum { STACK_BYTES = 256 * 1024, WALL_MS = 1000, YEAR_MS = 365LL * 86400 * 1000 % INT32_MAX };

typedef struct Nap {
    const Clock *clock;
    int64_t duration_ms, woke_ms;
    atomic_int *running; /* that are between two waits */
    bool was_alone;
} Nap;

static void nap(void *job)
{
    Nap *mine = job;
    mine->was_alone = true;
    for (int i = 0; i < 3; i++) {
        mine->was_alone = mine->was_alone && atomic_fetch_add(mine->running, 1) == 0;
        atomic_fetch_sub(mine->running, 1);
        mine->clock->sleep_ms(mine->clock, mine->duration_ms);
    }
    mine->woke_ms = clock_now_ms(mine->clock);
}

static void sleep_takes_no_time(void **state)
{
    (void)state;
    CLEANUP(virtual_clock_freep) VirtualClock *virtual = virtual_clock_new(WALL_MS, 1);
    const Clock *clock = virtual_clock_get(virtual);
    int64_t begin_ms = clock_monotonic_ms();
    clock->sleep_ms(clock, YEAR_MS);
    assert_int_equal(clock_now_ms(clock), YEAR_MS);
    assert_int_equal(clock->wall_ms(clock), YEAR_MS + WALL_MS);
    assert_int_equal(clock_until_ms(clock, YEAR_MS + 5), 5);
    assert_int_equal(clock_until_ms(clock, YEAR_MS - 5), 0);
    assert_int_equal(clock_until_ms(clock, -1), -1);
    clock->sleep_ms(clock, -5);
    assert_int_equal(clock_now_ms(clock), YEAR_MS);
    assert_true(clock_monotonic_ms() - begin_ms < 60000);
}

/* The order in which naps of a pool end, as letters. */
static void order_of(uint64_t seed, const int64_t *durations, size_t count, char *ret)
{
    CLEANUP(virtual_clock_freep) VirtualClock *virtual = virtual_clock_new(0, seed);
    atomic_int running = 0;
    Nap naps[8];
    Pool *pool = pool_new(virtual_clock_get(virtual), count, STACK_BYTES, nap);
    for (size_t i = 0; i < count; i++) {
        naps[i] = (Nap){virtual_clock_get(virtual), durations[i], 0, &running, false};
        pool_push(pool, &naps[i]);
    }
    for (size_t i = 0; i < count; i++) {
        Nap *ended = pool_pop(pool, -1);
        assert_true(ended->was_alone);
        assert_int_equal(ended->woke_ms, 3 * ended->duration_ms);
        ret[i] = (char)('a' + (ended - naps));
    }
    ret[count] = '\0';
    pool_free(pool);
}

static void who_waits_less_goes_first(void **state)
{
    (void)state;
    static const int64_t durations[] = {50, 10, 40, 20, 30};
    char order[9];
    for (uint64_t seed = 0; seed < 20; seed++) {
        order_of(seed, durations, COUNT_OF(durations), order);
        assert_string_equal(order, "bdeca");
    }
}

static void chance_has_a_seed(void **state)
{
    (void)state;
    static const int64_t durations[] = {10, 10, 10, 10, 10, 10};
    char first[9], again[9], other[9];
    size_t different = 0;
    order_of(7, durations, COUNT_OF(durations), first);
    for (uint64_t seed = 0; seed < 20; seed++) {
        order_of(7, durations, COUNT_OF(durations), again);
        assert_string_equal(again, first);
        order_of(seed, durations, COUNT_OF(durations), other);
        different += strcmp(other, first) != 0;
    }
    assert_true(different > 10);
}

static void a_wait_ends_at_its_moment(void **state)
{
    (void)state;
    CLEANUP(virtual_clock_freep) VirtualClock *virtual = virtual_clock_new(0, 1);
    const Clock *clock = virtual_clock_get(virtual);
    atomic_int running = 0;
    Nap slow = {clock, 1000, 0, &running, false};
    Pool *pool = pool_new(clock, 1, STACK_BYTES, nap);
    pool_push(pool, &slow);
    assert_null(pool_pop(pool, 500));
    assert_int_equal(clock_now_ms(clock), 500);
    assert_ptr_equal(pool_pop(pool, 5000), &slow);
    assert_int_equal(clock_now_ms(clock), 3000);
    pool_wake(pool);
    assert_null(pool_pop(pool, -1));
    pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sleep_takes_no_time),
        cmocka_unit_test(who_waits_less_goes_first),
        cmocka_unit_test(chance_has_a_seed),
        cmocka_unit_test(a_wait_ends_at_its_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
