/* progress: live and plain on a whole run; signals taken from the process; boxes; redaction. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/box.h"
#include "cli/progress.h"
#include "cli/redact.h"
#include "engine/cancel.h"
#include "fake_cli.h"
#include "unit.h"

/* What is on the screen in the end: lines that were moved over are gone. */
static char *screen_of(Arena *arena, const char *bytes)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (; *bytes; bytes++) {
        size_t up;
        int used = 0;
        if (sscanf(bytes, "\033[%zuA\r\033[J%n", &up, &used) != 1 || used == 0) {
            text_add_char(&text, *bytes);
            continue;
        }
        for (size_t lines = 0; text.length > 0; text.length--) {
            lines += text.bytes[text.length - 1] == '\n';
            if (lines > up)
                break;
        }
        text.bytes[text.length] = '\0';
        bytes += used - 1;
    }
    return text_copy(&text, arena);
}

static void live_leaves_what_is_worth_keeping(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    f.err_is_tty = true;
    fake_world_slow(f.world, 250);
    fake_world_fail(f.world, "thing.pg-test-1/app", ERROR_REFUSED, 1);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 9);
    text_has(f.err, "pgsteer apply   run ");
    text_has(f.err, "Ctrl-C: finish what runs, then stop.");
    text_has(f.err, "    >>    thing.pg-test-1/app");
    text_has(f.err, "of 2");
    const char *screen = screen_of(f.arena, f.err);
    text_has(screen, "FAILED    thing.pg-test-1/app");
    text_has(screen, "  ok        etcd ");
    text_has(screen, "  FAILED    pg-test ");
    text_has_not(screen, "Ctrl-C");
    text_has_not(screen, ">>");
    text_has_not(f.err, "\033[31m"); /* no colours were allowed */
    text_has_not(f.err, "\033[32m");
}

static void plain_has_a_line_per_event(void **state)
{
    (void)state;
    CLEANUP(fake_cli_end) FakeCli f = fake_cli_new();
    fake_world_fail(f.world, "thing.pg-test-1/app", ERROR_UNREACHABLE, 1);
    assert_int_equal(fake_cli(&f, "apply -auto-approve"), 0);
    text_has(f.err, "pg-test  thing.pg-test-2/app    start    writing\n");
    text_has(f.err, "pg-test  thing.pg-test-2/app    ok       0.0 s\n");
    text_has(f.err, "at the 2. try");
    text_has_not(f.err, "\033");
}

/* Every level says what comes next. */
static void every_level_is_explained(void **state)
{
    (void)state;
    for (int level = 0; level <= CANCEL_LEAVE; level++)
        assert_true(strlen(progress_cancel_text(level)) > 0);
    assert_string_equal(progress_cancel_text(99), progress_cancel_text(CANCEL_LEAVE));
    text_has(progress_cancel_text(CANCEL_DRAIN), "Ctrl-C again: stop waiting");
}

static void what_still_runs_is_said_with_its_end(void **state)
{
    (void)state;
    static const Verb slow = {.name = "job.run", .deadline_ms = 90000};
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Action actions[9];
    ActionResult results[9];
    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        actions[i] = (Action){
            .verb = &slow, .address = arena_printf(arena, "job.%zu", i), .expected_ms = 30000};
        results[i] = (ActionResult){.state = ACTION_RUNNING, .start_ms = 5000};
    }
    results[0].state = ACTION_DONE;
    actions[2].expected_ms = 1000; /* late already */
    Plan plan = {.actions = actions, .action_count = COUNT_OF(actions)};
    Execution execution = {.plan = &plan, .results = results};
    Event event = {.execution = &execution, .elapsed_ms = 15000};
    assert_string_equal(progress_running_text(arena, &event),
                        "Still running:\n"
                        "  job.1 (job.run): about 20 s more, at most until 00:01:35 UTC\n"
                        "  job.2 (job.run): at most until 00:01:35 UTC\n"
                        "  job.3 (job.run): about 20 s more, at most until 00:01:35 UTC\n"
                        "  job.4 (job.run): about 20 s more, at most until 00:01:35 UTC\n"
                        "  job.5 (job.run): about 20 s more, at most until 00:01:35 UTC\n"
                        "  job.6 (job.run): about 20 s more, at most until 00:01:35 UTC\n"
                        "  and 2 more\n");
    plan.action_count = 1;
    assert_string_equal(progress_running_text(arena, &event), "");
}

/* -- signals --------------------------------------------------------------------------------- */

static int raise_twice(void)
{
    CLEANUP(cancel_freep) Cancel *cancel = cancel_new();
    if (cancel_watch_signals(cancel) != NULL)
        return 1;
    static const int signals[] = {SIGINT, SIGTERM};
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        kill(getpid(), signals[i]);
        for (int tries = 0; (size_t)cancel_level(cancel) < i + 1; tries++) {
            if (tries > 500)
                return 2;
            clock_sleep_ms(5);
        }
    }
    return cancel_sleep(cancel, clock_real(), 60000, CANCEL_INTERRUPT) ? 0 : 3;
}

static void signals_raise_the_level(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0)
        _exit(raise_twice());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void the_level_has_an_end(void **state)
{
    (void)state;
    CLEANUP(cancel_freep) Cancel *cancel = cancel_new();
    assert_false(cancel_sleep(cancel, clock_real(), 1, CANCEL_DRAIN));
    for (int i = 0; i < 9; i++)
        cancel_raise(cancel);
    assert_int_equal(cancel_level(cancel), CANCEL_LEAVE);
    assert_int_equal(cancel_level(NULL), CANCEL_NOT);
}

/* -- boxes and redaction --------------------------------------------------------------------- */

static void boxes_wrap_and_keep_the_chain(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    Box box = {out, true, false, 44};
    CLEANUP(error_freep)
    Error *error = error_wrap(error_new(ERROR_LOCAL, "the disk of this machine has no room left"),
                              "writing the journal");
    box_error(&box, error);
    fclose(out);
    assert_string_equal(text, "╷\n"
                              "│ Error: the disk of this machine has no\n"
                              "│ room left\n"
                              "│\n"
                              "│ while writing the journal\n"
                              "╵\n");
    free(text);
}

static void readings_lose_their_secrets(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Value *file = value_map(arena), *files = value_map(arena), *answer = value_map(arena);
    value_set_text(arena, file, "content", "password: sha256:abc");
    value_set_text(arena, file, "mode", "0600");
    value_set(arena, files, "/etc/patroni.yml", file);
    value_set_text(arena, answer, "nonce", "abc");
    value_set(arena, answer, "password", &value_null);
    value_set(arena, answer, "files", files);
    Reading reading = {.source = "node.secret_files", .value = answer};
    const Value *shown = redact_reading(arena, &reading);
    assert_string_equal(value_get_text(shown, "nonce"), "(sensitive value)");
    assert_int_equal(value_get(shown, "password")->type, VALUE_NULL); /* that there is none */
    file = NULL;
    const Value *inside = value_get(value_get(shown, "files"), "/etc/patroni.yml");
    assert_string_equal(value_get_text(inside, "content"), "(sensitive value)");
    assert_string_equal(value_get_text(inside, "mode"), "0600");
    reading.source = "node.files";
    inside = value_get(value_get(redact_reading(arena, &reading), "files"), "/etc/patroni.yml");
    assert_string_equal(value_get_text(inside, "content"), "password: sha256:abc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_leaves_what_is_worth_keeping),
        cmocka_unit_test(plain_has_a_line_per_event),
        cmocka_unit_test(every_level_is_explained),
        cmocka_unit_test(what_still_runs_is_said_with_its_end),
        cmocka_unit_test(signals_raise_the_level),
        cmocka_unit_test(the_level_has_an_end),
        cmocka_unit_test(boxes_wrap_and_keep_the_chain),
        cmocka_unit_test(readings_lose_their_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
