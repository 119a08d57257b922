#include "schema/typing.h"

#include <string.h>

#include "base/text.h"
#include "schema/secret_name.h"
#include "schema/stray_key.h"
#include "schema/typing_internal.h"

typedef const Value *ReadFunction(const Reader *reader, const Step *step, const DocNode *node,
                                  const Parameter *row);

static ReadFunction read_node;

const Value *typing_wrong(const Reader *reader, const Step *step, const DocNode *node,
                          const char *wanted)
{
    diagnostics_add(reader->typing->diagnostics, "E002", &node->origin, NULL,
                    "%s must be %s, this is %s", step->name, wanted, doc_type_name(node));
    return NULL;
}

/* The document has complained about tags that nobody knows; their values are not read. */
static bool tag_is_fine(const Reader *reader, const Step *step, const DocNode *node,
                        ParameterType type)
{
    if (!node->tag || text_starts_with(node->tag, "tag:yaml.org,2002:") ||
        text_equal(node->tag, "!") || text_equal(node->tag, "!unsafe"))
        return true;
    if (!typing_is_encrypted(node) || type == TYPE_PASSWORD || type == TYPE_ANY)
        return typing_is_encrypted(node);
    diagnostics_add(reader->typing->diagnostics, "E045", &node->origin,
                    "Write it as it is: plans and files show it. Encrypt passwords and keys.",
                    "%s is no secret and cannot be encrypted", step->name);
    return false;
}

/* {from_env: …} stands for a text that nobody sees; other values are shown everywhere. What a
 * parameter that nobody knows is, nobody knows. */
static bool source_is_fine(const Reader *reader, const Step *step, const DocNode *node,
                           const Parameter *row)
{
    bool may_be_secret = row->type == TYPE_PASSWORD || *row->name == '\0';
    const char *source = may_be_secret ? NULL : typing_secret_source(node);
    if (source)
        diagnostics_add(reader->typing->diagnostics, "E002", &node->origin,
                        "Write the value itself: plans and files show it.",
                        "%s is for secrets; %s is not one", source, step->name);
    return !source;
}

static bool is_fine(const Reader *reader, const Step *step, const DocNode *node,
                    const Parameter *row)
{
    return tag_is_fine(reader, step, node, row->type) && source_is_fine(reader, step, node, row);
}

static const Value *read_scalar(const Reader *reader, const Step *step, const DocNode *node,
                                const Parameter *row)
{
    if (!is_fine(reader, step, node, row))
        return NULL;
    if (node->type != DOC_SCALAR)
        return typing_wrong(reader, step, node, params_type_name(row->type));
    ScalarContext context = {reader->typing, step->name, reader->placeholders,
                             &reader->typed->placeholders, false};
    return scalar_read(&context, node, row);
}

/* A scalar can stand for a list or map of one. */
static size_t entry_count(const DocNode *node)
{
    if (node->type == DOC_SCALAR)
        return doc_is_null(node) ? 0 : 1;
    return node->type == DOC_LIST ? node->list.count : node->map.count;
}

static Value *new_container(const Reader *reader, ValueType type, const DocNode *node)
{
    Value *value = places_new(reader->typing->places, &node->origin);
    value->type = type;
    value_reserve(reader->typing->arena, value, entry_count(node));
    return value;
}

/* "-" with nothing behind it is neither a value nor the absence of one. */
static bool is_item(const Reader *reader, const Step *step, const DocNode *node)
{
    if (doc_is_null(node))
        diagnostics_add(reader->typing->diagnostics, "E002", &node->origin,
                        "Remove it, or put it into quotes.", "%s has an empty item", step->name);
    return !doc_is_null(node);
}

/* A list of scalars of one type; a scalar alone is a list of one, nothing is an empty list. */
static const Value *read_list(const Reader *reader, const Step *step, const DocNode *node,
                              const Parameter *row)
{
    static const ParameterType item_types[TYPE_COUNT] = {
        [TYPE_TEXTS] = TYPE_TEXT, [TYPE_PORTS] = TYPE_PORT, [TYPE_CIDRS] = TYPE_CIDR};
    Parameter item = {.name = step->name, .type = item_types[row->type]};
    Value *list = new_container(reader, VALUE_LIST, node);
    bool is_list = node->type == DOC_LIST;
    if (doc_is_null(node))
        return list;
    if (node->type == DOC_MAP)
        return typing_wrong(reader, step, node, "a list");
    for (size_t i = 0; i < (is_list ? node->list.count : 1); i++) {
        const DocNode *child = is_list ? node->list.items[i] : node;
        const Value *value =
            is_item(reader, step, child) ? read_scalar(reader, step, child, &item) : NULL;
        if (value)
            value_push(reader->typing->arena, list, value);
    }
    return list;
}

static const Value *read_text_map(const Reader *reader, const Step *step, const DocNode *node,
                                  const Parameter *row)
{
    (void)row;
    Value *map = new_container(reader, VALUE_MAP, node);
    if (doc_is_null(node))
        return map;
    if (node->type != DOC_MAP)
        return typing_wrong(reader, step, node, "a map");
    for (size_t i = 0; i < node->map.count; i++) {
        Step below = {step, node->map.keys[i]};
        Parameter item = {.name = below.name, .type = TYPE_TEXT};
        const DocNode *child = node->map.values[i];
        const Value *value =
            doc_is_null(child) ? &value_null : read_scalar(reader, &below, child, &item);
        if (value)
            value_add(reader->typing->arena, map, below.name, value);
    }
    return map;
}

/* Whatever it looks like. NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the document's */
static const Value *read_any(const Reader *reader, const Step *step, const DocNode *node,
                             const Parameter *row)
{
    if (typing_is_encrypted(node))
        return typing_read_encrypted(reader, step, node);
    if (typing_secret_source(node) && secret_name(step->name))
        return typing_read_password(reader, step, node, row);
    if (!source_is_fine(reader, step, node, row))
        return NULL;
    if (step->name && secret_name(step->name) && node->type == DOC_SCALAR && !doc_is_null(node))
        return typing_hole(reader, step, &node->origin, SECRET_PLAIN, node->text);
    if (node->type == DOC_SCALAR) {
        ScalarContext context = {reader->typing, step->name, reader->placeholders,
                                 &reader->typed->placeholders, false};
        return scalar_guess(&context, node);
    }
    Value *value = new_container(reader, node->type == DOC_LIST ? VALUE_LIST : VALUE_MAP, node);
    size_t count = entry_count(node);
    Arena *arena = reader->typing->arena;
    for (size_t i = 0; i < count; i++) {
        bool is_list = node->type == DOC_LIST;
        const char *name = is_list ? arena_number(arena, i) : node->map.keys[i];
        Step below = {step, name};
        const DocNode *child = is_list ? node->list.items[i] : node->map.values[i];
        const Value *item = read_any(reader, &below, child, row);
        if (!item)
            continue;
        if (is_list)
            value_push(arena, value, item);
        else
            value_add(arena, value, name, item);
    }
    return value;
}

static void report_unknown_field(const Reader *reader, const ParameterSchema *schema,
                                 const DocNode *key, const DocNode *value)
{
    Diagnostics *diagnostics = reader->typing->diagnostics;
    const ParameterRename *rename = params_renamed_field(schema, key->text);
    if (rename) {
        diagnostics_add(diagnostics, "E001", &key->origin, rename->note, "%s %s", key->text,
                        params_rename_text(reader->typing->arena, rename))
            ->width = strlen(key->text);
        return;
    }
    const char *near = params_nearest_field(schema, key->text);
    if (near && secret_name(near))
        diagnostics_hide(diagnostics, &value->origin, value->end_line, value->end_column);
    const char *advice =
        near ? arena_printf(reader->typing->arena, "Did you mean %s?", near) : NULL;
    diagnostics_add(diagnostics, "W001", &key->origin, advice, "unknown key %s of a %s, ignored",
                    key->text, schema->name)
        ->width = strlen(key->text);
}

/* Is the field there under its old name? */
static bool is_renamed(const ParameterSchema *schema, const DocNode *node, const Parameter *field)
{
    for (size_t i = 0; i < node->map.count; i++) {
        const ParameterRename *rename = params_renamed_field(schema, node->map.keys[i]);
        if (rename && strcmp(rename->new_name, field->name) == 0)
            return true;
    }
    return false;
}

static bool check_required(const Reader *reader, const ParameterSchema *schema, const DocNode *node)
{
    bool fine = true;
    for (size_t i = 0; i < schema->field_count; i++) {
        const Parameter *field = &schema->fields[i];
        if (!(field->flags & PARAMETER_REQUIRED))
            continue;
        const DocNode *child = doc_get(node, field->name);
        bool is_empty = child && child->type == DOC_SCALAR && *child->text == '\0';
        if (child && !is_empty && !doc_is_null(child))
            continue;
        if (!is_renamed(schema, node, field))
            diagnostics_add(
                reader->typing->diagnostics, "E047", child ? &child->origin : &node->origin, NULL,
                child ? "a %s with an empty %s" : "a %s without %s", schema->name, field->name);
        fine = false;
    }
    return fine;
}

/* One that is there and wrong was reported: without it the object says nothing. */
static bool has_required(const ParameterSchema *schema, const Value *map)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const Parameter *field = &schema->fields[i];
        if (field->flags & PARAMETER_REQUIRED && !value_get(map, field->name))
            return false;
    }
    return true;
}

/* Of a key that is no field. What looks secret, or nearly has the name of a secret, is one. */
static ParameterType open_type(const Reader *reader, const ParameterSchema *schema,
                               const char *name, const DocNode *value)
{
    if (secret_name(name))
        return TYPE_PASSWORD;
    const char *near = params_nearest_field(schema, name);
    if (!near || !secret_name(near))
        return schema->open_type;
    diagnostics_hide(reader->typing->diagnostics, &value->origin, value->end_line,
                     value->end_column);
    return TYPE_PASSWORD;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' and the document's */
static void read_field(const Reader *reader, const Step *step, const ParameterSchema *schema,
                       const DocNode *node, size_t i, Value *map)
{
    const char *name = node->map.keys[i];
    Step below = {step, name};
    const DocNode *child = node->map.values[i];
    const Parameter *field = params_field(schema, name);
    Parameter open = {.name = name};
    if (!field && stray_key_report(reader->typing->diagnostics, node, i))
        return;
    if (!field && !schema->is_open) {
        report_unknown_field(reader, schema, node->map.key_nodes[i], child);
        return;
    }
    if (!field) {
        open.type = open_type(reader, schema, name, child);
        field = &open;
    }
    bool is_empty = field->type < TYPE_TEXTS && doc_is_null(child);
    if (is_empty)
        diagnostics_add(reader->typing->diagnostics, "W051", &node->map.key_nodes[i]->origin, NULL,
                        "%s of a %s is empty, as if it were not written", name, schema->name)
            ->width = strlen(name);
    const Value *value = is_empty ? NULL : read_node(reader, &below, child, field);
    if (value)
        value_add(reader->typing->arena, map, name, value);
}

/* A row of values in the order of the fields. */
static const Value *read_positional(const Reader *reader, const Step *step, const DocNode *node,
                                    const ParameterSchema *schema)
{
    if (node->type != DOC_LIST || node->list.count != schema->field_count) {
        diagnostics_add(reader->typing->diagnostics, "E026", &node->origin, NULL,
                        "%s must be a list of %zu values", step->name, schema->field_count);
        return NULL;
    }
    Value *list = new_container(reader, VALUE_LIST, node);
    for (size_t i = 0; i < node->list.count; i++) {
        Step below = {step, schema->fields[i].name};
        const Value *value = read_scalar(reader, &below, node->list.items[i], &schema->fields[i]);
        if (!value)
            return NULL;
        value_push(reader->typing->arena, list, value);
    }
    return list;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static const Value *read_object(const Reader *reader, const Step *step, const DocNode *node,
                                const Parameter *row)
{
    const ParameterSchema *schema = row->schema;
    if (schema->is_positional)
        return read_positional(reader, step, node, schema);
    Value *map = new_container(reader, VALUE_MAP, node);
    if (node->type == DOC_SCALAR && schema->text_field && !doc_is_null(node)) {
        const Value *text =
            read_scalar(reader, step, node, params_field(schema, schema->text_field));
        if (text)
            value_add(reader->typing->arena, map, schema->text_field, text);
        return text ? map : NULL;
    }
    if (node->type != DOC_MAP) {
        Step entry = {step, arena_printf(reader->typing->arena, "a %s", schema->name)};
        return typing_wrong(reader, &entry, node, "a map");
    }
    bool is_whole = check_required(reader, schema, node);
    for (size_t i = 0; i < node->map.count; i++)
        read_field(reader, step, schema, node, i, map);
    return is_whole && has_required(schema, map) ? map : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static const Value *read_entry(const Reader *reader, const Step *step, const DocNode *node,
                               const Parameter *row)
{
    Step entry = {step, arena_printf(reader->typing->arena, "a %s", row->schema->name)};
    return is_fine(reader, &entry, node, row) ? read_object(reader, step, node, row) : NULL;
}

/* What an entry of a list is called in addresses: its name, else its number. */
static const char *entry_name(const Reader *reader, const DocNode *node, size_t i)
{
    const DocNode *name = doc_get(node, "name");
    if (name && name->type == DOC_SCALAR && *name->text && !strchr(name->text, '|'))
        return name->text;
    return arena_number(reader->typing->arena, i);
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static const Value *read_objects(const Reader *reader, const Step *step, const DocNode *node,
                                 const Parameter *row)
{
    Value *list = new_container(reader, VALUE_LIST, node);
    if (doc_is_null(node))
        return list;
    if (node->type != DOC_LIST)
        return typing_wrong(reader, step, node, "a list");
    for (size_t i = 0; i < node->list.count; i++) {
        Step below = {step, entry_name(reader, node->list.items[i], i)};
        const Value *item = read_entry(reader, &below, node->list.items[i], row);
        if (item)
            value_push(reader->typing->arena, list, item);
    }
    return list;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static const Value *read_object_map(const Reader *reader, const Step *step, const DocNode *node,
                                    const Parameter *row)
{
    bool fine = true;
    Value *map = new_container(reader, VALUE_MAP, node);
    if (doc_is_null(node))
        return map;
    if (node->type != DOC_MAP)
        return typing_wrong(reader, step, node, "a map");
    for (size_t i = 0; i < node->map.count; i++) {
        Step below = {step, node->map.keys[i]};
        bool has_key = scalar_check_key(reader->typing, step->name, node->map.key_nodes[i], row);
        const Value *item = read_entry(reader, &below, node->map.values[i], row);
        fine = fine && item && has_key;
        if (item)
            value_add(reader->typing->arena, map, below.name, item);
    }
    return fine ? map : NULL;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' and the document's */
static const Value *read_node(const Reader *reader, const Step *step, const DocNode *node,
                              const Parameter *row)
{
    static ReadFunction *const readers[TYPE_COUNT] = {
        [TYPE_PASSWORD] = typing_read_password,
        [TYPE_TEXTS] = read_list,
        [TYPE_PORTS] = read_list,
        [TYPE_CIDRS] = read_list,
        [TYPE_TEXT_MAP] = read_text_map,
        [TYPE_OBJECT] = read_object,
        [TYPE_OBJECTS] = read_objects,
        [TYPE_OBJECT_MAP] = read_object_map,
        [TYPE_ANY] = read_any,
    };
    bool is_alone = !readers[row->type]; /* read_scalar looks itself */
    if (!is_alone && !is_fine(reader, step, node, row))
        return NULL;
    ReadFunction *read = is_alone ? read_scalar : readers[row->type];
    return read(reader, step, node, row);
}

Typed typing_read(const Typing *typing, const char *name, const DocNode *node, const Parameter *row)
{
    static const Parameter any = {.name = "", .type = TYPE_ANY};
    Typed typed = {0};
    Reader reader = {typing, &typed, row ? row->placeholders : 0};
    Step step = {NULL, name};
    if (!row)
        row = &any;
    bool is_scalar = row->type < TYPE_TEXTS;
    if (is_scalar && doc_is_null(node))
        diagnostics_add(typing->diagnostics, "W051", &node->origin, NULL,
                        "%s is empty: its default counts", name);
    else
        typed.value = read_node(&reader, &step, node, row);
    return typed;
}
