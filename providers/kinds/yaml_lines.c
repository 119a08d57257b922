#include "providers/kinds/yaml_lines.h"

#include <string.h>

#include "base/map.h"
#include "base/text.h"

enum { INDENT = 2, MAX_DEPTH = 8 };

/* What is being read. A section is open from its heading to a line that is less deep; an open list
 * is the innermost of them. */
typedef struct Reader {
    Arena *arena;
    const char *skip;
    Value *keys;
    Map *paths; /* those of `keys`, and the sections; none comes twice */
    const char *sections[MAX_DEPTH];
    size_t depth;   /* open sections */
    bool is_headed; /* the line before was the heading of the innermost section */
    Value *list;    /* that section is this list, or NULL */
    Value *item;    /* the list's last item, if it has keys */
} Reader;

/* A line without its end and its indent. */
typedef struct Line {
    const char *bytes;
    size_t length;
    size_t depth;
} Line;

/* -- lines ----------------------------------------------------------------------------------- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
static const char key_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789-";

static void cut_front(Line *line, size_t length)
{
    line->bytes += length;
    line->length -= length;
}

static bool is_word(const Line *line, const char *word)
{
    return line->length == strlen(word) && memcmp(line->bytes, word, line->length) == 0;
}

/* NULL: none at the front. */
static const char *take_key(Arena *arena, Line *line)
{
    size_t length = strspn(line->bytes, key_bytes);
    if (length >= line->length || line->bytes[length] != ':' || !strchr(letters, *line->bytes))
        return NULL;
    const char *key = arena_strndup(arena, line->bytes, length);
    cut_front(line, length + 1);
    return key;
}

static bool is_quotable(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '\'')
            return false;
    }
    return true;
}

static bool is_number(const Line *line)
{
    size_t sign = line->length > 1 && *line->bytes == '-';
    return line->length > sign && strspn(line->bytes + sign, "0123456789") == line->length - sign;
}

/* A secret, as nodes tell it. */
static bool is_masked(const Line *line)
{
    static const char mark[] = "sha256:";
    size_t begin = sizeof(mark) - 1;
    return line->length > begin && memcmp(line->bytes, mark, begin) == 0 &&
           strspn(line->bytes + begin, "0123456789abcdef") == line->length - begin;
}

static bool is_plain(const Line *line)
{
    return is_word(line, "true") || is_word(line, "false") || is_number(line) || is_masked(line);
}

/* NULL: it is none that we would write. */
static const Value *take_scalar(Arena *arena, const Line *line)
{
    Line text = *line;
    if (text.length >= 2 && *text.bytes == '\'' && text.bytes[text.length - 1] == '\'') {
        cut_front(&text, 1);
        text.length--;
        if (!is_quotable(text.bytes, text.length))
            return NULL;
    } else if (!is_plain(&text)) {
        return NULL;
    }
    return value_textf(arena, "%.*s", (int)text.length, text.bytes);
}

/* -- keys and items -------------------------------------------------------------------------- */

static const char *path_of(const Reader *reader, const char *key)
{
    if (reader->depth == 0)
        return key;
    return ARENA_JOIN(reader->arena, reader->sections[reader->depth - 1], "/", key);
}

static bool is_skipped(const Reader *reader, const char *path)
{
    size_t length = reader->skip ? strlen(reader->skip) : 0;
    return length > 0 && strncmp(path, reader->skip, length) == 0 &&
           (path[length] == '\0' || path[length] == '/');
}

/* False: it was there before. */
static bool add_path(Reader *reader, const char *path)
{
    return !map_set(reader->paths, path, reader);
}

static void add_value(Reader *reader, const char *path, const Value *value)
{
    if (!is_skipped(reader, path))
        value_add(reader->arena, reader->keys, path, value);
}

/* " SCALAR" */
static const Value *value_after_key(Arena *arena, Line *line)
{
    if (line->length == 0 || *line->bytes != ' ')
        return NULL;
    cut_front(line, 1);
    return take_scalar(arena, line);
}

static bool read_item_key(Reader *reader, Line *line)
{
    const char *key = take_key(reader->arena, line);
    const Value *value = key ? value_after_key(reader->arena, line) : NULL;
    if (!value || value_get(reader->item, key))
        return false;
    value_add(reader->arena, reader->item, key, value);
    return true;
}

static bool begin_list(Reader *reader)
{
    if (reader->list)
        return true;
    if (!reader->is_headed)
        return false;
    reader->list = value_list(reader->arena);
    reader->is_headed = false;
    add_value(reader, reader->sections[reader->depth - 1], reader->list);
    return true;
}

/* What follows "- ". */
static bool read_item(Reader *reader, Line *line)
{
    if (line->depth != reader->depth || !begin_list(reader))
        return false;
    reader->item = NULL;
    const Value *scalar = take_scalar(reader->arena, line);
    if (scalar) {
        value_push(reader->arena, reader->list, scalar);
        return true;
    }
    reader->item = value_map(reader->arena);
    value_push(reader->arena, reader->list, reader->item);
    return read_item_key(reader, line);
}

/* False: the innermost section is left before it has anything, or was never begun. */
static bool leave_sections(Reader *reader, size_t depth)
{
    if (depth > reader->depth || (reader->is_headed && depth < reader->depth))
        return false;
    if (depth == reader->depth && reader->list)
        return false;
    if (depth < reader->depth)
        reader->list = NULL;
    reader->depth = depth;
    reader->is_headed = false;
    return true;
}

static bool read_heading(Reader *reader, const char *path)
{
    if (reader->depth == MAX_DEPTH || !add_path(reader, path))
        return false;
    reader->sections[reader->depth++] = path;
    reader->is_headed = true;
    return true;
}

static bool read_key(Reader *reader, Line *line)
{
    const char *key = leave_sections(reader, line->depth) ? take_key(reader->arena, line) : NULL;
    if (!key)
        return false;
    const char *path = path_of(reader, key);
    if (line->length == 0)
        return read_heading(reader, path);
    const Value *value = value_after_key(reader->arena, line);
    if (!value || !add_path(reader, path))
        return false;
    add_value(reader, path, value);
    return true;
}

static bool read_line(Reader *reader, Line *line)
{
    if (line->length == 0 || *line->bytes == '#')
        return line->depth == 0;
    if (line->length >= 2 && memcmp(line->bytes, "- ", 2) == 0) {
        cut_front(line, 2);
        return read_item(reader, line);
    }
    if (reader->list && reader->item && line->depth == reader->depth + 1)
        return read_item_key(reader, line);
    return read_key(reader, line);
}

const Value *yaml_lines_read(Arena *arena, const char *bytes, const char *skip)
{
    Reader reader = {
        .arena = arena, .skip = skip, .keys = value_map(arena), .paths = map_new(arena)};
    while (*bytes) {
        Line line = {.bytes = bytes, .length = strcspn(bytes, "\n")};
        bytes += line.length + (bytes[line.length] == '\n');
        size_t spaces = strspn(line.bytes, " ");
        line.depth = spaces / INDENT;
        cut_front(&line, spaces);
        if (spaces % INDENT != 0 || !read_line(&reader, &line))
            return NULL;
    }
    return reader.is_headed || map_count(reader.paths) == 0 ? NULL : reader.keys;
}
