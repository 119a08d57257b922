/* An inventory full of canaries, broken in every way that hands break one, and all that is said
 * about it. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "canary.h"
#include "schema/inventory.h"
#include "schema/params.h"
#include "unit.h"
#include "vault_samples.h"

/* -- what is said -------------------------------------------------------------------------------
 */

static void check_silence(Arena *arena, const char *text, size_t length, const char *edit)
{
    Diagnostics *diagnostics = diagnostics_new(arena);
    inventory_load_bytes(arena, "/tmp/f.yml", text, length, diagnostics);
    char *bytes = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&bytes, &size);
    diagnostics_print(stream, diagnostics, SIZE_MAX, false, false);
    fclose(stream);
    CLEANUP(text_release) Text json = TEXT_INIT;
    json_write(&json, diagnostics_value(arena, diagnostics));
    canary_is_not_in(bytes, size, edit);
    canary_is_not_in(text_get(&json), json.length, edit);
    free(bytes);
}

/* -- one line is broken -------------------------------------------------------------------------
 */

/* What may stand between "KEY: " and the secret, and behind it. */
static const char *const prefixes[] = {
    "",
    "!",
    "!!",
    "!x ",
    "!<",
    "!<x> ",
    "!a!",
    "!!int ",
    "!!binary ",
    "!!set {",
    "!unsafe ",
    "!vault ",
    "!vault |\n          ",
    "&",
    "&a ",
    "*",
    "*a ",
    "@",
    "%",
    "`",
    "#",
    "|",
    "| ",
    "|+ ",
    "|\n   ",
    "|2\n  ",
    ">",
    "> ",
    ">\n ",
    "\"",
    "'",
    "\"\n  ",
    "'\n  ",
    "'\n",
    "\"\\q",
    "\"\\x",
    "'' ",
    "\"\" ",
    "{",
    "{{",
    "{{ x }}",
    "{a: ",
    "{a: x, a: ",
    "{from_env: ",
    "{from_env: [",
    "{from_file: ",
    "{ from_vault: ",
    "[",
    "[ {",
    "${",
    ",",
    "? ",
    "- ",
    "- - ",
    "- x: ",
    ": ",
    "x: ",
    "a b: ",
    "<<: ",
    "---",
    "--- ",
    "...",
    "\n---\n",
    "\n  ",
    "\n",
    "\n    - ",
    "\t",
    "\x01",
    "\xff",
};
static const char *const suffixes[] = {
    "",
    ": x",
    " : y: z",
    " #",
    " # c",
    " #" CANARY,
    "\"",
    "'",
    "\\",
    "[",
    "]",
    "{",
    "}",
    "}}",
    " }}",
    ",",
    ", x",
    "," CANARY,
    "\t",
    "\x01",
    "\xff",
    "\njunk",
    "\n  junk",
    "\n      junk: 1",
    "\n  \"",
    "\n\tx",
    "\n- x",
    "\n      - x",
    "\n...",
    "\n--- x",
    "\n%x",
    "\n" CANARY "-more",
    "\n  " CANARY "-more",
    "\n      " CANARY "-more",
    "\n          " CANARY "-more",
};

/* What may become of "KEY: ", with % for the name. */
static const char *const keys[] = {
    "%:",     "%",         "% ",         "%=",     "% = ",          "% : ",
    "%:: ",   "%: :",      "%:\xc2\xa0", " %: ",   "\t%: ",         "- %: ",
    "- % = ", "\"%\": ",   "'%': ",      "\"%: ",  "'%: ",          "? %\n    : ",
    "%x: ",   "x%: ",      "%[0]: ",     "%.x: ",  "%: x\n    %: ", "{ %: ",
    "[ %: ",  "  %: ",     "      %: ",  "!x %: ", "&a %: ",        "*%: ",
    "#%: ",   "export %=",
};

/* A line of the inventory, "INDENT NAME: SECRET". */
typedef struct Target {
    char **lines;
    size_t count, number; /* of lines, and which one */
    size_t indent;
    const char *name, *secret;
} Target;

/* The inventory with this instead of "NAME: SECRET". */
static void check_edit(const Target *target, const char *line)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < target->count; i++) {
        if (i == target->number)
            text_addf(&text, "%*s%s\n", (int)target->indent, "", line);
        else
            text_addf(&text, "%s\n", target->lines[i]);
    }
    check_silence(arena, text_get(&text), text.length, line);
}

static void edit_value(const Target *target, const char *prefix, const char *suffix)
{
    CLEANUP(text_release) Text line = TEXT_INIT;
    text_addf(&line, "%s: %s%s%s", target->name, prefix, target->secret, suffix);
    check_edit(target, text_get(&line));
}

static void edit_values(const Target *target, bool is_thorough)
{
    for (size_t p = 0; p < COUNT_OF(prefixes); p++) {
        for (size_t s = 0; s < COUNT_OF(suffixes) && (is_thorough || p == 0 || s == 0); s++)
            edit_value(target, prefixes[p], suffixes[s]);
    }
}

static void edit_keys(const Target *target)
{
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        CLEANUP(text_release) Text line = TEXT_INIT;
        for (const char *c = keys[i]; *c; c++)
            text_addf(&line, *c == '%' ? "%s" : "%.1s", *c == '%' ? target->name : c);
        text_add(&line, target->secret);
        check_edit(target, text_get(&line));
    }
}

/* A letter is missing, too many or twice; in a file that can be parsed, and in one that cannot. */
static void edit_letters(const Target *target)
{
    static const char *const ends[] = {"", " {x: ", "\x01"};
    const char *name = target->name;
    for (size_t i = 0; name[i]; i++) {
        const struct {
            size_t kept;
            const char *more, *rest;
        } forms[] = {{i, "", name + i + 1}, {i, "x", name + i}, {i + 1, "", name + i}};
        for (size_t k = 0; k < COUNT_OF(forms) * COUNT_OF(ends); k++) {
            size_t form = k % COUNT_OF(forms);
            CLEANUP(text_release) Text line = TEXT_INIT;
            text_addf(&line, "%.*s%s%s: %s%s", (int)forms[form].kept, name, forms[form].more,
                      forms[form].rest, target->secret, ends[k / COUNT_OF(forms)]);
            check_edit(target, text_get(&line));
        }
    }
}

static bool target_of(Arena *arena, Target *target)
{
    const char *line = target->lines[target->number];
    const char *secret = strstr(line, CANARY), *colon = strchr(line, ':');
    if (!secret)
        return false;
    assert_non_null(colon);
    target->indent = strspn(line, " ");
    target->name =
        arena_strndup(arena, line + target->indent, (size_t)(colon - line) - target->indent);
    target->secret = secret;
    return true;
}

static void no_broken_line_shows_one(void **state)
{
    size_t count, done = 0;
    char *text = canary_inventory(*state, CANARY_PLAIN, &count);
    Target target = {0};
    target.count = text_split(*state, text, '\n', &target.lines);
    for (; target.number < target.count; target.number++) {
        if (!target_of(*state, &target))
            continue;
        bool is_parameter = params_find(target.name, NULL) && target.indent == 4;
        edit_values(&target, strcmp(target.name, "pg_admin_password") == 0 && is_parameter);
        edit_keys(&target);
        if (is_parameter || done == 0)
            edit_letters(&target);
        done++;
    }
    assert_int_equal(done, count);
}

/* -- a line of its own --------------------------------------------------------------------------
 */

static const char *const lines[] = {
    /* a comma, and no colon */
    "pg_users: [{ name: a, password: " CANARY "," CANARY "-more }]",
    "pg_users: [{ name: a, password: " CANARY "," CANARY "-2," CANARY "-3, login: true }]",
    "pg_users: [{ name: a, password " CANARY " }]",
    "pg_users: [{ name: a, password=" CANARY ", login: tru }]",
    "pg_users: [{ name: a, password:" CANARY " }]",
    "pg_users: [{ name: a, pasword:" CANARY " }]",
    "{ pg_admin_password: " CANARY " }",
    "pg_admin_password:" CANARY,
    "pg_admin_password " CANARY ": x",
    "pg_admin_password=" CANARY ": x",
    "pg_admin_password/" CANARY ": x",
    "pg_exporters: { 1: { pg_cluster: x, pg_seq: 1, pg_exporter_url: " CANARY "," CANARY " } }",
    "pgbackrest_repo: { local: { s3_key_secret: " CANARY "," CANARY ", type: posx } }",
    /* quotes and brackets */
    "pg_users: [{ name: a, \"password\": " CANARY ", login: tru }]",
    "pg_users: [{ name: a, 'password':" CANARY ", login: tru }]",
    "pg_users: [{ name: a, password: x #" CANARY " }]",
    "pg_users: [{ name: a, login: tru, password: x #" CANARY,
    "pg_users: [{ name: a, password: \"" CANARY "\"" CANARY "-more }]",
    "pg_users: [{ name: a, password: " CANARY "]x }]",
    "pg_users: [{ name: a, password: " CANARY "}x }]",
    "pg_users: [{ name: a, password: \"" CANARY "\\n\\q\" }]",
    "pg_users: [{ name: a,\n     password: " CANARY "\n " CANARY ", login: tru }]",
    "pg_users: [{ name: a,\n     password:\n " CANARY ", login: tru }]",
    "pg_users: [{ name: a,\n     password:\n " CANARY "\n, login: tru }",
    "pg_users: [{ name: a,\n     password:\n \"" CANARY "\n, login: tru }",
    "pg_users: [{ name: a,\n     password:\n \"" CANARY "\n" CANARY ": tru }",
    /* another shape */
    "pg_users: [{ name: a, password: [" CANARY "," CANARY "] }]",
    "pg_users: [{ name: a, password: {" CANARY "," CANARY "} }]",
    "pg_users: [{ name: a, password: {" CANARY ": 1, " CANARY ": 2} }]",
    "pg_users: [{ name: a, password: {from_env: x, " CANARY "} }]",
    "pg_users: [{ name: a, password: {from_env: {" CANARY ": " CANARY "}} }]",
    "pg_users: { a: { password: " CANARY " } }",
    "pg_users: [{ name: a, password: ? " CANARY " }]",
    "pg_users: [{ name: a, ? password : " CANARY ", login: tru }]",
    "pg_users: [{ name: a, ? [password] : " CANARY ", login: tru }]",
    /* twice, and beside something wrong */
    "pg_users: [{ name: a, password: " CANARY " }, { name: a, password: " CANARY ", login: x }]",
    "pg_users: [{ name: a, password: " CANARY ", password: " CANARY "-more }]",
    "pg_users: [{ nam: a, password: " CANARY ", x: { y: z } }]",
    /* anchors, tags and holes */
    "pg_users: [{ name: a, password: *" CANARY " }]",
    "pg_users: [{ name: a, password: &" CANARY " }]",
    "pg_users: [{ name: a, password: !" CANARY " }]",
    "pg_users: [{ name: a, password: !" CANARY " x, login: tru }]",
    "pg_users: [{ name: a, password: '{{ " CANARY " }}' }]",
    "pg_users: [{ name: a, password: 'a ${" CANARY "} $(" CANARY ")' }]",
    "pgbackrest_repo: { local: { s3_key: '${" CANARY "}' } }",
    /* names that the table does not have */
    "pgbackrest_repo: { local: { s3_key_secrt: " CANARY ", type: posx } }",
    "pgbackrest_repo: { local: { repo1-cipher-pass: " CANARY ", type: posx } }",
    "pgbackrest_repo: { local: { secret_of_tomorrow: " CANARY ", type: posx } }",
    "pg_exporters: { 1: { pg_cluster: x, pg_seq: 1, more_password: " CANARY ", pg_port: x } }",
    "grafana_admin_password: [" CANARY "]",
    "minio_users: [{ access_key: a, secret_key: " CANARY ", }, x",
    "pgsteer_waivers: [{ code: W032, reason: r, until: x, password: " CANARY " }]",
    "ansible_password: " CANARY,
    "ansible_ssh_pass: [" CANARY "]",
    "ansible_become_password: !" CANARY,
};

static void no_line_of_its_own_shows_one(void **state)
{
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const char *text =
            arena_printf(*state,
                         "all:\n  vars:\n    %s\n    pg_version: x\n  children:\n"
                         "    pg-a: { hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } } }\n",
                         lines[i]);
        check_silence(*state, text, strlen(text), lines[i]);
    }
}

/* -- and yet they are there ---------------------------------------------------------------------
 */

static const char *secret_text_of(const Inventory *inventory, const char *name)
{
    const Value *value = host_param(inventory_host(inventory, "10.10.10.11"), name);
    assert_int_equal(value->type, VALUE_SECRET);
    return inventory_secret(inventory, value->text);
}

static void every_form_is_a_hole_with_a_text(void **state)
{
    char path[] = "bird.XXXXXX";
    assert_int_equal(close(mkstemp(path)), 0);
    check_fine(file_write_all(path, 0600, CANARY "-file", strlen(CANARY "-file")));
    assert_int_equal(rename(path, "bird"), 0);
    setenv(CANARY_ENV, CANARY "-env", 1);
    setenv("PGSTEER_VAULT_PASSWORD", VAULT_PASSWORD, 1);
    CLEANUP(vault_freep) Vault *vault = vault_new();
    vault_add_environment(vault);
    for (CanaryForm form = CANARY_PLAIN; form < CANARY_FORM_COUNT; form++) {
        size_t count;
        const char *text = canary_inventory(*state, form, &count);
        Diagnostics *diagnostics = diagnostics_new(*state);
        Inventory *inventory =
            inventory_load_bytes(*state, "./f.yml", text, strlen(text), diagnostics);
        assert_int_equal(diagnostics_error_count(diagnostics), 0);
        inventory_use_vault(inventory, vault);
        for (size_t i = 0; i < params_count(); i++) {
            if (params_at(i)->type == TYPE_PASSWORD)
                assert_non_null(strstr(secret_text_of(inventory, params_at(i)->name), CANARY));
        }
    }
    unlink("bird");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_broken_line_shows_one, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(no_line_of_its_own_shows_one, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(every_form_is_a_hole_with_a_text, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
