#include "schema/document_hide.h"

#include <stdint.h>

#include "schema/secret_name.h"

/* All behind the colon, with tags; on the last line also what YAML takes for a comment. What an
 * alias stands for was hidden where that is. */
static void hide_behind(Diagnostics *diagnostics, const DocNode *map, const DocNode *key,
                        const DocNode *value)
{
    Origin start = {key->origin.file, key->end_line, key->end_column + 1};
    bool is_alias = value->origin.line < start.line ||
                    (value->origin.line == start.line && value->origin.column < start.column);
    bool ends_line = map->style != DOC_FLOW && value->style <= DOC_DOUBLE_QUOTED;
    if (!is_alias)
        diagnostics_hide(diagnostics, &start, value->end_line,
                         ends_line ? INT32_MAX : value->end_column);
}

/* A key without a value behind a secret may be its part behind a comma, and so may the next. */
bool document_hide(Diagnostics *diagnostics, const DocNode *map, const DocNode *key,
                   const DocNode *value, bool follows_secret)
{
    bool is_empty = value->type == DOC_SCALAR && value->style == DOC_PLAIN && !*value->text;
    if (secret_name(key->text)) {
        hide_behind(diagnostics, map, key, value);
        return true;
    }
    if (follows_secret && is_empty && map->style == DOC_FLOW)
        diagnostics_hide(diagnostics, &key->origin, key->end_line, key->end_column);
    return follows_secret && is_empty;
}
