/* What is in the folder of the proxy: also files that nobody asks about by name. */
#include <string.h>

#include "providers/sources/answer.h"
#include "providers/sources/fragments.h"
#include "providers/sources/rows.h"

enum { KIB = 1024 };

static Error *parse_proxy(Arena *arena, const char *bytes, size_t length, int status,
                          const Value **ret)
{
    (void)status;
    Answer answer = answer_of(arena, bytes, length);
    Value *files = value_map(arena);
    for (char *line = answer_line(&answer); line; line = answer_line(&answer)) {
        char *fields[3];
        if (answer_fields(line, fields, COUNT_OF(fields)) >= 2 && strcmp(fields[0], "file") == 0)
            value_set_text(arena, files, fields[1], fields[2]);
    }
    Value *map = value_map(arena);
    value_set(arena, map, "files", files);
    *ret = map;
    return NULL;
}

const Source source_node_proxy = {
    .name = "node.proxy",
    .scope = SCOPE_NODE,
    .via = VIA_PROBE,
    .text = embedded_node_proxy,
    .budget_ms = 20000,
    .max_bytes = 256L * KIB,
    .parse = parse_proxy,
    .doc = "services in the proxy's folder",
};
