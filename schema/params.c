#include "schema/params.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "schema/params_tables.h"

static const ParameterTable *const tables[] = {
    &params_pg_id,         &params_pg_business, &params_pg_install,    &params_pg_bootstrap,
    &params_pg_provision,  &params_pg_backup,   &params_pg_access,     &params_pg_monitor,
    &params_pg_remove,     &params_node_id,     &params_node_dns,      &params_node_package,
    &params_node_security, &params_node_tune,   &params_node_admin,    &params_node_time,
    &params_haproxy,       &params_node_vip,    &params_node_exporter, &params_vector,
    &params_etcd,          &params_etcd_remove, &params_meta,          &params_ca,
    &params_infra_id,      &params_repo,        &params_dns,           &params_connection,
};

enum { NAMES_MAX = 1000 }; /* of parameters and fields together */

size_t params_table_count(void)
{
    return COUNT_OF(tables);
}

const ParameterTable *params_table_at(size_t i)
{
    assert(i < COUNT_OF(tables));
    return tables[i];
}

size_t params_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        count += tables[i]->count;
    return count;
}

const Parameter *params_at(size_t i)
{
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        if (i < tables[t]->count)
            return &tables[t]->rows[i];
        i -= tables[t]->count;
    }
    return NULL;
}

const Parameter *params_find(const char *name, size_t *ret_number)
{
    size_t number = 0;
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (size_t i = 0; i < tables[t]->count; i++, number++) {
            const char *row_name = tables[t]->rows[i].name;
            if (row_name[0] != name[0] || strcmp(row_name, name) != 0)
                continue;
            if (ret_number)
                *ret_number = number;
            return &tables[t]->rows[i];
        }
    }
    return NULL;
}

const char *params_section(const Parameter *row)
{
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            if (&tables[t]->rows[i] == row)
                return tables[t]->section;
        }
    }
    return NULL;
}

const Parameter *params_field(const ParameterSchema *schema, const char *name)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const Parameter *field = &schema->fields[i];
        if (field->name[0] == name[0] && strcmp(field->name, name) == 0)
            return field;
    }
    return NULL;
}

const char *params_words(Arena *arena, const char *words)
{
    char **parts;
    size_t count = text_split(arena, words, '|', &parts);
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        text_addf(&text, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", parts[i]);
    return text_copy(&text, arena);
}

const char *params_type_name(ParameterType type)
{
    static const char *const names[TYPE_COUNT] = {
        [TYPE_BOOL] = "true or false",
        [TYPE_INT] = "a whole number",
        [TYPE_INT_OR_WORD] = "a whole number or a word",
        [TYPE_REAL] = "a number",
        [TYPE_TEXT] = "a text",
        [TYPE_ENUM] = "one of a few words",
        [TYPE_PATH] = "an absolute path",
        [TYPE_PORT] = "a port (1 to 65535)",
        [TYPE_IP] = "an IPv4 address",
        [TYPE_CIDR] = "an IPv4 address, with or without a mask",
        [TYPE_HOST] = "an IPv4 address or a host name",
        [TYPE_SIZE] = "a size such as 64MiB",
        [TYPE_INTERVAL] = "a time such as 30s, 24h or 7d",
        [TYPE_PASSWORD] = "a password",
        [TYPE_USERNAME] = "a user name",
        [TYPE_TOKEN] = "a word of letters, digits and _ . : - that does not begin with -",
        [TYPE_TEXTS] = "a list of texts",
        [TYPE_PORTS] = "a list of ports",
        [TYPE_CIDRS] = "a list of IPv4 networks",
        [TYPE_TEXT_MAP] = "a map of names to texts",
        [TYPE_OBJECT] = "a map",
        [TYPE_OBJECTS] = "a list of maps",
        [TYPE_OBJECT_MAP] = "a map of maps",
        [TYPE_ANY] = "anything",
    };
    return names[type];
}

/* Names for "did you mean". */
typedef struct Names {
    const char *items[NAMES_MAX];
    size_t count;
} Names;

static void add_names(Names *names, const Parameter *rows, size_t count)
{
    for (size_t i = 0; i < count && names->count < NAMES_MAX; i++)
        names->items[names->count++] = rows[i].name;
}

/* NOLINTNEXTLINE(misc-no-recursion): depth is bounded by the schemas' */
static void add_field_names(Names *names, const Parameter *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ParameterSchema *schema = rows[i].schema;
        if (!schema)
            continue;
        add_names(names, schema->fields, schema->field_count);
        add_field_names(names, schema->fields, schema->field_count);
    }
}

static void add_all_names(Names *names)
{
    for (size_t t = 0; t < COUNT_OF(tables); t++)
        add_names(names, tables[t]->rows, tables[t]->count);
}

const char *params_nearest(const char *name)
{
    Names names = {.count = 0};
    add_all_names(&names);
    return text_nearest(name, names.items, names.count);
}

const char *params_nearest_field(const ParameterSchema *schema, const char *name)
{
    Names names = {.count = 0};
    add_names(&names, schema->fields, schema->field_count);
    return text_nearest(name, names.items, names.count);
}

const char *params_nearest_of_all(const char *name)
{
    Names names = {.count = 0};
    add_all_names(&names);
    for (size_t t = 0; t < COUNT_OF(tables); t++)
        add_field_names(&names, tables[t]->rows, tables[t]->count);
    return text_nearest(name, names.items, names.count);
}
