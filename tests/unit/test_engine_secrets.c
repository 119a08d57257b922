/* secrets: resolved once and early, filled everywhere, masked in every form. */
#include <string.h>

#include "engine/secrets.h"
#include "fake_world.h"
#include "unit.h"

typedef struct Asked {
    size_t asked;
} Asked;

static const char *plain_of(void *context, const char *address)
{
    ((Asked *)context)->asked++;
    if (strcmp(address, "a") == 0)
        return "pass'word\"1";
    if (strcmp(address, "b") == 0)
        return "pass'word\"12345";
    return strcmp(address, "short") == 0 ? "abc" : NULL;
}

static void add_hole(FakePlan *fake, const char *address)
{
    size_t id = fake_plan_add(fake, "put", "x", "h", 0);
    Value *list = value_list(fake->arena), *args = value_map(fake->arena);
    value_push(fake->arena, list, value_secret(fake->arena, address));
    value_set(fake->arena, args, "content", list);
    value_set(fake->arena, args, "of no use", value_secret(fake->arena, "never"));
    fake->actions[id].args = args;
}

static Secrets *resolved(Arena *arena, Asked *asked)
{
    FakePlan *fake = fake_plan_new(arena);
    add_hole(fake, "a");
    add_hole(fake, "b");
    add_hole(fake, "a");
    add_hole(fake, "short");
    Secrets *secrets = NULL;
    assert_null(secrets_resolve(arena, &fake->plan, plain_of, asked, &secrets));
    return secrets;
}

static void each_is_asked_for_once(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Asked asked = {0};
    assert_int_equal(secrets_count(resolved(arena, &asked)), 3);
    assert_int_equal(asked.asked, 3); /* what no effect has is not needed */
}

static void all_missing_ones_are_named(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Asked asked = {0};
    FakePlan *fake = fake_plan_new(arena);
    add_hole(fake, "gone 1");
    add_hole(fake, "a");
    add_hole(fake, "gone 2");
    add_hole(fake, "gone 1");
    Secrets *secrets = NULL;
    CLEANUP(error_freep)
    Error *error = secrets_resolve(arena, &fake->plan, plain_of, &asked, &secrets);
    assert_non_null(error);
    assert_string_equal(error->message, "2 secrets cannot be found: 'gone 1', 'gone 2'");
}

static void a_plan_without_holes_needs_no_source(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    FakePlan *fake = fake_plan_new(arena);
    fake_plan_add(fake, "put", "x", "h", 0);
    Secrets *secrets = NULL;
    assert_null(secrets_resolve(arena, &fake->plan, NULL, NULL, &secrets));
    assert_int_equal(secrets_count(secrets), 0);
}

static void holes_are_filled(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Asked asked = {0};
    const Secrets *secrets = resolved(arena, &asked);
    const Value *filled = NULL;
    assert_null(secrets_fill(secrets, arena, value_secret(arena, "b"), &filled));
    assert_string_equal(value_as_text(filled, ""), "pass'word\"12345");
    CLEANUP(error_freep)
    Error *error = secrets_fill(secrets, arena, value_secret(arena, "other"), &filled);
    assert_non_null(error);
}

static void every_form_is_masked(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Asked asked = {0};
    const Secrets *secrets = resolved(arena, &asked);
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"x pass'word\"1 y", "x (sensitive value) y"},
        {"pass'word\"12345", "(sensitive value)"},
        {"{\"p\":\"pass'word\\\"1\"}", "{\"p\":\"(sensitive value)\"}"},
        {"PASSWORD 'pass''word\"1'", "PASSWORD '(sensitive value)'"},
        {"\"pass'word\"\"1\"", "\"(sensitive value)\""},
        {"abc", "abc"},
        {"pass'word", "pass'word"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(secrets_mask(secrets, arena, cases[i].text), cases[i].want);
    assert_string_equal(secrets_mask(NULL, arena, "x"), "x");
}

static void values_are_masked_with_their_keys(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Asked asked = {0};
    const Secrets *secrets = resolved(arena, &asked);
    Value *list = value_list(arena), *map = value_map(arena);
    value_push(arena, list, value_text(arena, "pass'word\"1"));
    value_push(arena, list, value_int(arena, 5));
    value_set(arena, map, "pass'word\"1", list);
    const Value *masked = secrets_mask_value(secrets, arena, map);
    assert_string_equal(masked->map.keys[0], "(sensitive value)");
    assert_string_equal(value_as_text(value_at(masked->map.values[0], 0), ""), "(sensitive value)");
    assert_int_equal(value_as_int(value_at(masked->map.values[0], 1), 0), 5);
    assert_null(secrets_mask_value(secrets, arena, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_asked_for_once),
        cmocka_unit_test(all_missing_ones_are_named),
        cmocka_unit_test(a_plan_without_holes_needs_no_source),
        cmocka_unit_test(holes_are_filled),
        cmocka_unit_test(every_form_is_masked),
        cmocka_unit_test(values_are_masked_with_their_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
