/* The fence on a node, and the relay that looks at it: the texts themselves, run here. */
#include <arpa/inet.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "providers/real/effect_texts.h"
#include "providers/real/node_call.h"
#include "unit.h"

#define HOME "fences=/var/lib/pgsteer/fences"

enum { PATIENCE_MS = 60000 };

typedef struct Fixture {
    Arena *arena;
    char path[40];
} Fixture;

static int begin(void **state)
{
    Fixture *f = must_malloc(sizeof(*f));
    *f = (Fixture){.arena = arena_new(), .path = "/tmp/test_fence.XXXXXX"};
    assert_non_null(mkdtemp(f->path));
    *state = f;
    return 0;
}

static int end(void **state)
{
    Fixture *f = *state;
    assert_int_equal(system(arena_printf(f->arena, "rm -r %s", f->path)), 0);
    arena_free(f->arena);
    free(f);
    return 0;
}

static const char *file_of(const Fixture *f, const char *name)
{
    return arena_printf(f->arena, "%s/%s", f->path, name);
}

/* The text, with its fences below the directory of the test. */
static void write_here(const Fixture *f, const char *name, const char *text)
{
    const char *at = strstr(text, HOME);
    assert_non_null(at);
    const char *here = arena_printf(f->arena, "%.*sfences=%s/fences%s", (int)(at - text), text,
                                    f->path, at + strlen(HOME));
    check_fine(file_write_all(file_of(f, name), 0600, here, strlen(here)));
}

static int shell(const Fixture *f, const char *command)
{
    int status = system(arena_printf(f->arena, "cd %s && %s", f->path, command));
    return WEXITSTATUS(status);
}

static const char *read_text(const Fixture *f, const char *name)
{
    char *bytes;
    size_t length;
    check_fine(file_read(f->arena, file_of(f, name), 1 << 20, &bytes, &length));
    return arena_strndup(f->arena, bytes, length);
}

static NodeCall link_call(const Fixture *f, const char *name)
{
    Value *args = value_map(f->arena);
    value_set_text(f->arena, args, "path", file_of(f, name));
    value_set_text(f->arena, args, "target", "anywhere");
    return (NodeCall){"link", args};
}

static NodeCall file_call(const Fixture *f, const char *name, const char *content)
{
    Value *args = value_map(f->arena);
    value_set_text(f->arena, args, "path", file_of(f, name));
    value_set_text(f->arena, args, "content", content);
    value_set_text(f->arena, args, "owner", getpwuid(getuid())->pw_name);
    value_set_text(f->arena, args, "group", getgrgid(getgid())->gr_name);
    value_set_text(f->arena, args, "mode", "0644");
    return (NodeCall){"file_put", args};
}

/* One request, as the library is asked on a node. */
static Error *ask(const Fixture *f, int64_t token, const char *run, const NodeCall *calls,
                  size_t count)
{
    NodeResult results[3];
    CLEANUP(text_release) Text input = TEXT_INIT;
    Fence fence = {"pg-test", token, run, "db-admin:4711", "2026-11-23T02:10:23.123Z"};
    check_fine(node_call_write(f->arena, &input, calls, count, token > 0 ? &fence : NULL, "N"));
    check_fine(file_write_all(file_of(f, "input"), 0600, text_get(&input), input.length));
    int status = shell(f, "sh ./library <input >out 2>err");
    if (status != 0) {
        assert_int_equal(status, 74);
        const char *said = read_text(f, "err");
        return error_new(ERROR_FENCED, "at once: %.*s", (int)strcspn(said, "\n"), said);
    }
    const char *out = read_text(f, "out");
    return node_call_parse(f->arena, out, strlen(out), "N", calls, count, results);
}

static void the_highest_token_is_kept(void **state)
{
    static const struct {
        int64_t token; /* 0: without a fence */
        const char *run, *refusal;
    } cases[] = {
        {50, "run-a", NULL},
        {50, "run-a", NULL},
        {49, "run-z",
         "at once: pg-test was taken over by run run-a (db-admin:4711), whose lease is "
         "from 2026-11-23T02:10:23.123Z"},
        {INT64_MAX, "run-b", NULL},
        {50, "run-a", "pg-test was taken over by run run-b"},
        {0, "", NULL},
    };
    Fixture *f = *state;
    write_here(f, "library", node_call_text(f->arena));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *path = arena_printf(f->arena, "link-%zu", i);
        NodeCall call = link_call(f, path);
        Error *error = ask(f, cases[i].token, cases[i].run, &call, 1);
        if (cases[i].refusal)
            check_error(error, ERROR_FENCED, cases[i].refusal);
        else
            check_fine(error);
        assert_int_equal(shell(f, arena_printf(f->arena, "test -L %s", path)) == 0,
                         !cases[i].refusal);
    }
}

/* It is looked at before each effect of a request: the second of these brings a newer token. */
static void a_takeover_between_two_effects_stops_what_follows(void **state)
{
    Fixture *f = *state;
    const NodeCall calls[] = {link_call(f, "first"),
                              file_call(f, "fences/pg-test", "90 run-b h:1 now\n"),
                              link_call(f, "third")};
    write_here(f, "library", node_call_text(f->arena));
    Error *error = ask(f, 50, "run-a", calls, COUNT_OF(calls));
    check_error(error, ERROR_FENCED,
                "pg-test was taken over by run run-b (h:1), whose lease is from now");
    assert_int_equal(shell(f, "test -L first && test ! -e third"), 0);
}

/* -- the relay --------------------------------------------------------------------------------- */

/* Of two kinds, as servers have them; *ret_target is what the relay is told. */
static int listen_tcp(const Fixture *f, const char **ret_target)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *ret_target = arena_printf(f->arena, "127.0.0.1:%d", ntohs(address.sin_port));
    return fd;
}

static int listen_unix(const Fixture *f, const char **ret_target)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    *ret_target = file_of(f, "socket");
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", *ret_target);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* A statement passes; then somebody takes over, and the next one does not. */
static void check_relay(const Fixture *f, int listener, const char *target)
{
    static const char newer[] = "90 run-b h:1 now\n";
    assert_int_equal(listen(listener, 1), 0);
    write_here(f, "relay",
               arena_printf(f->arena, "%sset -- %s $(id -un) pg-test 50 run-a h:1 then\n%s",
                            embedded_fence, target, embedded_relay));
    FILE *relay = popen(arena_printf(f->arena, "cd %s && sh ./relay 2>err", f->path), "w");
    assert_non_null(relay);
    struct pollfd ready = {.fd = listener, .events = POLLIN};
    assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
    CLEANUP(file_close) int server = accept(listener, NULL, NULL);
    char got[64] = "";
    assert_true(fputs("one;", relay) >= 0 && fflush(relay) == 0);
    assert_int_equal(recv(server, got, sizeof(got) - 1, 0), 4);
    assert_string_equal(got, "one;");
    check_fine(file_write_all(file_of(f, "fences/pg-test"), 0644, newer, strlen(newer)));
    assert_true(fputs("two;", relay) >= 0 && fflush(relay) == 0);
    assert_int_equal(recv(server, got, sizeof(got) - 1, 0), 0); /* it has gone */
    assert_int_equal(WEXITSTATUS(pclose(relay)), 74);
    assert_string_equal(read_text(f, "err"), "fenced: pg-test was taken over by run run-b (h:1), "
                                             "whose lease is from now\n");
}

static void the_relay_lets_nothing_through_after_a_takeover(void **state)
{
    static int (*const kinds[])(const Fixture *f, const char **ret_target) = {listen_tcp,
                                                                              listen_unix};
    Fixture *f = *state;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        const char *target;
        CLEANUP(file_close) int listener = kinds[i](f, &target);
        check_relay(f, listener, target);
        assert_int_equal(unlink(file_of(f, "fences/pg-test")), 0);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(the_highest_token_is_kept),
        TEST(a_takeover_between_two_effects_stops_what_follows),
        TEST(the_relay_lets_nothing_through_after_a_takeover),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
