/* value_pool: equal values are one, unequal ones are not, and nothing of the original is kept. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/value_pool.h"
#include "unit.h"

/* As if it had been read by another node: in an arena of its own. */
static const Value *share(ValuePool *pool, const char *json)
{
    Arena *arena = arena_new();
    const Value *value = NULL;
    check_fine(json_parse(arena, json, strlen(json), &value));
    const Value *shared = value_pool_share(pool, value);
    assert_ptr_not_equal(shared, value);
    arena_free(arena);
    return shared;
}

static const char *const different[] = {
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.0",
    "-1",
    "\"\"",
    "\"1\"",
    "\"null\"",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "[1,2]",
    "[2,1]",
    "[1]",
    "{\"a\":1}",
    "{\"a\":2}",
    "{\"b\":1}",
    "[\"a\"]",
    "{\"a\":{}}",
    "{\"a\":[]}",
    "{\"a\":1,\"b\":2}",
    "{\"b\":2,\"a\":1}",
    "{\"port\":{\"setting\":\"5432\",\"unit\":null},\"ssl\":{\"setting\":\"on\",\"unit\":null}}",
};

static void equal_is_one(void **state)
{
    ValuePool *pool = value_pool_new(*state);
    const Value *first[COUNT_OF(different)];
    for (size_t i = 0; i < COUNT_OF(different); i++) {
        first[i] = share(pool, different[i]);
        CLEANUP(text_release) Text text = TEXT_INIT;
        json_write(&text, first[i]);
        assert_string_equal(text_get(&text), different[i]);
    }
    for (size_t i = 0; i < COUNT_OF(different); i++) {
        assert_ptr_equal(share(pool, different[i]), first[i]);
        for (size_t k = 0; k < i; k++)
            assert_ptr_not_equal(first[i], first[k]);
    }
    assert_null(value_pool_share(pool, NULL));
}

static void parts_are_shared(void **state)
{
    ValuePool *pool = value_pool_new(*state);
    const Value *one = share(pool, "{\"port\":{\"setting\":\"5432\"},\"name\":\"one\"}");
    const Value *two = share(pool, "{\"port\":{\"setting\":\"5432\"},\"name\":\"two\"}");
    assert_ptr_not_equal(one, two);
    assert_ptr_equal(value_get(one, "port"), value_get(two, "port"));
    assert_ptr_not_equal(value_get(one, "name"), value_get(two, "name"));
}

/* Whatever the one before was. */
static void likeness_changes_nothing(void **state)
{
    ValuePool *pool = value_pool_new(*state);
    const Value *first[COUNT_OF(different)];
    for (size_t i = 0; i < COUNT_OF(different); i++)
        first[i] = share(pool, different[i]);
    for (size_t i = 0; i < COUNT_OF(different); i++) {
        const Value *value = NULL;
        check_fine(json_parse(*state, different[i], strlen(different[i]), &value));
        for (size_t k = 0; k < COUNT_OF(different); k++) {
            assert_ptr_equal(value_pool_share_as(pool, "one", first[k]), first[k]);
            assert_ptr_equal(value_pool_share_as(pool, "one", value), first[i]);
        }
    }
    assert_null(value_pool_share_as(pool, "one", NULL));
}

/* More than the table begins with; large maps find their keys. */
static void many_values(void **state)
{
    enum { COUNT = 3000 };
    Arena *arena = *state;
    ValuePool *pool = value_pool_new(arena);
    Value *map = value_map(arena);
    for (int i = 0; i < COUNT; i++)
        value_set_int(arena, map, arena_printf(arena, "key-%d", i), i);
    const Value *shared = value_pool_share(pool, map);
    assert_true(value_equal(shared, map));
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(value_get_int(shared, arena_printf(arena, "key-%d", i), -1), i);
    size_t before = arena_used_bytes(arena);
    assert_ptr_equal(value_pool_share(pool, map), shared);
    assert_int_equal(arena_used_bytes(arena), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_is_one),
        cmocka_unit_test(parts_are_shared),
        cmocka_unit_test(likeness_changes_nothing),
        cmocka_unit_test(many_values),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
