/* Secrets that are not at hand, on a cluster that has them: a plan says which, and that is all. */
#include <stdlib.h>

#include "base/file.h"
#include "sim_cli.h"
#include "unit.h"
#include "vault_samples.h"

#define CHILDREN                                                                                   \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1 } } }\n"                                    \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } }, vars: { etcd_cluster: etcd } }\n"        \
    "    pg-test:\n"                                                                               \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "      vars: { pg_cluster: pg-test }\n"

/* Whether another text is seen to differ from the one that is there. */
static const struct {
    const char *name, *variable;
    bool is_compared;
} rows[] = {
    {"pg_users app password", "BIRD_APP", true},
    {"pg_admin_password", "BIRD_ADMIN", true},
    {"pg_monitor_password", "BIRD_MONITOR", true},
    {"pg_replication_password", "BIRD_REPLICATION", true},
    {"pg_dbsu_password", "BIRD_DBSU", true},
    {"patroni_password", "BIRD_REST", true},
    {"pg_etcd_password", "BIRD_ETCD", true},
    {"haproxy_admin_password", "BIRD_PROXY", true},
    {"etcd_root_password", "BIRD_ROOT", false}, /* etcd does not tell */
};

static void write_inventory(void)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "all:\n  vars:\n    admin_ip: 10.10.10.10\n");
    text_addf(&text, "    pg_users: [{ name: app, password: { from_env: %s } }]\n",
              rows[0].variable);
    for (size_t i = 1; i < COUNT_OF(rows); i++)
        text_addf(&text, "    %s: { from_env: %s }\n", rows[i].name, rows[i].variable);
    text_add(&text, CHILDREN);
    check_fine(file_write_all("pgsteer.yml", 0600, text_get(&text), text.length));
}

static void set_all(void)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        setenv(rows[i].variable, rows[i].name, 1);
}

static void expect(FakeCli *f, const char *line, int wanted)
{
    int status = fake_cli(f, line);
    if (status != wanted)
        fail_msg("%s: exit %d\n%s", line, status, f->err);
}

/* It is said wherever a plan is shown, and nothing follows from it. */
static void expect_said(FakeCli *f, const char *name)
{
    const char *note = arena_printf(f->arena, "%s (not compared): it ", name);
    expect(f, "plan -detailed-exitcode -out p.plan", 0);
    text_has(f->out, note);
    text_has(f->out, "No changes.");
    text_has(f->out, "as far as it could be");
    expect(f, "show p.plan", 0);
    text_has(f->out, note);
    expect(f, "show -json p.plan", 0);
    text_has(f->out, note);
    expect(f, "plan -detailed-exitcode -json", 0);
    text_has(f->out, arena_printf(f->arena,
                                  "\"not_compared\":[{\"kind\":\"not_compared\","
                                  "\"code\":\"\",\"text\":\"%s",
                                  note));
    text_has(f->out, "\"resource_changes\":[]");
    text_has(f->out, "\"complete\":true");
    expect(f, "apply -auto-approve", 0);
    expect(f, "status", 0);
}

static void one_after_the_other(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(1);
    write_inventory();
    set_all();
    expect(&f, "apply -auto-approve", 0);
    expect(&f, "plan -detailed-exitcode", 0);
    text_has_not(f.out, "not compared");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        unsetenv(rows[i].variable);
        expect_said(&f, rows[i].name);
        setenv(rows[i].variable, "another", 1);
        expect(&f, "plan -detailed-exitcode", rows[i].is_compared ? 2 : 0);
        text_has_not(f.out, "not compared");
        set_all();
    }
    expect(&f, "plan -detailed-exitcode", 0);
}

static void all_at_once_beside_a_change(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(1);
    write_inventory();
    set_all();
    expect(&f, "apply -auto-approve", 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        unsetenv(rows[i].variable);
    expect(&f, "plan -detailed-exitcode", 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        text_has(f.out, rows[i].name);
    expect(&f, "apply", 0);
    assert_int_equal(system("sed -i 's/name: app,/name: app, connlimit: 7,/' pgsteer.yml"), 0);
    expect(&f, "plan -detailed-exitcode", 2);
    text_has(f.out, "connlimit");
    text_has(f.out, "pg_users app password (not compared)");
    expect(&f, "apply -auto-approve", 0);
    expect(&f, "plan -detailed-exitcode", 0);
}

static void a_vault_without_its_password(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(1);
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add(&text, "all:\n  vars:\n    admin_ip: 10.10.10.10\n    pg_admin_password: !vault |\n");
    for (const char *line = vault_plain; *line; line += strcspn(line, "\n") + 1)
        text_addf(&text, "      %.*s\n", (int)strcspn(line, "\n"), line);
    text_add(&text, CHILDREN);
    check_fine(file_write_all("pgsteer.yml", 0600, text_get(&text), text.length));
    setenv("PGSTEER_VAULT_PASSWORD", VAULT_PASSWORD, 1);
    expect(&f, "apply -auto-approve", 0);
    expect(&f, "plan -detailed-exitcode", 0);
    text_has_not(f.out, "not compared");
    setenv("PGSTEER_VAULT_PASSWORD", "wrong", 1);
    expect_said(&f, "pg_admin_password");
    unsetenv("PGSTEER_VAULT_PASSWORD");
    expect_said(&f, "pg_admin_password");
    expect(&f, "validate", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(all_at_once_beside_a_change),
        cmocka_unit_test(a_vault_without_its_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
