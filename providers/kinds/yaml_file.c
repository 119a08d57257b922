#include "providers/kinds/yaml_file.h"

#include <string.h>

#include "base/text.h"
#include "providers/kinds/yaml_lines.h"
#include "schema/contract/content.h"
#include "schema/document.h"

/* The file being written: finished pieces, and the text since the last secret. */
typedef struct Writer {
    Arena *arena;
    Value *pieces;
    Text text;
} Writer;

static void flush_text(Writer *writer)
{
    if (writer->text.length == 0)
        return;
    value_push(writer->arena, writer->pieces, value_text(writer->arena, text_get(&writer->text)));
    text_clear(&writer->text);
}

static void write_quoted(Writer *writer, const char *text)
{
    const char *quoted;
    const Value *piece = content_piece(writer->arena, "yaml", value_text(writer->arena, text));
    Value *list = value_list(writer->arena);
    value_push(writer->arena, list, piece);
    Error *error = content_render(writer->arena, list, &quoted);
    text_add(&writer->text, error ? "''" : quoted);
    error_free(error);
}

static void write_scalar(Writer *writer, const Value *value)
{
    if (value->type == VALUE_SECRET) {
        flush_text(writer);
        value_push(writer->arena, writer->pieces, content_piece(writer->arena, "yaml", value));
    } else if (value->type == VALUE_TEXT) {
        write_quoted(writer, value->text);
    } else {
        value_format(&writer->text, value);
    }
}

/* Its keys are lines, and those after the first as deep as it. */
static void write_item_map(Writer *writer, const Value *item, size_t depth)
{
    for (size_t i = 0; i < value_count(item); i++) {
        if (i > 0) {
            text_add_char(&writer->text, '\n');
            text_add_repeat(&writer->text, "  ", depth + 1);
        }
        text_addf(&writer->text, "%s: ", item->map.keys[i]);
        write_scalar(writer, item->map.values[i]);
    }
}

/* "- item" or "- key: item" a line. */
static void write_list(Writer *writer, const Value *list, size_t depth)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *item = value_at(list, i);
        text_add_char(&writer->text, '\n');
        text_add_repeat(&writer->text, "  ", depth);
        text_add(&writer->text, "- ");
        if (item->type == VALUE_MAP && value_count(item) > 0)
            write_item_map(writer, item, depth);
        else
            write_scalar(writer, item);
    }
}

/* Section headings of `key` that the previous key did not have. Returns the depth of the leaf. */
static size_t write_sections(Writer *writer, const char *previous, const char *key)
{
    size_t depth = 0;
    bool shared = true;
    const char *part = key;
    for (const char *slash = strchr(key, '/'); slash; slash = strchr(part, '/')) {
        size_t upto = (size_t)(slash - key) + 1;
        shared = shared && strncmp(previous, key, upto) == 0;
        if (!shared) {
            text_add_repeat(&writer->text, "  ", depth);
            text_addf(&writer->text, "%.*s:\n", (int)(slash - part), part);
        }
        part = slash + 1;
        depth++;
    }
    return depth;
}

static void write_key(Writer *writer, const char *previous, const char *key, const Value *value)
{
    size_t depth = write_sections(writer, previous, key);
    const char *slash = strrchr(key, '/');
    text_add_repeat(&writer->text, "  ", depth);
    text_addf(&writer->text, "%s:", slash ? slash + 1 : key);
    if (value->type == VALUE_LIST && value_count(value) > 0) {
        write_list(writer, value, depth + 1);
    } else {
        text_add_char(&writer->text, ' ');
        write_scalar(writer, value);
    }
    text_add_char(&writer->text, '\n');
}

const Value *yaml_file_render(Arena *arena, const char *header, const Value *keys)
{
    Writer writer = {.arena = arena, .pieces = value_list(arena), .text = TEXT_INIT};
    text_add(&writer.text, header);
    const char *previous = "";
    for (size_t i = 0; i < value_count(keys); i++) {
        write_key(&writer, previous, keys->map.keys[i], keys->map.values[i]);
        previous = keys->map.keys[i];
    }
    flush_text(&writer);
    text_release(&writer.text);
    return writer.pieces;
}

/* Walk without recursion: a stack of positions, as deep as the document reader allows. */
typedef struct Position {
    const DocNode *map;
    size_t next;
    const char *path;
} Position;

static const Value *read_item(Arena *arena, const DocNode *item)
{
    if (item->type == DOC_MAP && item->map.count > 0) {
        Value *map = value_map(arena);
        for (size_t i = 0; i < item->map.count; i++) {
            const DocNode *node = item->map.values[i];
            value_set_text(arena, map, item->map.keys[i],
                           node->type == DOC_SCALAR ? node->text : "");
        }
        return map;
    }
    return value_text(arena, item->type == DOC_SCALAR ? item->text : "");
}

static const Value *read_leaf(Arena *arena, const DocNode *node)
{
    if (node->type == DOC_SCALAR)
        return value_text(arena, node->text);
    Value *list = value_list(arena);
    for (size_t i = 0; node->type == DOC_LIST && i < node->list.count; i++)
        value_push(arena, list, read_item(arena, node->list.items[i]));
    return list;
}

static void read_map(Arena *arena, const DocNode *root, const char *skip, Value *keys)
{
    Position stack[DOCUMENT_MAX_DEPTH + 1];
    size_t depth = 0;
    stack[depth++] = (Position){.map = root, .path = ""};
    while (depth > 0) {
        Position *top = &stack[depth - 1];
        if (top->next == top->map->map.count) {
            depth--;
            continue;
        }
        size_t i = top->next++;
        const DocNode *node = top->map->map.values[i];
        const char *path = arena_printf(arena, "%s%s%s", top->path, top->path[0] ? "/" : "",
                                        top->map->map.keys[i]);
        if (skip && strcmp(path, skip) == 0)
            continue;
        if (node->type == DOC_MAP && node->map.count > 0)
            stack[depth++] = (Position){.map = node, .path = path};
        else
            value_set(arena, keys, path, read_leaf(arena, node));
    }
}

static Error *parse(Arena *arena, const char *bytes, const char *skip, const Value **ret_keys)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    const DocNode *root = document_parse(arena, "file", bytes, strlen(bytes), diagnostics);
    if (!root || root->type != DOC_MAP)
        return error_new(ERROR_INVALID, "the file is no YAML mapping");
    Value *keys = value_map(arena);
    read_map(arena, root, skip, keys);
    *ret_keys = keys;
    return NULL;
}

Error *yaml_file_read(Arena *arena, const char *bytes, const char *skip, const Value **ret_keys)
{
    const Value *keys = yaml_lines_read(arena, bytes, skip);
    if (!keys)
        return parse(arena, bytes, skip, ret_keys);
    *ret_keys = keys;
    return NULL;
}
