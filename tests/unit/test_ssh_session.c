#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "ssh/sshd.h"
#include "unit.h"

enum { PATIENCE_MS = 20000 };

static int64_t soon(void)
{
    return clock_monotonic_ms() + PATIENCE_MS;
}

static void want(Error *error)
{
    if (!error)
        return;
    CLEANUP(error_freep) Error *owned = error;
    char *text = error_text(owned);
    print_error("%s\n", text);
    free(text);
    fail();
}

static void runs(const char *key)
{
    Rig rig;
    rig_start(&rig);
    Server server;
    server_start(&rig, "host_ed25519", "", &server);
    server_know(&rig, &server, "", "host_ed25519");
    SshSettings settings = rig_settings(&rig);
    SshClient *client = ssh_client_new(&settings);
    SshTarget target = server_target(&rig, &server, key);
    SshSession *session;
    want(ssh_open(client, &target, soon(), &session));
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    int status = -1;
    want(ssh_run(session, "cat; echo err >&2; exit 7", "hello", 5, 1000, soon(), &out, &err,
                 &status));
    printf("%s: [%s] [%s] %d\n", ssh_backend(session), text_get(&out), text_get(&err), status);
    SshStream *stream;
    want(ssh_stream_command(session, "root", "exec cat", soon(), &stream));
    ssh_stream_close(stream);
    ssh_close(session);
    ssh_client_free(client);
    server_stop(&server);
    rig_end(&rig);
}

static void test_thin(void **state)
{
    (void)state;
    runs("ed25519");
    runs("rsa");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thin),
    };
    Error *error = ssh_global_init();
    if (error)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
