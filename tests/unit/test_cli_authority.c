/* Leases in etcd and in a git repository: runners that share nothing else, and what happens when
 * the place that keeps them is away. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "engine/authority_etcd.h"
#include "engine/authority_git.h"
#include "engine/leases.h"
#include "sim_cli.h"
#include "unit.h"

#define FLEET(AUTHORITY)                                                                           \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15, pg_users: [], " AUTHORITY " }\n"             \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      vars: { pg_cluster: pg-test }\n"                                                        \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"

#define IN_ETCD FLEET("pgsteer_lease_authority: etcd")
#define IN_GIT  FLEET("pgsteer_lease_authority: state, pgsteer_lease_remote: leases.git")
#define APPLY   "apply -auto-approve -max-impact=switchover"

static const char etcd_host[] = "10.10.10.10", member[] = "10.10.10.11";

static void write_inventory(const char *text)
{
    check_fine(file_write_all("pgsteer.yml", 0600, text, strlen(text)));
}

static LeaseAuthority *etcd_of_runner(const FakeCli *f, const char *state_dir)
{
    static const char *const hosts[] = {etcd_host};
    StateDir runners = state_dir_of(f->arena, "", state_dir);
    EtcdLeases settings = {.world = sim_cli_fleet()->world,
                           .hosts = hosts,
                           .host_count = 1,
                           .password = "pgsteer",
                           .runners = &runners};
    return lease_authority_etcd(&settings);
}

static LeaseAuthority *git_of_runner(const FakeCli *f, const char *state_dir)
{
    StateDir runners = state_dir_of(f->arena, "", state_dir);
    return lease_authority_git("leases.git", &runners);
}

static Leases *hold(const FakeCli *f, LeaseAuthority *authority, const char *domain)
{
    LeasesWanted wanted = {
        .authority = authority, .run = "run-other", .domains = &domain, .count = 1};
    Leases *leases = NULL;
    Lease other;
    check_fine(leases_take(f->arena, &wanted, &leases, &other));
    assert_non_null(leases);
    return leases;
}

/* Something for an apply to do. */
static void meddle(const FakeCli *f)
{
    Value *args = value_map(f->arena);
    value_set_text(f->arena, args, "path", "/etc/hosts");
    Effect remove = {EFFECT_FILE_REMOVE, member, args, NULL};
    World *world = sim_cli_fleet()->world;
    check_fine(world->perform(world, member, &remove, 1, -1, f->arena, NULL));
}

static void trouble(SimTroubleKind kind)
{
    SimTrouble trouble = {.kind = kind, .address = etcd_host, .for_ms = 3600000};
    Simulation *fleet = sim_cli_fleet();
    fleet->trouble(fleet->context, &trouble);
    fleet->wait_ms(fleet->context, 1000);
}

/* Another runner has pg-test: what this one says and does. */
static void meets_the_other(FakeCli *f, LeaseAuthority *of_the_other)
{
    meddle(f);
    Leases *leases = hold(f, of_the_other, "pg-test");
    assert_int_equal(fake_cli(f, APPLY), 6);
    text_has(f->err, "run run-other (");
    text_has(f->err, "pgsteer lease steal pg-test -reason TEXT");
    assert_int_equal(fake_cli(f, "lease release pg-test"), 6);
    text_has(f->err, "lives");
    text_has_not(f->err, "cannot be asked");
    assert_int_equal(fake_cli(f, "lease list"), 0);
    text_has(f->out, "pg-test                  held     run run-other (");
    assert_int_equal(fake_cli(f, "lease steal -reason=hangs pg-test"), 0);
    assert_int_equal(fake_cli(f, APPLY), 0);
    leases_end(leases);
    assert_int_equal(fake_cli(f, "lease list -json"), 0);
    assert_false(file_exists(".pgsteer/leases/pg-test.json"));
}

static void etcd_keeps_leases_once_it_is_there(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(31);
    write_inventory(IN_ETCD);
    assert_int_equal(fake_cli(&f, APPLY), 0);
    text_has(f.err, "etcd keeps leases once this plan has made its user");
    assert_int_equal(fake_cli(&f, "plan -detailed-exitcode"), 0);
    assert_int_equal(unlink(".pgsteer/leases/pg-test.json"), 0);
    assert_int_equal(fake_cli(&f, "lease list"), 0);
    text_has(f.out, "Kept by nobody yet in etcd on 10.10.10.10 (etcd)");
    meets_the_other(&f, etcd_of_runner(&f, "other"));
    text_has(f.out, "\"authority\": \"etcd\"");
}

/* A cluster that is there: the apply that makes what etcd needs still keeps them here. */
static void a_running_cluster_changes_to_etcd(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(36);
    write_inventory(FLEET("pg_rto: norm"));
    assert_int_equal(fake_cli(&f, APPLY), 0);
    text_has_not(f.err, "etcd keeps leases");
    write_inventory(IN_ETCD);
    assert_int_equal(fake_cli(&f, "lease list"), 6);
    text_has(f.err, "an apply of etcd makes the user");
    assert_int_equal(fake_cli(&f, APPLY), 0);
    text_has(f.err, "etcd keeps leases once");
    meddle(&f);
    assert_int_equal(fake_cli(&f, APPLY), 0);
    text_has_not(f.err, "etcd keeps leases");
    assert_int_equal(fake_cli(&f, "lease list"), 0);
    text_has(f.out, "pg-test                  free");
    text_has(f.out, "(etcd)");
}

static void without_its_authority_nothing_is_done(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(32);
    write_inventory(IN_ETCD);
    assert_int_equal(fake_cli(&f, APPLY), 0);
    meddle(&f);
    trouble(SIM_POWER_LOSS);
    assert_int_equal(fake_cli(&f, APPLY " -target=10.10.10.11"), 6);
    text_has(f.err, "etcd on 10.10.10.10 keeps the leases and cannot be asked");
    text_has(f.err, "-lock=local -reason=TEXT");
    assert_int_equal(fake_cli(&f, "lease list"), 6);
    assert_int_equal(fake_cli(&f, APPLY " -target=10.10.10.11 -lock=local"), 5);
    text_has(f.err, "say why with -lock=local");
    assert_int_equal(fake_cli(&f, APPLY " -lock=none -reason=x"), 5);
    text_has(f.err, "leases are always taken");
    assert_int_equal(fake_cli(&f, APPLY " -reason=x"), 5);
    fake_cli(&f, APPLY " -target=10.10.10.11 -lock=local -reason=repair");
    text_has(f.err, "Leases are taken on this runner alone (");
    text_has(f.err, "): repair\n");
    text_has(f.out, "0 added, 1 changed, 0 destroyed");
    assert_int_equal(fake_cli(&f, "lease list -lock=local"), 0);
    text_has(f.out, "taken with -lock=local by ");
    text_has(f.out, ": repair\n");
    assert_int_equal(system("grep -q '\"lock_local\":\"repair\"' .pgsteer/journal/done/*"), 0);
}

static void more_leases_than_fit_a_transaction(void **state)
{
    enum { COUNT = 150 };
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(33);
    write_inventory(IN_ETCD);
    assert_int_equal(fake_cli(&f, APPLY), 0);
    CLEANUP(lease_authority_freep) LeaseAuthority *etcd = etcd_of_runner(&f, "other");
    const char *domains[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        domains[i] = arena_printf(f.arena, "node-%03zu", i);
    Lease *leases, other;
    check_fine(lease_take(f.arena, etcd, &(LeaseWish){"run-1", &domains[COUNT - 1], 1, NULL},
                          &leases, &other));
    assert_non_null(leases);
    LeaseRecord records[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        records[i] = (LeaseRecord){domains[i], "x", ""};
    bool is_done = true;
    check_fine(etcd->swap(etcd, f.arena, records, COUNT, &is_done));
    assert_false(is_done); /* the last one is there: the others are put back */
    Lease *all;
    size_t count;
    check_fine(lease_list(f.arena, etcd, &all, &count));
    assert_int_equal(count, 1);
    check_fine(lease_give_back(etcd, "run-1", leases, 1));
    check_fine(
        lease_take(f.arena, etcd, &(LeaseWish){"run-2", domains, COUNT, NULL}, &leases, &other));
    assert_non_null(leases);
    check_fine(lease_list(f.arena, etcd, &all, &count));
    assert_int_equal(count, COUNT);
}

static void a_repository_keeps_leases(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(34);
    write_inventory(IN_GIT);
    assert_int_equal(fake_cli(&f, APPLY), 6);
    text_has(f.err, "leases.git keeps the leases and cannot be asked: cannot open the repository");
    assert_int_equal(fake_cli(&f, APPLY " -lock=local -reason=first"), 0);
    assert_int_equal(fake_cli(&f, "state show"), 0);
    text_has(f.out, "Lock: local (first)\n");
    assert_int_equal(unlink(".pgsteer/leases/pg-test.json"), 0);
    assert_int_equal(system("git init -q --bare leases.git"), 0);
    meddle(&f);
    assert_int_equal(fake_cli(&f, APPLY), 0);
    assert_int_equal(fake_cli(&f, "lease list"), 0);
    text_has(f.out, "leases.git (state)\n");
    text_has(f.out, "pg-test                  free");
    meets_the_other(&f, git_of_runner(&f, "other"));
    text_has(f.out, "\"authority\": \"state\"");
}

#define SHARED                                                                                     \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15, pg_users: [] }\n"                            \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      vars: { pg_cluster: pg-test }\n"                                                        \
    "      hosts: { 10.10.10.11: { pg_seq: 1, pg_role: primary } }\n"                              \
    "    pg-two:\n"                                                                                \
    "      vars: { pg_cluster: pg-two }\n"                                                         \
    "      hosts: { 10.10.10.12: { pg_seq: 1, pg_role: primary } }\n"                              \
    "    proxy: { hosts: { 10.10.10.13: { nodename: proxy-1 } } }\n"

/* What clusters share has leases of its own, wherever it runs. */
static void what_is_shared_is_a_domain_of_its_own(void **state)
{
    static const char *const domains[] = {"etcd", "infra", "pg-test", "pg-two", "proxy-1"};
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(35);
    write_inventory(SHARED);
    assert_int_equal(fake_cli(&f, APPLY), 0);
    assert_int_equal(fake_cli(&f, "lease list -json"), 0);
    const Value *list = NULL;
    check_fine(json_parse(f.arena, f.out, f.out_size, &list));
    assert_int_equal(value_count(list), COUNT_OF(domains));
    for (size_t i = 0; i < COUNT_OF(domains); i++)
        assert_string_equal(value_get_text(value_at(list, i), "domain"), domains[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(etcd_keeps_leases_once_it_is_there),
        cmocka_unit_test(a_running_cluster_changes_to_etcd),
        cmocka_unit_test(without_its_authority_nothing_is_done),
        cmocka_unit_test(more_leases_than_fit_a_transaction),
        cmocka_unit_test(a_repository_keeps_leases),
        cmocka_unit_test(what_is_shared_is_a_domain_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
