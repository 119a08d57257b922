/* The disk as a FileTree. */
#include "base/file.h"

static Error *disk_read(const void *context, Arena *arena, const char *path, size_t max_bytes,
                        char **ret_bytes, size_t *ret_length)
{
    (void)context;
    return file_read(arena, path, max_bytes, ret_bytes, ret_length);
}

static FileType disk_type(const void *context, const char *path)
{
    (void)context;
    return file_type(path);
}

static Error *disk_list(const void *context, Arena *arena, const char *path,
                        const char *const **ret_names, size_t *ret_count)
{
    (void)context;
    return file_list(arena, path, ret_names, ret_count);
}

static const char *disk_real(const void *context, Arena *arena, const char *path)
{
    (void)context;
    return file_real(arena, path);
}

const FileTree *file_tree_disk(void)
{
    static const FileTree disk = {NULL, disk_read, disk_type, disk_list, disk_real};
    return &disk;
}
