/* What may be written in several forms is the same in each. */
#include "base/text.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "unit.h"

/* The same value, written in two ways. */
static const struct {
    const char *param, *one, *other;
} pairs[] = {
    /* an object of which only one field is written */
    {"pg_users", "[ { name: a, roles: [ b, c ] } ]",
     "[ { name: a, roles: [ { name: b }, { name: c } ] } ]"},
    {"pg_users", "[ { name: a, roles: [ b, { name: c, admin: true } ] } ]",
     "[ { name: a, roles: [ { name: b }, { name: c, admin: yes } ] } ]"},
    {"pg_default_roles", "[ { name: a, roles: [ b ] } ]",
     "[ { name: a, roles: [ { name: b } ] } ]"},
    {"pg_databases", "[ { name: a, schemas: [ s, t ] } ]",
     "[ { name: a, schemas: [ { name: s }, { name: t } ] } ]"},
    {"pg_databases", "[ { name: a, schemas: [ s, { name: t, owner: b } ] } ]",
     "[ { name: a, schemas: [ { name: s }, { name: 't', owner: b } ] } ]"},
    {"pg_databases", "[ { name: a, extensions: [ postgis, { name: vector, schema: public } ] } ]",
     "[ { name: a, extensions: [ { name: postgis }, { name: vector, schema: 'public' } ] } ]"},
    {"pg_default_schemas", "[ monitor ]", "[ { name: monitor } ]"},
    {"pg_default_schemas", "[ monitor, { name: s, owner: a } ]",
     "[ { name: monitor }, { name: s, owner: a } ]"},
    {"pg_default_extensions", "[ pg_repack, { name: file_fdw, schema: public } ]",
     "[ { name: pg_repack }, { name: file_fdw, schema: public } ]"},
    {"repo_url_packages", "[ 'https://a/b.html' ]", "[ { url: 'https://a/b.html' } ]"},

    {"pg_dcs", "{ ignore_slots: [ a, { name: b, type: logical } ] }",
     "{ ignore_slots: [ { name: a }, { name: b, type: logical } ] }"},
    {"pg_dcs", "{ synchronous_mode: on, failsafe_mode: no }",
     "{ synchronous_mode: true, failsafe_mode: false }"},
    {"pg_dcs", "{ postgresql: { parameters: { work_mem: 64MB, jit: off }, pg_ident: a b c } }",
     "{ postgresql: { parameters: { work_mem: '64MB', jit: 'off' }, pg_ident: [ a b c ] } }"},

    /* one entry is a list of one */
    {"pg_packages", "pgsql-main pgsql-common", "[ 'pgsql-main pgsql-common' ]"},
    {"pg_extensions", "pgvector", "[ pgvector ]"},
    {"pg_crontab", "00 01 * * * /pg/bin/pg-backup full",
     "[ '00 01 * * * /pg/bin/pg-backup full' ]"},
    {"node_crontab", "00 01 * * * root true", "[ '00 01 * * * root true' ]"},
    {"pg_files", "files/a.conf", "[ files/a.conf ]"},
    {"pg_default_privileges", "GRANT USAGE ON SCHEMAS TO a", "[ GRANT USAGE ON SCHEMAS TO a ]"},
    {"pgbouncer_ignore_param", "DateStyle", "[ DateStyle ]"},
    {"node_etc_hosts", "10.0.0.1 a b", "[ 10.0.0.1 a b ]"},
    {"node_dns_servers", "10.0.0.1", "[ '10.0.0.1' ]"},
    {"node_packages", "vim,htop", "[ 'vim,htop' ]"},
    {"node_kernel_modules", "softdog", "[ softdog ]"},
    {"node_firewall_intranet", "10.0.0.0/8", "[ '10.0.0.0/8' ]"},
    {"node_firewall_public_port", "22", "[ 22 ]"},
    {"vector_log_endpoint", "infra", "[ infra ]"},
    {"dns_records", "10.0.0.1 a", "[ 10.0.0.1 a ]"},
    {"pg_hba_rules", "[ { rules: local all all peer } ]", "[ { rules: [ local all all peer ] } ]"},
    {"haproxy_services", "[ { name: a, port: 5555, options: option tcplog } ]",
     "[ { name: a, port: 5555, options: [ option tcplog ] } ]"},
    {"pg_pitr", "{ db_include: a }", "{ db_include: [ a ] }"},
    {"repo_upstream",
     "[ { name: a, baseurl: { default: 'http://a' }, releases: 12, arch: x86_64 } ]",
     "[ { name: a, baseurl: { default: 'http://a' }, releases: [ 12 ], arch: [ x86_64 ] } ]"},

    /* nothing is an empty list or map */
    {"pg_users", "", "[]"},
    {"pg_databases", "~", "[]"},
    {"pg_services", "null", "[]"},
    {"pg_hba_rules", "", "[]"},
    {"pg_crontab", "", "[]"},
    {"pg_parameters", "", "{}"},
    {"pg_databases", "[ { name: a, schemas: , extensions: ~, parameters: } ]",
     "[ { name: a, schemas: [], extensions: [], parameters: {} } ]"},
    {"pg_users", "[ { name: a, roles: , login: , comment: ~ } ]", "[ { name: a, roles: [] } ]"},

    /* block and flow, quoted and plain, numbers and texts */
    {"pg_parameters", "{ work_mem: 64MB, jit: off, random_page_cost: 1.1 }",
     "{ work_mem: '64MB', jit: 'off', random_page_cost: '1.1' }"},
    {"pg_parameters", "{ cron.database_name: a }", "{ 'cron.database_name': 'a' }"},
    {"pg_users", "[ { name: a, parameters: { statement_timeout: 0, search_path: DEFAULT } } ]",
     "[ { name: a, parameters: { statement_timeout: '0', search_path: 'DEFAULT' } } ]"},
    {"pg_services", "[ { name: a, port: 5555, selector: '[]', dest: 1433 } ]",
     "\n        - name: a\n          port: 5555\n          selector: \"[]\"\n          dest: 1433"},
    {"pg_exporters", "{ 20001: { pg_cluster: a, pg_seq: 1, pg_host: 10.0.0.1 } }",
     "{ '20001': { pg_cluster: a, pg_seq: 1, pg_host: '10.0.0.1' } }"},
    {"pgbackrest_repo", "{ local: { path: /a, retention_full: 2, block: y } }",
     "{ local: { path: '/a', retention_full: '2', block: 'y' } }"},
    {"pg_rto_plan", "{ norm: [ 30, 5, 10, 25, 5, 2s, 1s, 2s, 3, 3 ] }",
     "{ norm: [ 30, 5, 10, 25, 5, '2s', '1s', '2s', 3, 3 ] }"},
    {"pg_max_conn", "auto", "'auto'"},
    {"pg_dns_target", "vip", "'vip'"},
    {"pg_checksum", "true", "yes"},
};

static const Value *value_of(Arena *arena, const char *param, const char *text)
{
    const char *yaml = arena_printf(arena,
                                    "all:\n"
                                    "  children: { g: { hosts: { 10.0.0.1: } } }\n"
                                    "  vars:\n"
                                    "    %s: %s\n",
                                    param, text);
    Diagnostics *diagnostics = diagnostics_new(arena);
    Inventory *inventory = inventory_load_bytes(arena, "f.yml", yaml, strlen(yaml), diagnostics);
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const Diagnostic *problem = diagnostics_at(diagnostics, i);
        if (problem->code[0] == 'E')
            fail_msg("%s: %s is refused: %s", param, text, problem->message);
    }
    return host_param(inventory_host_at(inventory, 0), param);
}

static void forms_are_the_same(void **state)
{
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        CLEANUP(text_release) Text one = TEXT_INIT;
        CLEANUP(text_release) Text other = TEXT_INIT;
        value_format(&one, value_of(*state, pairs[i].param, pairs[i].one));
        value_format(&other, value_of(*state, pairs[i].param, pairs[i].other));
        if (strcmp(text_get(&one), text_get(&other)) != 0)
            fail_msg("%s: %s\nis %s,\nbut %s\nis %s", pairs[i].param, pairs[i].one, text_get(&one),
                     pairs[i].other, text_get(&other));
        assert_string_not_equal(text_get(&one), "null");
    }
}

/* Every object that may be written as a text is in the list above. */
static void has_pair(const char *param, const Parameter *row)
{
    if (!row->schema || !row->schema->text_field)
        return;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        if (strcmp(pairs[i].param, param) == 0 &&
            (strcmp(param, row->name) == 0 || strstr(pairs[i].one, row->name)))
            return;
    }
    fail_msg("no forms of %s in %s are compared", row->name, param);
}

static void every_short_form_is_tried(void **state)
{
    (void)state;
    for (size_t i = 0; i < params_count(); i++) {
        const Parameter *row = params_at(i);
        has_pair(row->name, row);
        for (size_t f = 0; row->schema && f < row->schema->field_count; f++) {
            if (strcmp(row->name, "pg_exporters") !=
                0) /* its databases are those of pg_databases */
                has_pair(row->name, &row->schema->fields[f]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms_are_the_same, arena_setup, arena_teardown),
        cmocka_unit_test(every_short_form_is_tried),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
