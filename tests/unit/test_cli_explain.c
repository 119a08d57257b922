/*
 * pgsteer explain: golden cases of tests/cases/explain, and what holds for all of them.
 *
 * A case is a comment, "@inventory", then sections "@explain ARGUMENTS" with what that prints on
 * both streams, which UPDATE_GOLDEN=1 rewrites.
 */
#include <dirent.h>
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "fake_cli.h"
#include "providers/registry.h"
#include "schema/params.h"
#include "unit.h"
#include "vault_samples.h"

static const char folder[] = TESTS_DIR "/cases/explain";

static FakeCli real_cli(void)
{
    FakeCli f = fake_cli_new();
    f.registry = &pgsteer_registry;
    return f;
}

static void put_inventory(const char *text, size_t length)
{
    check_fine(file_write_all("pgsteer.yml", 0600, text, length));
}

/* -- golden cases ---------------------------------------------------------------------------- */

static const char mark[] = "\n@explain";

/* Its lines are indented, so that none begins with '@'. */
static void add_output(FakeCli *f, Text *out, const char *text)
{
    char **lines;
    size_t count = text_split(f->arena, text, '\n', &lines);
    for (size_t i = 0; i + 1 < count; i++)
        text_addf(out, "%s%s\n", *lines[i] ? "    " : "", lines[i]);
}

static const char *played(FakeCli *f, const char *text)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    const char *source = strstr(text, "\n@inventory\n"), *next = strstr(text, mark);
    assert_non_null(source);
    assert_non_null(next);
    source += strlen("\n@inventory\n");
    put_inventory(source, (size_t)(next + 1 - source));
    text_add_bytes(&out, text, (size_t)(next + 1 - text));
    for (; next; next = strstr(next + 1, mark)) {
        const char *line = arena_strndup(f->arena, next + 2, strcspn(next + 2, "\n"));
        fake_cli(f, line);
        text_addf(&out, "@%s\n", line);
        add_output(f, &out, f->out);
        add_output(f, &out, f->err);
    }
    return text_copy(&out, f->arena);
}

static void play(const char *name)
{
    CLEANUP(fake_cli_end) FakeCli f = real_cli();
    const char *path = arena_printf(f.arena, "%s/%s", folder, name);
    char *text;
    size_t length;
    check_fine(file_read(f.arena, path, 1 << 20, &text, &length));
    const char *now = played(&f, text);
    if (strcmp(now, text) == 0)
        return;
    if (getenv("UPDATE_GOLDEN"))
        check_fine(file_write_all(path, 0644, now, strlen(now)));
    else
        fail_msg("%s differs; with UPDATE_GOLDEN=1 it would be:\n%s", path, now);
}

static void cases_hold(void **state)
{
    (void)state;
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        if (text_ends_with(entries[i]->d_name, ".case"))
            play(entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* -- secrets --------------------------------------------------------------------------------- */

/* The canary in every form and place, strong and shadowed. */
static void put_secrets(FakeCli *f)
{
    CLEANUP(text_release) Text vault = TEXT_INIT;
    for (const char *c = vault_plain; *c; c++)
        text_addf(&vault, "%c%s", *c, *c == '\n' && c[1] ? "              " : "");
    const char *text = arena_printf(
        f->arena,
        "all:\n"
        "  children:\n"
        "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"
        "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd } }\n"
        "    pg-test:\n"
        "      hosts:\n"
        "        10.10.10.11:\n"
        "            pg_seq: 1\n"
        "            pg_role: primary\n"
        "            pg_admin_password: !vault |\n"
        "              %s"
        "            pg_parameters: { work_mem: 8MB, app.secret_key: c4nary-key }\n"
        "        10.10.10.12:\n"
        "            pg_seq: 2\n"
        "            pg_role: replica\n"
        "            pg_admin_password: { from_env: PGSTEER_CANARY }\n"
        "      vars:\n"
        "        pg_cluster: pg-test\n"
        "        pg_admin_password: { from_file: canary }\n"
        "        pg_users:\n"
        "          - { name: app, password: c4nary-user }\n"
        "          - { name: file, password: { from_file: canary } }\n"
        "  vars:\n"
        "    admin_ip: 10.10.10.10\n"
        "    pg_admin_password: c4nary-plain\n"
        "    pg_replication_password: c4nary-plain\n"
        "    infra_portal: { home: { domain: i.pigsty, password: c4nary-any } }\n",
        text_get(&vault));
    put_inventory(text, strlen(text));
    check_fine(file_write_all("canary", 0600, "c4nary-file\n", 12));
    check_fine(file_write_all("key", 0600, VAULT_PASSWORD "\n", strlen(VAULT_PASSWORD) + 1));
    setenv("PGSTEER_CANARY", "c4nary-env", 1);
}

static void check_hidden(const FakeCli *f)
{
    const char *const outputs[] = {f->out, f->err};
    for (size_t i = 0; i < COUNT_OF(outputs); i++) {
        text_has_not(outputs[i], "c4nary");
        text_has_not(outputs[i], "ANSIBLE_VAULT");
        text_has_not(outputs[i], "65386131313533393361");
    }
}

static void secrets_are_named_and_not_shown(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = real_cli();
    put_secrets(&f);
    static const struct {
        const char *question, *said;
    } cases[] = {
        {"-var pg_admin_password -host pg-test-1",
         "10.10.10.11  (sensitive value): a !vault value"},
        {"-var pg_admin_password -host pg-test-2", "the environment variable PGSTEER_CANARY"},
        {"-var pg_admin_password -host pg-test-2", "(sensitive value): the file ./canary"},
        {"-var pg_admin_password", "(sensitive value): plain text"},
        {"-var pg_admin_password", "well known: it is the default"},
        {"-var pg_replication_password", "is (sensitive value) on all 3 hosts"},
        {"-var pg_users", "name: \"file\", password: (sensitive value)"},
        {"-var pg_parameters", "work_mem: \"8MB\", app.secret_key: (sensitive value)"},
        {"-var infra_portal", "password: (sensitive value)"},
        {"-var app.secret_key", "autoconf.pg-test-1  (sensitive value)"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        static const char *const forms[] = {"-v", "-json", "-vault-password-file key", ""};
        for (size_t k = 0; k < COUNT_OF(forms); k++) {
            const char *line = arena_printf(f.arena, "explain %s %s", forms[k], cases[i].question);
            assert_int_equal(fake_cli(&f, line), 0);
            check_hidden(&f);
        }
        text_has(f.out, cases[i].said);
    }
    unsetenv("PGSTEER_CANARY");
}

static void check_json(FakeCli *f, const char *name)
{
    const Value *answer;
    size_t hosts = 0;
    assert_int_equal(fake_cli(f, arena_printf(f->arena, "explain -json -var %s", name)), 0);
    check_hidden(f);
    check_fine(json_parse(f->arena, f->out, f->out_size, &answer));
    const Value *winners = value_get(answer, "winners");
    for (size_t i = 0; i < value_count(winners); i++)
        hosts += value_count(value_get(value_at(winners, i), "hosts"));
    assert_int_equal(hosts, 3);
}

/* As JSON those that hold secrets, and some of the others: under sanitizers this takes its time. */
static void every_parameter_has_an_answer(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = real_cli();
    put_secrets(&f);
    for (size_t i = 0; i < params_count(); i++) {
        const Parameter *row = params_at(i);
        assert_int_equal(fake_cli(&f, arena_printf(f.arena, "explain -var %s", row->name)), 0);
        check_hidden(&f);
        assert_int_equal(strncmp(f.out, row->name, strlen(row->name)), 0);
        if (row->schema || row->type == TYPE_PASSWORD || i % 8 == 0)
            check_json(&f, row->name);
    }
    assert_int_equal(fake_world_log_count(f.world), 0);
    unsetenv("PGSTEER_CANARY");
}

/* -- objects --------------------------------------------------------------------------------- */

/* As text, or in both forms. */
static void check_object(FakeCli *f, const char *address, size_t form_count)
{
    static const char *const forms[] = {"-v", "-json"};
    for (size_t i = 0; i < form_count; i++) {
        if (fake_cli(f, arena_printf(f->arena, "explain %s %s", forms[i], address)) != 0)
            fail_msg("explain %s: %s", address, f->err);
        check_hidden(f);
        text_has(f->out, address);
    }
}

static size_t check_domain(FakeCli *f, const Domain *domain)
{
    size_t count = 0;
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        if ((*kind)->domain != domain->type)
            continue;
        ResourceSet *set = resource_set_new(f->arena, *kind, domain);
        check_fine((*kind)->desired(domain, facts_new(f->arena), set));
        for (size_t i = 0; i < resource_set_count(set); i++)
            check_object(f, resource_set_at(set, i)->address,
                         domain->type == DOMAIN_CLUSTER ? 2 : 1);
        count += resource_set_count(set);
    }
    return count;
}

static void every_object_has_an_answer(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = real_cli();
    put_secrets(&f);
    static const char *const paths[] = {"pgsteer.yml"};
    Inventory *inventory;
    check_fine(inventory_load(f.arena, paths, 1, diagnostics_new(f.arena), &inventory));
    const Domain *domains;
    size_t domain_count = domains_of(f.arena, inventory, &domains), count = 0;
    for (size_t i = 0; i < domain_count; i++)
        count += check_domain(&f, &domains[i]);
    assert_true(count > 100);
    assert_int_equal(fake_world_log_count(f.world), 0);
    unsetenv("PGSTEER_CANARY");
}

/* -- many ------------------------------------------------------------------------------------ */

static void many_hosts_are_counted(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = real_cli();
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "all:\n  vars: { admin_ip: 10.1.0.1 }\n  children:\n"
                    "    infra: { hosts: { 10.1.0.1: { infra_seq: 1 } } }\n"
                    "    etcd: { hosts: { 10.1.0.1: { etcd_seq: 1 } } }\n");
    for (int i = 0; i < 30; i++)
        text_addf(&text,
                  "    pg-%d: { hosts: { 10.1.1.%d: { pg_seq: 1, pg_role: primary } }, vars: { "
                  "pg_cluster: pg-%d, pg_parameters: { work_mem: %dMB } } }\n",
                  i, i + 1, i, i + 1);
    put_inventory(text_get(&text), text.length);
    assert_int_equal(fake_cli(&f, "explain -var pg_cluster"), 0);
    text_has(f.out, "pg_cluster comes from 31 places on all 31 hosts\n");
    text_has(f.out, "and 11 more places: -v lists them");
    text_has_not(f.out, "pg-25");
    assert_int_equal(fake_cli(&f, "explain -v -var pg_cluster"), 0);
    text_has(f.out, "\"pg-25\" on 1 host: pg-25-1\n");
    assert_int_equal(fake_cli(&f, "explain -var work_mem"), 0);
    text_has(f.out, "work_mem comes from 30 places\n");
    text_has(f.out, "and 10 more places: -v lists them");
    assert_int_equal(fake_cli(&f, "explain -var pg_port"), 0);
    text_has(f.out, "pg_port is 5432 on all 31 hosts, the default of set");
    assert_int_equal(fake_cli(&f, "explain -var pg_conf -cluster pg-3"), 0);
    text_has(f.out, " on pg-3-1 (10.1.1.4), the default");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_hold),
        cmocka_unit_test(secrets_are_named_and_not_shown),
        cmocka_unit_test(every_parameter_has_an_answer),
        cmocka_unit_test(every_object_has_an_answer),
        cmocka_unit_test(many_hosts_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
