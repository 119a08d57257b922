/* A JSON Schema of an inventory file. A scalar is judged by what a reader of YAML 1.2 makes of it:
 * each type says which kinds of JSON scalars it takes, and what its texts look like. */
#include <stdlib.h>
#include <string.h>

#include "schema/manual.h"
#include "schema/manual_parts.h"
#include "schema/typing.h"

#define OCTET       "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
#define IPV4        "(" OCTET "\\.){3}" OCTET
#define NO_BRACES   "^(?![\\s\\S]*\\{\\{)"
#define TRUE_WORDS  "true|True|TRUE|yes|Yes|YES|on|On|ON"
#define FALSE_WORDS "false|False|FALSE|no|No|NO|off|Off|OFF"

typedef struct Maker {
    Arena *arena;
    const Registry *registry;
} Maker;

/* What a scalar of a type may be besides a text: JSON types, comma-separated. */
static const struct {
    const char *types, *pattern;
} scalars[TYPE_COUNT] = {
    [TYPE_BOOL] = {"boolean", "^(" TRUE_WORDS "|" FALSE_WORDS ")$"},
    [TYPE_INT] = {"integer", "^(0|[+-]?[1-9][0-9]*)$"},
    [TYPE_INT_OR_WORD] = {"integer", NULL},
    [TYPE_REAL] = {"number", "^[0-9]*\\.?[0-9]*$"},
    [TYPE_TEXT] = {"boolean number", NO_BRACES},
    [TYPE_PATH] = {"", "^[/~][^\\s'\"\\\\$`;&|<>()]*$"},
    [TYPE_PORT] = {"integer", "^(0|[+-]?[1-9][0-9]*)$"},
    [TYPE_IP] = {"", "^" IPV4 "$"},
    [TYPE_CIDR] = {"", "^" IPV4 "(/(0?[0-9]|[12][0-9]|3[0-2]))?$"},
    [TYPE_HOST] = {"boolean", "^(" IPV4 "|(?![0-9.]*$)[A-Za-z0-9_.:][A-Za-z0-9_.:-]*)$"},
    [TYPE_SIZE] = {"integer", "^[0-9]+(B|kB|KiB|MB|MiB|GB|GiB|TB|TiB)?$"},
    [TYPE_INTERVAL] = {"integer", "^(0|[0-9]+(\\.[0-9]+)?(ms|s|min|m|h|d))$"},
    [TYPE_PASSWORD] = {"boolean number", NO_BRACES},
    [TYPE_USERNAME] = {"boolean", "^[A-Za-z_][A-Za-z0-9_.:-]{0,62}$"},
    [TYPE_TOKEN] = {"boolean number", "^[A-Za-z0-9_.:][A-Za-z0-9_.:-]*$"},
};

static Value *typed(const Maker *maker, const char *type)
{
    Value *schema = value_map(maker->arena);
    value_set_text(maker->arena, schema, "type", type);
    return schema;
}

static Value *type_or_null(const Maker *maker, const char *type)
{
    Value *schema = value_map(maker->arena), *types = value_list(maker->arena);
    value_push(maker->arena, types, value_text(maker->arena, type));
    value_push(maker->arena, types, value_text(maker->arena, "null"));
    value_set(maker->arena, schema, "type", types);
    return schema;
}

static const Value *reference(const Maker *maker, const char *name)
{
    Value *schema = value_map(maker->arena);
    value_set(maker->arena, schema, "$ref", value_textf(maker->arena, "#/definitions/%s", name));
    return schema;
}

static const char *definition_name(const Maker *maker, const ParameterSchema *schema)
{
    char *name = arena_strdup(maker->arena, schema->name);
    for (char *blank = strchr(name, ' '); blank; blank = strchr(blank, ' '))
        *blank = '_';
    return name;
}

/* -- scalars ----------------------------------------------------------------------------------- */

static void add_range(const Maker *maker, Value *schema, const Parameter *row)
{
    bool is_port = row->type == TYPE_PORT;
    int64_t min = is_port ? 1 : row->min, max = is_port ? 65535 : row->max;
    if (row->type == TYPE_SIZE)
        value_set_int(maker->arena, schema, "minimum", 0);
    if (row->type == TYPE_INTERVAL) /* a number without a unit is only zero */
        value_set_int(maker->arena, schema, "const", 0);
    if (max == 0)
        return;
    bool is_real = row->type == TYPE_REAL; /* in thousandths */
    value_set(maker->arena, schema, "minimum",
              is_real ? value_real(maker->arena, (double)min / 1000)
                      : value_int(maker->arena, min));
    if (max != INT64_MAX)
        value_set(maker->arena, schema, "maximum",
                  is_real ? value_real(maker->arena, (double)max / 1000)
                          : value_int(maker->arena, max));
}

/* The words as texts, those that YAML takes for booleans also as such. */
static const Value *words_schema(const Maker *maker, const char *words)
{
    Value *schema = value_map(maker->arena), *list = value_list(maker->arena);
    char **parts;
    size_t count = text_split(maker->arena, words, '|', &parts);
    for (size_t i = 0; i < count; i++) {
        bool is_true = strcmp(parts[i], "true") == 0;
        value_push(maker->arena, list, value_text(maker->arena, parts[i]));
        if (is_true || strcmp(parts[i], "false") == 0)
            value_push(maker->arena, list, value_bool(is_true));
    }
    value_set(maker->arena, schema, "enum", list);
    return schema;
}

static void push_text(const Maker *maker, Value *choices, const Parameter *row)
{
    if (row->words)
        value_push(maker->arena, choices, words_schema(maker, row->words));
    if (row->type == TYPE_ENUM || row->type == TYPE_INT_OR_WORD)
        return;
    Value *text = typed(maker, "string");
    value_set_text(maker->arena, text, "pattern", scalars[row->type].pattern);
    if (row->flags & PARAMETER_REQUIRED)
        value_set_int(maker->arena, text, "minLength", 1);
    value_push(maker->arena, choices, text);
}

static const Value *secret_source(const Maker *maker, const char *key, const char *pattern)
{
    Value *schema = typed(maker, "object"), *properties = value_map(maker->arena);
    Value *name = typed(maker, "string"), *required = value_list(maker->arena);
    value_set_text(maker->arena, name, "pattern", pattern);
    value_set(maker->arena, properties, key, name);
    value_push(maker->arena, required, value_text(maker->arena, key));
    value_set(maker->arena, schema, "properties", properties);
    value_set(maker->arena, schema, "required", required);
    value_set_bool(maker->arena, schema, "additionalProperties", false);
    return schema;
}

/* Pushes every form that a scalar may have, but nothing at all. */
static void push_scalar(const Maker *maker, Value *choices, const Parameter *row)
{
    char **types;
    const char *names = row->type == TYPE_ENUM ? "" : scalars[row->type].types;
    size_t count = text_words(maker->arena, names, false, &types);
    for (size_t i = 0; i < count; i++) {
        Value *plain = typed(maker, types[i]);
        if (strcmp(types[i], "boolean") != 0)
            add_range(maker, plain, row);
        value_push(maker->arena, choices, plain);
    }
    push_text(maker, choices, row);
    if (row->type == TYPE_PASSWORD) {
        value_push(maker->arena, choices,
                   secret_source(maker, "from_env", "^[A-Za-z_][A-Za-z0-9_]*$"));
        value_push(maker->arena, choices, secret_source(maker, "from_file", "^(?!.*\\{\\{).+$"));
    }
}

static Value *any_of(const Maker *maker, const Value *choices)
{
    Value *schema = value_map(maker->arena);
    value_set(maker->arena, schema, "anyOf", choices);
    return schema;
}

static Value *scalar_schema(const Maker *maker, const Parameter *row)
{
    Value *choices = value_list(maker->arena);
    push_scalar(maker, choices, row);
    if (!(row->flags & PARAMETER_REQUIRED))
        value_push(maker->arena, choices, typed(maker, "null"));
    return any_of(maker, choices);
}

/* -- lists and maps ---------------------------------------------------------------------------- */

static Value *scalars_schema(const Maker *maker, const Parameter *row)
{
    static const ParameterType item_types[TYPE_COUNT] = {
        [TYPE_TEXTS] = TYPE_TEXT, [TYPE_PORTS] = TYPE_PORT, [TYPE_CIDRS] = TYPE_CIDR};
    const Parameter item = {.name = row->name, .type = item_types[row->type]};
    Value *items = value_list(maker->arena), *choices = value_list(maker->arena);
    Value *array = typed(maker, "array");
    push_scalar(maker, items, &item);
    value_set(maker->arena, array, "items", any_of(maker, items));
    value_push(maker->arena, choices, array);
    push_scalar(maker, choices, &item);
    value_push(maker->arena, choices, typed(maker, "null"));
    return any_of(maker, choices);
}

/* A map of any keys, but no {from_env: …}: what is no secret says itself what it is. */
static Value *shown_map(const Maker *maker, Value *schema)
{
    Value *names = value_map(maker->arena);
    value_set(maker->arena, names, "not", words_schema(maker, "from_env|from_file"));
    value_set(maker->arena, schema, "propertyNames", names);
    return schema;
}

static Value *text_map_schema(const Maker *maker)
{
    static const Parameter item = {.name = "", .type = TYPE_TEXT};
    Value *schema = type_or_null(maker, "object");
    value_set(maker->arena, schema, "additionalProperties", scalar_schema(maker, &item));
    return shown_map(maker, schema);
}

static Value *any_schema(const Maker *maker)
{
    static const char *const types[] = {"array", "boolean", "number", "string", "null"};
    Value *choices = value_list(maker->arena);
    for (size_t i = 0; i < COUNT_OF(types); i++)
        value_push(maker->arena, choices, typed(maker, types[i]));
    value_push(maker->arena, choices, shown_map(maker, typed(maker, "object")));
    return any_of(maker, choices);
}

/* The values of all fields in order. */
static const Value *positional_schema(const Maker *maker, const ParameterSchema *schema)
{
    Value *list = typed(maker, "array"), *items = value_list(maker->arena);
    for (size_t i = 0; i < schema->field_count; i++)
        value_push(maker->arena, items, scalar_schema(maker, &schema->fields[i]));
    value_set(maker->arena, list, "items", items);
    value_set_int(maker->arena, list, "minItems", (int64_t)schema->field_count);
    value_set_int(maker->arena, list, "maxItems", (int64_t)schema->field_count);
    return list;
}

static const Value *entry_schema(const Maker *maker, const ParameterSchema *schema)
{
    const Value *object = reference(maker, definition_name(maker, schema));
    if (schema->is_positional)
        return positional_schema(maker, schema);
    if (!schema->text_field)
        return object;
    Value *choices = value_list(maker->arena);
    value_push(maker->arena, choices, object);
    push_scalar(maker, choices, params_field(schema, schema->text_field));
    return any_of(maker, choices);
}

static Value *objects_schema(const Maker *maker, const Parameter *row)
{
    bool is_list = row->type == TYPE_OBJECTS;
    Value *schema = type_or_null(maker, is_list ? "array" : "object");
    value_set(maker->arena, schema, is_list ? "items" : "additionalProperties",
              entry_schema(maker, row->schema));
    if (row->flags & PARAMETER_PORT_KEYS) {
        Value *names = value_map(maker->arena);
        value_set_text(maker->arena, names, "pattern", "^[1-9][0-9]{0,4}$");
        value_set(maker->arena, schema, "propertyNames", names);
    }
    return schema;
}

static Value *object_schema(const Maker *maker, const Parameter *row)
{
    Value *schema = value_map(maker->arena), *all_of = value_list(maker->arena);
    value_push(maker->arena, all_of, entry_schema(maker, row->schema));
    value_set(maker->arena, schema, "allOf", all_of);
    return schema;
}

static Value *row_schema(const Maker *maker, const Parameter *row)
{
    if (row->schema)
        return row->type == TYPE_OBJECT ? object_schema(maker, row) : objects_schema(maker, row);
    if (row->type < TYPE_TEXTS)
        return scalar_schema(maker, row);
    if (row->type < TYPE_TEXT_MAP)
        return scalars_schema(maker, row);
    return row->type == TYPE_TEXT_MAP ? text_map_schema(maker) : any_schema(maker);
}

/* -- defaults and descriptions ----------------------------------------------------------------- */

static const Value *scalar_default(const Maker *maker, const Parameter *row)
{
    int64_t number;
    const char *text = row->fallback;
    bool is_number = row->type == TYPE_INT || row->type == TYPE_PORT || row->type == TYPE_REAL;
    if (row->type == TYPE_BOOL)
        return value_bool(strcmp(text, "true") == 0);
    if (is_number && text_to_int(text, &number))
        return value_int(maker->arena, number);
    return is_number ? value_real(maker->arena, strtod(text, NULL))
                     : value_text(maker->arena, text);
}

/* NULL: none, or one with secrets inside. */
static const Value *default_of(const Maker *maker, const Parameter *row)
{
    if (!row->fallback)
        return NULL;
    if (row->type < TYPE_TEXTS)
        return scalar_default(maker, row);
    Places places = {.arena = maker->arena};
    Diagnostics *diagnostics = diagnostics_new(maker->arena);
    Typing typing = {maker->arena, diagnostics, &places, ".", .is_default = true};
    const DocNode *node =
        document_parse(maker->arena, row->name, row->fallback, strlen(row->fallback), diagnostics);
    Typed read = typing_read(&typing, row->name, node, NULL);
    return read.secrets ? NULL : read.value;
}

static void describe(const Maker *maker, Value *schema, const Parameter *row)
{
    const char *change = manual_change(maker->arena, maker->registry, row->name);
    const Value *fallback = default_of(maker, row);
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_addf(&text, "%s (%s)", row->doc, manual_type(maker->arena, row));
    if (row->feeds)
        text_addf(&text, "\n\nEnds in: %s", row->feeds);
    if (row->feeds && change)
        text_addf(&text, "\n\nChange: %s", change);
    value_set_text(maker->arena, schema, "description", text_get(&text));
    if (fallback)
        value_set(maker->arena, schema, "default", fallback);
    if (row->flags & PARAMETER_DEAD)
        value_set_bool(maker->arena, schema, "deprecated", true);
}

static void add_row(const Maker *maker, Value *properties, const Parameter *row)
{
    Value *schema = row_schema(maker, row);
    describe(maker, schema, row);
    value_set(maker->arena, properties, row->name, schema);
}

/* An old name: known, refused, and told what it is called now. */
static void add_old_name(const Maker *maker, Value *properties, const char *key,
                         const ParameterRename *rename)
{
    bool is_gone = *rename->new_name == '\0';
    const char *words =
        arena_printf(maker->arena, is_gone ? "removed in Pigsty %s%s" : "since Pigsty %s called %s",
                     rename->since, rename->new_name);
    Value *schema = value_map(maker->arena);
    value_set_text(maker->arena, schema, "description", words);
    value_set_text(maker->arena, schema, "deprecationMessage", words);
    value_set_bool(maker->arena, schema, "deprecated", true);
    value_set_bool(maker->arena, schema, "doNotSuggest", true);
    value_set(maker->arena, schema, "not", value_map(maker->arena));
    value_set(maker->arena, properties, key, schema);
}

/* -- definitions ------------------------------------------------------------------------------- */

static const Value *object_definition(const Maker *maker, const ParameterSchema *schema)
{
    Value *definition = typed(maker, "object");
    Value *properties = value_map(maker->arena), *required = value_list(maker->arena);
    for (size_t i = 0; i < schema->field_count; i++) {
        add_row(maker, properties, &schema->fields[i]);
        if (schema->fields[i].flags & PARAMETER_REQUIRED)
            value_push(maker->arena, required, value_text(maker->arena, schema->fields[i].name));
    }
    const ParameterRename *rename;
    for (size_t i = 0; (rename = params_renamed_field_at(schema, i)) != NULL; i++)
        add_old_name(maker, properties, rename->old_name, rename);
    value_set(maker->arena, definition, "properties", properties);
    if (value_count(required) > 0)
        value_set(maker->arena, definition, "required", required);
    if (schema->is_open) {
        const Parameter open = {.name = "", .type = schema->open_type};
        value_set(maker->arena, definition, "additionalProperties", row_schema(maker, &open));
    }
    return definition;
}

/* Of the words that say how to reach a node only those in the table count. */
static const char *refused_connection(const Maker *maker)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "^ansible_(?!(");
    bool is_first = true;
    for (size_t i = 0; i < params_count(); i++) {
        const char *name = params_at(i)->name;
        if (!text_starts_with(name, "ansible_"))
            continue;
        text_addf(&text, "%s%s", is_first ? "" : "|", name + strlen("ansible_"));
        is_first = false;
    }
    text_add(&text, ")$)");
    return text_copy(&text, maker->arena);
}

/* Names of families that have a successor of their own are in both, which validators dislike. */
static bool is_of_family(const char *name)
{
    for (size_t i = 0; params_renamed_family_at(i); i++) {
        if (text_starts_with(name, params_renamed_family_at(i)->old_name))
            return true;
    }
    return false;
}

static void add_old_names(const Maker *maker, Value *properties, Value *patterns)
{
    const ParameterRename *rename;
    for (size_t i = 0; (rename = params_renamed_at(i)) != NULL; i++) {
        if (!is_of_family(rename->old_name))
            add_old_name(maker, properties, rename->old_name, rename);
    }
    for (size_t i = 0; (rename = params_renamed_family_at(i)) != NULL; i++)
        add_old_name(maker, patterns, arena_printf(maker->arena, "^%s", rename->old_name), rename);
}

static const Value *vars_definition(const Maker *maker)
{
    Value *definition = type_or_null(maker, "object"), *properties = value_map(maker->arena);
    Value *patterns = value_map(maker->arena);
    for (size_t i = 0; i < params_count(); i++)
        add_row(maker, properties, params_at(i));
    add_old_names(maker, properties, patterns);
    value_set_bool(maker->arena, patterns, refused_connection(maker), false);
    value_set(maker->arena, definition, "properties", properties);
    value_set(maker->arena, definition, "patternProperties", patterns);
    return definition;
}

/* A map of which only these keys are known. */
static Value *closed(const Maker *maker, Value *schema, const char *keyword, Value *entries)
{
    value_set(maker->arena, schema, keyword, entries);
    value_set_bool(maker->arena, schema, "additionalProperties", false);
    return schema;
}

static const Value *hosts_schema(const Maker *maker)
{
    Value *hosts = value_map(maker->arena);
    value_set(maker->arena, hosts, "^" IPV4 "$", reference(maker, "vars"));
    return closed(maker, type_or_null(maker, "object"), "patternProperties", hosts);
}

static const Value *group_definition(const Maker *maker)
{
    Value *entries = value_map(maker->arena);
    value_set(maker->arena, entries, "hosts", hosts_schema(maker));
    value_set(maker->arena, entries, "vars", reference(maker, "vars"));
    return closed(maker, type_or_null(maker, "object"), "properties", entries);
}

static const Value *all_schema(const Maker *maker)
{
    Value *entries = value_map(maker->arena), *children = type_or_null(maker, "object");
    value_set(maker->arena, children, "additionalProperties", reference(maker, "group"));
    value_set(maker->arena, entries, "vars", reference(maker, "vars"));
    value_set(maker->arena, entries, "children", children);
    value_set(maker->arena, entries, "hosts", hosts_schema(maker));
    return closed(maker, type_or_null(maker, "object"), "properties", entries);
}

static const Value *definitions(const Maker *maker)
{
    Value *all = value_map(maker->arena);
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(maker->arena, &schemas);
    value_set(maker->arena, all, "group", group_definition(maker));
    value_set(maker->arena, all, "vars", vars_definition(maker));
    for (size_t i = 0; i < count; i++) {
        if (!schemas[i]->is_positional)
            value_set(maker->arena, all, definition_name(maker, schemas[i]),
                      object_definition(maker, schemas[i]));
    }
    return all;
}

/* A group may also stand beside "all". */
static const Value *top_group(const Maker *maker)
{
    Value *schema = typed(maker, "object"), *all_of = value_list(maker->arena);
    value_push(maker->arena, all_of, reference(maker, "group"));
    value_set_int(maker->arena, schema, "minProperties", 1);
    value_set(maker->arena, schema, "allOf", all_of);
    return schema;
}

const Value *manual_json_schema(Arena *arena, const Registry *registry)
{
    const Maker maker = {arena, registry};
    Value *schema = value_map(arena), *top = value_map(arena);
    value_set(arena, top, "all", all_schema(&maker));
    value_set_text(arena, schema, "$schema", "http://json-schema.org/draft-07/schema#");
    value_set_text(arena, schema, "title", "an inventory of pgsteer");
    value_set_text(arena, schema, "type", "object");
    value_set_int(arena, schema, "minProperties", 1);
    value_set(arena, schema, "properties", top);
    value_set(arena, schema, "additionalProperties", top_group(&maker));
    value_set(arena, schema, "definitions", definitions(&maker));
    return schema;
}
