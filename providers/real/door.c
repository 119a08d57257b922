#include "providers/real/door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

void door_close(Door *door)
{
    file_close(&door->listener);
    if (door->path[0])
        unlink(door->path);
    if (door->folder[0])
        rmdir(door->folder);
}

Error *door_open(Door *door, const char *name)
{
    char folder[] = "/tmp/pgsteer-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!mkdtemp(folder)) /* 0700 */
        return error_new(ERROR_LOCAL, "cannot make a directory in /tmp: %s", strerror(errno));
    snprintf(door->folder, sizeof(door->folder), "%s", folder);
    snprintf(door->path, sizeof(door->path), "%s/%s", folder, name);
    snprintf(door->no_file, sizeof(door->no_file), "%s/none", folder);
    memcpy(address.sun_path, door->path, strlen(door->path) + 1);
    door->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (door->listener < 0 ||
        bind(door->listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(door->listener, 1) != 0)
        return error_new(ERROR_LOCAL, "cannot listen on %s: %s", door->path, strerror(errno));
    return NULL;
}

Error *door_accept(const Door *door, int *ret_fd)
{
    int fd = accept4(door->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return error_new(ERROR_LOCAL, "cannot accept on a socket: %s", strerror(errno));
    *ret_fd = fd;
    return NULL;
}
