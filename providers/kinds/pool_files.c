/*
 * The formats are PgBouncer's: its documentation, pgbouncer.ini(5), "Section [databases]",
 * "Section [users]" and "Authentication file format".
 */
#include "providers/kinds/pool_files.h"

#include <string.h>

#include "base/text.h"
#include "schema/contract/content.h"

/* --- pgbouncer.ini ---------------------------------------------------------------------------- */

const char *pool_ini_render(Arena *arena, const Value *keys)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    const char *section = "";
    text_add(&out, POOL_HEADER);
    for (size_t i = 0; i < value_count(keys); i++) {
        const char *key = keys->map.keys[i];
        const char *value = value_as_text(keys->map.values[i], "");
        size_t length = strcspn(key, "/");
        if (strncmp(section, key, length + 1) != 0)
            text_addf(&out, "\n[%.*s]\n", (int)length, key);
        section = key;
        const char *name = key + length + (key[length] == '/');
        text_addf(&out, name[0] == '%' ? "%s %s\n" : "%s = %s\n", name, value);
    }
    return text_copy(&out, arena);
}

/* Blanks around a text taken off; the text is changed. */
static char *trimmed(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]))
        text[--length] = '\0';
    return text;
}

static bool is_comment(const char *line)
{
    return line[0] == '\0' || line[0] == ';' || line[0] == '#';
}

/* "%include PATH" and what is no assignment: cut at the first blank. */
static void read_setting(Arena *arena, Value *keys, const char *section, char *line)
{
    char *cut = line[0] == '%' ? strpbrk(line, " \t") : strchr(line, '=');
    const char *value = "";
    if (cut) {
        *cut = '\0';
        value = trimmed(cut + 1);
    }
    value_set_text(arena, keys, arena_printf(arena, "%s/%s", section, trimmed(line)), value);
}

const Value *pool_ini_read(Arena *arena, const char *text)
{
    Value *keys = value_map(arena);
    char **lines;
    size_t count = text_split(arena, text, '\n', &lines);
    const char *section = "";
    for (size_t i = 0; i < count; i++) {
        char *line = trimmed(lines[i]);
        size_t length = strlen(line);
        if (line[0] == '[' && line[length - 1] == ']')
            section = arena_strndup(arena, line + 1, length - 2);
        else if (!is_comment(line))
            read_setting(arena, keys, section, line);
    }
    return keys;
}

/* --- names and quotes ------------------------------------------------------------------------- */

static void add_name(Text *out, const char *name)
{
    text_add_char(out, '"');
    for (; *name; name++) {
        if (*name == '"')
            text_add_char(out, '"');
        text_add_char(out, *name);
    }
    text_add_char(out, '"');
}

/* PgBouncer 1.18 knows no quotes in its sections, but most names need none. */
static void add_key(Text *out, const char *name)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-*";
    if (name[strspn(name, plain)] == '\0')
        text_add(out, name);
    else
        add_name(out, name);
}

/* A name in double quotes, "" in it standing for one; or a bare word. What follows is *ret_rest;
 * NULL when the quotes do not end. */
static const char *read_name(Arena *arena, const char *line, const char **ret_rest)
{
    if (line[0] != '"') {
        size_t length = strcspn(line, " \t=");
        *ret_rest = line + length;
        return arena_strndup(arena, line, length);
    }
    CLEANUP(text_release) Text name = TEXT_INIT;
    const char *at = line + 1;
    while (*at && !(at[0] == '"' && at[1] != '"')) {
        at += at[0] == '"';
        text_add_char(&name, *at++);
    }
    *ret_rest = at + 1;
    return *at ? text_copy(&name, arena) : NULL;
}

/* --- database.txt, useropts.txt --------------------------------------------------------------- */

const char *pool_lines_render(Arena *arena, const Value *entries)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_add(&out, POOL_HEADER);
    for (size_t i = 0; i < value_count(entries); i++) {
        add_key(&out, entries->map.keys[i]);
        text_addf(&out, " = %s\n", value_as_text(entries->map.values[i], ""));
    }
    return text_copy(&out, arena);
}

static const char *one_blank(Arena *arena, const char *text)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    char **words;
    size_t count = text_words(arena, text, false, &words);
    for (size_t i = 0; i < count; i++)
        text_addf(&out, "%s%s", i ? " " : "", words[i]);
    return text_copy(&out, arena);
}

const Value *pool_lines_read(Arena *arena, const char *text)
{
    Value *entries = value_map(arena);
    char **lines;
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *line = trimmed(lines[i]);
        const char *rest = "";
        if (is_comment(line))
            continue;
        const char *name = read_name(arena, line, &rest);
        rest = name ? rest + strspn(rest, " \t") : "";
        rest += rest[0] == '=';
        value_set_text(arena, entries, name ? name : line, one_blank(arena, rest));
    }
    return entries;
}

/* --- userlist.txt ----------------------------------------------------------------------------- */

const Value *pool_userlist_render(Arena *arena, const Value *verifiers)
{
    Value *pieces = value_list(arena);
    for (size_t i = 0; i < value_count(verifiers); i++) {
        CLEANUP(text_release) Text name = TEXT_INIT;
        add_name(&name, verifiers->map.keys[i]);
        text_add_char(&name, ' ');
        value_push(arena, pieces, value_text(arena, text_get(&name)));
        value_push(arena, pieces, content_piece(arena, "userlist", verifiers->map.values[i]));
        value_push(arena, pieces, value_text(arena, "\n"));
    }
    return pieces;
}

static bool read_entry(Arena *arena, Value *verifiers, const char *line)
{
    const char *rest = "";
    const char *name = line[0] == '"' ? read_name(arena, line, &rest) : NULL;
    if (!name)
        return false;
    rest += strspn(rest, " \t");
    const char *verifier = rest[0] == '"' ? read_name(arena, rest, &rest) : NULL;
    if (!verifier)
        return false;
    value_set_text(arena, verifiers, name, verifier);
    return true;
}

const Value *pool_userlist_read(Arena *arena, const char *text)
{
    Value *verifiers = value_map(arena);
    char **lines;
    size_t count = text_split(arena, text, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        const char *line = trimmed(lines[i]);
        if (!is_comment(line) && !read_entry(arena, verifiers, line))
            value_set_text(arena, verifiers, line, "");
    }
    return verifiers;
}
