/* leases: whose they are, all or none, tokens that only grow, and what ends them. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "engine/leases.h"
#include "engine/lock.h"
#include "fake_world.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    StateDir directory;
    LeaseAuthority *authority;
    char path[40];
} Fixture;

static int begin(void **state)
{
    Fixture *f = must_malloc(sizeof(*f));
    *f = (Fixture){.arena = arena_new(), .path = "/tmp/test_lease.XXXXXX"};
    assert_non_null(mkdtemp(f->path));
    f->directory = state_dir_of(f->arena, "", f->path);
    f->authority = lease_authority_local(&f->directory);
    *state = f;
    return 0;
}

static int end(void **state)
{
    Fixture *f = *state;
    assert_int_equal(system(arena_printf(f->arena, "rm -r %s", f->path)), 0);
    lease_authority_freep(&f->authority);
    arena_free(f->arena);
    free(f);
    return 0;
}

/* By a run whose file nobody holds: it is dead at once. */
static Lease take(Fixture *f, const char *run, const char *domain)
{
    Lease *leases, other;
    check_fine(
        lease_take(f->arena, f->authority, &(LeaseWish){run, &domain, 1, NULL}, &leases, &other));
    assert_non_null(leases);
    Lease now;
    bool is_there;
    check_fine(lease_read(f->arena, f->authority, domain, &now, &is_there));
    assert_true(is_there);
    return now;
}

static Lease read_lease(Fixture *f, const char *domain)
{
    Lease lease;
    bool is_there;
    check_fine(lease_read(f->arena, f->authority, domain, &lease, &is_there));
    assert_true(is_there);
    return lease;
}

static Leases *hold(Fixture *f, const char *run, const char *const *domains, size_t count,
                    int64_t timeout_ms, Lease *ret_other)
{
    Leases *leases = NULL;
    LeasesWanted wanted = {.authority = lease_authority_local(&f->directory),
                           .run = run,
                           .domains = domains,
                           .count = count,
                           .timeout_ms = timeout_ms};
    check_fine(leases_take(f->arena, &wanted, &leases, ret_other));
    return leases;
}

static Error *fence(const Fixture *f, const Leases *leases, const char *block, const Fence **ret)
{
    Action action = {.block = block};
    return leases_fence(leases, f->arena, &action, ret);
}

/* -- which ----------------------------------------------------------------------------------- */

static void domains_are_the_blocks_of_a_plan(void **state)
{
    static const struct {
        const char *blocks[5]; /* of actions, in order */
        const char *want;
    } cases[] = {
        {{NULL}, ""},
        {{"pg-test"}, "pg-test"},
        {{"", "pg-test", ""}, "pg-test"}, /* barriers */
        {{"pg-test", "etcd", "pg-test", "infra"}, "etcd infra pg-test"},
        {{"10.10.10.9", "node-b", "node-a"}, "10.10.10.9 node-a node-b"},
        {{"a b", "-x", ".y", "a/b"}, "_x _y a_b"}, /* words for files and commands */
    };
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Action actions[5] = {{0}};
        Plan plan = {.actions = actions};
        for (; plan.action_count < 5 && cases[i].blocks[plan.action_count]; plan.action_count++)
            actions[plan.action_count].block = cases[i].blocks[plan.action_count];
        const char *const *domains;
        size_t count = lease_domains(f->arena, &plan, &domains);
        CLEANUP(text_release) Text got = TEXT_INIT;
        for (size_t j = 0; j < count; j++)
            text_addf(&got, "%s%s", j > 0 ? " " : "", domains[j]);
        assert_string_equal(text_get(&got), cases[i].want);
    }
}

static void an_older_token_is_refused(void **state)
{
    static const struct {
        int64_t ours, newest; /* 0: none was seen */
        bool is_refused;
    } cases[] = {{5, 0, false}, {5, 4, false}, {5, 5, false}, {5, 6, true}};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Fence ours = {"pg", cases[i].ours, "a", "h:1", "then"};
        Fence newest = {"pg", cases[i].newest, "b", "h:2", "now"};
        Error *error = fence_check(&ours, cases[i].newest > 0 ? &newest : NULL);
        if (cases[i].is_refused)
            check_error(error, ERROR_FENCED,
                        "pg was taken over by run b (h:2), whose lease is from now");
        else
            check_fine(error);
    }
    check_fine(fence_check(NULL, NULL));
}

/* -- taking ---------------------------------------------------------------------------------- */

static void all_or_none_are_taken(void **state)
{
    static const char *const first[] = {"pg-b"}, *const both[] = {"pg-a", "pg-b"},
                             *const apart[] = {"pg-a", "pg-c"};
    Fixture *f = *state;
    Lease other;
    Leases *one = hold(f, "run-1", first, 1, 0, &other);
    assert_non_null(one);
    assert_null(hold(f, "run-2", both, 2, 0, &other));
    assert_string_equal(other.run, "run-1");
    assert_string_equal(other.domain, "pg-b");
    Lease lease;
    bool is_there;
    check_fine(lease_read(f->arena, f->authority, "pg-a", &lease, &is_there));
    assert_false(is_there); /* none of the two */
    Leases *two = hold(f, "run-2", apart, 2, 0, &other);
    assert_non_null(two); /* both runs at the same time */
    leases_end(one);
    assert_int_equal(read_lease(f, "pg-b").state, LEASE_FREE);
    assert_int_equal(read_lease(f, "pg-a").state, LEASE_HELD);
    leases_end(two);
    leases_end(NULL);
}

static void *end_later(void *leases)
{
    clock_sleep_ms(300);
    leases_end(leases);
    return NULL;
}

static void who_waits_gets_it(void **state)
{
    static const char *const domain[] = {"pg"};
    Fixture *f = *state;
    Lease other;
    pthread_t thread;
    Leases *one = hold(f, "run-1", domain, 1, 0, &other);
    assert_null(hold(f, "run-2", domain, 1, 1, &other));
    assert_int_equal(pthread_create(&thread, NULL, end_later, one), 0);
    Leases *two = hold(f, "run-2", domain, 1, 60000, &other);
    assert_non_null(two);
    pthread_join(thread, NULL);
    const char *const *taken_over;
    assert_int_equal(leases_taken_over(two, f->arena, &taken_over), 0); /* it was given back */
    leases_end(two);
}

static void tokens_only_grow(void **state)
{
    Fixture *f = *state;
    int64_t before_ms = clock_wall_ms(), token = 0;
    for (int i = 0; i < 5; i++) {
        Lease lease = take(f, "run", "pg");
        assert_true(lease.token > token);
        assert_true(lease.token >= before_ms); /* also without the files of earlier runs */
        token = lease.token;
    }
    const char *file =
        arena_printf(f->arena, "{\"domain\":\"pg\",\"token\":%lld,\"state\":\"free\"}", 1LL << 50);
    check_fine(file_write_all(arena_printf(f->arena, "%s/pg.json", f->directory.leases), 0600, file,
                              strlen(file)));
    assert_int_equal(take(f, "run", "pg").token, (1LL << 50) + 1); /* of a clock that was ahead */
}

static void a_file_that_is_no_lease_is_an_error(void **state)
{
    static const char *const files[] = {"", "[]", "{}", "{\"domain\":\"pg\"}", "{\"domain\""};
    Fixture *f = *state;
    take(f, "run", "pg");
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        const char *domain = "pg";
        Lease *leases, other;
        check_fine(file_write_all(arena_printf(f->arena, "%s/pg.json", f->directory.leases), 0600,
                                  files[i], strlen(files[i])));
        Error *error = lease_take(f->arena, f->authority, &(LeaseWish){"run", &domain, 1, NULL},
                                  &leases, &other);
        assert_non_null(error);
        assert_null(leases);
        error_free(error);
    }
}

/* -- how it ends ----------------------------------------------------------------------------- */

static void a_dead_holder_has_no_lease(void **state)
{
    static const char *const domain[] = {"pg"};
    Fixture *f = *state;
    Lease other;
    pid_t child = fork();
    if (child == 0)
        _exit(hold(f, "run-1", domain, 1, 0, &other) ? 0 : 1); /* without giving it back */
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(read_lease(f, "pg").state, LEASE_DEAD);
    Leases *leases = hold(f, "run-2", domain, 1, 0, &other);
    assert_non_null(leases);
    const char *const *taken_over;
    assert_int_equal(leases_taken_over(leases, f->arena, &taken_over), 1);
    assert_string_equal(taken_over[0], "pg");
    leases_end(leases);
}

/* Its process is there, and stopped. */
static void a_silent_holder_loses_it(void **state)
{
    Fixture *f = *state;
    Lock *alive = NULL;
    char *nobody = NULL;
    check_fine(
        lock_take(state_dir_run(f->arena, &f->directory, "run-1"), "run-1", &alive, &nobody));
    Lease lease = take(f, "run-1", "pg"), now;
    assert_int_equal(lease.state, LEASE_HELD);
    const char *file =
        arena_printf(f->arena,
                     "{\"domain\":\"pg\",\"token\":%lld,\"state\":\"held\",\"run\":\"run-1\","
                     "\"expires_ms\":%lld}",
                     (long long)lease.token, (long long)clock_wall_ms() - 1);
    check_fine(file_write_all(arena_printf(f->arena, "%s/pg.json", f->directory.leases), 0600, file,
                              strlen(file)));
    assert_int_equal(read_lease(f, "pg").state, LEASE_EXPIRED);
    check_fine(
        lease_renew(f->arena, f->authority, "run-1", &lease, 1, &now)); /* it wakes up in time */
    assert_int_equal(read_lease(f, "pg").state, LEASE_HELD);
    check_fine(file_write_all(arena_printf(f->arena, "%s/pg.json", f->directory.leases), 0600, file,
                              strlen(file)));
    int64_t token = take(f, "run-2", "pg").token;
    assert_true(token > lease.token);
    check_fine(lease_renew(f->arena, f->authority, "run-1", &lease, 1, &now)); /* too late */
    check_fine(lease_give_back(f->authority, "run-1", &lease, 1));
    assert_string_equal(read_lease(f, "pg").run, "run-2");
    assert_int_equal(read_lease(f, "pg").token, token);
    lock_freep(&alive);
}

static void who_was_robbed_does_nothing_more(void **state)
{
    static const char *const domains[] = {"pg-a", "pg-b"};
    Fixture *f = *state;
    Lease other, lease;
    const Fence *ours = NULL;
    Leases *one = hold(f, "run-1", domains, 2, 0, &other);
    check_fine(fence(f, one, "pg-a", &ours));
    assert_int_equal(ours->token, read_lease(f, "pg-a").token);
    check_error(lease_release(f->arena, f->authority, "pg-a", &lease), ERROR_REFUSED, "lives");
    check_error(lease_steal(f->arena, f->authority, "pg-x", "why", &lease), ERROR_INVALID, "pg-x");
    check_error(lease_steal(f->arena, f->authority, "../pg-a", "why", &lease), ERROR_INVALID,
                "../pg-a");
    check_fine(lease_steal(f->arena, f->authority, "pg-a", "it hangs", &lease));
    assert_true(lease.token > ours->token);
    check_error(fence(f, one, "pg-a", &ours), ERROR_FENCED, "taken from run run-1");
    assert_null(ours);
    check_fine(fence(f, one, "pg-b", &ours)); /* the other one goes on */
    Leases *two = hold(f, "run-2", domains, 1, 0, &other);
    assert_non_null(two);
    check_error(fence(f, one, "pg-a", &ours), ERROR_FENCED, "taken over by run run-2");
    check_fine(fence(f, two, "pg-a", &ours));
    check_error(fence(f, two, "pg-b", &ours), ERROR_FENCED, "was not taken");
    leases_end(one); /* gives back what is still its own */
    assert_int_equal(read_lease(f, "pg-a").state, LEASE_HELD);
    assert_non_null(strstr(read_lease(f, "pg-a").note, "it hangs"));
    assert_int_equal(read_lease(f, "pg-b").state, LEASE_FREE);
    leases_end(two);
    check_fine(fence(f, NULL, "pg-a", &ours));
    assert_null(ours);
}

static void what_a_dead_holder_has_is_released_by_hand(void **state)
{
    Fixture *f = *state;
    Lease lease = take(f, "run-1", "pg");
    assert_int_equal(lease.state, LEASE_DEAD);
    check_fine(lease_release(f->arena, f->authority, "pg", &lease));
    assert_int_equal(read_lease(f, "pg").state, LEASE_VACANT); /* who comes next tells the nodes */
    assert_non_null(strstr(read_lease(f, "pg").note, "run-1"));
    Lease *leases;
    size_t count;
    take(f, "run-2", "etcd");
    check_fine(lease_list(f->arena, f->authority, &leases, &count));
    assert_int_equal(count, 2);
    assert_string_equal(leases[0].domain, "etcd");
    assert_string_equal(leases[1].domain, "pg");
}

static void locks_are_waited_for_and_looked_at(void **state)
{
    Fixture *f = *state;
    Lock *lock = NULL, *second = NULL;
    const char *path = arena_printf(f->arena, "%s/lock", f->path);
    assert_false(lock_is_held(path));
    check_fine(lock_wait(path, "run-1", 0, &lock));
    assert_true(lock_is_held(path));
    check_error(lock_wait(path, "run-2", 50, &second), ERROR_LOCAL, "run-1");
    assert_null(second);
    lock_freep(&lock);
    assert_false(lock_is_held(path));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(domains_are_the_blocks_of_a_plan),
        TEST(an_older_token_is_refused),
        TEST(all_or_none_are_taken),
        TEST(who_waits_gets_it),
        TEST(tokens_only_grow),
        TEST(a_file_that_is_no_lease_is_an_error),
        TEST(a_dead_holder_has_no_lease),
        TEST(a_silent_holder_loses_it),
        TEST(who_was_robbed_does_nothing_more),
        TEST(what_a_dead_holder_has_is_released_by_hand),
        TEST(locks_are_waited_for_and_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
