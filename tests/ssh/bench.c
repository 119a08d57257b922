#include "ssh/bench.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "unit/unit.h"

enum { PATIENCE_MS = 30000 };

const char *const backends[2] = {"libssh2", "openssh"};

int64_t soon(void)
{
    return clock_monotonic_ms() + PATIENCE_MS;
}

int bench_setup(void **state)
{
    Bench *bench = must_malloc(sizeof(*bench));
    rig_start(&bench->rig);
    server_start(&bench->rig, "host_ed25519", "", &bench->server);
    server_know(&bench->rig, &bench->server, "", "host_ed25519");
    *state = bench;
    return ssh_global_init() != NULL;
}

int bench_teardown(void **state)
{
    Bench *bench = *state;
    server_stop(&bench->server);
    rig_end(&bench->rig);
    free(bench);
    return 0;
}

void open_on(const Bench *bench, const Server *server, const char *backend, const char *become_user,
             Open *ret)
{
    *ret = (Open){.status = -1};
    SshSettings settings = rig_settings(&bench->rig);
    settings.backend = backend;
    ret->client = ssh_client_new(&settings);
    SshTarget target = server_target(&bench->rig, server, "ed25519");
    target.become_user = become_user;
    check_fine(ssh_open(ret->client, &target, soon(), &ret->session));
    assert_string_equal(ssh_backend(ret->session), backend);
}

void open_session(const Bench *bench, const char *backend, Open *ret)
{
    open_on(bench, &bench->server, backend, NULL, ret);
}

void close_session(Open *open)
{
    ssh_close(open->session);
    ssh_client_free(open->client);
    text_release(&open->out);
    text_release(&open->err);
}

Error *run_bytes(Open *open, const char *script, const void *input, size_t length,
                 int64_t deadline_ms)
{
    text_clear(&open->out);
    text_clear(&open->err);
    open->status = -1;
    return ssh_run(open->session, script, input, length, MAX_BYTES, deadline_ms, &open->out,
                   &open->err, &open->status);
}

Error *run(Open *open, const char *script, const char *input)
{
    return run_bytes(open, script, input, strlen(input), soon());
}

void put(SshStream *stream, const char *text)
{
    assert_int_equal(send(ssh_stream_fd(stream), text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Wait until `want` arrived, or end of file. */
void expect(SshStream *stream, const char *want)
{
    CLEANUP(text_release) Text got = TEXT_INIT;
    while (got.length < strlen(want)) {
        short ready;
        check_fine(ssh_stream_wait(stream, POLLIN, soon(), &ready));
        char bytes[256];
        ssize_t count = read(ssh_stream_fd(stream), bytes, sizeof(bytes));
        if (count <= 0)
            break;
        text_add_bytes(&got, bytes, (size_t)count);
    }
    assert_string_equal(text_get(&got), want);
}

void expect_end(SshStream *stream)
{
    short ready;
    check_fine(ssh_stream_wait(stream, POLLIN, soon(), &ready));
    char byte;
    assert_int_equal(read(ssh_stream_fd(stream), &byte, 1), 0);
}
