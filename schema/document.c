#include "schema/document.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"
#include "base/text.h"
#include "schema/document_error.h"
#include "schema/document_hide.h"
#include "schema/secret_name.h"

typedef struct Frame {
    DocNode *node;
    size_t first;   /* its children start here in Builder.pending */
    bool is_hidden; /* below a key that looks secret */
} Frame;

enum { FIRST_PENDING = 256 };

typedef struct Builder {
    Arena *arena;
    const char *name;
    const char *bytes;
    size_t length;
    Diagnostics *diagnostics;
    Map *anchors;
    Frame frames[DOCUMENT_MAX_DEPTH];
    size_t depth;
    DocNode **pending; /* heap: children of all open containers */
    size_t pending_count, pending_capacity;
    uint64_t node_count;    /* all, aliases expanded */
    uint64_t aliased_count; /* those that came through aliases */
    DocNode *root;
} Builder;

static void builder_release(Builder **builder)
{
    free((*builder)->pending);
}

static void parser_delete(yaml_parser_t *parser)
{
    yaml_parser_delete(parser);
}

static void event_delete(yaml_event_t *event)
{
    yaml_event_delete(event);
}

/* Nothing behind this place is read. */
static bool fail(const Builder *builder, const Origin *origin, const char *advice,
                 const char *message)
{
    diagnostics_distrust(builder->diagnostics, builder->name);
    diagnostics_add(builder->diagnostics, "E000", origin, advice, "%s", message);
    return false;
}

static Origin origin_of(const Builder *builder, const yaml_mark_t *mark)
{
    return (Origin){builder->name, (int)mark->line + 1, (int)mark->column + 1};
}

static DocStyle scalar_style(yaml_scalar_style_t style)
{
    static const DocStyle styles[] = {
        [YAML_ANY_SCALAR_STYLE] = DOC_PLAIN,
        [YAML_PLAIN_SCALAR_STYLE] = DOC_PLAIN,
        [YAML_SINGLE_QUOTED_SCALAR_STYLE] = DOC_SINGLE_QUOTED,
        [YAML_DOUBLE_QUOTED_SCALAR_STYLE] = DOC_DOUBLE_QUOTED,
        [YAML_LITERAL_SCALAR_STYLE] = DOC_LITERAL,
        [YAML_FOLDED_SCALAR_STYLE] = DOC_FOLDED,
    };
    return styles[style];
}

/* The key that waits for its value in the innermost map, or NULL. */
static const DocNode *waiting_key(const Builder *builder)
{
    if (builder->depth == 0)
        return NULL;
    const Frame *frame = &builder->frames[builder->depth - 1];
    bool waits = frame->node->type == DOC_MAP && (builder->pending_count - frame->first) % 2 == 1;
    return waits ? builder->pending[builder->pending_count - 1] : NULL;
}

static bool tag_hides(const char *tag)
{
    return tag && text_starts_with(tag, "!vault");
}

/* Is what comes next to be a secret, the value of a key that looks so, or inside one? */
static bool is_hidden(const Builder *builder, const char *tag)
{
    const DocNode *key = waiting_key(builder);
    if (tag_hides(tag))
        return true;
    if (key && key->type == DOC_SCALAR && secret_name(key->text))
        return true;
    return builder->depth > 0 && builder->frames[builder->depth - 1].is_hidden;
}

/* A word of the file, for a message. */
static const char *shown(const Builder *builder, const char *word)
{
    return is_hidden(builder, NULL) ? "***" : word;
}

static bool fail_alias(const Builder *builder, const Origin *origin, const char *name,
                       const char *message)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "the alias *%s %s", shown(builder, name), message);
    return fail(
        builder, origin,
        "Name the first place with &NAME and use *NAME after it. A text that begins with *\n"
        "must be in quotes.",
        text_get(&text));
}

static bool add_child(Builder *builder, DocNode *node, const Origin *origin)
{
    if (builder->depth == 0) {
        builder->root = node;
        return true;
    }
    builder->node_count += node->size;
    if (builder->node_count > DOCUMENT_MAX_NODES)
        return fail(builder, origin, "Split the file.", "more than five million nodes");
    if (builder->pending_count == builder->pending_capacity) {
        builder->pending_capacity *= 2;
        builder->pending =
            must_realloc(builder->pending, builder->pending_capacity * sizeof(*builder->pending));
    }
    builder->pending[builder->pending_count++] = node;
    return true;
}

/* Tags that change nothing about how the table reads a text, and those that typing knows. */
static bool is_known_tag(const char *tag)
{
    static const char core[] = "tag:yaml.org,2002:";
    static const char *const core_types[] = {"str",  "int", "float", "bool",
                                             "null", "seq", "map",   "timestamp"};
    static const char *const own[] = {"!", "!unsafe", "!vault", "!vault-encrypted"};
    bool is_core = text_starts_with(tag, core);
    const char *const *words = is_core ? core_types : own;
    size_t count = is_core ? COUNT_OF(core_types) : COUNT_OF(own);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i], is_core ? tag + strlen(core) : tag) == 0)
            return true;
    }
    return false;
}

static void set_tag(const Builder *builder, DocNode *node, const char *tag)
{
    node->tag = arena_strdup(builder->arena, tag);
    if (!is_known_tag(tag))
        diagnostics_add(builder->diagnostics, "E045", &node->origin,
                        "Nothing is made out of a tag: write the value itself. A text that begins "
                        "with !\nmust be in quotes.",
                        "the tag %s is not supported", shown(builder, tag));
}

static DocNode *new_node(Builder *builder, DocType type, const yaml_event_t *event,
                         const unsigned char *tag, const unsigned char *anchor)
{
    size_t scalar_size = offsetof(DocNode, text) + sizeof(const char *); /* most are scalars */
    DocNode *node = arena_alloc(builder->arena, type == DOC_SCALAR ? scalar_size : sizeof(*node));
    node->type = type;
    node->origin = origin_of(builder, &event->start_mark);
    node->size = 1;
    node->height = 1;
    if (tag)
        set_tag(builder, node, (const char *)tag);
    if (anchor) {
        node->anchor = arena_strdup(builder->arena, (const char *)anchor);
        map_set(builder->anchors, node->anchor, node);
    }
    return node;
}

static void hide(const Builder *builder, const DocNode *node)
{
    diagnostics_hide(builder->diagnostics, &node->origin, node->end_line, node->end_column);
}

static void set_end(DocNode *node, const yaml_mark_t *mark)
{
    node->end_line = (int)mark->line + 1;
    node->end_column = (int)mark->column + 1;
}

static bool add_scalar(Builder *builder, const yaml_event_t *event)
{
    DocNode *node =
        new_node(builder, DOC_SCALAR, event, event->data.scalar.tag, event->data.scalar.anchor);
    node->style = scalar_style(event->data.scalar.style);
    node->text = arena_strndup(builder->arena, (const char *)event->data.scalar.value,
                               event->data.scalar.length);
    if (strlen(node->text) != event->data.scalar.length)
        return fail(builder, &node->origin, NULL, "a text with a NUL character");
    set_end(node, &event->end_mark);
    if (tag_hides(node->tag))
        hide(builder, node);
    return add_child(builder, node, &node->origin);
}

static bool open_container(Builder *builder, DocType type, const yaml_event_t *event)
{
    bool is_list = type == DOC_LIST;
    DocNode *node =
        new_node(builder, type, event,
                 is_list ? event->data.sequence_start.tag : event->data.mapping_start.tag,
                 is_list ? event->data.sequence_start.anchor : event->data.mapping_start.anchor);
    bool is_flow = is_list ? event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE
                           : event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
    node->style = is_flow ? DOC_FLOW : DOC_BLOCK;
    if (builder->depth == DOCUMENT_MAX_DEPTH)
        return fail(builder, &node->origin, NULL, "nested more than 64 levels deep");

    Frame frame = {.node = node, .is_hidden = is_hidden(builder, node->tag)};
    node->is_open = true;
    if (!add_child(builder, node, &node->origin))
        return false;
    frame.first = builder->pending_count;
    builder->frames[builder->depth++] = frame;
    return true;
}

static void copy_list(Builder *builder, DocNode *list, DocNode *const *children, size_t count)
{
    list->list.items = ARENA_ARRAY(builder->arena, const DocNode *, count);
    for (size_t i = 0; i < count; i++)
        list->list.items[i] = children[i];
    list->list.count = (uint32_t)count;
}

static ptrdiff_t find_key(const DocNode *map, const char *key)
{
    return key_index_find(&map->map.index, map->map.keys, map->map.count, key);
}

static void append_entry(Builder *builder, DocNode *map, const DocNode *key, const DocNode *value)
{
    size_t at = map->map.count++;
    map->map.keys[at] = key->text;
    map->map.key_nodes[at] = key;
    map->map.values[at] = value;
    key_index_added(builder->arena, &map->map.index, map->map.keys, map->map.count);
}

static void report_duplicate(Builder *builder, const DocNode *map, const DocNode *key)
{
    ptrdiff_t first = find_key(map, key->text);
    bool is_secret = builder->frames[builder->depth].is_hidden; /* of the map that ends here */
    Diagnostic *problem =
        diagnostics_add(builder->diagnostics, "E003", &map->map.key_nodes[first]->origin,
                        "Only one of the two would count: remove one.", "the key %s is given twice",
                        is_secret ? "***" : key->text);
    diagnostic_add_place(problem, &key->origin);
    problem->width = strlen(key->text);
}

static bool is_merge_key(const DocNode *key)
{
    return key->style == DOC_PLAIN && strcmp(key->text, "<<") == 0;
}

static size_t merge_room(const DocNode *value)
{
    if (value->type == DOC_MAP)
        return value->map.count;
    size_t room = 0;
    for (size_t i = 0; value->type == DOC_LIST && i < value->list.count; i++)
        room += value->list.items[i]->type == DOC_MAP ? value->list.items[i]->map.count : 0;
    return room;
}

static bool merge_map(Builder *builder, DocNode *map, const DocNode *source)
{
    if (source->type != DOC_MAP)
        return fail(builder, &source->origin, "Write <<: *anchor of a map, or a list of such.",
                    "only a map can be merged");
    for (size_t i = 0; i < source->map.count; i++) {
        if (find_key(map, source->map.keys[i]) == KEY_NOT_FOUND)
            append_entry(builder, map, source->map.key_nodes[i], source->map.values[i]);
    }
    return true;
}

static bool merge(Builder *builder, DocNode *map, const DocNode *value)
{
    if (value->type != DOC_LIST)
        return merge_map(builder, map, value);
    for (size_t i = 0; i < value->list.count; i++) {
        if (!merge_map(builder, map, value->list.items[i]))
            return false;
    }
    return true;
}

static size_t entry_room(DocNode *const *children, size_t count)
{
    size_t room = count / 2;
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (children[i]->type == DOC_SCALAR && is_merge_key(children[i]))
            room += merge_room(children[i + 1]);
    }
    return room;
}

/* Own entries first, so that they win; then what is merged in. */
static bool copy_map(Builder *builder, DocNode *map, DocNode *const *children, size_t count)
{
    size_t room = entry_room(children, count);
    bool is_secret = false;
    map->map.keys = ARENA_ARRAY(builder->arena, const char *, room);
    map->map.key_nodes = ARENA_ARRAY(builder->arena, const DocNode *, room);
    map->map.values = ARENA_ARRAY(builder->arena, const DocNode *, room);
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (children[i]->type != DOC_SCALAR)
            return fail(builder, &children[i]->origin, NULL, "a key must be a single word or text");
        if (strlen(children[i]->text) > DOCUMENT_MAX_KEY)
            return fail(builder, &children[i]->origin, NULL, "a key of more than 1024 bytes");
        if (is_merge_key(children[i]))
            continue;
        is_secret =
            document_hide(builder->diagnostics, map, children[i], children[i + 1], is_secret);
        if (find_key(map, children[i]->text) != KEY_NOT_FOUND)
            report_duplicate(builder, map, children[i]);
        else
            append_entry(builder, map, children[i], children[i + 1]);
    }
    for (size_t i = 0; i + 1 < count; i += 2) {
        if (is_merge_key(children[i]) && !merge(builder, map, children[i + 1]))
            return false;
    }
    return true;
}

static bool close_container(Builder *builder, const yaml_event_t *event)
{
    assert(builder->depth > 0);
    const Frame *frame = &builder->frames[--builder->depth];
    DocNode *node = frame->node;
    DocNode *const *children = builder->pending + frame->first;
    size_t count = builder->pending_count - frame->first;
    bool fine = true;
    if (node->type == DOC_LIST)
        copy_list(builder, node, children, count);
    else
        fine = copy_map(builder, node, children, count);

    for (size_t i = 0; i < count; i++) {
        node->size += children[i]->size; /* bounded by node_count */
        if (children[i]->height >= node->height)
            node->height = children[i]->height + 1;
    }
    set_end(node, &event->end_mark);
    builder->pending_count = frame->first;
    node->is_open = false;
    return fine;
}

static bool add_alias(Builder *builder, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    Origin origin = origin_of(builder, &event->start_mark);
    DocNode *target = map_get(builder->anchors, name);
    if (!target)
        return fail_alias(builder, &origin, name, "has no anchor before it");
    if (target->is_open)
        return fail_alias(builder, &origin, name, "is inside of what it stands for");
    if (builder->depth + target->height > DOCUMENT_MAX_DEPTH)
        return fail_alias(builder, &origin, name, "is nested too deeply");
    if (is_hidden(builder, NULL))
        hide(builder, target);
    builder->aliased_count += target->size;
    if (builder->aliased_count > DOCUMENT_MAX_ALIASED)
        return fail(builder, &origin, "What an alias stands for counts each time.",
                    "more than a million nodes through aliases");
    return add_child(builder, target, &origin);
}

static bool start_document(const Builder *builder, const yaml_event_t *event)
{
    Origin origin = origin_of(builder, &event->start_mark);
    if (builder->root)
        return fail(builder, &origin, "Remove the --- line.", "a second YAML document begins");
    return true;
}

static bool take_event(Builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return start_document(builder, event);
    case YAML_SCALAR_EVENT:
        return add_scalar(builder, event);
    case YAML_ALIAS_EVENT:
        return add_alias(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return open_container(builder, DOC_LIST, event);
    case YAML_MAPPING_START_EVENT:
        return open_container(builder, DOC_MAP, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return close_container(builder, event);
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return true;
}

/* A pair in a list, [ a: b ], has no bracket of its own: it begins with its key. */
static bool has_bracket(const Builder *builder, const Frame *frame)
{
    const DocNode *node = frame->node;
    if (builder->pending_count == frame->first || node->type == DOC_LIST)
        return true;
    const Origin *key = &builder->pending[frame->first]->origin;
    return key->line != node->origin.line || key->column != node->origin.column;
}

static Origin innermost_bracket(const Builder *builder)
{
    size_t depth = builder->depth;
    while (depth > 0 && !has_bracket(builder, &builder->frames[depth - 1]))
        depth--;
    const DocNode *node = depth > 0 ? builder->frames[depth - 1].node : NULL;
    return node && node->style == DOC_FLOW ? node->origin : (Origin){0};
}

/* One event; *ret_more is false after the last one. */
static bool step(Builder *builder, yaml_parser_t *parser, bool *ret_more)
{
    CLEANUP(event_delete) yaml_event_t event = {0};
    if (!yaml_parser_parse(parser, &event)) {
        ParserProblem problem = {
            .problem = parser->problem,
            .context = parser->context,
            .origin = origin_of(builder, &parser->problem_mark),
            .context_origin = origin_of(builder, &parser->context_mark),
            .bracket = innermost_bracket(builder),
        };
        document_report(builder->diagnostics, &problem, builder->bytes, builder->length);
        return false;
    }
    *ret_more = event.type != YAML_STREAM_END_EVENT;
    return take_event(builder, &event);
}

static DocNode *empty_document(Builder *builder)
{
    DocNode *node = ARENA_NEW(builder->arena, DocNode);
    *node = (DocNode){.type = DOC_SCALAR, .origin = {builder->name, 1, 1}, .text = ""};
    return node;
}

const DocNode *document_parse(Arena *arena, const char *name, const char *bytes, size_t length,
                              Diagnostics *diagnostics)
{
    if (!document_check_bytes(diagnostics, name, bytes, length))
        return NULL;
    CLEANUP(builder_release) Builder *builder = ARENA_NEW(arena, Builder);
    builder->arena = arena;
    builder->name = name;
    builder->bytes = bytes;
    builder->length = length;
    builder->diagnostics = diagnostics;
    builder->anchors = map_new(arena);
    builder->pending_capacity = FIRST_PENDING;
    builder->pending = must_malloc(FIRST_PENDING * sizeof(DocNode *));
    CLEANUP(parser_delete) yaml_parser_t parser = {0};
    if (!yaml_parser_initialize(&parser)) {
        diagnostics_add(diagnostics, "E000", NULL, NULL, "no memory for the YAML parser");
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
    for (bool more = true; more;) {
        if (!step(builder, &parser, &more))
            return NULL;
    }
    return builder->root ? builder->root : empty_document(builder);
}
