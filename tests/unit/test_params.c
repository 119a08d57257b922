/* The parameter table: every row is whole, every default types without a complaint. */
#include <ctype.h>

#include "base/map.h"
#include "base/text.h"
#include "schema/inventory.h"
#include "schema/manual_parts.h"
#include "schema/params.h"
#include "unit.h"

static void check_row(const Parameter *row, const char *where)
{
    bool is_object = row->type >= TYPE_OBJECT && row->type <= TYPE_OBJECT_MAP;
    bool needs_words = row->type == TYPE_ENUM || row->type == TYPE_INT_OR_WORD;
    if (!row->doc || !*row->doc || (needs_words && !row->words) ||
        is_object != (row->schema != NULL) || row->min > row->max || !params_type_name(row->type))
        fail_msg("the row %s of %s is not whole", row->name, where);
    for (const char *c = row->name; *c; c++)
        assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
}

static void check_schema(const ParameterSchema *schema)
{
    for (size_t i = 0; i < schema->field_count; i++) {
        check_row(&schema->fields[i], schema->name);
        assert_ptr_equal(params_field(schema, schema->fields[i].name), &schema->fields[i]);
    }
    if (schema->text_field)
        assert_non_null(params_field(schema, schema->text_field));
    assert_null(params_field(schema, "no such field"));
}

static void rows_are_whole_and_unique(void **state)
{
    Map *names = map_new(*state);
    size_t number = 0;
    for (size_t t = 0; t < params_table_count(); t++) {
        const ParameterTable *table = params_table_at(t);
        for (size_t i = 0; i < table->count; i++, number++) {
            const Parameter *row = &table->rows[i];
            check_row(row, table->section);
            assert_true(row->levels > 0);
            assert_non_null(row->feeds);
            if (map_set(names, row->name, names))
                fail_msg("%s is there twice", row->name);
            size_t found;
            assert_ptr_equal(params_find(row->name, &found), row);
            assert_int_equal(found, number);
            assert_ptr_equal(params_at(number), row);
            assert_string_equal(params_section(row), table->section);
            if (row->schema)
                check_schema(row->schema);
        }
    }
    assert_int_equal(params_count(), number);
    assert_null(params_at(number));
    assert_null(params_find("nothing", NULL));
}

/* The sections of Pigsty 4.5 and how many parameters each has. */
static void all_of_them_are_there(void **state)
{
    static const struct {
        const char *prefix;
        size_t count;
    } sections[] = {
        {"PG_", 124}, {"NODE_", 57}, {"HAPROXY", 10}, {"VECTOR", 6}, {"ETCD", 13},
        {"META", 5},  {"CA", 3},     {"INFRA_", 6},   {"REPO", 10},  {"DNS", 3},
    };
    (void)state;
    for (size_t s = 0; s < COUNT_OF(sections); s++) {
        size_t count = 0;
        for (size_t t = 0; t < params_table_count(); t++) {
            if (text_starts_with(params_table_at(t)->section, sections[s].prefix))
                count += params_table_at(t)->count;
        }
        if (count != sections[s].count)
            fail_msg("%s has %zu parameters", sections[s].prefix, count);
    }
}

static const Host *bare_host(Arena *arena)
{
    static const char text[] = "all: { children: { g: { hosts: { 10.0.0.1: } } } }";
    Diagnostics *diagnostics = diagnostics_new(arena);
    Inventory *inventory = inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics);
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++)
        print_error("%s\n", diagnostics_at(diagnostics, i)->message);
    assert_int_equal(diagnostics_count(diagnostics), 0);
    return inventory_host_at(inventory, 0);
}

static void every_default_has_its_type(void **state)
{
    const Host *host = bare_host(*state);
    for (size_t i = 0; i < params_count(); i++) {
        const Parameter *row = params_at(i);
        const Value *value = host_param(host, row->name);
        assert_non_null(value);
        if ((value->type == VALUE_NULL) != (row->fallback == NULL))
            fail_msg("the default of %s is lost", row->name);
        assert_false(host_param_is_set(host, row->name));
        assert_null(host_param_origin(host, row->name));
    }
}

static void defaults_are_the_listed_ones(void **state)
{
    static const struct {
        const char *name, *text;
    } cases[] = {
        {"pg_version", "18"},
        {"pg_mode", "\"pgsql\""},
        {"pg_conf", "\"oltp.yml\""},
        {"pg_max_conn", "\"auto\""},
        {"pg_shared_buffer_ratio", "\"0.25\""},
        {"pg_checksum", "true"},
        {"pg_rpo", "1048576"},
        {"pg_libs", "\"pg_stat_statements, auto_explain\""},
        {"pg_dbsu_password", "\"\""},
        {"pg_admin_password", "(sensitive value)"},
        {"pg_users", "[]"},
        {"pg_parameters", "{}"},
        {"pg_default_schemas", "[{name: \"monitor\"}]"},
        {"pg_vip_address", "\"127.0.0.1/24\""},
        {"pg_listen", "\"0.0.0.0\""},
        {"pg_seq", "null"},
        {"pg_packages", "[\"pgsql-main pgsql-common\"]"},
        {"pg_exporter_options", "\"\""},
        {"haproxy_client_timeout", "\"24h\""},
        {"node_firewall_public_port", "[22, 80, 443]"},
        {"node_firewall_intranet", "[\"10.0.0.0/8\", \"192.168.0.0/16\", \"172.16.0.0/12\"]"},
        {"node_default_etc_hosts", "[\"10.10.10.10 i.pigsty\"]"},
        {"node_sysctl_params", "{fs.nr_open: \"8388608\"}"},
        {"node_hugepage_ratio", "\"0\""},
        {"etcd_port", "2379"},
        {"cert_validity", "\"7300d\""},
        {"pg_default_extensions/0", "{name: \"pg_stat_statements\", schema: \"monitor\"}"},
        {"pg_default_services/1/port", "5434"},
        {"pg_rto_plan/norm", "[30, 5, 10, 25, 5, \"2s\", \"1s\", \"2s\", 3, 3]"},
        {"pgbackrest_repo/minio/block", "\"y\""},
        {"pgbackrest_repo/minio/cipher_pass", "(sensitive value)"},
        {"infra_portal", "{home: {domain: \"i.pigsty\"}}"},
        {"pg_default_roles/6/roles/0/name", "\"dbrole_admin\""},
    };
    const Host *host = bare_host(*state);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char *name = arena_strdup(*state, cases[i].name);
        char *rest = strchr(name, '/');
        if (rest)
            *rest++ = '\0';
        CLEANUP(text_release) Text text = TEXT_INIT;
        value_format(&text, value_path(host_param(host, name), rest ? rest : ""));
        if (strcmp(text_get(&text), cases[i].text) != 0)
            fail_msg("%s is %s, not %s", cases[i].name, text_get(&text), cases[i].text);
    }
    assert_int_equal(value_count(host_param(host, "pg_default_roles")), 8);
    assert_int_equal(value_count(host_param(host, "pg_default_privileges")), 17);
    assert_int_equal(value_count(host_param(host, "pg_default_extensions")), 15);
    assert_int_equal(value_count(host_param(host, "pg_default_services")), 4);
    assert_int_equal(value_count(host_param(host, "pg_default_hba_rules")), 12);
    assert_int_equal(value_count(host_param(host, "pgb_default_hba_rules")), 7);
}

static void other_names_are_known(void **state)
{
    (void)state;
    assert_string_equal(params_renamed("pg_shared_libraries")->new_name, "pg_libs");
    assert_string_equal(params_renamed("pg_shared_libraries")->since, "1.5");
    assert_string_equal(params_renamed("pgbackrest_clean")->new_name, "");
    assert_string_equal(params_renamed("consul_datacenter")->since, "2.0");
    assert_null(params_renamed("pg_libs"));
    assert_null(params_renamed("pg_dcs_"));
    assert_string_equal(params_foreign_module("minio_users"), "minio");
    assert_string_equal(params_foreign_module("app"), "app");
    assert_null(params_foreign_module("application"));
    assert_null(params_foreign_module("pg_version"));
    assert_string_equal(params_nearest("pg_verson"), "pg_version");
    assert_null(params_nearest("something_else_entirely"));
}

static void check_renamed_fields(const ParameterSchema *schema)
{
    for (size_t i = 0; params_renamed_field_at(schema, i); i++) {
        const ParameterRename *rename = params_renamed_field_at(schema, i);
        assert_non_null(params_field(schema, rename->new_name));
        assert_null(params_field(schema, rename->old_name));
        assert_ptr_equal(params_renamed_field(schema, rename->old_name), rename);
    }
}

/* A renamed parameter or field leads to one that exists, and is none itself. */
static void renames_lead_somewhere(void **state)
{
    for (size_t i = 0; params_renamed_at(i); i++) {
        const ParameterRename *rename = params_renamed_at(i);
        if (*rename->new_name && !params_find(rename->new_name, NULL))
            fail_msg("%s leads to %s, which is nothing", rename->old_name, rename->new_name);
        assert_null(params_find(rename->old_name, NULL));
        assert_ptr_equal(params_renamed(rename->old_name), rename);
    }
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(*state, &schemas);
    for (size_t i = 0; i < count; i++)
        check_renamed_fields(schemas[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_whole_and_unique, arena_setup, arena_teardown),
        cmocka_unit_test(all_of_them_are_there),
        cmocka_unit_test_setup_teardown(every_default_has_its_type, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(defaults_are_the_listed_ones, arena_setup, arena_teardown),
        cmocka_unit_test(other_names_are_known),
        cmocka_unit_test_setup_teardown(renames_lead_somewhere, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
