/* Stores of leases: processes that race, heartbeats that fail, and runs that stop in time. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/authority_git.h"
#include "engine/leases.h"
#include "fake_world.h"
#include "unit.h"

enum { RACERS = 4, ROUNDS = 12, PATIENCE_MS = 120000 };

typedef struct Fixture {
    Arena *arena;
    char path[40];
    const char *repository, *state_dir;
} Fixture;

static int begin(void **state)
{
    Fixture *f = must_malloc(sizeof(*f));
    *f = (Fixture){.arena = arena_new(), .path = "/tmp/test_authority.XXXXXX"};
    assert_non_null(mkdtemp(f->path));
    f->repository = arena_printf(f->arena, "%s/leases.git", f->path);
    f->state_dir = arena_printf(f->arena, "%s/state", f->path);
    assert_int_equal(system(arena_printf(f->arena, "git init -q --bare %s", f->repository)), 0);
    *state = f;
    return 0;
}

static int end(void **state)
{
    Fixture *f = *state;
    assert_int_equal(system(arena_printf(f->arena, "rm -rf %s", f->path)), 0);
    arena_free(f->arena);
    free(f);
    return 0;
}

static LeaseAuthority *local_of(const Fixture *f)
{
    StateDir directory = state_dir_of(f->arena, "", f->state_dir);
    return lease_authority_local(&directory);
}

/* Each runner with a state directory of its own. */
static LeaseAuthority *git_of(const Fixture *f)
{
    StateDir directory =
        state_dir_of(f->arena, "", arena_printf(f->arena, "%s-%d", f->state_dir, (int)getpid()));
    return lease_authority_git(f->repository, &directory);
}

/* The same through the git program. */
static LeaseAuthority *url_of(const Fixture *f)
{
    StateDir directory =
        state_dir_of(f->arena, "", arena_printf(f->arena, "%s-%d", f->state_dir, (int)getpid()));
    return lease_authority_git(arena_printf(f->arena, "file://%s", f->repository), &directory);
}

typedef LeaseAuthority *(*AuthorityOf)(const Fixture *f);

static Leases *hold(const Fixture *f, LeaseAuthority *authority, const char *run,
                    const char *const *domains, size_t count, int64_t timeout_ms)
{
    LeasesWanted wanted = {.authority = authority,
                           .run = run,
                           .domains = domains,
                           .count = count,
                           .timeout_ms = timeout_ms};
    Leases *leases = NULL;
    Lease other;
    check_fine(leases_take(f->arena, &wanted, &leases, &other));
    return leases;
}

/* -- races ----------------------------------------------------------------------------------- */

/* Inside: nobody else may be. Tokens are kept, to see that they only grow. */
static bool pass_through(const Fixture *f, const Leases *leases)
{
    const char *inside = arena_printf(f->arena, "%s/inside", f->path);
    const char *tokens = arena_printf(f->arena, "%s/tokens", f->path);
    const Fence *fence = leases_fence_of(leases, f->arena, "pg-b");
    if (mkdir(inside, 0700) != 0)
        return false;
    FILE *out = fopen(tokens, "a");
    fprintf(out, "%lld\n", (long long)fence->token);
    bool is_fine = fclose(out) == 0;
    clock_sleep_ms(1);
    return rmdir(inside) == 0 && is_fine;
}

static int race(const Fixture *f, AuthorityOf authority_of, int racer, int rounds)
{
    static const char *const one[] = {"pg-a", "pg-b"}, *const other[] = {"pg-b", "pg-c"};
    const char *run = arena_printf(f->arena, "run-%d", racer);
    for (int i = 0; i < rounds; i++) {
        Leases *leases = hold(f, authority_of(f), run, racer % 2 ? one : other, 2, PATIENCE_MS);
        if (!leases || !pass_through(f, leases))
            return 1;
        leases_end(leases);
    }
    return 0;
}

static void see_that_tokens_grew(const Fixture *f, size_t expected)
{
    char *text;
    size_t length;
    char **lines = NULL;
    int64_t before = 0, token;
    const char *tokens = arena_printf(f->arena, "%s/tokens", f->path);
    check_fine(file_read(f->arena, tokens, 1 << 16, &text, &length));
    size_t count = text_split(f->arena, text, '\n', &lines);
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        if (!*lines[i])
            continue;
        assert_true(text_to_int(lines[i], &token));
        assert_true(token > before);
        before = token;
        seen++;
    }
    assert_int_equal(seen, expected);
}

static void run_races(const Fixture *f, AuthorityOf authority_of, int racer_count, int rounds)
{
    pid_t racers[RACERS];
    for (int i = 0; i < racer_count; i++) {
        racers[i] = fork();
        if (racers[i] == 0)
            _exit(race(f, authority_of, i, rounds));
    }
    for (int i = 0; i < racer_count; i++) {
        int status;
        waitpid(racers[i], &status, 0);
        assert_int_equal(status, 0);
    }
    see_that_tokens_grew(f, (size_t)(racer_count * rounds));
}

static void one_process_at_a_time_in_files(void **state)
{
    run_races(*state, local_of, RACERS, ROUNDS);
}

static void one_process_at_a_time_in_git_by_url(void **state)
{
    run_races(*state, url_of, 2, 2);
}

static void one_process_at_a_time_in_git(void **state)
{
    run_races(*state, git_of, RACERS, ROUNDS);
}

/* -- other runners --------------------------------------------------------------------------- */

static Lease read_lease(const Fixture *f, LeaseAuthority *authority, const char *domain)
{
    Lease lease;
    bool is_there;
    check_fine(lease_read(f->arena, authority, domain, &lease, &is_there));
    assert_true(is_there);
    return lease;
}

/* Nobody can see from elsewhere whether it lives: it has its minute. */
static void a_holder_elsewhere_is_waited_for(void **state)
{
    static const char *const domain[] = {"pg"};
    const Fixture *f = *state;
    pid_t child = fork();
    if (child == 0)
        _exit(hold(f, git_of(f), "run-1", domain, 1, 0) ? 0 : 1); /* and is gone */
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    CLEANUP(lease_authority_freep) LeaseAuthority *git = git_of(f);
    Lease lease = read_lease(f, git, "pg");
    assert_int_equal(lease.state, LEASE_HELD);
    assert_null(hold(f, git_of(f), "run-2", domain, 1, 0));
    LeaseRecord record = {.domain = "pg"};
    check_fine(git->read(git, f->arena, &record, 1));
    bool is_done;
    record.content = arena_printf(f->arena,
                                  "{\"domain\":\"pg\",\"token\":%lld,\"state\":\"held\","
                                  "\"run\":\"run-1\",\"expires_ms\":1}",
                                  (long long)lease.token);
    check_fine(git->swap(git, f->arena, &record, 1, &is_done));
    assert_true(is_done);
    Leases *leases = hold(f, git_of(f), "run-2", domain, 1, 0);
    assert_non_null(leases);
    const char *const *taken_over;
    assert_int_equal(leases_taken_over(leases, f->arena, &taken_over), 1);
    assert_true(leases_fence_of(leases, f->arena, "pg")->token > lease.token);
    leases_end(leases);
}

static void shell_remove_ref(const Fixture *f)
{
    const char *command =
        arena_printf(f->arena, "git -C %s update-ref -d " LEASE_GIT_REF, f->repository);
    assert_int_equal(system(command), 0);
}

static void a_swap_that_comes_second_does_nothing(void **state)
{
    const Fixture *f = *state;
    static const AuthorityOf stores[] = {local_of, git_of, url_of};
    for (size_t i = 0; i < COUNT_OF(stores); i++) {
        CLEANUP(lease_authority_freep) LeaseAuthority *authority = stores[i](f);
        shell_remove_ref(f);
        LeaseRecord records[] = {{"a", "1", ""}, {"b", "1", ""}},
                    read[] = {{.domain = "a"}, {.domain = "b"}};
        bool is_done;
        check_fine(authority->swap(authority, f->arena, records, 1, &is_done));
        assert_true(is_done);
        check_fine(authority->swap(authority, f->arena, records, 2, &is_done));
        assert_false(is_done); /* a is there */
        check_fine(authority->read(authority, f->arena, read, 2));
        assert_string_equal(read[0].content, "1");
        assert_string_equal(read[1].version, ""); /* none of the two */
        read[0].content = read[1].content = "2";
        check_fine(authority->swap(authority, f->arena, read, 2, &is_done));
        assert_true(is_done);
        check_fine(authority->swap(authority, f->arena, read, 2, &is_done));
        assert_false(is_done);
    }
}

/* -- heartbeats ------------------------------------------------------------------------------ */

/* A store that can be switched off. */
typedef struct Switched {
    LeaseAuthority authority, *inner;
    _Atomic bool is_off;
    _Atomic int told_count;
} Switched;

static Error *off(const Switched *switched)
{
    return switched->is_off ? error_new(ERROR_UNREACHABLE, "nobody answers") : NULL;
}

static Error *switched_read(LeaseAuthority *authority, Arena *arena, LeaseRecord *records,
                            size_t count)
{
    Switched *switched = authority->context;
    TRY(off(switched));
    return switched->inner->read(switched->inner, arena, records, count);
}

static Error *switched_swap(LeaseAuthority *authority, Arena *arena, const LeaseRecord *records,
                            size_t count, bool *ret_is_done)
{
    Switched *switched = authority->context;
    TRY(off(switched));
    return switched->inner->swap(switched->inner, arena, records, count, ret_is_done);
}

static void switched_free(LeaseAuthority *authority)
{
    Switched *switched = authority->context;
    lease_authority_freep(&switched->inner);
}

static void count_failure(void *context, const Error *error)
{
    Switched *switched = context;
    assert_non_null(error);
    switched->told_count++;
}

static Leases *hold_switched(const Fixture *f, Switched *switched, int64_t heartbeat_ms,
                             int64_t stale_ms)
{
    static const char *const domain[] = {"pg"};
    switched->inner = git_of(f);
    switched->authority = (LeaseAuthority){.name = "state",
                                           .place = "elsewhere",
                                           .runners = switched->inner->runners,
                                           .is_shared = true,
                                           .context = switched,
                                           .read = switched_read,
                                           .swap = switched_swap,
                                           .free = switched_free};
    LeasesWanted wanted = {.authority = &switched->authority,
                           .run = "run-1",
                           .domains = domain,
                           .count = 1,
                           .heartbeat_ms = heartbeat_ms,
                           .stale_ms = stale_ms,
                           .failing = count_failure,
                           .context = switched};
    Leases *leases = NULL;
    Lease other;
    check_fine(leases_take(f->arena, &wanted, &leases, &other));
    assert_non_null(leases);
    return leases;
}

static Error *fence(const Fixture *f, const Leases *leases)
{
    const Fence *ours;
    Action action = {.block = "pg"};
    return leases_fence(leases, f->arena, &action, &ours);
}

static void failing_heartbeats_are_told_once_and_stop_the_run(void **state)
{
    enum { STALE_MS = 300 };
    const Fixture *f = *state;
    Switched switched = {.is_off = false};
    Leases *leases = hold_switched(f, &switched, 20, STALE_MS);
    clock_sleep_ms(2 * STALE_MS);
    check_fine(fence(f, leases)); /* renewed all the time */
    switched.is_off = true;
    clock_sleep_ms(2 * STALE_MS);
    assert_int_equal(switched.told_count, 1);
    check_error(fence(f, leases), ERROR_FENCED, " s: nobody answers");
    switched.is_off = false;
    check_fine(fence(f, leases)); /* nobody took it meanwhile */
    leases_end(leases);
}

/* Stopped for long: it looks before it does anything, whatever the heartbeat did by then. */
static void who_slept_looks_first(void **state)
{
    const Fixture *f = *state;
    Switched switched = {.is_off = false};
    Leases *leases = hold_switched(f, &switched, PATIENCE_MS, 1);
    CLEANUP(lease_authority_freep) LeaseAuthority *git = git_of(f);
    clock_sleep_ms(5);
    check_fine(fence(f, leases));
    Lease lease;
    check_fine(lease_steal(f->arena, git, "pg", "it sleeps", &lease));
    clock_sleep_ms(5);
    check_error(fence(f, leases), ERROR_FENCED, "taken from run run-1");
    leases_end(leases);
}

/* A repository that may be read and not written keeps no lease, and that is not another's doing. */
static void a_push_that_is_refused_is_an_error(void **state)
{
    const Fixture *f = *state;
    CLEANUP(lease_authority_freep) LeaseAuthority *authority = url_of(f);
    const LeaseRecord record = {.domain = "pg-a", .content = "{}", .version = ""};
    const char *hook = arena_printf(f->arena, "%s/hooks/pre-receive", f->repository);
    const char *command =
        arena_printf(f->arena, "printf '#!/bin/sh\\nexit 1\\n' >%s && chmod +x %s", hook, hook);
    bool is_done = true;
    assert_int_equal(system(command), 0);
    check_error(authority->swap(authority, f->arena, &record, 1, &is_done), ERROR_UNREACHABLE,
                "refs/pgsteer/leases cannot be moved: ");
    assert_false(is_done);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(one_process_at_a_time_in_files),
        TEST(one_process_at_a_time_in_git),
        TEST(one_process_at_a_time_in_git_by_url),
        TEST(a_holder_elsewhere_is_waited_for),
        TEST(a_swap_that_comes_second_does_nothing),
        TEST(failing_heartbeats_are_told_once_and_stop_the_run),
        TEST(who_slept_looks_first),
        TEST(a_push_that_is_refused_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
