#include "schema/yaml_text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "schema/typing.h"

enum { LINE_COLUMNS = 96, KEY_COLUMNS = 32, FLOW_DEPTH = 2, INDENT = 2 };

/* -- on one line ----------------------------------------------------------------------------- */

/* What YAML 1.1 readers take for something else. */
static bool is_reserved(const char *text)
{
    static const char *const words[] = {"y",   "n",    "yes",   "no",  "on",
                                        "off", "true", "false", "null"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcasecmp(words[i], text) == 0)
            return true;
    }
    return false;
}

/* "64MB", "30s": digits with a letter that no number has. */
static bool is_amount(const char *text)
{
    const char *unit = text + strspn(text, "0123456789");
    return unit > text && *unit && strspn(unit, "kmgtpshinuBKMGTP") == strlen(unit) &&
           strpbrk(unit, "kmgtpshinuKMGTP");
}

static bool is_plain(const char *text)
{
    if (typing_is_ipv4(text, true) || is_amount(text))
        return true;
    if (!isalpha((unsigned char)*text) && *text != '/' && *text != '_')
        return false;
    for (const char *c = text; *c; c++) {
        if (!isalnum((unsigned char)*c) && !strchr("_./@+-", *c))
            return false;
    }
    return !is_reserved(text);
}

void yaml_add_text(Text *out, const char *text)
{
    if (is_plain(text))
        text_add(out, text);
    else
        text_add_quoted(out, text);
}

static bool is_container(const Value *value)
{
    return value->type == VALUE_LIST || value->type == VALUE_MAP;
}

/* NOLINTNEXTLINE(misc-no-recursion): FLOW_DEPTH bounds it */
static void add_flow(Text *out, const Value *value)
{
    bool is_map = value->type == VALUE_MAP;
    if (value->type == VALUE_TEXT)
        yaml_add_text(out, value->text);
    else if (!is_container(value))
        value_format(out, value);
    if (!is_container(value))
        return;
    const char *blank = is_map && value_count(value) > 0 ? " " : "";
    text_addf(out, "%s%s", is_map ? "{" : "[", blank);
    for (size_t i = 0; i < value_count(value); i++) {
        text_add(out, i ? ", " : "");
        if (is_map) {
            yaml_add_text(out, value->map.keys[i]);
            text_add(out, ": ");
        }
        add_flow(out, is_map ? value->map.values[i] : value->list.items[i]);
    }
    text_addf(out, "%s%s", blank, is_map ? "}" : "]");
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static size_t depth_of(const Value *value)
{
    size_t deepest = 0;
    for (size_t i = 0; i < value_count(value); i++) {
        bool is_map = value->type == VALUE_MAP;
        size_t depth = depth_of(is_map ? value->map.values[i] : value->list.items[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return is_container(value) ? deepest + 1 : 0;
}

static bool is_one_line(const Value *value, size_t column)
{
    if (!is_container(value))
        return true;
    if (depth_of(value) > FLOW_DEPTH)
        return false;
    CLEANUP(text_release) Text text = TEXT_INIT;
    add_flow(&text, value);
    return column + text_columns(text_get(&text)) <= LINE_COLUMNS;
}

/* -- on several lines ------------------------------------------------------------------------ */

static void new_line(Text *out, size_t indent)
{
    text_add_char(out, '\n');
    text_add_repeat(out, " ", indent);
}

static void add_value(Text *out, const Value *value, size_t indent, bool may_be_one_line);

/* Entries at `indent`; the first goes on where the line is.
 * NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static void add_map(Text *out, const Value *map, size_t indent)
{
    for (size_t i = 0; i < value_count(map); i++) {
        if (i > 0)
            new_line(out, indent);
        yaml_add_text(out, map->map.keys[i]);
        text_add_char(out, ':');
        add_value(out, map->map.values[i], indent, true);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static void add_items(Text *out, const Value *list, size_t indent)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *item = list->list.items[i];
        if (i > 0)
            new_line(out, indent);
        text_add(out, "- ");
        if (is_one_line(item, indent + INDENT))
            add_flow(out, item);
        else if (item->type == VALUE_MAP)
            add_map(out, item, indent + INDENT);
        else
            add_items(out, item, indent + INDENT);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static void add_value(Text *out, const Value *value, size_t indent, bool may_be_one_line)
{
    if (may_be_one_line && is_one_line(value, indent + KEY_COLUMNS)) {
        text_add_char(out, ' ');
        add_flow(out, value);
        return;
    }
    new_line(out, indent + INDENT);
    if (value->type == VALUE_MAP)
        add_map(out, value, indent + INDENT);
    else
        add_items(out, value, indent + INDENT);
}

void yaml_add_value(Text *out, const Value *value, size_t indent)
{
    bool has_entries =
        value->type == VALUE_LIST && value_count(value) > 0 && is_container(value->list.items[0]);
    add_value(out, value, indent, !has_entries);
}
