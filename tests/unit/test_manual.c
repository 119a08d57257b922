/* The manual: every row is in all of its forms, one section is golden, and kinds name real rows. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "providers/registry.h"
#include "schema/manual.h"
#include "schema/manual_parts.h"
#include "schema/rules.h"
#include "unit.h"

enum { TEXT_COLUMNS = 80, FACT_COLUMN = 17 };

static const Value *definition(const Value *schema, const char *name)
{
    return value_get(value_get(schema, "definitions"), name);
}

static void every_row_is_in_every_form(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text text = TEXT_INIT, page = TEXT_INIT;
    manual_text(&text, &pgsteer_registry);
    manual_page(&page, &pgsteer_registry);
    const Value *vars =
        value_get(definition(manual_json_schema(arena, &pgsteer_registry), "vars"), "properties");
    for (size_t i = 0; i < params_count(); i++) {
        const char *name = params_at(i)->name;
        const Value *row = value_get(vars, name);
        if (!strstr(text_get(&text),
                    arena_printf(arena, "\n%s\n    %.20s", name, params_at(i)->doc)))
            fail_msg("%s is not in the text", name);
        if (!strstr(text_get(&page), arena_printf(arena, "\n.It Sy \"%s\"\n", name)))
            fail_msg("%s is not in the page", name);
        if (!row || !*value_get_text(row, "description"))
            fail_msg("%s is not in the JSON Schema", name);
    }
}

static void every_field_is_in_every_form(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text page = TEXT_INIT;
    manual_page(&page, &pgsteer_registry);
    const Value *json = manual_json_schema(arena, &pgsteer_registry);
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(arena, &schemas);
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        char *key = arena_strdup(arena, schemas[i]->name);
        for (char *blank = strchr(key, ' '); blank; blank = strchr(blank, ' '))
            *blank = '_';
        const Value *fields = value_get(definition(json, key), "properties");
        assert_true(manual_text_of(&text, &pgsteer_registry, schemas[i]->name));
        for (size_t f = 0; f < schemas[i]->field_count; f++) {
            const char *name = schemas[i]->fields[f].name;
            assert_non_null(strstr(text_get(&text), arena_printf(arena, "\n    %s\n", name)));
            assert_non_null(
                strstr(text_get(&page), arena_printf(arena, "\n.It Sy \"%s\"\n", name)));
            if (!schemas[i]->is_positional)
                assert_non_null(value_get(fields, name));
        }
    }
}

static void every_code_is_in_every_form(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text text = TEXT_INIT, page = TEXT_INIT;
    manual_text(&text, &pgsteer_registry);
    manual_page(&page, &pgsteer_registry);
    for (size_t i = 0; i < codes_count(); i++) {
        const char *code = codes_at(i)->code;
        CLEANUP(text_release) Text alone = TEXT_INIT;
        assert_true(manual_text_of(&alone, &pgsteer_registry, code));
        assert_non_null(strstr(text_get(&text), text_get(&alone)));
        assert_non_null(strstr(text_get(&page), arena_printf(arena, "\n.It Sy \"%s\"\n", code)));
    }
}

/* Two objects of one name would be one in the JSON Schema. */
static void objects_have_names_of_their_own(void **state)
{
    const ParameterSchema *const *schemas;
    size_t count = manual_schemas(*state, &schemas);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(schemas[i]->name, schemas[j]->name);
    }
}

/* Defaults of several lines stay as they are written. */
static bool is_of_a_default(const char *line)
{
    const char *text = line + strspn(line, " ");
    for (size_t i = 0; i < params_count(); i++) {
        const char *fallback = params_at(i)->fallback;
        if (fallback && strchr(fallback, '\n') && strstr(fallback, text))
            return true;
    }
    return false;
}

static void no_line_is_too_long(void **state)
{
    Arena *arena = *state;
    CLEANUP(text_release) Text text = TEXT_INIT, page = TEXT_INIT;
    manual_text(&text, &pgsteer_registry);
    manual_page(&page, &pgsteer_registry);
    char **lines;
    size_t count = text_split(arena, text_get(&text), '\n', &lines);
    for (size_t i = 0; i < count; i++) {
        if (text_columns(lines[i]) > TEXT_COLUMNS && !is_of_a_default(lines[i]) &&
            strchr(lines[i] + FACT_COLUMN, ' '))
            fail_msg("too long: %s", lines[i]);
    }
    count = text_split(arena, text_get(&page), '\n', &lines);
    for (size_t i = 0; i < count; i++) { /* no request by accident */
        if (lines[i][0] == '\'' || (lines[i][0] == '.' && (lines[i][1] < 'A' || lines[i][1] > 'Z')))
            fail_msg("a line of the page begins with %s", lines[i]);
    }
}

static void check_words(Arena *arena, const char *kind, const char *from)
{
    char **words;
    size_t count = from ? text_words(arena, from, false, &words) : 0;
    for (size_t i = 0; i < count; i++) {
        if (!params_find(words[i], NULL))
            fail_msg("%s comes from %s, which is no parameter", kind, words[i]);
    }
}

static void kinds_come_from_rows(void **state)
{
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        for (size_t i = 0; i < (*kind)->param_count; i++)
            check_words(*state, (*kind)->name, (*kind)->params[i].inventory);
    }
}

/* Who makes a kind of it has to take the wish out of the list of those that are not carried out. */
static void what_is_not_carried_out_has_no_kind(void **state)
{
    size_t count = 0;
    for (size_t i = 0; i < rules_count(); i++) {
        const Rule *rule = rules_at(i);
        bool is_list = strcmp(rule->codes, "W054") == 0 && rule->params[1];
        for (size_t p = 0; is_list && p < RULE_PARAMS_MAX && rule->params[p]; p++) {
            bool is_of_entries = params_find(rule->params[p], NULL)->type == TYPE_OBJECTS;
            if (!is_of_entries && manual_change(*state, &pgsteer_registry, rule->params[p]))
                fail_msg("%s is carried out: %s", rule->params[p], rule->sentence);
            count += !is_of_entries;
        }
    }
    assert_true(count > 3);
}

/* What the engine reads itself, or does in any case, or what says more of a wish that is reported.
 */
static const char *const not_of_kinds[] = {
    "ansible_host",
    "ansible_port",
    "ansible_user",
    "ansible_become_user",
    "pgsteer_expect_down",
    "pgsteer_lease_authority",
    "pgsteer_lease_remote",
    "pgsteer_waivers",
    "version",
    "pg_safeguard",
    "etcd_safeguard",
    "pg_vip_address",
    "pg_vip_interface",
    "vip_address",
    "vip_vrid",
    "vip_role",
    "vip_preempt",
    "vip_interface",
    "vip_auth_pass",
    "vip_exporter_port",
    "ansible_ssh_private_key_file",
};

static bool is_accounted_for(Arena *arena, const Parameter *row)
{
    if (row->flags & (PARAMETER_DEAD | PARAMETER_IDENTITY) ||
        manual_change(arena, &pgsteer_registry, row->name))
        return true;
    for (size_t i = 0; i < COUNT_OF(not_of_kinds); i++) {
        if (strcmp(not_of_kinds[i], row->name) == 0)
            return true;
    }
    for (size_t i = 0; i < rules_count(); i++) {
        const Rule *rule = rules_at(i);
        for (size_t p = 0; p < RULE_PARAMS_MAX && rule->params[p]; p++) {
            if (strcmp(rule->codes, "W054") == 0 && strcmp(rule->params[p], row->name) == 0)
                return true;
        }
    }
    return false;
}

/* Never silence about what is written and not carried out. */
static void what_has_no_kind_is_reported(void **state)
{
    for (size_t i = 0; i < params_count(); i++) {
        if (!is_accounted_for(*state, params_at(i)))
            fail_msg("no kind makes %s, and no rule says so", params_at(i)->name);
    }
}

static void one_section_is_golden(void **state)
{
    static const char *const names[] = {"pg_seq",
                                        "pg_conf",
                                        "pg_max_conn",
                                        "pg_rto_plan",
                                        "pg_hba_rules",
                                        "pg_admin_password",
                                        "vip_enabled",
                                        "pg_fs_backup",
                                        "node service",
                                        "pg_instances",
                                        "pgbackrest_repo",
                                        "pg_dcs",
                                        "pg_parameters",
                                        "max_connections",
                                        "max_wal_senders",
                                        "synchronous_standby_names",
                                        "W016",
                                        "E060"};
    static const char path[] = TESTS_DIR "/cases/manual/some.txt";
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_true(manual_text_of(&text, &pgsteer_registry, names[i]));
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, text_get(&text), text.length));
    char *expected;
    size_t length;
    check_fine(file_read(*state, path, 1 << 20, &expected, &length));
    assert_string_equal(text_get(&text), expected);
    assert_false(manual_text_of(&text, &pgsteer_registry, "nothing"));
}

static void the_json_schema_says_what_the_table_says(void **state)
{
    static const struct {
        const char *path, *json;
    } cases[] = {
        {"definitions/vars/properties/pg_weight/anyOf",
         "[{type: \"integer\", minimum: 0, maximum: 255}, "
         "{type: \"string\", pattern: \"^(0|[+-]?[1-9][0-9]*)$\"}, {type: \"null\"}]"},
        {"definitions/vars/properties/pg_io_method/anyOf/0",
         "{enum: [\"sync\", \"worker\", \"io_uring\", \"auto\"]}"},
        {"definitions/vars/properties/pg_rto/anyOf/2",
         "{enum: [\"fast\", \"norm\", \"safe\", \"wide\"]}"},
        {"definitions/vars/properties/pg_max_conn/anyOf",
         "[{type: \"integer\", minimum: 25}, {enum: [\"auto\"]}, {type: \"null\"}]"},
        {"definitions/service/properties/maxconn/default", "5000"},
        {"definitions/vars/properties/pg_shared_buffer_ratio/anyOf/0",
         "{type: \"number\", minimum: 0.1, maximum: 0.4}"},
        {"definitions/vars/properties/pg_users/items", "{$ref: \"#/definitions/user\"}"},
        {"definitions/vars/properties/pg_users/type", "[\"array\", \"null\"]"},
        {"definitions/vars/properties/pg_clean/description",
         "\"since Pigsty 3.5 called pg_rm_data\""},
        {"definitions/vars/properties/pg_clean/not", "{}"},
        {"definitions/vars/properties/pg_checksum/default", "true"},
        {"definitions/vars/properties/node_firewall_public_port/default", "[22, 80, 443]"},
        {"definitions/user/required", "[\"name\"]"},
        {"definitions/service/properties/src_port/deprecated", "true"},
        {"properties/all/properties/children/additionalProperties",
         "{$ref: \"#/definitions/group\"}"},
    };
    const Value *schema = manual_json_schema(*state, &pgsteer_registry);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(text_release) Text text = TEXT_INIT;
        value_format(&text, value_path(schema, cases[i].path));
        if (strcmp(text_get(&text), cases[i].json) != 0)
            fail_msg("%s is %s", cases[i].path, text_get(&text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_row_is_in_every_form, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(every_field_is_in_every_form, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(every_code_is_in_every_form, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(objects_have_names_of_their_own, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(no_line_is_too_long, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(kinds_come_from_rows, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_has_no_kind_is_reported, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_carried_out_has_no_kind, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(one_section_is_golden, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(the_json_schema_says_what_the_table_says, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
