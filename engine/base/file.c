#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* What a new reader's buffer has at least; files in /proc say that they are empty. */
enum { MIN_BUFFER_BYTES = 4096 };

void file_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* -1 with errno on failure; 0 at the end. */
static ssize_t read_some(int fd, char *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(fd, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static Error *read_all(Arena *arena, int fd, size_t expected, size_t max_bytes, char **ret_bytes,
                       size_t *ret_length)
{
    size_t capacity = expected + 2 > MIN_BUFFER_BYTES ? expected + 2 : MIN_BUFFER_BYTES;
    size_t length = 0;
    char *bytes = arena_alloc(arena, capacity);
    for (;;) {
        ssize_t got = read_some(fd, bytes + length, capacity - length - 1);
        if (got < 0)
            return error_new(ERROR_LOCAL, "%s", strerror(errno));
        length += (size_t)got;
        if (length > max_bytes)
            return error_new(ERROR_INVALID, "longer than %zu bytes", max_bytes);
        if (got == 0)
            break;
        if (length + 1 == capacity) {
            bytes = arena_grow_array(arena, bytes, length, capacity * 2, 1);
            capacity *= 2;
        }
    }
    bytes[length] = '\0';
    *ret_bytes = bytes;
    *ret_length = length;
    return NULL;
}

/* A path that leads nowhere is a wrong input, anything else is a matter of this machine. */
static ErrorCode path_class(int number)
{
    bool leads_nowhere =
        number == ENOENT || number == ENOTDIR || number == ELOOP || number == ENAMETOOLONG;
    return leads_nowhere ? ERROR_INVALID : ERROR_LOCAL;
}

/* A pipe is opened without waiting for a writer, then read like anything else. */
static int open_to_read(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && fcntl(fd, F_SETFL, 0) != 0)
        file_close(&fd);
    return fd;
}

Error *file_read(Arena *arena, const char *path, size_t max_bytes, char **ret_bytes,
                 size_t *ret_length)
{
    CLEANUP(file_close) int fd = open_to_read(path);
    if (fd < 0)
        return error_new(path_class(errno), "cannot read '%s': %s", path, strerror(errno));
    struct stat status;
    if (fstat(fd, &status) != 0)
        return error_new(ERROR_LOCAL, "cannot read '%s': %s", path, strerror(errno));
    size_t expected = status.st_size > 0 ? (size_t)status.st_size : 0;
    if (S_ISREG(status.st_mode) && expected > max_bytes)
        return error_new(ERROR_INVALID, "'%s' is longer than %zu bytes", path, max_bytes);
    if (!S_ISREG(status.st_mode))
        expected = 0;
    Error *error = read_all(arena, fd, expected, max_bytes, ret_bytes, ret_length);
    return error ? error_wrap(error, "reading '%s'", path) : NULL;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

FileType file_type(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return FILE_ABSENT;
    if (S_ISDIR(status.st_mode))
        return FILE_DIRECTORY;
    return S_ISREG(status.st_mode) ? FILE_REGULAR : FILE_SPECIAL;
}

static int compare_entries(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static int is_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

Error *file_list(Arena *arena, const char *path, const char *const **ret_names, size_t *ret_count)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_name, compare_entries);
    if (count < 0)
        return error_new(ERROR_LOCAL, "cannot list '%s': %s", path, strerror(errno));
    const char **names = ARENA_ARRAY(arena, const char *, (size_t)count);
    for (int i = 0; i < count; i++) {
        names[i] = arena_strdup(arena, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    *ret_names = names;
    *ret_count = (size_t)count;
    return NULL;
}

const char *file_real(Arena *arena, const char *path)
{
    char *real = realpath(path, NULL);
    const char *copy = real ? arena_strdup(arena, real) : NULL;
    free(real);
    return copy;
}

static Error *make_dir(const char *path, mode_t mode)
{
    struct stat status;
    if (mkdir(path, mode) == 0 ||
        (errno == EEXIST && stat(path, &status) == 0 && S_ISDIR(status.st_mode)))
        return NULL;
    return error_new(ERROR_LOCAL, "cannot make the directory '%s': %s", path, strerror(errno));
}

Error *file_make_dirs(const char *path, mode_t mode)
{
    CLEANUP(text_release) Text parent = TEXT_INIT;
    for (size_t i = 0; path[i]; i++) {
        if (i > 0 && path[i] == '/' && path[i - 1] != '/')
            TRY(make_dir(text_get(&parent), mode));
        text_add_char(&parent, path[i]);
    }
    return make_dir(path, mode);
}

char *file_dirname(Arena *arena, const char *path)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    if (length == 0)
        return arena_strdup(arena, ".");
    while (length > 1 && path[length - 1] == '/')
        length--;
    return arena_strndup(arena, path, length);
}

Error *file_write_begin(FileWrite *write, const char *path, mode_t mode)
{
    CLEANUP(text_release) Text name = TEXT_INIT;
    text_addf(&name, "%s.XXXXXX", path);
    char *temporary = must_strdup(text_get(&name));
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        free(temporary);
        return error_new(ERROR_LOCAL, "cannot write beside '%s': %s", path, strerror(errno));
    }
    *write = (FileWrite){.path = must_strdup(path), .temporary = temporary};
    write->stream = fdopen(fd, "w");
    if (!write->stream || fchmod(fd, mode) != 0) {
        Error *error = error_new(ERROR_LOCAL, "cannot write '%s': %s", path, strerror(errno));
        if (!write->stream)
            close(fd);
        file_write_rollback(write);
        return error;
    }
    return NULL;
}

/* A rename lasts only once its directory is on the disk. */
static bool sync_directory(const char *path)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    CLEANUP(file_close)
    int fd = open(file_dirname(scratch, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && fsync(fd) == 0;
}

Error *file_write_commit(FileWrite *write)
{
    bool written =
        fflush(write->stream) == 0 && !ferror(write->stream) && fsync(fileno(write->stream)) == 0;
    written = written && rename(write->temporary, write->path) == 0;
    Error *error = NULL;
    if (!written || !sync_directory(write->path))
        error = error_new(ERROR_LOCAL, "cannot write '%s': %s", write->path, strerror(errno));
    if (written) {
        free(write->temporary);
        write->temporary = NULL;
    }
    file_write_rollback(write); /* only what is still there */
    return error;
}

void file_write_rollback(FileWrite *write)
{
    if (write->stream)
        fclose(write->stream);
    if (write->temporary)
        unlink(write->temporary);
    free(write->temporary);
    free(write->path);
    *write = (FileWrite){0};
}

Error *file_write_all(const char *path, mode_t mode, const void *bytes, size_t length)
{
    CLEANUP(file_write_rollback) FileWrite write = {0};
    TRY(file_write_begin(&write, path, mode));
    if (length > 0)
        fwrite(bytes, 1, length, write.stream); /* a failure sticks to the stream */
    return file_write_commit(&write);
}
