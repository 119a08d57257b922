/* pgsteer lease, and runs that meet: side by side, one after the other, and one taken over. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "engine/journal.h"
#include "engine/leases.h"
#include "sim_cli.h"
#include "unit.h"

#define FLEET                                                                                      \
    "all:\n"                                                                                       \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15, pg_users: [] }\n"                            \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      vars: { pg_cluster: pg-test }\n"                                                        \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"

static StateDir state_dir(const FakeCli *f)
{
    return state_dir_of(f->arena, "", ".pgsteer");
}

static Leases *hold(const FakeCli *f, const char *run, const char *domain)
{
    StateDir directory = state_dir(f);
    LeasesWanted wanted = {
        .authority = lease_authority_local(&directory), .run = run, .domains = &domain, .count = 1};
    Leases *leases = NULL;
    Lease other;
    check_fine(leases_take(f->arena, &wanted, &leases, &other));
    assert_non_null(leases);
    return leases;
}

static void one_apply_of_a_domain_at_a_time(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    Leases *leases = hold(&f, "run-0", "pg-test");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 6);
    text_has(f.err, "run run-0 (");
    text_has(f.err, arena_printf(f.arena, ":%ld) has held the lease of pg-test", (long)getpid()));
    text_has(f.err, "-lock-timeout");
    text_has(f.err, "pgsteer lease steal pg-test -reason TEXT");
    assert_int_equal(fake_cli(&f, "apply -auto-approve -lock-timeout=1ms"), 6);
    text_has(f.err, "Waiting for the lease of pg-test");
    assert_int_equal(fake_cli(&f, "apply -auto-approve -lock-timeout=soon"), 5);
    assert_int_equal(fake_cli(&f, "plan"), 0); /* takes none */
    assert_int_equal(fake_world_log_count(f.world), 0);
    leases_end(leases);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
}

/* Two runs of different domains share journal, snapshots and leases. */
static void disjoint_applies_go_side_by_side(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    StateDir directory = state_dir(&f);
    Leases *leases = hold(&f, "run-0", "pg-other");
    Value *begin = value_map(f.arena), *intent = value_map(f.arena);
    Journal *journal = NULL;
    value_set_text(f.arena, begin, "type", "begin");
    value_set_text(f.arena, intent, "type", "intent");
    value_set_text(f.arena, intent, "address", "thing.pg-other-1/app");
    check_fine(journal_begin(directory.journal, "run-0", begin, &journal));
    check_fine(journal_append(journal, intent));
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has_not(f.err, "was interrupted");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"),
                     0); /* nothing to do: settles what ended */
    check_fine(journal_append(journal, intent));
    assert_true(file_exists(".pgsteer/journal/run-0.journal")); /* it is still the other's */
    check_fine(journal_end(journal, false));
    leases_end(leases);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    assert_false(file_exists(".pgsteer/journal/run-0.journal"));
}

static void leases_are_listed_released_and_stolen(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    assert_int_equal(fake_cli(&f, "lease list"), 0);
    text_has(f.out, "Kept by nobody yet in ");
    text_has(f.out, "/.pgsteer/leases (local)\n");
    Leases *leases = hold(&f, "run-0", "pg-test");
    assert_int_equal(fake_cli(&f, "lease list"), 0);
    text_has(f.out, "pg-test                  held     run run-0 (");
    assert_int_equal(fake_cli(&f, "lease release pg-test"), 6);
    text_has(f.err, "lives");
    assert_int_equal(fake_cli(&f, "lease steal pg-test"), 5);
    text_has(f.err, "say why");
    assert_int_equal(fake_cli(&f, "lease steal -reason=x pg-none"), 5);
    text_has(f.err, "there is no lease of 'pg-none'");
    assert_int_equal(fake_cli(&f, "lease steal pg-test -reason hangs"), 0);
    text_has(f.out, "vacant");
    text_has(f.out, ": hangs\n");
    assert_int_equal(fake_cli(&f, "lease list -json"), 0);
    const Value *list = NULL;
    check_fine(json_parse(f.arena, f.out, f.out_size, &list));
    assert_int_equal(value_count(list), 1);
    assert_string_equal(value_get_text(value_at(list, 0), "state"), "vacant");
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    assert_int_equal(fake_cli(&f, "lease release pg-test"), 0);
    text_has(f.out, "free");
    leases_end(leases);
    static const char *const wrong[] = {"lease", "lease list x", "lease steal", "lease keep x"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        assert_int_equal(fake_cli(&f, wrong[i]), 5);
        text_has(f.err, "say what to do: pgsteer lease");
    }
}

/* -- taken over in the middle ---------------------------------------------------------------- */

enum { ASLEEP_AFTER = 40 };

/* Run A, and B who takes pg-test from it. */
typedef struct Robbery {
    const FakeCli *cli;
    size_t count; /* of A's requests for pg-test */
    Leases *thief;
    size_t refused_count, late_count; /* of those: refused by a node, done although B had it */
} Robbery;

static bool is_of_a(const Effect *effect)
{
    assert_non_null(effect->fence);
    return strcmp(effect->fence->domain, "pg-test") == 0 &&
           strcmp(effect->fence->run, "run-b") != 0;
}

/* As the next apply tells the nodes of a domain that somebody else had. */
static void tell_node(const Robbery *robbery, const char *host)
{
    Arena *arena = robbery->cli->arena;
    World *world = sim_cli_fleet()->world;
    Value *args = value_map(arena);
    value_set_text(arena, args, "key", "takeover");
    Effect effect = {EFFECT_MARKER, host, args, leases_fence_of(robbery->thief, arena, "pg-test")};
    check_fine(world->perform(world, host, &effect, 1, -1, arena, NULL));
}

static void steal(Robbery *robbery)
{
    StateDir directory = state_dir(robbery->cli);
    CLEANUP(lease_authority_freep) LeaseAuthority *authority = lease_authority_local(&directory);
    Lease lease;
    check_fine(lease_steal(robbery->cli->arena, authority, "pg-test", "it sleeps", &lease));
    robbery->thief = hold(robbery->cli, "run-b", "pg-test");
    tell_node(robbery, "10.10.10.11");
    tell_node(robbery, "10.10.10.12");
}

/* A has looked whether the lease is its own, and sleeps before the effect. */
static void sleep_before_the_effect(void *context, const char *host, const Effect *effects)
{
    Robbery *robbery = context;
    (void)host;
    if (is_of_a(effects) && ++robbery->count == ASLEEP_AFTER)
        steal(robbery);
}

static void note_what_came_of_it(void *context, const Effect *effects, const Error *error)
{
    Robbery *robbery = context;
    if (!robbery->thief || !is_of_a(effects))
        return;
    if (!error)
        robbery->late_count++;
    else if (error_root(error)->code == ERROR_FENCED)
        robbery->refused_count++;
}

static void who_wakes_up_after_a_takeover_is_refused(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(7);
    check_fine(file_write_all("pgsteer.yml", 0600, FLEET, strlen(FLEET)));
    Robbery robbery = {.cli = &f};
    SimCliWatch watch = {sleep_before_the_effect, note_what_came_of_it, &robbery};
    sim_cli_watch(&watch);
    assert_int_equal(fake_cli(&f, "apply -auto-approve -max-impact=switchover"), 6);
    sim_cli_watch(NULL);
    assert_non_null(robbery.thief);
    assert_true(robbery.refused_count > 0);
    assert_int_equal(robbery.late_count, 0);
    text_has(f.err, "pg-test was taken over by run run-b (");
    text_has(f.err, "another run holds the lease");
    leases_end(robbery.thief);
    assert_int_equal(fake_cli(&f, "apply -auto-approve -max-impact=switchover"), 0);
    assert_int_equal(fake_cli(&f, "plan -detailed-exitcode"), 0);
}

/* Who took a lease over tells all nodes of the domain before it does anything. */
static void all_nodes_are_told_of_a_takeover(void **state)
{
    (void)state;
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(8);
    check_fine(file_write_all("pgsteer.yml", 0600, FLEET, strlen(FLEET)));
    assert_int_equal(fake_cli(&f, "apply -auto-approve -max-impact=switchover"), 0);
    Leases *sleeper = hold(&f, "run-a", "pg-test");
    assert_int_equal(fake_cli(&f, "lease steal -reason=sleeps pg-test"), 0);
    Value *args = value_map(f.arena);
    value_set_text(f.arena, args, "path", "/etc/hosts");
    Effect remove = {EFFECT_FILE_REMOVE, "10.10.10.11", args, NULL}; /* gives it something to do */
    World *world = sim_cli_fleet()->world;
    check_fine(world->perform(world, "10.10.10.11", &remove, 1, -1, f.arena, NULL));
    assert_int_equal(fake_cli(&f, "apply -auto-approve -max-impact=switchover"), 0);
    remove.host = "10.10.10.12"; /* where nothing was to be done */
    remove.fence = leases_fence_of(sleeper, f.arena, "pg-test");
    check_error(world->perform(world, remove.host, &remove, 1, -1, f.arena, NULL), ERROR_FENCED,
                "pg-test was taken over by run");
    leases_end(sleeper);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_apply_of_a_domain_at_a_time),
        cmocka_unit_test(disjoint_applies_go_side_by_side),
        cmocka_unit_test(leases_are_listed_released_and_stolen),
        cmocka_unit_test(all_nodes_are_told_of_a_takeover),
        cmocka_unit_test(who_wakes_up_after_a_takeover_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
