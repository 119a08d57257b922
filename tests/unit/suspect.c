#include "suspect.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "schema/params.h"

typedef struct Walk {
    SuspectFunction *found;
    void *context;
} Walk;

static void report(const Walk *walk, const Origin *origin, const char *name, const char *what)
{
    walk->found(walk->context, origin, name, what);
}

/* Could `text` be a value of the row? */
typedef bool CheckFunction(const Parameter *row, const char *text);

static bool has_only(const char *text, const char *bytes)
{
    return *text && text[strspn(text, bytes)] == '\0';
}

static bool is_bool(const Parameter *row, const char *text)
{
    (void)row;
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off"};
    for (size_t i = 0; i < COUNT_OF(words); i++) {
        if (strcasecmp(words[i], text) == 0)
            return true;
    }
    return false;
}

static bool is_int(const Parameter *row, const char *text)
{
    if (!has_only(text + (*text == '-'), "0123456789"))
        return false;
    long long number = strtoll(text, NULL, 10);
    return row->max == 0 || (number >= row->min && number <= row->max);
}

static bool is_word(const Parameter *row, const char *text)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    char **parts;
    size_t count = text_split(arena, row->words, '|', &parts);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(parts[i], text) == 0)
            return true;
    }
    return false;
}

static bool is_real(const Parameter *row, const char *text)
{
    (void)row;
    return has_only(text, "0123456789.");
}

static bool is_port(const Parameter *row, const char *text)
{
    (void)row;
    return has_only(text, "0123456789") && *text != '0' && strtoll(text, NULL, 10) <= 65535;
}

static bool is_address(const Parameter *row, const char *text)
{
    (void)row;
    struct in_addr binary;
    return inet_pton(AF_INET, text, &binary) == 1;
}

static bool is_network(const Parameter *row, const char *text)
{
    char address[32] = "";
    size_t length = strcspn(text, "/");
    if (length >= sizeof(address))
        return false;
    memcpy(address, text, length);
    return is_address(row, address);
}

static bool begins_with_digit(const Parameter *row, const char *text)
{
    (void)row;
    return isdigit((unsigned char)*text);
}

static bool is_safe(const Parameter *row, const char *text)
{
    (void)row;
    return *text && *text != '-' && !strpbrk(text, " \t\n'\"\\$`;&|<>()");
}

static bool is_path(const Parameter *row, const char *text)
{
    return (*text == '/' || *text == '~') && is_safe(row, text);
}

static bool could_be(const Parameter *row, const char *text)
{
    static CheckFunction *const checks[TYPE_COUNT] = {
        [TYPE_BOOL] = is_bool,
        [TYPE_INT] = is_int,
        [TYPE_INT_OR_WORD] = is_int,
        [TYPE_REAL] = is_real,
        [TYPE_ENUM] = is_word,
        [TYPE_PATH] = is_path,
        [TYPE_PORT] = is_port,
        [TYPE_PORTS] = is_port,
        [TYPE_IP] = is_address,
        [TYPE_CIDR] = is_network,
        [TYPE_CIDRS] = is_network,
        [TYPE_SIZE] = begins_with_digit,
        [TYPE_INTERVAL] = begins_with_digit,
        [TYPE_TOKEN] = is_safe,
        [TYPE_USERNAME] = is_safe,
    };
    if (row->words && is_word(row, text))
        return true;
    return !checks[row->type] || checks[row->type](row, text);
}

static bool is_template(const DocNode *node)
{
    return node->type == DOC_SCALAR && strstr(node->text, "{{");
}

static void walk_scalar(const Walk *walk, const Parameter *row, const DocNode *node)
{
    if (node->type != DOC_SCALAR)
        report(walk, &node->origin, row->name, "no scalar");
    else if (is_template(node))
        report(walk, &node->origin, row->name, "a template");
    else if (!could_be(row, node->text))
        report(walk, &node->origin, row->name, node->text);
}

static void walk_list(const Walk *walk, const Parameter *row, const DocNode *node)
{
    if (node->type == DOC_MAP)
        report(walk, &node->origin, row->name, "a map instead of a list");
    for (size_t i = 0; node->type == DOC_LIST && i < node->list.count; i++)
        walk_scalar(walk, row, node->list.items[i]);
    if (node->type == DOC_SCALAR)
        walk_scalar(walk, row, node);
}

static void walk_text_map(const Walk *walk, const Parameter *row, const DocNode *node)
{
    static const Parameter item = {.name = "value", .type = TYPE_TEXT};
    if (node->type != DOC_MAP)
        report(walk, &node->origin, row->name, "no map");
    for (size_t i = 0; node->type == DOC_MAP && i < node->map.count; i++)
        walk_scalar(walk, &item, node->map.values[i]);
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static void walk_node(const Walk *walk, const Parameter *row, const DocNode *node);

static bool has_required(const Walk *walk, const ParameterSchema *schema, const DocNode *node)
{
    bool has_all = true;
    for (size_t i = 0; i < schema->field_count; i++) {
        const DocNode *child = doc_get(node, schema->fields[i].name);
        if (!(schema->fields[i].flags & PARAMETER_REQUIRED) || (child && !doc_is_null(child)))
            continue;
        report(walk, &node->origin, schema->name, "a needed field is missing");
        has_all = false;
    }
    return has_all;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static void walk_fields(const Walk *walk, const ParameterSchema *schema, const DocNode *node)
{
    if (!has_required(walk, schema, node))
        return;
    for (size_t i = 0; i < node->map.count; i++) {
        const Parameter *field = params_field(schema, node->map.keys[i]);
        if (!field && !schema->is_open)
            report(walk, &node->map.key_nodes[i]->origin, node->map.keys[i], "an unknown field");
        if (field)
            walk_node(walk, field, node->map.values[i]);
    }
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static void walk_object(const Walk *walk, const Parameter *row, const DocNode *node)
{
    const ParameterSchema *schema = row->schema;
    bool fits = schema->is_positional    ? node->type == DOC_LIST
                : node->type == DOC_MAP  ? true
                : node->type == DOC_LIST ? false
                                         : schema->text_field && !doc_is_null(node);
    if (!fits)
        report(walk, &node->origin, schema->name, "no object");
    else if (schema->is_positional && node->list.count != schema->field_count)
        report(walk, &node->origin, schema->name, "too few or too many");
    else if (node->type == DOC_MAP)
        walk_fields(walk, schema, node);
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static void walk_objects(const Walk *walk, const Parameter *row, const DocNode *node)
{
    bool is_map = row->type == TYPE_OBJECT_MAP;
    if (node->type != (is_map ? DOC_MAP : DOC_LIST)) {
        report(walk, &node->origin, row->name, "no list or map of objects");
        return;
    }
    size_t count = is_map ? node->map.count : node->list.count;
    for (size_t i = 0; i < count; i++)
        walk_object(walk, row, is_map ? node->map.values[i] : node->list.items[i]);
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static void walk_node(const Walk *walk, const Parameter *row, const DocNode *node)
{
    /* nothing means "not written" */
    bool is_password_map = row->type == TYPE_PASSWORD && node->type == DOC_MAP;
    if (doc_is_null(node) || row->type == TYPE_ANY || is_password_map)
        return;
    if (row->type < TYPE_TEXTS)
        walk_scalar(walk, row, node);
    else if (row->type == TYPE_TEXT_MAP)
        walk_text_map(walk, row, node);
    else if (row->type == TYPE_OBJECT)
        walk_object(walk, row, node);
    else if (row->schema)
        walk_objects(walk, row, node);
    else
        walk_list(walk, row, node);
}

static void walk_vars(const Walk *walk, const DocNode *vars)
{
    for (size_t i = 0; vars && vars->type == DOC_MAP && i < vars->map.count; i++) {
        const Parameter *row = params_find(vars->map.keys[i], NULL);
        if (row)
            walk_node(walk, row, vars->map.values[i]);
        else if (!params_foreign_module(vars->map.keys[i]))
            report(walk, &vars->map.key_nodes[i]->origin, vars->map.keys[i], "unknown");
    }
}

static void walk_group(const Walk *walk, const DocNode *group)
{
    walk_vars(walk, doc_get(group, "vars"));
    const DocNode *hosts = doc_get(group, "hosts");
    for (size_t i = 0; hosts && hosts->type == DOC_MAP && i < hosts->map.count; i++) {
        if (is_address(NULL, hosts->map.keys[i]))
            walk_vars(walk, hosts->map.values[i]);
        else
            report(walk, &hosts->map.key_nodes[i]->origin, hosts->map.keys[i], "no address");
    }
}

void suspect_walk(const DocNode *root, SuspectFunction *found, void *context)
{
    Walk walk = {found, context};
    const DocNode *all = doc_get(root, "all");
    if (!all || (all->type != DOC_MAP && !doc_is_null(all))) {
        report(&walk, all ? &all->origin : &root->origin, "all", "is no map");
        return;
    }
    walk_vars(&walk, doc_get(all, "vars"));
    const DocNode *children = doc_get(all, "children");
    for (size_t i = 0; children && children->type == DOC_MAP && i < children->map.count; i++)
        walk_group(&walk, children->map.values[i]);
}
