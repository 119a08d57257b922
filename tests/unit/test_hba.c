/* HBA rules become lines: aliases, methods, roles, order, and the file they are in. */
#include "base/text.h"
#include "schema/hba.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    const Inventory *inventory;
    const Host *host;
} Fixture;

/* A cluster whose own rules are given, and no defaults. */
static Fixture fixture(Arena *arena, const char *rules, const char *more)
{
    const char *text =
        arena_printf(arena,
                     "all:\n"
                     "  children:\n"
                     "    infra: { hosts: { 10.10.10.10: {}, 10.10.10.9: {} } }\n"
                     "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"
                     "    pg-test:\n"
                     "      hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary },"
                     " 10.10.10.12: { pg_seq: 2, pg_role: replica, pg_offline_query: true } }\n"
                     "      vars:\n"
                     "        pg_cluster: pg-test\n"
                     "        pg_default_hba_rules: []\n"
                     "        pgb_default_hba_rules: []\n"
                     "        node_firewall_intranet: [10.0.0.0/8, 192.168.1.1]\n"
                     "%s"
                     "        pg_hba_rules: %s\n"
                     "        pgb_hba_rules: %s\n",
                     more, rules, rules);
    Diagnostics *diagnostics = diagnostics_new(arena);
    Fixture made = {.arena = arena};
    made.inventory = inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics);
    assert_non_null(made.inventory);
    made.host = inventory_host(made.inventory, "10.10.10.11");
    return made;
}

/* The enabled rules of a host, one a line. */
static const char *rules_of(const Fixture *fixture, const Host *host, HbaTarget target)
{
    const HbaFile *file = hba_file(fixture->arena, fixture->inventory, host, target);
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < value_count(file->rules); i++)
        text_addf(&text, "%s\n", value_as_text(value_at(file->rules, i), ""));
    return text_copy(&text, fixture->arena);
}

static void rules_become_lines(void **state)
{
    static const struct {
        const char *rule, *lines;
    } cases[] = {
        {"{ addr: local, auth: ident }", "local all all peer\n"},
        {"{ addr: localhost }", "local all all scram-sha-256\n"
                                "host all all 127.0.0.1/32 scram-sha-256\n"
                                "host all all ::1/128 scram-sha-256\n"},
        {"{ addr: localhost, auth: ssl }", "local all all scram-sha-256\n"
                                           "hostssl all all 127.0.0.1/32 scram-sha-256\n"
                                           "hostssl all all ::1/128 scram-sha-256\n"},
        {"{ addr: localhost, auth: cert }", "hostssl all all 127.0.0.1/32 cert\n"
                                            "hostssl all all ::1/128 cert\n"},
        {"{ addr: admin, auth: md5 }", "host all all 10.10.10.10/32 md5\n"},
        {"{ addr: infra, auth: trust }", "host all all 10.10.10.10/32 trust\n"
                                         "host all all 10.10.10.9/32 trust\n"},
        {"{ addr: cluster, auth: sha }", "host all all 10.10.10.11/32 scram-sha-256\n"
                                         "host all all 10.10.10.12/32 scram-sha-256\n"},
        {"{ addr: intra, auth: os }", "host all all 10.0.0.0/8 ident\n"
                                      "host all all 192.168.1.1/32 ident\n"},
        {"{ addr: intranet, auth: deny }", "host all all 10.0.0.0/8 reject\n"
                                           "host all all 192.168.1.1/32 reject\n"},
        {"{ addr: world, auth: ssl-md5 }", "hostssl all all 0.0.0.0/0 md5\n"
                                           "hostssl all all ::/0 md5\n"},
        {"{ addr: all, auth: ssl-sha }", "hostssl all all 0.0.0.0/0 scram-sha-256\n"
                                         "hostssl all all ::/0 scram-sha-256\n"},
        {"{ addr: 10.1.2.3 }", "host all all 10.1.2.3/32 scram-sha-256\n"},
        {"{ addr: 10.1.2.0/24, db: 'a, b', user: '+x, ${admin}' }",
         "host a,b +x,dbuser_dba 10.1.2.0/24 scram-sha-256\n"},
        {"{ addr: 10.1.2.3, user: '${dbsu}', db: 'My DB' }",
         "host \"My DB\" postgres 10.1.2.3/32 scram-sha-256\n"},
        {"{ addr: 10.1.2.3, user: '${repl}', db: 'a\"b' }",
         "host \"a\"\"b\" replicator 10.1.2.3/32 scram-sha-256\n"},
        {"{ addr: 10.1.2.3, user: '${monitor}' }",
         "host all dbuser_monitor 10.1.2.3/32 scram-sha-256\n"},
        {"{ addr: 10.1.2.3, user: '${monitor}', db: '' }", ""},
        {"{ rules: ['host  all   all 10.0.0.0/8  md5 # why', 'local all all peer'] }",
         "host all all 10.0.0.0/8 md5\nlocal all all peer\n"},
        {"{ addr: 10.1.2.3, role: replica }", ""},
        {"{ addr: 10.1.2.3, role: primary }", "host all all 10.1.2.3/32 scram-sha-256\n"},
        {"{ addr: 10.1.2.3, role: common }", "host all all 10.1.2.3/32 scram-sha-256\n"},
        {"{ addr: nowhere }", ""}, /* an error of the inventory: no line */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Fixture made = fixture(*state, arena_printf(*state, "[%s]", cases[i].rule), "");
        const char *lines = rules_of(&made, made.host, HBA_POSTGRES);
        if (strcmp(lines, cases[i].lines) != 0)
            fail_msg("%s gives\n%s", cases[i].rule, lines);
    }
}

static void the_pool_differs(void **state)
{
    Fixture made = fixture(*state,
                           "[{ addr: intra, auth: os }, { addr: local, auth: ident },"
                           " { addr: world, user: '+x' }, { addr: world, db: replication }]",
                           "        pg_pwd_enc: md5\n");
    assert_string_equal(rules_of(&made, made.host, HBA_PGBOUNCER),
                        "host all all 10.0.0.0/8 peer\n"
                        "host all all 192.168.1.1/32 peer\n"
                        "local all all peer\n");
    made = fixture(*state, "[{ addr: 10.1.2.3 }]", "        pg_pwd_enc: md5\n");
    assert_string_equal(rules_of(&made, made.host, HBA_PGBOUNCER),
                        "host all all 10.1.2.3/32 md5\n");
}

static void roles_decide_per_member(void **state)
{
    Fixture made = fixture(*state, "[{ addr: 10.1.2.3, role: offline }]", "");
    const Host *offline = inventory_host(made.inventory, "10.10.10.12");
    assert_string_equal(rules_of(&made, made.host, HBA_POSTGRES), "");
    assert_string_equal(rules_of(&made, offline, HBA_POSTGRES),
                        "host all all 10.1.2.3/32 scram-sha-256\n");
    HbaLine *lines;
    assert_int_equal(hba_lines(*state, made.inventory, made.host, HBA_POSTGRES, &lines), 1);
    assert_false(lines[0].enabled);
}

static void order_sorts_and_keeps_ties(void **state)
{
    Fixture made = fixture(*state,
                           "[{ addr: 10.0.0.1 }, { addr: 10.0.0.2, order: 800 },"
                           " { addr: 10.0.0.3, order: 10 }, { addr: 10.0.0.4, order: 100 },"
                           " { addr: 10.0.0.5 }]",
                           "        pg_default_services: []\n");
    assert_string_equal(rules_of(&made, made.host, HBA_POSTGRES),
                        "host all all 10.0.0.3/32 scram-sha-256\n"
                        "host all all 10.0.0.4/32 scram-sha-256\n"
                        "host all all 10.0.0.2/32 scram-sha-256\n"
                        "host all all 10.0.0.1/32 scram-sha-256\n"
                        "host all all 10.0.0.5/32 scram-sha-256\n");
}

static void files_have_titles_and_comments(void **state)
{
    Fixture made = fixture(*state,
                           "[{ addr: 10.0.0.1, title: one, order: 1 }, { addr: 10.0.0.2, role: "
                           "replica, title: two, order: 2 }]",
                           "");
    const HbaFile *file = hba_file(*state, made.inventory, made.host, HBA_POSTGRES);
    static const char want[] =
        "# Written by pgsteer from the inventory; changes made here are replaced.\n"
        "\n"
        "# one\n"
        "host     all                  all                  10.0.0.1/32          scram-sha-256\n"
        "\n"
        "# two\n"
        "# host     all                  all                  10.0.0.2/32          scram-sha-256\n";
    assert_string_equal(file->content, want);
    assert_true(value_equal(hba_rules_of(*state, file->content), file->rules));
    HbaLine *lines;
    hba_lines(*state, made.inventory, made.host, HBA_POSTGRES, &lines);
    assert_int_equal(lines[0].origin->line, 12);
    assert_string_equal(lines[0].title, "one");
}

static void defaults_render(void **state)
{
    static const char text[] =
        "all: { children: { infra: { hosts: { 10.10.10.10: } }, pg-a: { hosts: { 10.10.10.11: {"
        " pg_seq: 1, pg_role: primary } }, vars: { pg_cluster: pg-a } } } }";
    Diagnostics *diagnostics = diagnostics_new(*state);
    Fixture made = {.arena = *state};
    made.inventory = inventory_load_bytes(*state, "f.yml", text, strlen(text), diagnostics);
    made.host = inventory_host(made.inventory, "10.10.10.11");
    const char *lines = rules_of(&made, made.host, HBA_POSTGRES);
    assert_true(text_starts_with(lines, "local all postgres peer\n"
                                        "local replication postgres peer\n"
                                        "local replication replicator scram-sha-256\n"));
    assert_non_null(strstr(lines, "host all dbuser_monitor 10.10.10.10/32 scram-sha-256\n"));
    assert_non_null(strstr(lines, "hostssl all dbuser_dba ::/0 scram-sha-256\n"));
    assert_true(text_ends_with(lines, "host all +dbrole_offline 172.16.0.0/12 scram-sha-256\n"));
    lines = rules_of(&made, made.host, HBA_PGBOUNCER);
    assert_true(text_starts_with(lines, "local pgbouncer postgres peer\n"
                                        "local all all scram-sha-256\n"));
    assert_non_null(strstr(lines, "host all dbuser_monitor 0.0.0.0/0 reject\n"));
    HbaLine *all;
    hba_lines(*state, made.inventory, made.host, HBA_POSTGRES, &all);
    assert_null(all[0].origin);
}

static void existing_files_are_read_by_rule(void **state)
{
    const Value *rules =
        hba_rules_of(*state, "# comment\n\n  host\tall  \"a #b\"  ::1/128 md5  # x\r\n"
                             "local all all peer");
    assert_int_equal(value_count(rules), 2);
    assert_string_equal(value_as_text(value_at(rules, 0), ""), "host all \"a #b\" ::1/128 md5");
    assert_string_equal(value_as_text(value_at(rules, 1), ""), "local all all peer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rules_become_lines, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(the_pool_differs, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(roles_decide_per_member, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(order_sorts_and_keeps_ties, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(files_have_titles_and_comments, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(defaults_render, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(existing_files_are_read_by_rule, arena_setup,
                                        arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
