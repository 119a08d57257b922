/* Sessions that are kept: who stays open when there are more hosts than may be kept. */
#include "base/clock.h"
#include "providers/real/pool.h"
#include "ssh/sshd.h"
#include "unit.h"

enum { LIMIT_MS = 20000 };

typedef struct Fixture {
    Rig rig;
    Server server;
    SessionPool *pool;
} Fixture;

/* Four hosts, which are all the same server. */
static const Inventory *hosts(Arena *arena, int port)
{
    const char *text = arena_printf(
        arena,
        "all:\n"
        "  vars: { ansible_host: 127.0.0.1, ansible_port: %d }\n"
        "  children:\n"
        "    etcd: { hosts: { 10.10.10.10: { etcd_seq: 1 }, 10.10.10.11: { etcd_seq: 2 },\n"
        "                     10.10.10.12: { etcd_seq: 3 } } }\n",
        port);
    Diagnostics *diagnostics = diagnostics_new(arena);
    const Inventory *inventory =
        inventory_load_bytes(arena, "f.yml", text, strlen(text), diagnostics);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    return inventory;
}

static int begin(void **state)
{
    static Fixture fixture;
    Fixture *f = *state = &fixture;
    rig_start(&f->rig);
    server_start(&f->rig, "host_ed25519", "", &f->server);
    server_know(&f->rig, &f->server, "", "host_ed25519");
    SshTarget target = server_target(&f->rig, &f->server, "ed25519");
    WorldSettings settings = {.ssh = rig_settings(&f->rig),
                              .user = target.user,
                              .key_file = target.key_file,
                              .inventory = hosts(f->rig.arena, f->server.port),
                              .idle_sessions = 2};
    f->pool = session_pool_new(&settings);
    return 0;
}

static int end(void **state)
{
    Fixture *f = *state;
    session_pool_free(f->pool);
    server_stop(&f->server);
    rig_end(&f->rig);
    return 0;
}

static Loan borrow(const Fixture *f, const char *host)
{
    Loan loan;
    check_fine(session_borrow(f->pool, host, false, clock_monotonic_ms() + LIMIT_MS, &loan));
    return loan;
}

/* Was it open? */
static bool use(const Fixture *f, const char *host)
{
    Loan loan = borrow(f, host);
    bool is_reused = loan.is_reused;
    session_give_back(&loan, true);
    return is_reused;
}

static void those_used_last_stay_open(void **state)
{
    const Fixture *f = *state;
    assert_false(use(f, "10.10.10.10"));
    assert_false(use(f, "10.10.10.11"));
    assert_true(use(f, "10.10.10.10"));
    assert_false(use(f, "10.10.10.12")); /* and 11, unused for longest, is closed */
    assert_true(use(f, "10.10.10.10"));
    assert_true(use(f, "10.10.10.12"));
    assert_false(use(f, "10.10.10.11")); /* instead of 10 */
    assert_true(use(f, "10.10.10.12"));
    assert_false(use(f, "10.10.10.10"));
}

static void two_of_one_host_are_two_sessions(void **state)
{
    const Fixture *f = *state;
    Loan first = borrow(f, "10.10.10.10"), second = borrow(f, "10.10.10.10");
    assert_false(first.is_reused || second.is_reused);
    session_give_back(&first, true);
    session_give_back(&second, true);
    assert_false(use(f, "10.10.10.11")); /* one of the two has to go */
    first = borrow(f, "10.10.10.10");
    second = borrow(f, "10.10.10.10");
    assert_true(first.is_reused);
    assert_false(second.is_reused);
    session_give_back(&first, true);
    session_give_back(&second, false); /* it failed: it is not kept */
    assert_true(use(f, "10.10.10.10"));
    assert_true(use(f, "10.10.10.11"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(those_used_last_stay_open, begin, end),
        cmocka_unit_test_setup_teardown(two_of_one_host_are_two_sessions, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
