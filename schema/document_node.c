/* What can be asked of a node. */
#include <string.h>

#include "schema/document.h"

const DocNode *document_text(Arena *arena, const char *text)
{
    DocNode *node = ARENA_NEW(arena, DocNode);
    *node = (DocNode){.type = DOC_SCALAR, .text = text, .size = 1, .height = 1};
    node->style = *text ? DOC_PLAIN : DOC_SINGLE_QUOTED;
    return node;
}

const DocNode *doc_get(const DocNode *map, const char *key)
{
    if (!map || map->type != DOC_MAP)
        return NULL;
    ptrdiff_t at = key_index_find(&map->map.index, map->map.keys, map->map.count, key);
    return at == KEY_NOT_FOUND ? NULL : map->map.values[at];
}

bool doc_is_null(const DocNode *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->type != DOC_SCALAR || node->style != DOC_PLAIN || node->tag)
        return false;
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (node->text[0] == words[i][0] && strcmp(node->text, words[i]) == 0)
            return true;
    }
    return false;
}

const char *doc_type_name(const DocNode *node)
{
    static const char *const names[] = {
        [DOC_SCALAR] = "a text", [DOC_LIST] = "a list", [DOC_MAP] = "a map"};
    return doc_is_null(node) ? "nothing" : names[node->type];
}
