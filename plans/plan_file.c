#include "plans/plan_file.h"

#include "base/file.h"
#include "plans/plan_lines.h"

enum { PLAN_FILE_BYTES_MAX = 1 << 30, PLAN_FILE_MODE = 0600 };

Error *plan_file_write(const char *path, const Plan *plan)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    plan_lines_write(&text, plan);
    return file_write_all(path, PLAN_FILE_MODE, text.bytes, text.length);
}

Error *plan_file_read(Arena *arena, const char *path, const Registry *registry, Plan **ret)
{
    char *bytes = NULL;
    size_t length = 0;
    TRY(file_read(arena, path, PLAN_FILE_BYTES_MAX, &bytes, &length));
    Error *error = plan_file_parse(arena, bytes, length, registry, ret);
    return error ? error_wrap(error, "reading the plan %s", path) : NULL;
}
