#include "base/map.h"
#include "unit.h"

static void keeps_insertion_order(void **state)
{
    Map *map = map_new(*state);
    int one = 1, two = 2, three = 3;
    assert_null(map_get(map, "b"));
    assert_null(map_set(map, "b", &one));
    assert_null(map_set(map, "a", &two));
    assert_ptr_equal(map_set(map, "b", &three), &one);
    assert_int_equal(map_count(map), 2);
    assert_string_equal(map_key_at(map, 0), "b");
    assert_ptr_equal(map_value_at(map, 0), &three);
    assert_string_equal(map_key_at(map, 1), "a");
    assert_ptr_equal(map_get(map, "a"), &two);
    assert_null(map_get(map, "c"));
    assert_null(map_get(map, ""));
}

static void holds_many_keys(void **state)
{
    Arena *arena = *state;
    enum { COUNT = 20000 };
    Map *map = map_new(arena);
    size_t *numbers = ARENA_ARRAY(arena, size_t, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        numbers[i] = i;
        assert_null(map_set(map, arena_printf(arena, "node-%zu", i), &numbers[i]));
        assert_int_equal(map_count(map), i + 1);
        /* Around the size where the search changes, everything must be found at each step. */
        for (size_t k = 0; i < 70 && k <= i; k++)
            assert_ptr_equal(map_get(map, arena_printf(arena, "node-%zu", k)), &numbers[k]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        const char *key = arena_printf(arena, "node-%zu", i);
        assert_string_equal(map_key_at(map, i), key);
        assert_ptr_equal(map_set(map, key, &numbers[i]), &numbers[i]);
        assert_null(map_get(map, arena_printf(arena, "no-%zu", i)));
    }
    assert_int_equal(map_count(map), COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_insertion_order),
        cmocka_unit_test(holds_many_keys),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
