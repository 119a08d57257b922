#include "plans/plan_file.h"

#include "base/file.h"
#include "plans/plan_lines.h"

enum { PLAN_FILE_BYTES_MAX = 1 << 30, PLAN_FILE_MODE = 0600 };

static void put_line(void *context, const char *line, size_t length)
{
    FileWrite *write = context;
    fwrite(line, 1, length, write->stream); /* a failure sticks to the stream */
}

Error *plan_file_write(const char *path, const Plan *plan)
{
    CLEANUP(file_write_rollback) FileWrite write = {0};
    TRY(file_write_begin(&write, path, PLAN_FILE_MODE));
    plan_lines_each(plan, put_line, &write);
    return file_write_commit(&write);
}

Error *plan_file_read(Arena *arena, const char *path, const Registry *registry, Plan **ret)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new(); /* of a text that nobody needs later */
    char *bytes = NULL;
    size_t length = 0;
    TRY(file_read(scratch, path, PLAN_FILE_BYTES_MAX, &bytes, &length));
    Error *error = plan_file_parse(arena, bytes, length, registry, ret);
    return error ? error_wrap(error, "reading the plan %s", path) : NULL;
}
