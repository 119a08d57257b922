/* lock: one holder at a time, who it is, and that it ends with the process. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "engine/lock.h"
#include "engine/state_dir.h"
#include "unit.h"

static void a_second_one_is_told_who_holds_it(void **state)
{
    (void)state;
    char directory[] = "/tmp/test_lock.XXXXXX", path[100];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof(path), "%s/deep/lock", directory);
    Lock *first = NULL, *second = NULL;
    char *holder = NULL, want[40];
    assert_null(lock_take(path, "run-1", &first, &holder));
    assert_non_null(first);
    assert_null(lock_take(path, "run-2", &second, &holder));
    assert_null(second);
    snprintf(want, sizeof(want), "pid %ld on ", (long)getpid());
    assert_non_null(strstr(holder, want));
    assert_non_null(strstr(holder, "run-1"));
    free(holder);
    lock_freep(&first);
    assert_null(lock_take(path, "run-2", &second, &holder));
    assert_non_null(second);
    lock_freep(&second);
    unlink(path);
    path[strlen(path) - 5] = '\0';
    rmdir(path);
    rmdir(directory);
}

static void it_ends_with_its_process(void **state)
{
    (void)state;
    char path[] = "/tmp/test_lock.XXXXXX", *holder = NULL;
    close(mkstemp(path));
    pid_t child = fork();
    if (child == 0) {
        Lock *lock = NULL;
        Error *error = lock_take(path, "child", &lock, &holder);
        _exit(error || !lock); /* without giving it back */
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    Lock *lock = NULL;
    assert_null(lock_take(path, "run", &lock, &holder));
    assert_non_null(lock);
    lock_freep(&lock);
    lock_freep(&lock);
    unlink(path);
}

static void a_place_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    Lock *lock = NULL;
    char *holder = NULL;
    CLEANUP(error_freep) Error *error = lock_take("/proc/nowhere/lock", "run", &lock, &holder);
    assert_non_null(error);
    assert_int_equal(error_root(error)->code, ERROR_LOCAL);
}

static void the_state_directory_is_beside_the_inventory(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    StateDir beside = state_dir_of(arena, "/etc/pg/inventory.yml", NULL);
    assert_string_equal(beside.path, "/etc/pg/.pgsteer");
    assert_string_equal(beside.repository, "/etc/pg/.pgsteer/state.git");
    assert_string_equal(beside.journal, "/etc/pg/.pgsteer/journal");
    assert_string_equal(state_dir_of(arena, "x", "/var/lib/s").lock, "/var/lib/s/lock");
    assert_string_equal(state_dir_of(arena, "/usr/lib", NULL).path, "/usr/lib/.pgsteer");
}

static void runs_have_their_own_names(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *first = run_new(arena);
    assert_int_equal(strlen(first), strlen("20261123-021023-8f3a"));
    for (int i = 0; i < 3; i++) {
        if (strcmp(first, run_new(arena)) != 0)
            return;
    }
    fail_msg("four runs had one name");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_one_is_told_who_holds_it),
        cmocka_unit_test(it_ends_with_its_process),
        cmocka_unit_test(a_place_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_state_directory_is_beside_the_inventory),
        cmocka_unit_test(runs_have_their_own_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
