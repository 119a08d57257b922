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
    walk->found(walk->context, origin, true, name, what);
}

/* Where a warning is enough. */
static void remark(const Walk *walk, const Origin *origin, const char *name, const char *what)
{
    walk->found(walk->context, origin, false, name, what);
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
        [TYPE_HOST] = is_safe,
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
    for (size_t i = 0; node->type == DOC_LIST && i < node->list.count; i++) {
        if (doc_is_null(node->list.items[i]))
            report(walk, &node->list.items[i]->origin, row->name, "an empty item");
        else
            walk_scalar(walk, row, node->list.items[i]);
    }
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
        report(walk, child ? &child->origin : &node->origin, schema->name,
               "a needed field is missing");
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
            remark(walk, &node->map.key_nodes[i]->origin, node->map.keys[i], "an unknown field");
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
    bool is_password_map = row->type == TYPE_PASSWORD && node->type == DOC_MAP;
    if (doc_is_null(node) && row->type < TYPE_TEXTS)
        remark(walk, &node->origin, row->name, "empty");
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
    if (vars && vars->type != DOC_MAP && !doc_is_null(vars))
        report(walk, &vars->origin, "vars", "no map");
    for (size_t i = 0; vars && vars->type == DOC_MAP && i < vars->map.count; i++) {
        const Parameter *row = params_find(vars->map.keys[i], NULL);
        if (row)
            walk_node(walk, row, vars->map.values[i]);
        else if (!params_foreign_module(vars->map.keys[i]))
            remark(walk, &vars->map.key_nodes[i]->origin, vars->map.keys[i], "unknown");
    }
}

static void walk_hosts(const Walk *walk, const DocNode *hosts)
{
    if (hosts && hosts->type != DOC_MAP && !doc_is_null(hosts))
        report(walk, &hosts->origin, "hosts", "no map");
    for (size_t i = 0; hosts && hosts->type == DOC_MAP && i < hosts->map.count; i++) {
        if (is_address(NULL, hosts->map.keys[i]))
            walk_vars(walk, hosts->map.values[i]);
        else
            report(walk, &hosts->map.key_nodes[i]->origin, hosts->map.keys[i], "no address");
    }
}

/* The first key that is none of the words, or the count. */
static size_t first_stranger(const DocNode *map, size_t from, const char *words)
{
    const Parameter row = {.words = words};
    size_t i = from;
    while (i < map->map.count && is_word(&row, map->map.keys[i]))
        i++;
    return i;
}

/* `words`: the keys that a map of the outer levels may have. */
static void walk_keys(const Walk *walk, const DocNode *map, const char *words)
{
    size_t count = map->type == DOC_MAP ? map->map.count : 0;
    for (size_t i = 0; i < count; i++) {
        if (first_stranger(map, i, words) == i)
            report(walk, &map->map.key_nodes[i]->origin, map->map.keys[i], "misplaced");
    }
    if (map->type != DOC_MAP && !doc_is_null(map))
        report(walk, &map->origin, words, "no map");
}

static void walk_group(const Walk *walk, const DocNode *key, const DocNode *group)
{
    const DocNode *vars = doc_get(group, "vars"), *hosts = doc_get(group, "hosts");
    walk_keys(walk, group, "hosts|vars");
    walk_vars(walk, vars);
    walk_hosts(walk, hosts);
    bool has_vars = vars && vars->type == DOC_MAP && vars->map.count > 0;
    bool has_hosts = hosts && hosts->type == DOC_MAP && hosts->map.count > 0;
    if (has_vars && !has_hosts)
        remark(walk, &key->origin, key->text, "variables for nobody");
}

/* What stands beside all is a group, or misplaced as a whole. */
static void walk_beside(const Walk *walk, const DocNode *key, const DocNode *node)
{
    bool is_group =
        node->type == DOC_MAP && first_stranger(node, 0, "hosts|vars|children") == node->map.count;
    if (is_group)
        walk_group(walk, key, node);
    else
        report(walk, &key->origin, key->text, "misplaced");
}

void suspect_walk(const DocNode *root, SuspectFunction *found, void *context)
{
    Walk walk = {found, context};
    const DocNode *all = doc_get(root, "all");
    if (!all || (all->type != DOC_MAP && !doc_is_null(all))) {
        report(&walk, all ? &all->origin : &root->origin, "all", "is no map");
        return;
    }
    walk_keys(&walk, all, "vars|children|hosts");
    walk_vars(&walk, doc_get(all, "vars"));
    walk_hosts(&walk, doc_get(all, "hosts"));
    const DocNode *children = doc_get(all, "children");
    if (children && children->type != DOC_MAP && !doc_is_null(children))
        report(&walk, &children->origin, "children", "no map");
    for (size_t i = 0; children && children->type == DOC_MAP && i < children->map.count; i++)
        walk_group(&walk, children->map.key_nodes[i], children->map.values[i]);
    for (size_t i = 0; i < root->map.count; i++) {
        if (root->map.values[i] != all)
            walk_beside(&walk, root->map.key_nodes[i], root->map.values[i]);
    }
}
