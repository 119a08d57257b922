/* pgsteer-inventory(5) in mdoc(7): short lines, a new line for a new sentence, nothing that the
 * formatter would take for a request. */
#include <ctype.h>
#include <string.h>

#include "schema/manual.h"
#include "schema/manual_parts.h"

enum { LINE_COLUMNS = 72 };

static void add_escaped(Text *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool is_line_start = out->length == 0 || out->bytes[out->length - 1] == '\n';
        if (is_line_start && (text[i] == '.' || text[i] == '\''))
            text_add(out, "\\&");
        if (text[i] == '\\')
            text_add(out, "\\e");
        else if (text[i] == '-')
            text_add(out, "\\-");
        else
            text_add_char(out, text[i]);
    }
}

/* Running text; ends its last line. */
static void add_prose(Text *out, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t word = strcspn(text, " ");
        bool ends_sentence = word > 0 && strchr(".!?", text[word - 1]);
        add_escaped(out, text, word);
        column += word + 1;
        text += word + strspn(text + word, " ");
        bool is_full = column + strcspn(text, " ") > LINE_COLUMNS;
        if (*text)
            text_add_char(out, is_full || ends_sentence ? '\n' : ' ');
        if (is_full || ends_sentence)
            column = 0;
    }
    text_add_char(out, '\n');
}

/* A macro and its one argument. */
static void add_macro(Text *out, const char *macro, const char *argument)
{
    text_addf(out, ".%s \"", macro);
    add_escaped(out, argument, strlen(argument));
    text_add(out, "\"\n");
}

static void add_block(Text *out, const char *block)
{
    text_add(out, ".Bd -literal -compact\n");
    for (const char *line = block; *line; line += *line == '\n') {
        size_t length = strcspn(line, "\n");
        add_escaped(out, line, length);
        text_add_char(out, '\n');
        line += length;
    }
    text_add(out, ".Ed\n");
}

static void add_parameter(Text *out, Arena *arena, const Registry *registry, const Parameter *row)
{
    ManualFact facts[MANUAL_FACTS];
    manual_facts(arena, registry, row, facts);
    add_macro(out, "It Sy", row->name);
    add_prose(out, row->doc);
    text_add(out, ".Bl -tag -width \"Written for\" -compact\n");
    for (size_t i = 0; i < MANUAL_FACTS; i++) {
        if (!facts[i].text)
            continue;
        text_addf(out, ".It %s\n", facts[i].label);
        add_prose(out, facts[i].text);
        if (facts[i].block)
            add_block(out, facts[i].block);
    }
    text_add(out, ".El\n");
}

static void add_section(Text *out, Arena *arena, const Registry *registry,
                        const ParameterTable *table)
{
    text_addf(out, ".Ss %s: %s\n.Bl -tag -width Ds\n", table->section, table->title);
    for (size_t i = 0; i < table->count; i++)
        add_parameter(out, arena, registry, &table->rows[i]);
    text_add(out, ".El\n");
}

static void add_field(Text *out, Arena *arena, const ParameterSchema *schema,
                      const Parameter *field)
{
    add_macro(out, "It Sy", field->name);
    add_prose(out, manual_field(arena, schema, field));
}

static void add_schema(Text *out, Arena *arena, const ParameterSchema *schema)
{
    text_addf(out, ".Ss %s\n.Bl -tag -width Ds\n", schema->name);
    for (size_t i = 0; i < schema->field_count; i++)
        add_field(out, arena, schema, &schema->fields[i]);
    text_add(out, ".El\n");
    if (schema->is_open)
        text_add(out, "Any other key is kept as it is.\n");
}

static void add_beginning(Text *out)
{
    text_add(out, ".Dd " PARAMS_DEFAULT_DATE "\n"
                  ".Dt PGSTEER-INVENTORY 5\n"
                  ".Os\n"
                  ".Sh NAME\n"
                  ".Nm pgsteer-inventory\n"
                  ".Nd what an inventory of PostgreSQL clusters may say\n"
                  ".Sh DESCRIPTION\n"
                  "An inventory is a YAML file of groups, their hosts and parameters:\n"
                  ".Bd -literal -offset indent\n"
                  "all:\n"
                  "  vars: { pg_version: 18 }\n"
                  "  children:\n"
                  "    pg-test:\n"
                  "      vars: { pg_cluster: pg\\-test }\n"
                  "      hosts:\n"
                  "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"
                  "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
                  ".Ed\n"
                  ".Pp\n"
                  "What stands at a host wins over its group, that over\n"
                  ".Sy all ,\n"
                  "that over the default.\n"
                  "Lists and maps are replaced as a whole, never merged.\n"
                  "Defaults are those of Pigsty " PARAMS_DEFAULT_SET ".\n"
                  ".Pp\n"
                  "A password is a text, {from_env: NAME}, {from_file: PATH} or !vault;\n"
                  "nothing else may come from elsewhere.\n"
                  "A relative PATH begins at the folder of the file that names it.\n"
                  "The file holds one line; its end, also that of Windows, is no part of the\n"
                  "password.\n");
}

static void add_settings(Text *out, Arena *arena)
{
    text_add(out, ".Sh SETTINGS\n"
                  "Those of PostgreSQL that not every parameter may hold.\n"
                  ".Bl -tag -width Ds\n");
    for (size_t i = 0; setting_place_at(i); i++) {
        ManualFact facts[MANUAL_SETTING_FACTS];
        manual_setting_facts(arena, setting_place_at(i), facts);
        add_macro(out, "It Sy", setting_place_at(i)->setting);
        for (size_t f = 0; f < MANUAL_SETTING_FACTS; f++) {
            if (facts[f].text)
                add_prose(out, arena_printf(arena, "%s: %s", facts[f].label, facts[f].text));
        }
    }
    text_add(out, ".El\n");
}

static void add_codes(Text *out, Arena *arena)
{
    text_add(out, ".Sh DIAGNOSTICS\n"
                  "What may be wrong with an inventory; E is an error, W a warning.\n"
                  ".Bl -tag -width Ds\n");
    for (size_t i = 0; i < codes_count(); i++) {
        const Code *code = codes_at(i);
        const char *rules = manual_rules(arena, code);
        add_macro(out, "It Sy", code->code);
        add_prose(out, arena_printf(arena, "%s. %s", code->meaning, code->doc));
        if (rules)
            add_prose(out, arena_printf(arena, "Rule: %s.", rules));
    }
    text_add(out, ".El\n");
}

void manual_page(Text *out, const Registry *registry)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    add_beginning(out);
    text_add(out, ".Sh PARAMETERS\n");
    for (size_t t = 0; t < params_table_count(); t++)
        add_section(out, arena, registry, params_table_at(t));
    text_add(out, ".Sh OBJECTS\n");
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(arena, &schemas);
    for (size_t i = 0; i < count; i++)
        add_schema(out, arena, schemas[i]);
    add_settings(out, arena);
    add_codes(out, arena);
}
