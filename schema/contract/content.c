#include "schema/contract/content.h"

#include <string.h>

#include "base/text.h"

/* Double `special` characters: the way of SQL strings, userlist.txt and single-quoted YAML. */
static void add_doubled(Text *out, const char *text, char special, const char *mark)
{
    text_add(out, mark);
    for (const char *c = text; *c; c++) {
        if (*c == special)
            text_add_char(out, special);
        text_add_char(out, *c);
    }
    text_add(out, mark);
}

static Error *quote_yaml(Text *out, const char *text)
{
    if (!strpbrk(text, "\n\r\t")) {
        add_doubled(out, text, '\'', "'");
        return NULL;
    }
    text_add_char(out, '"');
    for (const char *c = text; *c; c++) {
        static const char from[] = "\n\r\t\"\\", to[] = "nrt\"\\";
        const char *special = strchr(from, *c);
        if (special)
            text_add_char(out, '\\');
        text_add_char(out, *(special ? &to[special - from] : c));
    }
    text_add_char(out, '"');
    return NULL;
}

static Error *quote_userlist(Text *out, const char *text)
{
    if (strpbrk(text, "\n\r"))
        return error_new(ERROR_INVALID, "a line break cannot stand in PgBouncer's user list");
    add_doubled(out, text, '"', "\"");
    return NULL;
}

static Error *quote_conf(Text *out, const char *text)
{
    if (strpbrk(text, "\n\r"))
        return error_new(ERROR_INVALID, "a line break cannot stand in postgresql.conf");
    text_add_char(out, '\'');
    for (const char *c = text; *c; c++) {
        if (*c == '\'' || *c == '\\')
            text_add_char(out, *c);
        text_add_char(out, *c);
    }
    text_add_char(out, '\'');
    return NULL;
}

static Error *quote_pgpass(Text *out, const char *text)
{
    if (strpbrk(text, "\n\r"))
        return error_new(ERROR_INVALID, "a line break cannot stand in a password file");
    for (const char *c = text; *c; c++) {
        if (*c == ':' || *c == '\\')
            text_add_char(out, '\\');
        text_add_char(out, *c);
    }
    return NULL;
}

/* A word of HAProxy's files. */
static Error *quote_haproxy(Text *out, const char *text)
{
    if (strpbrk(text, "\n\r"))
        return error_new(ERROR_INVALID, "a line break cannot stand in HAProxy's configuration");
    for (const char *c = text; *c; c++) {
        if (strchr(" \t\\\"'#", *c))
            text_add_char(out, '\\');
        text_add_char(out, *(*c == '\t' ? "t" : c));
    }
    return NULL;
}

static Error *quote_plain(Text *out, const char *text)
{
    text_add(out, text);
    return NULL;
}

static const struct {
    const char *name;
    Error *(*quote)(Text *out, const char *text);
} quotes[] = {
    {"yaml", quote_yaml},     {"userlist", quote_userlist}, {"conf", quote_conf},
    {"pgpass", quote_pgpass}, {"haproxy", quote_haproxy},   {"plain", quote_plain},
};

const Value *content_piece(Arena *arena, const char *quote, const Value *value)
{
    Value *piece = value_map(arena);
    value_set_text(arena, piece, "quote", quote);
    value_set(arena, piece, "value", value);
    return piece;
}

static Error *render_piece(Text *out, const Value *piece)
{
    if (piece->type == VALUE_TEXT) {
        text_add(out, piece->text);
        return NULL;
    }
    const char *quote = value_get_text(piece, "quote");
    const char *text = value_as_text(value_get(piece, "value"), NULL);
    if (!text)
        return error_new(ERROR_INVALID, "the content has a secret that was not filled in");
    for (size_t i = 0; i < COUNT_OF(quotes); i++) {
        if (strcmp(quotes[i].name, quote) == 0)
            return quotes[i].quote(out, text);
    }
    return error_new(ERROR_INVALID, "'%s' is no way to quote a value", quote);
}

Error *content_render(Arena *arena, const Value *content, const char **ret_text)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    if (!content || content->type != VALUE_LIST) {
        *ret_text = value_as_text(content, NULL);
        return *ret_text ? NULL : error_new(ERROR_INVALID, "the content is neither text nor list");
    }
    for (size_t i = 0; i < value_count(content); i++)
        TRY(render_piece(&out, value_at(content, i)));
    *ret_text = text_copy(&out, arena);
    return NULL;
}
