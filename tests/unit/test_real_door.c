/* A socket of ours in a folder of ours: there while it is open, gone afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "providers/real/door.h"
#include "unit.h"

static int knock(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void bytes_come_through(void **state)
{
    (void)state;
    CLEANUP(door_close) Door door = {.listener = -1};
    check_fine(door_open(&door, ".s.PGSQL.5432"));
    assert_true(text_ends_with(door.path, "/.s.PGSQL.5432"));
    CLEANUP(file_close) int outer = knock(door.path);
    CLEANUP(file_close) int inner = -1;
    check_fine(door_accept(&door, &inner));
    assert_true(fcntl(inner, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(inner, F_GETFD) & FD_CLOEXEC);
    char got[8] = "";
    assert_int_equal(read(inner, got, sizeof(got)), -1); /* nothing yet, and no wait for it */
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(write(outer, "hello", 5), 5);
    assert_int_equal(read(inner, got, sizeof(got)), 5);
    assert_string_equal(got, "hello");
}

static void nobody_else_can_enter_and_nothing_stays(void **state)
{
    (void)state;
    struct stat about;
    Door door = {.listener = -1};
    check_fine(door_open(&door, "rest"));
    assert_int_equal(stat(door.folder, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
    assert_int_equal(about.st_uid, geteuid());
    assert_int_equal(access(door.no_file, F_OK), -1);
    door_close(&door);
    assert_int_equal(door.listener, -1);
    assert_int_equal(access(door.path, F_OK), -1);
    assert_int_equal(access(door.folder, F_OK), -1);
}

static void a_door_that_was_never_opened_closes(void **state)
{
    (void)state;
    Door door = {.listener = -1};
    door_close(&door);
    int fd = -1;
    check_error(door_accept(&door, &fd), ERROR_LOCAL, "cannot accept on a socket");
    assert_int_equal(fd, -1);
}

/* A name that leads to no folder: the error says where, and the folder goes. */
static void a_door_that_cannot_be_is_told(void **state)
{
    (void)state;
    Door door = {.listener = -1};
    check_error(door_open(&door, "no/such"), ERROR_LOCAL, "cannot listen on /tmp/pgsteer-");
    door_close(&door);
    assert_int_equal(access(door.folder, F_OK), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_through),
        cmocka_unit_test(nobody_else_can_enter_and_nothing_stays),
        cmocka_unit_test(a_door_that_was_never_opened_closes),
        cmocka_unit_test(a_door_that_cannot_be_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
