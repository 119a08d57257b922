/* What is remembered of passwords that fitted: only what was tried, in a file that tells nothing,
 * and whatever happens to that file, the answers are right. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/text.h"
#include "schema/known_passwords.h"
#include "unit.h"

enum { TODAY = 20000, DAYS_KEPT = 30, DAYS_UNTIL_RENEWED = 7 };

typedef struct Bench {
    Arena *arena;
    char folder[32];
    const char *path;
    const char *verifier; /* of "secret" */
} Bench;

static Bench *begin(Arena *arena)
{
    Bench *bench = ARENA_NEW(arena, Bench);
    *bench = (Bench){.arena = arena, .folder = "/tmp/known.XXXXXX"};
    assert_non_null(mkdtemp(bench->folder));
    bench->path = arena_printf(arena, "%s/known_passwords", bench->folder);
    bench->verifier = scram_verifier(arena, "secret");
    return bench;
}

static void end(const Bench *bench)
{
    unlink(bench->path);
    assert_int_equal(rmdir(bench->folder), 0);
}

static KnownPasswords *open_at(const Bench *bench, int64_t today)
{
    KnownPasswords *known = known_passwords_new(today);
    known_passwords_read(known, bench->path);
    return known;
}

/* A run on a day in which the password is asked for (or not). */
static void run(const Bench *bench, int64_t today, bool asks)
{
    CLEANUP(known_passwords_freep) KnownPasswords *known = open_at(bench, today);
    if (asks)
        assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
    assert_null(known_passwords_write(known));
}

static char *file_of(const Bench *bench)
{
    char *bytes;
    size_t length;
    assert_null(file_read(bench->arena, bench->path, 1 << 20, &bytes, &length));
    return bytes;
}

/* The lines after the heading and the key. */
static size_t entries(const Bench *bench)
{
    char **lines;
    return text_split(bench->arena, file_of(bench), '\n', &lines) - 3;
}

static void put(const Bench *bench, const char *bytes)
{
    assert_null(file_write_all(bench->path, 0600, bytes, strlen(bytes)));
}

static void it_answers_as_trying_does(void **state)
{
    Bench *bench = begin(*state);
    CLEANUP(known_passwords_freep) KnownPasswords *known = open_at(bench, TODAY);
    for (int i = 0; i < 2; i++) {
        assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
        assert_false(known_passwords_fit(known, bench->verifier, "Secret", "app"));
        assert_false(known_passwords_fit(known, "SCRAM-SHA-256$x", "secret", "app"));
        assert_false(known_passwords_fit(known, "", "secret", "app"));
        assert_true(known_passwords_fit(NULL, bench->verifier, "secret", "app"));
        assert_true(known_passwords_fit(known, "md59a24f9d8aa95837e4b24f4e0d5a0d8c6", "", "") ==
                    scram_matches("md59a24f9d8aa95837e4b24f4e0d5a0d8c6", "", ""));
    }
    end(bench);
}

/* Neither what did not fit, nor what was not tried. */
static void only_what_fitted_is_kept(void **state)
{
    Bench *bench = begin(*state);
    CLEANUP(known_passwords_freep) KnownPasswords *known = open_at(bench, TODAY);
    assert_false(known_passwords_fit(known, bench->verifier, "wrong", "app"));
    assert_null(known_passwords_write(known));
    assert_false(file_exists(bench->path));
    assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
    assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
    assert_null(known_passwords_write(known));
    assert_int_equal(entries(bench), 1);
    end(bench);
}

static void what_the_file_says_is_not_tried_again(void **state)
{
    Bench *bench = begin(*state);
    run(bench, TODAY, true);
    char *bytes = file_of(bench);
    CLEANUP(known_passwords_freep) KnownPasswords *known = open_at(bench, TODAY);
    unlink(bench->path);
    assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
    assert_null(known_passwords_write(known)); /* nothing was learnt */
    assert_false(file_exists(bench->path));
    assert_null(strstr(bytes, "secret"));
    assert_null(strstr(bytes, bench->verifier));
    end(bench);
}

static void nobody_else_may_read_it(void **state)
{
    Bench *bench = begin(*state);
    struct stat status;
    run(bench, TODAY, true);
    assert_int_equal(stat(bench->path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    end(bench);
}

static void each_file_has_a_key_of_its_own(void **state)
{
    Bench *bench = begin(*state);
    run(bench, TODAY, true);
    const char *first = file_of(bench);
    unlink(bench->path);
    run(bench, TODAY, true);
    char **before, **after;
    text_split(bench->arena, first, '\n', &before);
    text_split(bench->arena, file_of(bench), '\n', &after);
    assert_string_not_equal(before[1], after[1]);
    assert_string_not_equal(before[2], after[2]);
    end(bench);
}

static void what_is_of_no_use_is_left_out(void **state)
{
    static const struct {
        int64_t used, later;
        size_t kept;
    } cases[] = {
        {TODAY, TODAY + DAYS_KEPT - 1, 1},
        {TODAY, TODAY + DAYS_KEPT, 0},
        {TODAY + 1, TODAY, 0}, /* from the future */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Bench *bench = begin(*state);
        run(bench, cases[i].used, true);
        run(bench, cases[i].later, false);
        assert_int_equal(entries(bench), cases[i].kept);
        end(bench);
    }
}

static void what_is_used_stays(void **state)
{
    Bench *bench = begin(*state);
    for (int64_t day = TODAY; day < TODAY + 3 * DAYS_KEPT; day += DAYS_UNTIL_RENEWED)
        run(bench, day, true);
    run(bench, TODAY + 3 * DAYS_KEPT, false);
    assert_int_equal(entries(bench), 1);
    end(bench);
}

static void a_damaged_file_only_costs_time(void **state)
{
    Bench *bench = begin(*state);
    run(bench, TODAY, true);
    const char *whole = file_of(bench);
    size_t length = strlen(whole);
    for (size_t cut = 0; cut < length; cut += 3) {
        put(bench, arena_strndup(bench->arena, whole, cut));
        run(bench, TODAY, true);
        assert_int_equal(entries(bench), 1);
    }
    static const char *const foreign[] = {"\n", "{}", "pgsteer known passwords 2\n\n\n",
                                          "pgsteer known passwords 1\nx\n"};
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        put(bench, foreign[i]);
        run(bench, TODAY, true);
        assert_int_equal(entries(bench), 1);
    }
    end(bench);
}

static void where_it_cannot_be_written_is_said(void **state)
{
    Bench *bench = begin(*state);
    CLEANUP(known_passwords_freep) KnownPasswords *known = known_passwords_new(TODAY);
    assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
    assert_null(known_passwords_write(known)); /* it was read nowhere */
    known_passwords_read(known, arena_printf(bench->arena, "%s/not/there", bench->folder));
    assert_true(known_passwords_fit(known, bench->verifier, "secret", "app"));
    CLEANUP(error_freep) Error *error = known_passwords_write(known);
    assert_non_null(error);
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_answers_as_trying_does, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(only_what_fitted_is_kept, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_the_file_says_is_not_tried_again, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(nobody_else_may_read_it, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(each_file_has_a_key_of_its_own, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_of_no_use_is_left_out, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_used_stays, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_file_only_costs_time, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(where_it_cannot_be_written_is_said, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
