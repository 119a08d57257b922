/*
 * The runner is killed at every point of an apply: before and after each record of its journal, and
 * before and after each effect. The fleet goes on without it; the next apply, here or with an empty
 * state directory, ends where the one that nobody killed would have.
 *
 * A point is a fork(): in the child one thread is left, all others are gone in the middle of what
 * they did, and nothing was closed or told, as after SIGKILL; but the fleet's memory is there.
 *
 *     test_sim_kill [EVERY [FIRST_SEED [COUNT]]]      each EVERY-th point
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/journal.h"
#include "sim_cli.h"
#include "unit.h"

enum { EVERY = 61, FILE_MAX_BYTES = 1 << 20 };

static unsigned every = EVERY;
static uint64_t first_seed = 1, seed_count = 1;

/* All files of the newest snapshot, in one. */
#define DUMP                                                                                       \
    "git -C %s/state.git ls-tree -r --name-only HEAD | sort | while read -r p; do echo \"$p\";"    \
    " git -C %s/state.git show HEAD:$p; done > %s.dump"

/* Addresses that are in one dump and not in another. */
#define MISSING                                                                                    \
    "for d in %s %s; do grep -o '^    \"[^\"]*' $d.dump | sort > $d.names; done;"                  \
    " comm -23 %s.names %s.names >&2; test -z \"$(comm -23 %s.names %s.names)\""

#define WORLD "world" /* all that is in place, as an apply without any state records it */

/* The one run that nobody killed. */
#define UNHARMED "unharmed"

typedef struct Killing {
    FakeCli *cli;
    bool is_armed;
    uint64_t point, killed, failed;
} Killing;

static Killing *killing;

/* -- the one who comes after ------------------------------------------------------------------- */

static void shell(const char *command)
{
    if (system(command) != 0) {
        fprintf(stderr, "failed: %s\n", command);
        _exit(2);
    }
}

static void dump(Arena *arena, const char *state)
{
    shell(arena_printf(arena, DUMP, state, state, state));
}

static int complain(const FakeCli *f, const char *what)
{
    fprintf(stderr, "point %llu: %s\n%s\n%s\n", (unsigned long long)killing->point, what, f->out,
            f->err);
    return 1;
}

static int apply_with(FakeCli *f, const char *state)
{
    return fake_cli(
        f,
        arena_printf(f->arena, "apply -auto-approve -max-impact=switchover -state-dir=%s", state));
}

/* Another apply finds nothing to do, and the same in place as after a run that nobody killed. */
static int compare_world(FakeCli *f, const char *state)
{
    const char *world = arena_printf(f->arena, "%s-" WORLD, state);
    if (fake_cli(f, arena_printf(f->arena, "plan -detailed-exitcode -state-dir=%s", state)) != 0)
        return complain(f, "the plan after it");
    if (apply_with(f, world) != 0)
        return complain(f, "an apply without state");
    dump(f->arena, world);
    if (system(arena_printf(f->arena, "diff -U9 " WORLD ".dump %s.dump >&2", world)) != 0)
        return complain(f, "it ended in another state");
    return 0;
}

/* The snapshots have all that those of a run that nobody killed have. */
static int compare_snapshot(FakeCli *f, const char *state)
{
    static const char own[] = UNHARMED;
    dump(f->arena, state);
    if (system(arena_printf(f->arena, MISSING, own, state, own, state, own, state)) != 0)
        return complain(f, "the snapshot lacks something");
    if (system(arena_printf(f->arena, "test -z \"$(ls %s/journal | grep journal$)\"", state)) != 0)
        return complain(f, "a journal is left open");
    return 0;
}

/* Exit status of the child. */
static int come_after(FakeCli *f, bool is_here)
{
    Arena *arena = f->arena;
    const char *state = arena_printf(arena, "after-%llu", (unsigned long long)killing->point);
    shell(arena_printf(arena, is_here ? "cp -a .pgsteer %s" : "mkdir -m 0700 %s", state));
    if (apply_with(f, state) != 0)
        return complain(f, "the next apply");
    if (compare_snapshot(f, state) != 0 || compare_world(f, state) != 0)
        return 1;
    shell(arena_printf(arena, "rm -rf %s %s[.-]*", state, state));
    return 0;
}

/* -- the one who is killed --------------------------------------------------------------------- */

static void may_die(void)
{
    if (!killing->is_armed || killing->point++ % every != 0)
        return;
    killing->killed++;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        killing->is_armed = false;
        sim_cli_fleet()->outlive(sim_cli_fleet()->context);
        _exit(come_after(killing->cli, killing->killed % 2 == 0));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    killing->failed += child < 0 || status != 0;
}

static void at_effect(void *context)
{
    (void)context;
    may_die();
}

/* The linker puts this one in place of journal_append. */
Error *__real_journal_append(Journal *journal, const Value *record);
Error *__wrap_journal_append(Journal *journal, const Value *record);

Error *__wrap_journal_append(Journal *journal, const Value *record)
{
    may_die();
    Error *error = __real_journal_append(journal, record);
    may_die();
    return error;
}

/* -- ways -------------------------------------------------------------------------------------- */

#define INVENTORY(vars, users, replicas)                                                           \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 } } }\n"                                      \
    "    pg-test:\n"                                                                               \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n" vars                                                           \
    "        pg_users: [ { name: app, password: DBUser.App, roles: [dbrole_readwrite] }" users     \
    " ]\n"                                                                                         \
    "        pg_databases: [ { name: app, owner: app, schemas: [app] } ]\n"                        \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n" replicas                              \
    "  vars: { admin_ip: 10.10.10.10, pg_version: 15 }\n"

#define ONE_REPLICA      "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"
#define TWO_REPLICAS     ONE_REPLICA "        10.10.10.13: { pg_seq: 3, pg_role: replica }\n"
#define MANY_CONNECTIONS "        pg_max_conn: 700\n        pg_parameters: { work_mem: 32MB }\n"
#define MORE_USERS       ", { name: report, password: DBUser.Report, connlimit: 3 }"

static void write_inventory(const char *text)
{
    check_fine(file_write_all("pgsteer.yml", 0600, text, strlen(text)));
}

/* The inventories one after the other; the last apply is armed. */
static void apply_all(FakeCli *f, const char *const *inventories, bool is_armed)
{
    SimWatch watch = {at_effect, NULL};
    sim_cli_fleet()->watch(sim_cli_fleet()->context, &watch);
    for (; *inventories; inventories++) {
        write_inventory(*inventories);
        killing->is_armed = is_armed && !inventories[1];
        if (apply_with(f, ".pgsteer") != 0)
            fail_msg("%s", f->err);
    }
    killing->is_armed = false;
}

/* Its dumps, for the others to compare, are left in `home`. */
static void go_unharmed(uint64_t seed, const char *const *inventories, const char *home)
{
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(seed);
    apply_all(&f, inventories, false);
    assert_int_equal(apply_with(&f, WORLD), 0);
    dump(f.arena, WORLD);
    dump(f.arena, ".pgsteer");
    shell(arena_printf(f.arena, "cp " WORLD ".dump %s && cp .pgsteer.dump %s/" UNHARMED ".dump",
                       home, home));
}

static void go_and_be_killed(uint64_t seed, const char *const *inventories, const char *home)
{
    CLEANUP(sim_cli_end) FakeCli f = sim_cli_new(seed);
    killing->cli = &f;
    shell(arena_printf(f.arena, "cp %s/*.dump .", home));
    apply_all(&f, inventories, true);
}

static void kill_everywhere(const char *const *inventories)
{
    char home[] = "/tmp/test_kill.XXXXXX";
    assert_non_null(mkdtemp(home));
    for (uint64_t seed = first_seed; seed < first_seed + seed_count; seed++) {
        Killing it = {0};
        killing = &it;
        go_unharmed(seed, inventories, home);
        go_and_be_killed(seed, inventories, home);
        printf("seed %llu: %llu points, %llu kills, %llu failed\n", (unsigned long long)seed,
               (unsigned long long)it.point, (unsigned long long)it.killed,
               (unsigned long long)it.failed);
        assert_true(it.killed > 5);
        assert_int_equal(it.failed, 0);
    }
    CLEANUP(arena_freep) Arena *arena = arena_new();
    shell(arena_printf(arena, "rm -r %s", home));
}

static void while_bare_nodes_become_a_cluster(void **state)
{
    (void)state;
    static const char *const way[] = {INVENTORY("", "", TWO_REPLICAS), NULL};
    kill_everywhere(way);
}

static void while_settings_change_and_a_replica_comes(void **state)
{
    (void)state;
    static const char *const way[] = {INVENTORY("", "", ONE_REPLICA),
                                      INVENTORY(MANY_CONNECTIONS, MORE_USERS, TWO_REPLICAS), NULL};
    kill_everywhere(way);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_bare_nodes_become_a_cluster),
        cmocka_unit_test(while_settings_change_and_a_replica_comes),
    };
    every = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : every;
    first_seed = argc > 2 ? strtoull(argv[2], NULL, 10) : first_seed;
    seed_count = argc > 3 ? strtoull(argv[3], NULL, 10) : seed_count;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
