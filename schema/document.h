/*
 * schema/document.h - YAML text to a tree of nodes that know their place; the only place that
 * knows libyaml.
 *
 * Nodes are structure and text only: what a scalar means is decided by the parameter table
 * (schema/typing.h). An alias is the same node again, found through more than one parent; merge
 * keys ("<<") are resolved: own keys win, then the first source. Everything lives in the arena and
 * is read-only once parsed.
 *
 * Bounds: 64 MB, nesting of 64, five million nodes, and among them one million that came through
 * aliases (which count as often as they are used); keys of 1024 bytes. Lines end with a newline or
 * CR LF and nothing else, so that a line is the same one for everybody.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/key_index.h"
#include "schema/diagnostics.h"
#include "schema/origin.h"

enum {
    DOCUMENT_MAX_DEPTH = 64,
    DOCUMENT_MAX_NODES = 5000000,
    DOCUMENT_MAX_ALIASED = 1000000,
    DOCUMENT_MAX_BYTES = 64 * 1024 * 1024,
    DOCUMENT_MAX_KEY = 1024, /* bytes; libyaml has the same bound for most keys */
};

typedef enum DocType {
    DOC_SCALAR,
    DOC_LIST,
    DOC_MAP,
} DocType;

typedef enum DocStyle {
    DOC_PLAIN, /* scalars */
    DOC_SINGLE_QUOTED,
    DOC_DOUBLE_QUOTED,
    DOC_LITERAL,
    DOC_FOLDED,
    DOC_BLOCK, /* lists and maps */
    DOC_FLOW,
} DocStyle;

/* A large inventory has hundreds of thousands of them, so they are kept small. */
typedef struct DocNode DocNode;
struct DocNode {
    DocType type : 8;
    DocStyle style : 8;
    unsigned height : 15; /* 1 for a scalar */
    bool is_open : 1;     /* private: its end was not seen yet */
    uint32_t size;        /* this node and all below it, aliases expanded */
    Origin origin;
    const char *tag;    /* "!vault"; NULL: none; others than the known ones are errors */
    const char *anchor; /* NULL: none */
    int end_line;       /* where libyaml says it ends: one after the last character; for a */
    int end_column;     /* block that may be far below */
    union {
        const char *text; /* DOC_SCALAR, which has no memory for more than this */
        struct {
            const DocNode **items;
            uint32_t count;
        } list;
        struct {
            const char **keys; /* unique, in file order; merged ones last */
            const DocNode **key_nodes;
            const DocNode **values;
            KeyIndex index; /* private */
            uint32_t count;
        } map;
    };
};

/* The root, or NULL when the text is no YAML. Problems (E000 no YAML, E003 duplicate key, …) go to
 * `diagnostics`; values of keys that look secret are hidden from its source lines. `name` is used
 * in origins and must live as long as the arena. An empty text gives a plain empty scalar. */
const DocNode *document_parse(Arena *arena, const char *name, const char *bytes, size_t length,
                              Diagnostics *diagnostics);

/* A plain scalar without a place, for defaults; an empty one counts as quoted. `text` is borrowed.
 */
const DocNode *document_text(Arena *arena, const char *text);

/* The value of a key, or NULL (also when `map` is no map). */
const DocNode *doc_get(const DocNode *map, const char *key);

/* A plain empty scalar, "~" or "null" in YAML's spellings. */
bool doc_is_null(const DocNode *node);

/* "a text", "a list", "a map" or "nothing", for messages. */
const char *doc_type_name(const DocNode *node);
