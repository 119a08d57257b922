#include "base/clock.h"
#include "base/process.h"
#include "providers/ssh/script.h"
#include "unit.h"

static const ScriptUser admin = {"pg-1", "admin", "root"};

/* Feed a text in pieces of `step` bytes. */
static void feed(Capture *capture, const Script *script, const char *text, size_t step)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += step)
        capture_add(capture, script, text + at, length - at < step ? length - at : step);
}

/* W stands for the script's random word. */
static void test_capture(void **state)
{
    static const struct {
        const char *arrives;
        const char *text;
        bool has_begun;
        bool has_ended;
        int status;
    } cases[] = {
        {"\n#pgsteer W begin\nhello\n\n#pgsteer W end 0\n", "hello\n", true, true, 0},
        {"\n#pgsteer W begin\nhello\n#pgsteer W end 7\n", "hello", true, true, 7},
        {"\n#pgsteer W begin\n\n#pgsteer W end 137\n", "", true, true, 137},
        {"noise\n#pgsteer W begin\nx\n#pgsteer W end 1\nlate", "x", true, true, 1},
        {"noise\n", "noise\n", false, false, 0},
        {"\n#pgsteer W begin\ncut", "cut", true, false, 0},
        {"\n#pgsteer W begin\ncut\n#pgsteer W end 1", "cut\n#pgsteer W end 1", true, false, 0},
        {"\n#pgsteer W begin\ncut\n#pgsteer W end ", "cut\n#pgsteer W end ", true, false, 0},
        {"\n#pgsteer 00 begin\nx", "\n#pgsteer 00 begin\nx", false, false, 0},
        {"\n#pgsteer W begin\n#pgsteer W begin\n#pgsteer 0 end 1\n\n#pgsteer W end 2\n",
         "#pgsteer W begin\n#pgsteer 0 end 1\n", true, true, 2},
    };
    Arena *arena = *state;
    CLEANUP(script_release) Script script;
    script_init(&script, "true");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char **parts;
        CLEANUP(text_release) Text arrives = TEXT_INIT;
        CLEANUP(text_release) Text want = TEXT_INIT;
        size_t count = text_split(arena, cases[i].arrives, 'W', &parts);
        for (size_t p = 0; p < count; p++)
            text_addf(&arrives, "%s%s", p ? script.word : "", parts[p]);
        count = text_split(arena, cases[i].text, 'W', &parts);
        for (size_t p = 0; p < count; p++)
            text_addf(&want, "%s%s", p ? script.word : "", parts[p]);
        for (size_t step = 1; step < 200; step = step * 2 + 1) {
            CLEANUP(capture_release) Capture capture = {0};
            feed(&capture, &script, text_get(&arrives), step);
            assert_string_equal(text_get(&capture.text), text_get(&want));
            assert_int_equal(capture.has_begun, cases[i].has_begun);
            assert_int_equal(capture.has_ended, cases[i].has_ended);
            assert_int_equal(capture.status, cases[i].status);
        }
    }
}

static void test_command(void **state)
{
    static const struct {
        const char *login;
        const char *become;
        const char *front;
    } cases[] = {
        {"root", "root", "sh -c 'eval \"$(head -c \"$1\")\"' pgsteer "},
        {"admin", "root", "env LC_ALL=C sudo -n -- sh -c 'eval"},
        {"root", "postgres", "env LC_ALL=C sudo -n -u postgres -- sh -c 'eval"},
        {"postgres", "postgres", "sh -c"},
    };
    Arena *arena = *state;
    CLEANUP(script_release) Script script;
    script_init(&script, "true");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const ScriptUser user = {"pg-1", cases[i].login, cases[i].become};
        const char *command = script_command(arena, &script, &user);
        assert_true(text_starts_with(command, cases[i].front));
        assert_true(
            text_ends_with(command, arena_printf(arena, "pgsteer %zu", script.text.length)));
    }
}

/* Every shell that a node may have as sh or as login shell and that is here. */
static void test_shells(void **state)
{
    static const char *const shells[] = {"sh", "dash", "bash"};
    Arena *arena = *state;
    for (size_t i = 0; i < COUNT_OF(shells); i++) {
        CLEANUP(script_release) Script script;
        script_init(&script, "cat; echo err >&2; exit 7");
        CLEANUP(text_release) Text input = TEXT_INIT;
        text_add(&input, text_get(&script.text));
        text_add(&input, "the input");
        const ScriptUser user = {"pg-1", "root", "root"};
        char *argv[] = {arena_strdup(arena, shells[i]), arena_strdup(arena, "-c"),
                        arena_strdup(arena, script_command(arena, &script, &user)), NULL};
        CLEANUP(text_release) Text out = TEXT_INIT;
        CLEANUP(text_release) Text err = TEXT_INIT;
        int status;
        check_fine(process_run(argv, input.bytes, input.length, 10000, clock_monotonic_ms() + 10000,
                               &out, &err, &status));
        CLEANUP(capture_release) Capture captured_out = {0};
        CLEANUP(capture_release) Capture captured_err = {0};
        capture_add(&captured_out, &script, text_get(&out), out.length);
        capture_add(&captured_err, &script, text_get(&err), err.length);
        assert_string_equal(text_get(&captured_out.text), "the input");
        assert_string_equal(text_get(&captured_err.text), "err\n");
        assert_int_equal(captured_out.status, 7);
        assert_true(captured_err.has_ended);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *output;
        const char *errors;
        const char *part;
    } cases[] = {
        {"", "sudo: a password is required\n",
         "sudo on pg-1 asks for a password when admin wants to be root. Allow it there, as root: "
         "echo 'admin ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/pgsteer"},
        {"", "sudo: sorry, you must have a tty to run sudo\n", "asks for a terminal"},
        {"", "Sorry, user admin is not allowed to execute '/bin/sh' as root on pg-1.\n",
         "does not allow it"},
        {"", "admin is not in the sudoers file.\n", "does not know the user"},
        {"", "sudo: unknown user: postgrse\n", "does not know the user to become"},
        {"", "bash: line 1: sudo: command not found\n", "pg-1 has no sudo"},
        {"", "env: 'sudo': No such file or directory\n", "pg-1 has no sudo"},
        {"This account is currently not available.\n", "",
         "it said 'This account is currently not available.'. Try: ssh admin@pg-1"},
        {"", "", "it said nothing"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        check_error(script_refused(&admin, cases[i].output, cases[i].errors), ERROR_REFUSED,
                    cases[i].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_capture, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_command, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_shells, arena_setup, arena_teardown),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
