#include <stdio.h>

#include "base/clock.h"
#include "base/queue.h"
#include "ssh/bench.h"
#include "unit.h"

/* Many sessions at once, one thread each. Asserts of cmocka are for its own thread only, so the
 * workers count their failures. */

typedef struct Crowd {
    SshClient *client;
    SshTarget target;
    char failures[64][256];
} Crowd;

static void keep(Crowd *crowd, size_t i, Error *error)
{
    if (!error)
        return;
    char *text = error_text(error);
    snprintf(crowd->failures[i], sizeof(crowd->failures[i]), "%s", text);
    free(text);
    error_free(error);
}

static Error *visit(const Crowd *crowd, size_t i)
{
    CLEANUP(ssh_closep) SshSession *session = NULL;
    TRY(ssh_open(crowd->client, &crowd->target, soon(), &session));
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    for (int round = 0; round < 3; round++) {
        char input[32];
        int length = snprintf(input, sizeof(input), "thread %zu round %d", i, round);
        int status = -1;
        text_clear(&out);
        TRY(ssh_run(session, "cat", input, (size_t)length, 1000, soon(), &out, &err, &status));
        if (strcmp(text_get(&out), input) != 0 || status != 0)
            return error_new(ERROR_LOCAL, "'%s' came back as '%s'", input, text_get(&out));
    }
    return NULL;
}

static void visit_one(void *context, size_t i)
{
    Crowd *crowd = context;
    keep(crowd, i, visit(crowd, i));
}

static void crowd_visits(const Bench *bench, const Server *server, SshSettings settings,
                         size_t workers, size_t count)
{
    Crowd crowd = {
        .client = ssh_client_new(&settings),
        .target = server_target(&bench->rig, server, "ed25519"),
    };
    pool_each(clock_real(), workers, count, visit_one, &crowd);
    ssh_client_free(crowd.client);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(crowd.failures[i], "");
}

static void test_eight_threads(void **state)
{
    const Bench *bench = *state;
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        SshSettings settings = rig_settings(&bench->rig);
        settings.backend = backends[b];
        crowd_visits(bench, &bench->server, settings, 8, b == 0 ? 32 : 8);
    }
}

/* The gate keeps us below MaxStartups. */
static void test_gate(void **state)
{
    const Bench *bench = *state;
    Server server;
    server_start(&bench->rig, "host_ed25519", "MaxStartups 2", &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    SshSettings settings = rig_settings(&bench->rig);
    settings.handshakes_per_address = 1;
    crowd_visits(bench, &server, settings, 8, 16);
    assert_null(strstr(rig_read(&bench->rig, server.log), "MaxStartups"));
    server_stop(&server);
}

/* Whoever is turned away comes again. */
static void test_turned_away(void **state)
{
    const Bench *bench = *state;
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        Server server;
        server_start(&bench->rig, "host_ed25519", "MaxStartups 2", &server);
        server_know(&bench->rig, &server, "", "host_ed25519");
        SshSettings settings = rig_settings(&bench->rig);
        settings.handshakes_per_address = 16;
        settings.backend = backends[b];
        crowd_visits(bench, &server, settings, 8, 8);
        assert_non_null(strstr(rig_read(&bench->rig, server.log), "MaxStartups"));
        server_stop(&server);
    }
}

/* All wait for one host key file, and all new keys end up in it once. */
static void test_accept_new_together(void **state)
{
    const Bench *bench = *state;
    rig_write(&bench->rig, "crowd_known_hosts", "");
    SshSettings settings = rig_settings(&bench->rig);
    settings.known_hosts_file = rig_path(&bench->rig, "crowd_known_hosts");
    settings.host_key_policy = SSH_HOST_KEY_ACCEPT_NEW;
    crowd_visits(bench, &bench->server, settings, 8, 8);
    char **lines;
    size_t count =
        text_split(bench->rig.arena, rig_read(&bench->rig, "crowd_known_hosts"), '\n', &lines);
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_eight_threads),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_turned_away),
        cmocka_unit_test(test_accept_new_together),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
