#include "canary.h"

#include "schema/params.h"
#include "unit.h"
#include "vault_samples.h"

typedef struct Writer {
    Text text;
    CanaryForm form;
    const char *name; /* of what needs one */
    size_t count;
} Writer;

static const char fleet[] =
    "  children:\n"
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd } }\n"
    "    pg-test:\n"
    "      hosts:\n"
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
    "      vars: { pg_cluster: pg-test }\n";

static void add_indent(Writer *writer, size_t depth)
{
    text_add_repeat(&writer->text, "  ", depth);
}

/* Several lines, each at this depth. */
static void add_lines(Writer *writer, size_t depth, const char *lines)
{
    for (bool begins = true; *lines; lines++) {
        if (begins)
            add_indent(writer, depth);
        text_add_char(&writer->text, *lines);
        begins = *lines == '\n';
    }
}

static void add_secret(Writer *writer, size_t depth)
{
    static const char *const forms[] = {
        [CANARY_PLAIN] = CANARY "-%zu\n",
        [CANARY_QUOTED] = "\"" CANARY "-%zu \\\\ '\"\n",
        [CANARY_BLOCK] = "|-\n",
        [CANARY_FROM_ENV] = "{ from_env: " CANARY_ENV " }\n",
        [CANARY_FROM_FILE] = "{ from_file: bird }\n",
        [CANARY_VAULT] = "!vault |\n",
    };
    size_t number = ++writer->count;
    text_add_char(&writer->text, ' ');
    if (writer->form == CANARY_PLAIN || writer->form == CANARY_QUOTED)
        text_addf(&writer->text,
                  writer->form == CANARY_PLAIN ? CANARY "-%zu\n" : "\"" CANARY "-%zu \\\\ '\"\n",
                  number);
    else
        text_add(&writer->text, forms[writer->form]);
    if (writer->form == CANARY_BLOCK)
        add_lines(writer, depth + 1, CANARY "-block\n");
    if (writer->form == CANARY_VAULT)
        add_lines(writer, depth + 1, vault_plain);
}

static bool has_secret(const ParameterSchema *schema)
{
    for (size_t i = 0; schema && i < schema->field_count; i++) {
        const Parameter *field = &schema->fields[i];
        if (field->type == TYPE_PASSWORD || has_secret(field->schema))
            return true;
    }
    return false;
}

static void add_parameter(Writer *writer, size_t depth, const Parameter *row);

static void add_fields(Writer *writer, size_t depth, const ParameterSchema *schema)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        const Parameter *field = &schema->fields[i];
        bool is_number = field->type == TYPE_INT || field->type == TYPE_PORT;
        if (field->flags & PARAMETER_REQUIRED) {
            add_indent(writer, depth);
            text_addf(&writer->text, "%s: %s\n", field->name, is_number ? "1" : writer->name);
        } else {
            add_parameter(writer, depth, field);
        }
    }
}

/* What its first entry begins with. */
static const char *first_entry(const Parameter *row)
{
    if (row->type == TYPE_OBJECTS)
        return "-\n";
    return strcmp(row->name, "pgbackrest_repo") == 0 ? "local:\n" : "20001:\n";
}

/* Only what is a secret or holds one. */
static void add_parameter(Writer *writer, size_t depth, const Parameter *row)
{
    bool is_secret = row->type == TYPE_PASSWORD;
    if (!is_secret && !has_secret(row->schema))
        return;
    add_indent(writer, depth);
    text_addf(&writer->text, "%s:", row->name);
    if (is_secret) {
        add_secret(writer, depth);
        return;
    }
    bool has_roles = strcmp(row->name, "pg_default_roles") == 0;
    writer->name = has_roles ? "replicator" : "x1";
    text_add_char(&writer->text, '\n');
    if (has_roles)
        add_lines(writer, depth + 1, "- { name: dbuser_dba }\n- { name: dbuser_monitor }\n");
    if (row->type != TYPE_OBJECT)
        add_lines(writer, ++depth, first_entry(row));
    if (strcmp(row->name, "pgbackrest_repo") == 0)
        add_lines(writer, depth + 1, "path: /backup\n");
    add_fields(writer, depth + 1, row->schema);
}

char *canary_inventory(Arena *arena, CanaryForm form, size_t *ret_count)
{
    Writer writer = {.text = TEXT_INIT, .form = form};
    text_add(&writer.text, "all:\n  vars:\n    admin_ip: 10.10.10.10\n");
    for (size_t i = 0; i < params_count(); i++)
        add_parameter(&writer, 2, params_at(i));
    text_add(&writer.text, fleet);
    char *text = text_copy(&writer.text, arena);
    text_release(&writer.text);
    *ret_count = writer.count;
    return text;
}

void canary_is_not_in(const char *text, size_t length, const char *what)
{
    const char *canary = memmem(text, length, CANARY, strlen(CANARY));
    if (!canary)
        return;
    size_t before = (size_t)(canary - text);
    before = before < 300 ? before : 300;
    fail_msg("the canary sings in %s: ...%.*s", what, (int)before + 60, canary - before);
}
