#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    char directory[32];
} Fixture;

static int setup(void **state)
{
    Fixture *fixture = must_malloc(sizeof(*fixture));
    *fixture = (Fixture){.arena = arena_new(), .directory = "/tmp/pgsteer-file-XXXXXX"};
    *state = fixture;
    return mkdtemp(fixture->directory) ? 0 : -1;
}

static int teardown(void **state)
{
    Fixture *fixture = *state;
    int removed = rmdir(fixture->directory); /* fails if a test left something */
    arena_free(fixture->arena);
    free(fixture);
    return removed;
}

static char *path_of(const Fixture *fixture, const char *name)
{
    return arena_printf(fixture->arena, "%s/%s", fixture->directory, name);
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void what_is_written_is_read(void **state)
{
    Fixture *fixture = *state;
    const char *path = path_of(fixture, "data");
    char *bytes;
    size_t length;
    check_fine(file_write_all(path, 0640, "a\0b", 3));
    assert_int_equal(mode_of(path), 0640);
    check_fine(file_read(fixture->arena, path, 3, &bytes, &length));
    assert_int_equal(length, 3);
    assert_memory_equal(bytes, "a\0b", 4);

    check_fine(file_write_all(path, 0600, NULL, 0));
    assert_int_equal(mode_of(path), 0600);
    check_fine(file_read(fixture->arena, path, 0, &bytes, &length));
    assert_int_equal(length, 0);
    assert_string_equal(bytes, "");

    static char big[100000];
    memset(big, 'x', sizeof(big));
    check_fine(file_write_all(path, 0600, big, sizeof(big)));
    check_fine(file_read(fixture->arena, path, sizeof(big), &bytes, &length));
    assert_int_equal(length, sizeof(big));
    assert_memory_equal(bytes, big, sizeof(big));
    unlink(path);
}

static void reading_has_a_bound(void **state)
{
    Fixture *fixture = *state;
    const char *path = path_of(fixture, "data");
    char *bytes = NULL;
    size_t length = 7;
    check_fine(file_write_all(path, 0600, "12345", 5));
    check_error(file_read(fixture->arena, path, 4, &bytes, &length), ERROR_INVALID,
                "longer than 4 bytes");
    unlink(path);
    check_error(file_read(fixture->arena, path, 4, &bytes, &length), ERROR_INVALID, "No such file");
    check_error(file_read(fixture->arena, fixture->directory, 4, &bytes, &length), ERROR_LOCAL,
                "directory");
    check_error(file_read(fixture->arena, "/dev/null/x", 4, &bytes, &length), ERROR_INVALID,
                "Not a directory");
    check_error(file_read(fixture->arena, "/dev/zero", 100000, &bytes, &length), ERROR_INVALID,
                "longer than 100000 bytes");
    assert_null(bytes);
    assert_int_equal(length, 7);
    /* A file that says it is empty. */
    check_fine(file_read(fixture->arena, "/proc/self/stat", 10000, &bytes, &length));
    assert_true(length > 10);
}

/* Nothing that can be named is waited for. */
static void reading_does_not_hang(void **state)
{
    Fixture *fixture = *state;
    const char *path = path_of(fixture, "data");
    char *bytes;
    size_t length;
    assert_int_equal(mkfifo(path, 0600), 0);
    check_fine(file_read(fixture->arena, path, 4, &bytes, &length));
    assert_int_equal(length, 0);
    unlink(path);
    assert_int_equal(symlink("data", path), 0);
    check_error(file_read(fixture->arena, path, 4, &bytes, &length), ERROR_INVALID,
                "Too many levels of symbolic links");
    unlink(path);
}

/* A pipe whose writer is slow is waited for. */
static void pipes_are_read_to_their_end(void **state)
{
    Fixture *fixture = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t writer = fork();
    if (writer == 0) {
        usleep(20000);
        bool written = write(ends[1], "late", 4) == 4;
        _exit(written ? 0 : 1);
    }
    close(ends[1]);
    char *bytes;
    size_t length;
    check_fine(file_read(fixture->arena, arena_printf(fixture->arena, "/dev/fd/%d", ends[0]), 9,
                         &bytes, &length));
    close(ends[0]);
    assert_string_equal(bytes, "late");
    assert_int_equal(waitpid(writer, NULL, 0), writer);
}

/* What another user may not read; root may read everything. */
static void unreadable_files_are_errors(void **state)
{
    Fixture *fixture = *state;
    const char *path = path_of(fixture, "data");
    char *bytes;
    size_t length;
    check_fine(file_write_all(path, 0, "12345", 5));
    bool was_root = geteuid() == 0;
    if (was_root)
        assert_int_equal(seteuid(65534), 0);
    check_error(file_read(fixture->arena, path, 9, &bytes, &length), ERROR_LOCAL,
                "Permission denied");
    if (was_root)
        assert_int_equal(seteuid(0), 0);
    unlink(path);
}

static void a_rollback_leaves_the_old_file(void **state)
{
    Fixture *fixture = *state;
    const char *path = path_of(fixture, "data");
    check_fine(file_write_all(path, 0600, "old", 3));
    FileWrite write = {0};
    check_fine(file_write_begin(&write, path, 0600));
    fputs("new", write.stream);
    assert_true(file_exists(write.temporary));
    const char *temporary = arena_strdup(fixture->arena, write.temporary);
    file_write_rollback(&write);
    assert_false(file_exists(temporary));
    file_write_rollback(&write); /* twice is once */

    char *bytes;
    size_t length;
    check_fine(file_read(fixture->arena, path, 100, &bytes, &length));
    assert_string_equal(bytes, "old");
    check_fine(file_write_begin(&write, path, 0600));
    fputs("new", write.stream);
    check_fine(file_write_commit(&write));
    file_write_rollback(&write); /* a no-op now */
    check_fine(file_read(fixture->arena, path, 100, &bytes, &length));
    assert_string_equal(bytes, "new");
    unlink(path);
}

static void failing_writes(void **state)
{
    Fixture *fixture = *state;
    check_error(file_write_all(path_of(fixture, "no/such"), 0600, "x", 1), ERROR_LOCAL,
                "No such file");
    /* The target is a directory: the rename fails and the temporary file is removed. */
    const char *path = path_of(fixture, "sub");
    check_fine(file_make_dirs(path, 0700));
    check_error(file_write_all(path, 0600, "x", 1), ERROR_LOCAL, "directory");
    assert_int_equal(rmdir(path), 0);
    /* A full disk. */
    FileWrite write = {0};
    check_fine(file_write_begin(&write, path, 0600));
    fclose(write.stream);
    write.stream = fopen("/dev/full", "w");
    fputs("x", write.stream);
    check_error(file_write_commit(&write), ERROR_LOCAL, "No space left");
    assert_false(file_exists(path));
}

static void directories(void **state)
{
    Fixture *fixture = *state;
    check_fine(file_make_dirs(path_of(fixture, "a//b/c/"), 0700));
    check_fine(file_make_dirs(path_of(fixture, "a/b/c"), 0755));
    assert_int_equal(mode_of(path_of(fixture, "a/b/c")), 0700);
    check_fine(file_write_all(path_of(fixture, "a/file"), 0600, "", 0));
    check_error(file_make_dirs(path_of(fixture, "a/file"), 0700), ERROR_LOCAL, "File exists");
    check_error(file_make_dirs(path_of(fixture, "a/file/x"), 0700), ERROR_LOCAL, "File exists");
    check_error(file_make_dirs("/proc/nothing/here", 0700), ERROR_LOCAL, "/proc/nothing");
    unlink(path_of(fixture, "a/file"));
    rmdir(path_of(fixture, "a/b/c"));
    rmdir(path_of(fixture, "a/b"));
    rmdir(path_of(fixture, "a"));

    static const struct {
        const char *path, *want;
    } cases[] = {
        {"a", "."},     {"", "."},     {"a/b", "a"},  {"/a", "/"},  {"/", "/"},
        {"/a/b", "/a"}, {"a/b/", "a"}, {"a//b", "a"}, {"//a", "/"}, {"a/", "."},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(file_dirname(fixture->arena, cases[i].path), cases[i].want);
}

static void closing(void **state)
{
    (void)state;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), same = fd;
    file_close(&fd);
    assert_int_equal(fd, -1);
    assert_int_equal(fcntl(same, F_GETFD), -1);
    assert_int_equal(errno, EBADF);
    file_close(&fd);
}

static void directories_are_listed_in_order(void **state)
{
    Fixture *fixture = *state;
    static const char *const files[] = {"b", "B", "a.10", ".x", "a.9"};
    static const char *const sorted[] = {".x", "B", "a.10", "a.9", "b", "link"};
    for (size_t i = 0; i < COUNT_OF(files); i++)
        check_fine(file_write_all(path_of(fixture, files[i]), 0600, NULL, 0));
    assert_int_equal(symlink("nothing", path_of(fixture, "link")), 0);
    const char *const *names;
    size_t count;
    check_fine(file_list(fixture->arena, fixture->directory, &names, &count));
    assert_int_equal(count, COUNT_OF(sorted));
    for (size_t i = 0; i < count; i++)
        assert_string_equal(names[i], sorted[i]);

    assert_int_equal(file_type(path_of(fixture, "link")), FILE_ABSENT);
    assert_int_equal(file_type(path_of(fixture, "b")), FILE_REGULAR);
    assert_int_equal(file_type(fixture->directory), FILE_DIRECTORY);
    assert_int_equal(file_type("/dev/null"), FILE_SPECIAL);
    assert_null(file_real(fixture->arena, path_of(fixture, "link")));
    assert_string_equal(file_real(fixture->arena, path_of(fixture, "./b")), path_of(fixture, "b"));
    check_error(file_list(fixture->arena, path_of(fixture, "b"), &names, &count), ERROR_LOCAL,
                "cannot list");
    for (size_t i = 0; i < COUNT_OF(sorted); i++)
        unlink(path_of(fixture, sorted[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(directories_are_listed_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_written_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_has_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(reading_does_not_hang, setup, teardown),
        cmocka_unit_test_setup_teardown(pipes_are_read_to_their_end, setup, teardown),
        cmocka_unit_test_setup_teardown(unreadable_files_are_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rollback_leaves_the_old_file, setup, teardown),
        cmocka_unit_test_setup_teardown(failing_writes, setup, teardown),
        cmocka_unit_test_setup_teardown(directories, setup, teardown),
        cmocka_unit_test(closing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
