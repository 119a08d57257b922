#include "schema/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static bool refuse(Text *reason, const char *why)
{
    text_add(reason, why);
    return false;
}

bool secret_check_text(const char *bytes, size_t length, Text *reason)
{
    if (length == 0)
        return refuse(reason, "is empty");
    if (length > SECRET_MAX_BYTES)
        return refuse(reason, "is longer than 4096 bytes");
    if (memchr(bytes, '\0', length))
        return refuse(reason, "holds a NUL character");
    if (!text_is_valid_utf8(bytes, length))
        return refuse(reason, "is not UTF-8");
    return true;
}

static const char *open_problem(int number)
{
    switch (number) {
    case ENOENT:
        return "does not exist";
    case EACCES:
    case EPERM:
        return "cannot be read: permission denied";
    default:
        return "cannot be read";
    }
}

static bool is_fit(int fd, SecretFileUse use, Text *reason)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return refuse(reason, "cannot be read");
    bool is_password = use == SECRET_FILE_PASSWORD;
    if (!S_ISREG(status.st_mode) && !(is_password && S_ISFIFO(status.st_mode)))
        return refuse(reason, "is not a file");
    if (is_password && (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
        return refuse(reason, "is executable, and nothing is executed here: put its output into a "
                              "file, or take the permission away (chmod -x)");
    return true;
}

/* One byte more than fits, so that what is too long is seen. Negative: an error. */
static ssize_t read_all(int fd, char *buffer)
{
    size_t length = 0;
    while (length <= SECRET_MAX_BYTES + 1) {
        ssize_t got = read(fd, buffer + length, SECRET_MAX_BYTES + 2 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static size_t cut_blanks(char *buffer, size_t length)
{
    static const char blanks[] = " \t\n\v\f\r";
    size_t start = 0;
    while (length > 0 && buffer[length - 1] && strchr(blanks, buffer[length - 1]))
        length--;
    while (start < length && buffer[start] && strchr(blanks, buffer[start]))
        start++;
    memmove(buffer, buffer + start, length - start);
    return length - start;
}

static size_t cut_line_end(const char *buffer, size_t length)
{
    bool has_end = length > 0 && buffer[length - 1] == '\n';
    bool is_of_two = has_end && length > 1 && buffer[length - 2] == '\r';
    return length - has_end - is_of_two;
}

bool secret_file_read(const char *path, SecretFileUse use, char *buffer, Text *reason)
{
    int no_wait = use == SECRET_FILE_PASSWORD ? 0 : O_NONBLOCK; /* a pipe never answers */
    CLEANUP(file_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | no_wait);
    if (fd < 0)
        return refuse(reason, open_problem(errno));
    if (!is_fit(fd, use, reason))
        return false;
    ssize_t got = read_all(fd, buffer);
    if (got < 0)
        return refuse(reason, "cannot be read");
    size_t length = (size_t)got;
    if (use == SECRET_FILE_PASSWORD)
        length = cut_blanks(buffer, length);
    else
        length = cut_line_end(buffer, length);
    bool fine = secret_check_text(buffer, length, reason);
    buffer[fine ? length : 0] = '\0';
    return fine;
}
