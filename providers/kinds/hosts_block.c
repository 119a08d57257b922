#include "providers/kinds/hosts_block.h"

#include <string.h>

#include "base/text.h"

const Value *hosts_block_read(Arena *arena, const char *content, const char *name)
{
    const char *begin = arena_printf(arena, "# BEGIN pgsteer %s", name);
    const char *end = arena_printf(arena, "# END pgsteer %s", name);
    Value *lines = value_list(arena);
    bool is_inside = false;
    char **all = NULL;
    size_t count = text_split(arena, content, '\n', &all);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i], begin) == 0)
            is_inside = true;
        else if (strcmp(all[i], end) == 0)
            is_inside = false;
        else if (is_inside)
            value_push(arena, lines, value_text(arena, all[i]));
    }
    return lines;
}

const char *hosts_block_content(Arena *arena, const Value *lines)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < value_count(lines); i++)
        text_addf(&out, "%s\n", value_as_text(value_at(lines, i), ""));
    return text_copy(&out, arena);
}
