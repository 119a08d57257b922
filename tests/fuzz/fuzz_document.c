/* Any bytes as YAML: either a tree within the bounds, or an error with a place. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* NOLINTNEXTLINE(misc-no-recursion): depth is what is checked */
static void walk(const DocNode *node, size_t depth, size_t *count)
{
    assert(depth <= DOCUMENT_MAX_DEPTH && ++*count <= DOCUMENT_MAX_NODES);
    assert(!node->is_open && node->height + depth - 1 <= DOCUMENT_MAX_DEPTH);
    if (node->type == DOC_SCALAR)
        assert(strlen(node->text) < SIZE_MAX);
    for (size_t i = 0; node->type == DOC_LIST && i < node->list.count; i++)
        walk(node->list.items[i], depth + 1, count);
    for (size_t i = 0; node->type == DOC_MAP && i < node->map.count; i++) {
        assert(doc_get(node, node->map.keys[i]) == node->map.values[i]);
        walk(node->map.values[i], depth + 1, count);
    }
}

static void print(Diagnostics *diagnostics)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    diagnostics_print(stream, diagnostics, 5, true, true);
    fclose(stream);
    assert(length > 0);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Diagnostics *diagnostics = diagnostics_new(arena);
    diagnostics_add_file(diagnostics, "f", (const char *)bytes, size);
    const DocNode *root = document_parse(arena, "f", (const char *)bytes, size, diagnostics);
    size_t count = 0;
    if (root)
        walk(root, 1, &count);
    else
        assert(diagnostics_error_count(diagnostics) > 0);
    print(diagnostics);
    return 0;
}
