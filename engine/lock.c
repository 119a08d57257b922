#include "engine/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"

enum { HOLDER_MAX_BYTES = 512, HOST_NAME_BYTES = 256, PAUSE_MS = 10 };

struct Lock {
    int fd;
};

static Error *failed(const char *what, const char *path)
{
    return error_new(ERROR_LOCAL, "cannot %s the lock %s: %s", what, path, strerror(errno));
}

static char *read_holder(int fd)
{
    char text[HOLDER_MAX_BYTES];
    ssize_t length = pread(fd, text, sizeof(text) - 1, 0);
    text[length > 0 ? length : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return must_strdup(*text ? text : "a process that has not said who it is");
}

static Error *write_holder(int fd, const char *path, const char *run)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char host[HOST_NAME_BYTES] = "";
    gethostname(host, sizeof(host) - 1);
    char *text = arena_printf(arena, "pid %ld on %s since %s (run %s)\n", (long)getpid(), host,
                              clock_rfc3339(arena, clock_wall_ms()), run);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
        return failed("write", path);
    return NULL;
}

Error *lock_take(const char *path, const char *run, Lock **ret, char **ret_holder)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    TRY(file_make_dirs(file_dirname(arena, path), 0700));
    CLEANUP(file_close) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("open", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return failed("take", path);
        *ret_holder = read_holder(fd);
        return NULL;
    }
    TRY(write_holder(fd, path, run));
    Lock *lock = must_malloc(sizeof(*lock));
    lock->fd = fd;
    fd = -1;
    *ret = lock;
    return NULL;
}

Error *lock_wait(const char *path, const char *run, int64_t limit_ms, Lock **ret)
{
    int64_t deadline_ms = clock_monotonic_ms() + limit_ms;
    for (;;) {
        char *holder = NULL;
        TRY(lock_take(path, run, ret, &holder));
        if (*ret)
            return NULL;
        if (clock_left_ms(deadline_ms) > 0) {
            free(holder);
            clock_sleep_ms(PAUSE_MS);
            continue;
        }
        Error *error = error_new(ERROR_LOCAL, "%s is locked by %s", path, holder);
        free(holder);
        return error;
    }
}

bool lock_is_held(const char *path)
{
    CLEANUP(file_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno != ENOENT; /* what cannot be seen may be held */
    return flock(fd, LOCK_SH | LOCK_NB) != 0;
}

void lock_freep(Lock **lock)
{
    if (!*lock)
        return;
    file_close(&(*lock)->fd);
    free(*lock);
    *lock = NULL;
}
