/*
 * Defaults: the list of the set PARAMS_DEFAULT_SET does not change, and each is what is done when
 * nothing is written.
 *
 * The list is tests/cases/defaults/SET.txt. A default that has to change needs a new set: raise
 * PARAMS_DEFAULT_SET on purpose, give the row its `since`, and let UPDATE_GOLDEN=1 write the list
 * of the new set. To a list that is there it only adds.
 */
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "providers/registry.h"
#include "schema/contract/domain.h"
#include "schema/contract/kind.h"
#include "schema/manual_parts.h"
#include "unit.h"

/* --- the list --------------------------------------------------------------------------------- */

/* The first line begins with the name, further ones with blanks. */
static void add_default(Text *out, Arena *arena, const char *owner, const Parameter *row)
{
    char **lines;
    size_t count = text_split(arena, row->fallback ? row->fallback : "", '\n', &lines);
    text_addf(out, "%s%s %s", owner, row->name, row->fallback ? "=" : "is not set");
    for (size_t i = 0; i < count; i++) {
        if (*lines[i])
            text_addf(out, "%s%s", count > 1 ? "\n    " : " ", lines[i]);
    }
    text_add_char(out, '\n');
}

static void add_fields(Text *out, Arena *arena, const ParameterSchema *schema)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        if (schema->fields[i].fallback)
            add_default(out, arena, arena_printf(arena, "a %s: ", schema->name),
                        &schema->fields[i]);
    }
}

static void add_list(Text *out, Arena *arena)
{
    text_addf(out, "The set of defaults %s of %s.\n\n", PARAMS_DEFAULT_SET, PARAMS_DEFAULT_DATE);
    for (size_t i = 0; i < params_count(); i++)
        add_default(out, arena, "", params_at(i));
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(arena, &schemas);
    for (size_t i = 0; i < count; i++)
        add_fields(out, arena, schemas[i]);
}

/* Every entry of the old list is in the new one, letter by letter. */
static void must_go_on(Arena *arena, const char *old, const char *list)
{
    for (const char *entry = old; *entry;) {
        const char *end = strchr(entry, '\n') + 1;
        while (*end == ' ')
            end = strchr(end, '\n') + 1;
        const char *text = arena_printf(arena, "\n%.*s", (int)(end - entry), entry);
        if (entry != old && !strstr(list, text))
            fail_msg("a default of the set " PARAMS_DEFAULT_SET " is not any more:%s", text);
        entry = end;
    }
}

static void the_set_is_pinned(void **state)
{
    static const char path[] = TESTS_DIR "/cases/defaults/" PARAMS_DEFAULT_SET ".txt";
    CLEANUP(text_release) Text text = TEXT_INIT;
    add_list(&text, *state);
    char *pinned = arena_strdup(*state, "");
    size_t length;
    if (access(path, F_OK) == 0)
        check_fine(file_read(*state, path, 1 << 20, &pinned, &length));
    must_go_on(*state, pinned, text_get(&text));
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, text_get(&text), text.length));
    else
        assert_string_equal(text_get(&text), pinned);
}

/* --- what is done ----------------------------------------------------------------------------- */

#define HEAD                                                                                       \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"                                    \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "      vars: { pg_cluster: pg-test }\n"                                                        \
    "  vars:\n"

static void add_resource(Text *out, const Resource *resource)
{
    text_addf(out, "%s %s\n", resource->address,
              resource->ensure == ENSURE_ABSENT ? "absent" : "present");
    for (size_t i = 0; i < resource->kind->param_count; i++) {
        const Value *value = resource->slots[i].value;
        if (!value)
            continue;
        text_addf(out, "  %s: ", resource->kind->params[i].name);
        value_format(out, value);
        text_add_char(out, '\n');
    }
}

static void add_domain(Text *out, Arena *arena, const Domain *domain)
{
    const Facts *nothing = facts_new(arena);
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        if ((*kind)->domain != domain->type)
            continue;
        ResourceSet *set = resource_set_new(arena, *kind, domain);
        check_fine((*kind)->desired(domain, nothing, set));
        for (size_t i = 0; i < resource_set_count(set); i++)
            add_resource(out, resource_set_at(set, i));
    }
}

/* All that is wanted when `vars` is written for all. */
static const char *wanted(Arena *arena, const char *vars)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    const char *text = arena_printf(arena, HEAD "%s", vars);
    Inventory *inventory = inventory_load_bytes(arena, "test.yml", text, strlen(text), diagnostics);
    if (diagnostics_error_count(diagnostics) > 0) {
        diagnostics_print(stderr, diagnostics, 3, false, false);
        fail_msg("errors in\n%s", vars);
    }
    const Domain *domains;
    size_t count = domains_of(arena, inventory, &domains);
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < count; i++)
        add_domain(&out, arena, &domains[i]);
    return text_copy(&out, arena);
}

static void must_be_same(const char *with, const char *without, const char *what)
{
    if (strcmp(with, without) == 0)
        return;
    size_t at = 0;
    while (with[at] == without[at])
        at++;
    while (at > 0 && with[at - 1] != '\n')
        at--;
    fail_msg("%s written makes a difference:\n%.200s\nnot\n%.200s", what, with + at, without + at);
}

/* As a user would write it into the vars. */
static const char *written(Arena *arena, const Parameter *row)
{
    bool is_container = row->type >= TYPE_TEXTS;
    bool is_plain = is_container || row->type == TYPE_BOOL || row->type == TYPE_INT ||
                    row->type == TYPE_PORT || row->type == TYPE_REAL;
    if (!strchr(row->fallback, '\n'))
        return arena_printf(arena, is_plain ? "%s: %s" : "%s: '%s'", row->name, row->fallback);
    CLEANUP(text_release) Text out = TEXT_INIT;
    text_addf(&out, "%s:\n", row->name);
    char **lines;
    size_t count = text_split(arena, row->fallback, '\n', &lines);
    for (size_t i = 0; i < count; i++)
        text_addf(&out, "      %s\n", lines[i]);
    return text_copy(&out, arena);
}

/* A node that is reached has a server for SSH: only who writes it wants it as a package. */
static bool is_exempt(const Parameter *row)
{
    return strcmp(row->name, "node_packages") == 0;
}

static void a_written_default_changes_nothing(void **state)
{
    const char *without = wanted(*state, "");
    assert_true(strlen(without) > 10000);
    for (size_t i = 0; i < params_count(); i++) {
        CLEANUP(arena_freep) Arena *arena = arena_new();
        const Parameter *row = params_at(i);
        if (row->fallback && !is_exempt(row))
            must_be_same(wanted(arena, arena_printf(arena, "    %s\n", written(arena, row))),
                         without, row->name);
    }
}

/* Where objects are written; "@" stands for the field. */
static const struct {
    const char *schema, *vars;
} homes[] = {
    {"user", "pg_users: [ { name: app, @ } ]"},
    {"membership", "pg_users: [ { name: app, roles: [ { name: dbrole_admin, @ } ] } ]"},
    {"database", "pg_databases: [ { name: app, @ } ]"},
    {"schema", "pg_databases: [ { name: app, schemas: [ { name: s, @ } ] } ]"},
    {"extension", "pg_databases: [ { name: app, extensions: [ { name: citext, @ } ] } ]"},
    {"service", "pg_services: [ { name: s, port: 5555, selector: '[]', @ } ]"},
    {"rule", "pg_hba_rules: [ { addr: intra, auth: pwd, title: t, @ } ]"},
    {"rule", "pgb_hba_rules: [ { addr: intra, auth: pwd, title: t, @ } ]"},
    {"dynamic configuration", "pg_dcs: { @ }"},
    {"dynamic PostgreSQL configuration", "pg_dcs: { postgresql: { @ } }"},
    {"slot", "pg_dcs: { slots: { s: { type: physical, @ } } }"},
    {"node service", "haproxy_services: [ { name: s, port: 5555, @ } ]"},
};

/* Objects of what is not managed in this version. */
static const char *const idle_schemas[] = {"exporter", "recovery", "repository"};

static const char *home_vars(Arena *arena, const char *vars, const char *field)
{
    const char *at = strchr(vars, '@');
    assert_non_null(at);
    return arena_printf(arena, "    %.*s%s%s\n", (int)(at - vars), vars, field, at + 1);
}

static void try_fields(const ParameterSchema *schema, const char *vars)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    const char *without = wanted(arena, home_vars(arena, vars, ""));
    for (size_t i = 0; i < schema->field_count; i++) {
        const Parameter *field = &schema->fields[i];
        if (field->fallback)
            must_be_same(wanted(arena, home_vars(arena, vars, written(arena, field))), without,
                         arena_printf(arena, "%s of a %s", field->name, schema->name));
    }
}

static bool is_idle(const ParameterSchema *schema)
{
    for (size_t i = 0; i < COUNT_OF(idle_schemas); i++) {
        if (strcmp(schema->name, idle_schemas[i]) == 0)
            return true;
    }
    return false;
}

static void a_written_default_of_a_field_changes_nothing(void **state)
{
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(*state, &schemas);
    for (size_t i = 0; i < count; i++) {
        bool has_defaults = false, has_home = is_idle(schemas[i]);
        for (size_t f = 0; f < schemas[i]->field_count; f++)
            has_defaults = has_defaults || schemas[i]->fields[f].fallback;
        for (size_t h = 0; h < COUNT_OF(homes); h++) {
            if (strcmp(homes[h].schema, schemas[i]->name) != 0)
                continue;
            try_fields(schemas[i], homes[h].vars);
            has_home = true;
        }
        if (has_defaults && !has_home)
            fail_msg("nobody tries the defaults of a %s", schemas[i]->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_set_is_pinned, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_written_default_changes_nothing, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(a_written_default_of_a_field_changes_nothing, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
