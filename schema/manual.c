#include "schema/manual.h"

#include <string.h>

#include "schema/manual_parts.h"

enum { COLUMNS = 80, INDENT = 4, FIELD_INDENT = 8, LABEL_WIDTH = 13 };

static size_t next_word(const char **ret_text)
{
    *ret_text += strspn(*ret_text, " ");
    return strcspn(*ret_text, " ");
}

/* The text, wrapped at blanks; the line has `column` columns already, later ones begin at `hang`.
 */
static void add_wrapped(Text *out, const char *text, size_t column, size_t hang)
{
    bool is_first = true;
    for (size_t word = next_word(&text); word > 0; word = next_word(&text)) {
        bool fits = is_first || column + 1 + word <= COLUMNS;
        if (!fits) {
            text_add_char(out, '\n');
            text_add_repeat(out, " ", hang);
            column = hang;
        } else if (!is_first) {
            text_add_char(out, ' ');
            column++;
        }
        text_add_bytes(out, text, word);
        column += word;
        text += word;
        is_first = false;
    }
    text_add_char(out, '\n');
}

static void add_block(Text *out, Arena *arena, const char *block)
{
    char **lines;
    size_t count = text_split(arena, block, '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (!*lines[i])
            continue;
        text_add_repeat(out, " ", FIELD_INDENT);
        text_addf(out, "%s\n", lines[i]);
    }
}

static void add_fact(Text *out, Arena *arena, const ManualFact *fact)
{
    if (!fact->text)
        return;
    text_add_repeat(out, " ", INDENT);
    text_addf(out, "%-*s", LABEL_WIDTH, fact->label);
    add_wrapped(out, fact->text, INDENT + LABEL_WIDTH, INDENT + LABEL_WIDTH);
    if (fact->block)
        add_block(out, arena, fact->block);
}

static void add_parameter(Text *out, Arena *arena, const Registry *registry, const Parameter *row)
{
    ManualFact facts[MANUAL_FACTS];
    manual_facts(arena, registry, row, facts);
    text_addf(out, "%s%s\n", out->length > 0 ? "\n" : "", row->name);
    text_add_repeat(out, " ", INDENT);
    add_wrapped(out, row->doc, INDENT, INDENT);
    for (size_t i = 0; i < MANUAL_FACTS; i++)
        add_fact(out, arena, &facts[i]);
}

static void add_field(Text *out, Arena *arena, const ParameterSchema *schema,
                      const Parameter *field)
{
    text_add_repeat(out, " ", INDENT);
    text_addf(out, "%s\n", field->name);
    text_add_repeat(out, " ", FIELD_INDENT);
    add_wrapped(out, manual_field(arena, schema, field), FIELD_INDENT, FIELD_INDENT);
}

static void add_schema(Text *out, Arena *arena, const ParameterSchema *schema)
{
    text_addf(out, "%s%s\n", out->length > 0 ? "\n" : "", schema->name);
    for (size_t i = 0; i < schema->field_count; i++)
        add_field(out, arena, schema, &schema->fields[i]);
    if (schema->is_open)
        add_field(out, arena, schema,
                  &(Parameter){.name = "(any other key)",
                               .type = schema->open_type,
                               .doc = "kept as it is"});
}

static void add_code(Text *out, Arena *arena, const Code *code)
{
    text_addf(out, "%s%s\n", out->length > 0 ? "\n" : "", code->code);
    text_add_repeat(out, " ", INDENT);
    add_wrapped(out, code->meaning, INDENT, INDENT);
    text_add_repeat(out, " ", INDENT);
    add_wrapped(out, code->doc, INDENT, INDENT);
    add_fact(out, arena, &(ManualFact){"Rule", manual_rules(arena, code), NULL});
}

static void add_setting(Text *out, Arena *arena, const SettingPlace *place)
{
    ManualFact facts[MANUAL_SETTING_FACTS];
    manual_setting_facts(arena, place, facts);
    text_addf(out, "%s%s\n", out->length > 0 ? "\n" : "", place->setting);
    for (size_t i = 0; i < MANUAL_SETTING_FACTS; i++)
        add_fact(out, arena, &facts[i]);
}

static void add_heading(Text *out, const char *name, const char *title)
{
    text_addf(out, "\n%s: %s\n", name, title);
    text_add_repeat(out, "=", strlen(name) + strlen(title) + 2);
    text_add_char(out, '\n');
}

void manual_text(Text *out, const Registry *registry)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    text_addf(out, "Parameters of an inventory; defaults of Pigsty %s.\n", PARAMS_DEFAULT_SET);
    for (size_t t = 0; t < params_table_count(); t++) {
        const ParameterTable *table = params_table_at(t);
        add_heading(out, table->section, table->title);
        for (size_t i = 0; i < table->count; i++)
            add_parameter(out, arena, registry, &table->rows[i]);
    }
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(arena, &schemas);
    add_heading(out, "OBJECTS", "what lists and maps hold");
    for (size_t i = 0; i < count; i++)
        add_schema(out, arena, schemas[i]);
    add_heading(out, "SETTINGS", "those of PostgreSQL that not every parameter may hold");
    for (size_t i = 0; setting_place_at(i); i++)
        add_setting(out, arena, setting_place_at(i));
    add_heading(out, "CODES", "what may be wrong with an inventory; E is an error, W a warning");
    for (size_t i = 0; i < codes_count(); i++)
        add_code(out, arena, codes_at(i));
}

static bool add_named_schema(Text *out, Arena *arena, const char *name)
{
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(arena, &schemas);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(schemas[i]->name, name) != 0)
            continue;
        add_schema(out, arena, schemas[i]);
        return true;
    }
    return false;
}

bool manual_text_of(Text *out, const Registry *registry, const char *name)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const Parameter *row = params_find(name, NULL);
    const Code *code = codes_find(name);
    if (code)
        add_code(out, arena, code);
    if (setting_place(name))
        add_setting(out, arena, setting_place(name));
    if (!row)
        return code || setting_place(name) || add_named_schema(out, arena, name);
    add_parameter(out, arena, registry, row);
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas_of(arena, row, &schemas);
    for (size_t i = 0; i < count; i++)
        add_schema(out, arena, schemas[i]);
    return true;
}
