#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "ssh/bench.h"
#include "unit.h"

/* Scripts in sessions; each test runs over both backends, on real servers. */

static void test_scripts(void **state)
{
    static const struct {
        const char *script;
        const char *input;
        const char *out;
        const char *err;
        int status;
    } cases[] = {
        {"true", "", "", "", 0},
        {"echo hello", "", "hello\n", "", 0},
        {"printf 'no newline'", "", "no newline", "", 0},
        {"echo out; echo err >&2; exit 7", "", "out\n", "err\n", 7},
        {"cat", "the input", "the input", "", 0},
        {"true # a comment at the end", "", "", "", 0},
        {"cat <<'X'\nhere\nX", "", "here\n", "", 0},
        {"read a; echo \"got $a\"", "one\ntwo\n", "got one\n", "", 0},
        {"trap 'echo mine' EXIT; exit 3", "", "mine\n", "", 3},
        {"set -e; false; echo never", "", "", "", 1},
        {"sh -c 'kill -9 $$'", "", "", "Killed\n", 137},
        {"echo \"$LC_ALL\"; id -un", "", "C\nroot\n", "", 0},
        {"cat; exec 1>&-; exit 4", "x", "x", "", 4},
    };
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            check_fine(run(&open, cases[i].script, cases[i].input));
            assert_string_equal(text_get(&open.out), cases[i].out);
            assert_string_equal(text_get(&open.err), cases[i].err);
            assert_int_equal(open.status, cases[i].status);
        }
        assert_int_equal(ssh_round_trips(open.session), 1 + COUNT_OF(cases));
        close_session(&open);
    }
}

static void test_input_is_data(void **state)
{
    const Bench *bench = *state;
    const char *canary = rig_path(&bench->rig, "canary");
    CLEANUP(text_release) Text input = TEXT_INIT;
    text_addf(&input, "$(touch %s) `touch %s` ' \" \\ ; touch %s\n", canary, canary, canary);
    for (int i = 0; i < 256; i++)
        text_add_char(&input, (char)i);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(bench, backends[b], &open);
        check_fine(run_bytes(&open, "cat", input.bytes, input.length, soon()));
        assert_int_equal(open.out.length, input.length);
        assert_memory_equal(open.out.bytes, input.bytes, input.length);
        assert_false(file_exists(canary));
        close_session(&open);
    }
}

static void test_big_both_ways(void **state)
{
    char *bytes = must_malloc(BIG_BYTES);
    for (size_t i = 0; i < BIG_BYTES; i++)
        bytes[i] = (char)((i * 2654435761U) >> 13);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        check_fine(run_bytes(&open, "cat", bytes, BIG_BYTES, soon()));
        assert_int_equal(open.out.length, BIG_BYTES);
        assert_memory_equal(open.out.bytes, bytes, BIG_BYTES);
        /* A script that does not want its input ends all the same. */
        check_fine(run_bytes(&open, "exit 5", bytes, BIG_BYTES, soon()));
        assert_int_equal(open.status, 5);
        close_session(&open);
    }
    free(bytes);
}

static void test_bounds(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        check_error(
            ssh_run(open.session, "yes", "", 0, 100000, soon(), &open.out, &open.err, &open.status),
            ERROR_UNREACHABLE, "more than the 100000 bytes");
        check_error(ssh_run(open.session, "yes | head -c 101 >&2", "", 0, 100, soon(), &open.out,
                            &open.err, &open.status),
                    ERROR_UNREACHABLE, "more than the 100 bytes");
        assert_int_equal(open.out.length, 0);
        check_fine(run(&open, "echo good", ""));
        assert_string_equal(text_get(&open.out), "good\n");
        close_session(&open);
    }
}

static void test_deadline(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        int64_t start_ms = clock_monotonic_ms();
        check_error(run_bytes(&open, "sleep 100", "", 0, start_ms + 500), ERROR_UNREACHABLE,
                    "127.0.0.1 did not finish its script within");
        assert_true(clock_monotonic_ms() - start_ms < 15000);
        check_fine(run(&open, "echo again", ""));
        close_session(&open);
    }
}

/* Daemons keep their outputs open; the closing line is enough. */
static void test_daemon_left_behind(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        int64_t start_ms = clock_monotonic_ms();
        check_fine(run(&open, "sleep 20 & echo $!", ""));
        assert_true(clock_monotonic_ms() - start_ms < 15000);
        CLEANUP(text_release) Text pid = TEXT_INIT;
        text_add(&pid, text_get(&open.out));
        check_fine(run(&open, "read pid; kill $pid", text_get(&pid)));
        close_session(&open);
    }
}

static void test_shell_killed(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        check_error(run(&open, "echo half; echo why >&2; kill -9 $$", ""), ERROR_UNREACHABLE,
                    "without its closing line");
        check_fine(run(&open, "if", ""));
        assert_int_equal(open.status, 2);
        assert_non_null(strstr(text_get(&open.err), "yntax error"));
        close_session(&open);
    }
}

/* sshd's child for the session dies while a script runs. */
static void test_server_dies(void **state)
{
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_session(*state, backends[b], &open);
        /* the shell, then sshd's login shell (or not: it may exec), then sshd */
        check_error(run(&open,
                        "pid=$$; while [ \"$(cat /proc/$pid/comm)\" != sshd ]; do\n"
                        "pid=$(awk '{print $4}' /proc/$pid/stat); done; kill -9 $pid; sleep 10",
                        ""),
                    ERROR_UNREACHABLE, "connection was lost");
        check_error(run(&open, "true", ""), ERROR_UNREACHABLE, "127.0.0.1");
        close_session(&open);
    }
}

static void test_noise(void **state)
{
    const Bench *bench = *state;
    Server server;
    server_start(&bench->rig, "host_ed25519",
                 "ForceCommand echo noise; echo more noise >&2; eval \"$SSH_ORIGINAL_COMMAND\"; "
                 "echo late noise",
                 &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        open_on(bench, &server, backends[b], NULL, &open);
        check_fine(run(&open, "cat; echo said >&2; exit 3", "in"));
        assert_string_equal(text_get(&open.out), "in");
        assert_string_equal(text_get(&open.err), "said\n");
        assert_int_equal(open.status, 3);
        close_session(&open);
    }
    server_stop(&server);
}

static void test_bashrc(void **state)
{
    const Bench *bench = *state;
    check_fine(file_make_dirs(rig_path(&bench->rig, "home"), 0700));
    rig_write(&bench->rig, "home/.bashrc",
              "echo noise; echo noise >&2; touch \"$HOME/was_read\"\n");
    Server server;
    server_start(&bench->rig, "host_ed25519",
                 arena_printf(bench->rig.arena, "SetEnv HOME=%s/home", bench->rig.directory),
                 &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    Open open;
    open_on(bench, &server, "libssh2", NULL, &open);
    check_fine(run(&open, "cat", "in"));
    assert_string_equal(text_get(&open.out), "in");
    assert_string_equal(text_get(&open.err), "");
    assert_true(file_exists(rig_path(&bench->rig, "home/was_read")));
    close_session(&open);
    server_stop(&server);
}

/* -- sudo ------------------------------------------------------------------------------------ */

static void test_sudo(void **state)
{
    char *bytes = must_malloc(BIG_BYTES);
    memset(bytes, 'x', BIG_BYTES);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Open open;
        const Bench *bench = *state;
        open_on(bench, &bench->server, backends[b], "nobody", &open);
        check_fine(run(&open, "id -un; cat; exit 9", "in"));
        assert_string_equal(text_get(&open.out), "nobody\nin");
        assert_int_equal(open.status, 9);
        check_fine(run_bytes(&open, "cat", bytes, BIG_BYTES, soon()));
        assert_int_equal(open.out.length, BIG_BYTES);
        SshStream *stream;
        check_fine(ssh_stream_command(open.session, "nobody", "id -un; cat", soon(), &stream));
        expect(stream, "nobody\n");
        close_session(&open);
    }
    free(bytes);
}

/* A node whose sudo says no; PATH names ours first. */
static void test_sudo_refuses(void **state)
{
    static const struct {
        const char *sudo; /* "": there is none */
        const char *part;
    } cases[] = {
        {"", "127.0.0.1 has no sudo, and root may do nothing as nobody without it"},
        {"echo 'sudo: a password is required' >&2; exit 1",
         "echo 'root ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pgsteer"},
        {"echo 'Sorry, user root is not allowed to execute x' >&2; exit 1", "does not allow it"},
        {"echo 'sudo: something else' >&2; exit 1", "it said 'sudo: something else'"},
        {"exit 0", "said nothing"},
    };
    const Bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *tools[] = {"sh", "bash", "env", "head", "cat"};
        const char *bin = arena_printf(bench->rig.arena, "%s/bin%zu", bench->rig.directory, i);
        check_fine(file_make_dirs(bin, 0755));
        for (size_t t = 0; t < COUNT_OF(tools); t++)
            assert_int_equal(symlink(arena_printf(bench->rig.arena, "/bin/%s", tools[t]),
                                     arena_printf(bench->rig.arena, "%s/%s", bin, tools[t])),
                             0);
        if (cases[i].sudo[0]) {
            const char *text = arena_printf(bench->rig.arena, "#!/bin/sh\n%s\n", cases[i].sudo);
            check_fine(file_write_all(arena_printf(bench->rig.arena, "%s/sudo", bin), 0755, text,
                                      strlen(text)));
        }
        Server server;
        server_start(&bench->rig, "host_ed25519",
                     arena_printf(bench->rig.arena, "SetEnv PATH=%s", bin), &server);
        server_know(&bench->rig, &server, "", "host_ed25519");
        Open open;
        open_on(bench, &server, backends[i % 2], "nobody", &open);
        check_error(run(&open, "true", "some input"), ERROR_REFUSED, cases[i].part);
        SshStream *stream;
        check_error(ssh_stream_command(open.session, "nobody", "cat", soon(), &stream),
                    ERROR_REFUSED, cases[i].part);
        close_session(&open);
        server_stop(&server);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scripts),       cmocka_unit_test(test_input_is_data),
        cmocka_unit_test(test_big_both_ways), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_deadline),      cmocka_unit_test(test_daemon_left_behind),
        cmocka_unit_test(test_shell_killed),  cmocka_unit_test(test_server_dies),
        cmocka_unit_test(test_noise),         cmocka_unit_test(test_bashrc),
        cmocka_unit_test(test_sudo),          cmocka_unit_test(test_sudo_refuses),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
