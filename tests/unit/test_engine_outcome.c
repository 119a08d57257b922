/* outcome: exit codes of every condition and of all pairs, in the order of the contract. */
#include <stdlib.h>
#include <string.h>

#include "engine/outcome.h"
#include "unit.h"

/* "The first that applies of", as it is documented. */
static const struct {
    Condition condition;
    int exit_status;
} contract[] = {
    {CONDITION_INTERNAL, 11},  {CONDITION_INVALID, 5},    {CONDITION_ERROR, 1},
    {CONDITION_LEASE, 6},      {CONDITION_HALF_DONE, 12}, {CONDITION_STALE, 7},
    {CONDITION_DATA_LOSS, 13}, {CONDITION_POLICY, 4},     {CONDITION_PARTIAL, 9},
    {CONDITION_CANCELLED, 8},  {CONDITION_UNREAD, 10},    {CONDITION_DRIFT, 3},
    {CONDITION_CHANGES, 2},
};

static void nothing_is_success(void **state)
{
    (void)state;
    Outcome outcome = {0};
    assert_int_equal(outcome_exit_status(&outcome), 0);
    assert_int_equal(COUNT_OF(contract), CONDITION_COUNT);
}

static void all_pairs_follow_the_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(contract); i++) {
        for (size_t k = i; k < COUNT_OF(contract); k++) {
            Outcome outcome = {0};
            outcome_add(&outcome, contract[k].condition);
            outcome_add(&outcome, contract[i].condition);
            assert_int_equal(outcome_exit_status(&outcome), contract[i].exit_status);
            assert_true(outcome_has(&outcome, contract[k].condition));
        }
        assert_int_equal(condition_exit_status(contract[i].condition), contract[i].exit_status);
    }
}

static void exit_codes_are_all_different(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(contract); i++) {
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(contract[i].exit_status, contract[k].exit_status);
            assert_string_not_equal(condition_name(contract[i].condition),
                                    condition_name(contract[k].condition));
        }
    }
}

static void every_error_has_a_condition(void **state)
{
    (void)state;
    static const struct {
        ErrorCode code;
        int exit_status;
    } cases[] = {{ERROR_INVALID, 5}, {ERROR_UNREACHABLE, 10}, {ERROR_REFUSED, 1},
                 {ERROR_BUSY, 1},    {ERROR_FENCED, 6},       {ERROR_CONFLICT, 7},
                 {ERROR_LOCAL, 1},   {ERROR_CANCELLED, 8}};
    assert_int_equal(COUNT_OF(cases), ERROR_CODE_COUNT);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(error_freep) Error *error = error_wrap(error_new(cases[i].code, "x"), "doing");
        assert_int_equal(condition_exit_status(condition_of_error(error)), cases[i].exit_status);
    }
}

static void all_conditions_are_listed(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Outcome outcome = {0};
    char *text = NULL;
    size_t size;
    outcome_add(&outcome, CONDITION_UNREAD);
    outcome_add(&outcome, CONDITION_PARTIAL);
    FILE *out = open_memstream(&text, &size);
    outcome_print(out, &outcome);
    fclose(out);
    assert_string_equal(text, "pgsteer: exit 9: some actions failed; something that was asked for "
                              "could not be read\n");
    free(text);
    const Value *list = outcome_value(arena, &outcome);
    assert_int_equal(value_count(list), 2);
    assert_string_equal(value_get_text(value_at(list, 0), "condition"), "partial");
    assert_int_equal(value_get_int(value_at(list, 1), "exit", 0), 10);
    assert_non_null(strstr(condition_meaning(CONDITION_LEASE), "lease"));
}

static void success_prints_nothing(void **state)
{
    (void)state;
    Outcome outcome = {0};
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    outcome_print(out, &outcome);
    fclose(out);
    assert_int_equal(size, 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_success),
        cmocka_unit_test(all_pairs_follow_the_order),
        cmocka_unit_test(exit_codes_are_all_different),
        cmocka_unit_test(every_error_has_a_condition),
        cmocka_unit_test(all_conditions_are_listed),
        cmocka_unit_test(success_prints_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
