#include "unit.h"

static void chains_read_from_the_outside_in(void **state)
{
    (void)state;
    Error *error = error_new(ERROR_REFUSED, "no role '%s'", "app");
    error = error_wrap(error, "on %s", "pg-1");
    error = error_wrap(error, "applying");
    assert_int_equal(error->code, ERROR_REFUSED);
    assert_string_equal(error_root(error)->message, "no role 'app'");

    char *text = error_text(error);
    assert_string_equal(text, "applying: on pg-1: no role 'app'");
    free(text);

    Error *copy = error_copy(error);
    error_free(error);
    text = error_text(copy);
    assert_string_equal(text, "applying: on pg-1: no role 'app'");
    free(text);
    error_freep(&copy);
    assert_null(copy);
}

static void nothing_is_no_error(void **state)
{
    (void)state;
    assert_null(error_copy(NULL));
    assert_null(error_root(NULL));
    char *text = error_text(NULL);
    assert_string_equal(text, "");
    free(text);
    error_free(NULL);
}

static void a_message_is_one_line(void **state)
{
    (void)state;
    Error *error = error_new(ERROR_REFUSED, "%s", "ERROR:  nope\nHINT:\tdo\x7f not \r\n");
    assert_string_equal(error->message, "ERROR:  nope HINT: do  not");
    error_free(error);
}

static void prints_without_a_newline(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    Error *error = error_wrap(error_new(ERROR_LOCAL, "disk full"), "writing");
    error_print(out, error);
    error_free(error);
    fclose(out);
    assert_string_equal(text, "writing: disk full");
    free(text);
}

static void every_code_has_its_own_name(void **state)
{
    (void)state;
    for (int a = 0; a < ERROR_CODE_COUNT; a++) {
        assert_non_null(error_code_name((ErrorCode)a));
        for (int b = 0; b < a; b++)
            assert_string_not_equal(error_code_name((ErrorCode)a), error_code_name((ErrorCode)b));
    }
}

static Error *fail_if(bool fails)
{
    return fails ? error_new(ERROR_CANCELLED, "asked to stop") : NULL;
}

static Error *try_both(bool first, bool second, int *ret_reached)
{
    TRY(fail_if(first));
    *ret_reached = 1;
    TRY(fail_if(second));
    *ret_reached = 2;
    return NULL;
}

static void try_returns_at_the_first_error(void **state)
{
    (void)state;
    int reached = 0;
    check_error(try_both(true, true, &reached), ERROR_CANCELLED, "asked to stop");
    assert_int_equal(reached, 0);
    check_error(try_both(false, true, &reached), ERROR_CANCELLED, "asked to stop");
    assert_int_equal(reached, 1);
    check_fine(try_both(false, false, &reached));
    assert_int_equal(reached, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chains_read_from_the_outside_in),
        cmocka_unit_test(nothing_is_no_error),
        cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(prints_without_a_newline),
        cmocka_unit_test(every_code_has_its_own_name),
        cmocka_unit_test(try_returns_at_the_first_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
