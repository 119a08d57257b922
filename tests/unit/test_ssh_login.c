#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "ssh/bench.h"
#include "unit.h"

/* How a session is opened, and why it is not: real servers, keys, agents and jump hosts. */

/* Open, run a command, close; the error of opening. */
static Error *visit(const SshSettings *settings, const SshTarget *target, const char *backend)
{
    SshClient *client = ssh_client_new(settings);
    SshSession *session = NULL;
    Error *error = ssh_open(client, target, soon(), &session);
    if (!error) {
        CLEANUP(text_release) Text out = TEXT_INIT;
        CLEANUP(text_release) Text err = TEXT_INIT;
        int status = -1;
        check_fine(ssh_run(session, "cat", "hello", 5, 1000, soon(), &out, &err, &status));
        assert_string_equal(text_get(&out), "hello");
        assert_int_equal(status, 0);
        if (backend)
            assert_string_equal(ssh_backend(session), backend);
        ssh_close(session);
    }
    ssh_client_free(client);
    return error;
}

static Error *visit_with(const Bench *bench, const Server *server, const char *key,
                         const char *backend)
{
    SshSettings settings = rig_settings(&bench->rig);
    SshTarget target = server_target(&bench->rig, server, key);
    return visit(&settings, &target, backend);
}

/* -- servers and keys that libssh2 cannot serve ---------------------------------------------- */

static void test_servers(void **state)
{
    static const struct {
        const char *lines;
        const char *host_key;
        const char *key;
        const char *backend;
    } cases[] = {
        {"", "host_ed25519", "ed25519", "libssh2"},
        {"", "host_ecdsa", "ed25519", "libssh2"},
        {"", "host_ed25519", "ecdsa", "libssh2"},
        {"Ciphers aes256-ctr\nMACs hmac-sha2-512", "host_ed25519", "ed25519", "libssh2"},
        {"KexAlgorithms diffie-hellman-group16-sha512", "host_ed25519", "ed25519", "libssh2"},
        {"", "host_ed25519", "rsa", "openssh"},
        {"", "host_rsa", "ed25519", "openssh"},
        {"MACs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com", "host_ed25519",
         "ed25519", "openssh"},
        {"Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com", "host_ed25519", "ed25519",
         "openssh"},
        {"KexAlgorithms sntrup761x25519-sha512@openssh.com", "host_ed25519", "ed25519", "openssh"},
    };
    const Bench *bench = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        Server server;
        server_start(&bench->rig, cases[i].host_key, cases[i].lines, &server);
        server_know(&bench->rig, &server, "", cases[i].host_key);
        check_fine(visit_with(bench, &server, cases[i].key, cases[i].backend));
        SshSettings settings = rig_settings(&bench->rig);
        settings.backend = "libssh2";
        SshTarget target = server_target(&bench->rig, &server, cases[i].key);
        Error *error = visit(&settings, &target, "libssh2");
        if (strcmp(cases[i].backend, "libssh2") == 0)
            check_fine(error);
        else
            check_error(error, ERROR_REFUSED, "127.0.0.1");
        server_stop(&server);
    }
}

/* What one session had to find out is known to the next. */
static void test_fallback_is_remembered(void **state)
{
    const Bench *bench = *state;
    Server server;
    server_start(&bench->rig, "host_ed25519", "MACs hmac-sha2-256-etm@openssh.com", &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    SshSettings settings = rig_settings(&bench->rig);
    SshClient *client = ssh_client_new(&settings);
    SshTarget target = server_target(&bench->rig, &server, "ed25519");
    for (int i = 0; i < 2; i++) {
        SshSession *session;
        check_fine(ssh_open(client, &target, soon(), &session));
        assert_string_equal(ssh_backend(session), "openssh");
        ssh_close(session);
    }
    ssh_client_free(client);
    server_stop(&server);
    const char *log = rig_read(&bench->rig, server.log);
    int failures = 0;
    for (const char *at = log; (at = strstr(at, "no matching MAC")); at++)
        failures++;
    assert_int_equal(failures, 1);
}

/* -- keys ------------------------------------------------------------------------------------ */

static void test_wrong_key(void **state)
{
    const Bench *bench = *state;
    SshSettings settings = rig_settings(&bench->rig);
    settings.backend = "libssh2";
    SshTarget target = server_target(&bench->rig, &bench->server, "host_ecdsa");
    check_error(visit(&settings, &target, NULL), ERROR_REFUSED,
                "127.0.0.1 refuses the login of root; offered: ");
    target.key_file = rig_path(&bench->rig, "host_rsa");
    settings.backend = "openssh";
    check_error(visit(&settings, &target, NULL), ERROR_REFUSED, "it accepts: publickey");
    target.key_file = NULL;
    settings.backend = NULL;
    check_error(visit(&settings, &target, NULL), ERROR_REFUSED, "no key was found");
}

static void test_locked_key(void **state)
{
    const Bench *bench = *state;
    const char *argv[] = {"ssh-keygen", "-q",     "-t", "ed25519",
                          "-N",         "secret", "-f", rig_path(&bench->rig, "locked"),
                          NULL};
    if (!file_exists(argv[7]))
        rig_run(&bench->rig, argv);
    check_error(visit_with(bench, &bench->server, "locked", NULL), ERROR_REFUSED,
                "locked has a passphrase: ssh-add it");
}

typedef struct Agent {
    pid_t pid;
    int fd;
    int errors;
    const char *socket_path;
} Agent;

static Agent agent_start(const Rig *rig, const char *const *keys, size_t count)
{
    Agent agent = {.socket_path = rig_path(rig, "agent")};
    const char *words[] = {"ssh-agent", "-D", "-a", agent.socket_path};
    char *argv[COUNT_OF(words) + 1] = {NULL};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        argv[i] = arena_strdup(rig->arena, words[i]);
    check_fine(process_start(argv, &agent.pid, &agent.fd, &agent.errors));
    int64_t deadline_ms = soon();
    while (!file_exists(agent.socket_path) && clock_left_ms(deadline_ms) > 0)
        clock_sleep_ms(10);
    for (size_t i = 0; i < count; i++) {
        const char *add[] = {"env",
                             arena_printf(rig->arena, "SSH_AUTH_SOCK=%s", agent.socket_path),
                             "ssh-add",
                             "-q",
                             rig_path(rig, keys[i]),
                             NULL};
        rig_run(rig, add);
    }
    return agent;
}

static void agent_stop(Agent *agent)
{
    process_end(agent->pid);
    close(agent->fd);
    close(agent->errors);
    unlink(agent->socket_path);
}

static void test_agent(void **state)
{
    static const struct {
        const char *keys[8];
        const char *file; /* whose .pub alone is there: which of the agent's keys to take */
        const char *backend;
    } cases[] = {
        {{"ed25519"}, "", "libssh2"},
        {{"ecdsa"}, "", "libssh2"},
        {{"rsa"}, "", "openssh"},
        {{"host_rsa", "host_ecdsa", "ed25519"}, "", "libssh2"},
        /* more keys than the server lets us try: the named one is first */
        {{"x1", "x2", "x3", "x4", "x5", "x6", "ed25519"}, "only", "libssh2"},
    };
    const Bench *bench = *state;
    const Rig *rig = &bench->rig;
    for (int i = 1; i <= 6; i++) {
        const char *path = rig_path(rig, arena_printf(rig->arena, "x%d", i));
        const char *argv[] = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path, NULL};
        rig_run(rig, argv);
    }
    rig_write(rig, "only.pub", rig_read(rig, "ed25519.pub"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t count = 0;
        while (count < 8 && cases[i].keys[count])
            count++;
        Agent agent = agent_start(rig, cases[i].keys, count);
        rig_write(rig, "agent_config",
                  arena_printf(rig->arena, "%sIdentityAgent %s\n", rig_read(rig, "ssh_config"),
                               agent.socket_path));
        SshSettings settings = rig_settings(rig);
        settings.config_file = rig_path(rig, "agent_config");
        SshTarget target = server_target(rig, &bench->server, cases[i].file);
        check_fine(visit(&settings, &target, cases[i].backend));
        agent_stop(&agent);
    }
}

/* -- host keys ------------------------------------------------------------------------------- */

/* Each policy and both backends against a known_hosts of one line. */
static void test_host_keys(void **state)
{
    static const struct {
        const char *marker;
        const char *key; /* that is stored; "": none */
        SshHostKeyPolicy policy;
        const char *part; /* of the refusal; NULL: it is let in */
    } cases[] = {
        {"", "host_ed25519", SSH_HOST_KEY_STRICT, NULL},
        {"", "", SSH_HOST_KEY_STRICT, "is not known yet"},
        {"", "", SSH_HOST_KEY_ACCEPT_NEW, NULL},
        {"", "ed25519", SSH_HOST_KEY_STRICT, "has changed: it shows ed25519 SHA256:"},
        {"", "ed25519", SSH_HOST_KEY_ACCEPT_NEW, "ssh-keygen -f '"},
        {"", "host_ecdsa", SSH_HOST_KEY_STRICT, "says ecdsa SHA256:"},
        {"", "host_ecdsa", SSH_HOST_KEY_ACCEPT_NEW, "has changed"},
        {"@revoked", "host_ed25519", SSH_HOST_KEY_STRICT, "is revoked"},
        {"@revoked", "host_ed25519", SSH_HOST_KEY_ACCEPT_NEW, "is revoked"},
    };
    static const char *const choices[] = {"libssh2", "openssh", NULL};
    const Bench *bench = *state;
    Rig rig = bench->rig;
    rig.known_hosts = rig_path(&rig, "other_known_hosts");
    const char *before = rig_read(&rig, "known_hosts");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t b = 0; b < COUNT_OF(choices); b++) {
            rig_write(&rig, "known_hosts", "");
            if (cases[i].key[0])
                server_know(&rig, &bench->server, cases[i].marker, cases[i].key);
            rig_write(&rig, "other_known_hosts", rig_read(&rig, "known_hosts"));
            SshSettings settings = rig_settings(&rig);
            settings.host_key_policy = cases[i].policy;
            settings.backend = choices[b];
            SshTarget target = server_target(&rig, &bench->server, "ed25519");
            Error *error = visit(&settings, &target, choices[b]);
            /* libssh2 alone cannot ask for the types that are not stored */
            if (cases[i].part && choices[b] && strcmp(choices[b], "libssh2") == 0 &&
                strcmp(cases[i].key, "host_ecdsa") == 0)
                check_error(error, ERROR_REFUSED, "no algorithm in common");
            else if (cases[i].part)
                check_error(error, ERROR_REFUSED, cases[i].part);
            else
                check_fine(error);
        }
    }
    rig_write(&rig, "known_hosts", before);
}

static void test_accept_new_is_kept(void **state)
{
    const Bench *bench = *state;
    const Rig *rig = &bench->rig;
    rig_write(rig, "new_known_hosts", "# no newline at the end");
    SshSettings settings = rig_settings(rig);
    settings.known_hosts_file = rig_path(rig, "new_known_hosts");
    settings.host_key_policy = SSH_HOST_KEY_ACCEPT_NEW;
    SshTarget target = server_target(rig, &bench->server, "ed25519");
    check_fine(visit(&settings, &target, "libssh2"));
    const char *stored = rig_read(rig, "new_known_hosts");
    const char *line =
        arena_printf(rig->arena, "\n[127.0.0.1]:%d ssh-ed25519 ", bench->server.port);
    assert_non_null(strstr(stored, line));
    settings.host_key_policy = SSH_HOST_KEY_STRICT;
    check_fine(visit(&settings, &target, "libssh2"));
    assert_string_equal(rig_read(rig, "new_known_hosts"), stored);
    settings.backend = "openssh"; /* the program can read what we wrote */
    check_fine(visit(&settings, &target, "openssh"));
}

/* -- jump hosts ------------------------------------------------------------------------------ */

static const char *jump_config(const Rig *rig, const Server *jump, const char *more)
{
    const char *name = "jump_config";
    rig_write(rig, name,
              arena_printf(rig->arena,
                           "Host 127.0.0.1\nHost jump jump2\n  HostName 127.0.0.1\n  Port %d\n"
                           "  User root\n  IdentityFile %s\n  UserKnownHostsFile %s\n"
                           "Host target*\n  HostName 127.0.0.1\n%sHost *\n"
                           "GlobalKnownHostsFile none\nIdentityFile none\n",
                           jump->port, rig_path(rig, "ed25519"), rig_path(rig, "known_hosts"),
                           more));
    return rig_path(rig, name);
}

static void test_jump_hosts(void **state)
{
    static const struct {
        const char *lines;
        const char *backend;
    } cases[] = {
        {"  ProxyJump jump\n", "libssh2"},
        {"  ProxyJump jump\n", "openssh"},
        {"  ProxyJump jump,jump2\n", "libssh2"},
        {"  ProxyJump root@jump\n", "libssh2"},
        {"  ProxyCommand ssh -F %s -W %%h:%%p jump\n", "openssh"},
    };
    const Bench *bench = *state;
    const Rig *rig = &bench->rig;
    Server jump;
    server_start(rig, "host_ecdsa", "", &jump);
    server_know(rig, &jump, "", "host_ecdsa");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *lines = cases[i].lines;
        if (strstr(lines, "%s"))
            lines = arena_printf(rig->arena, "  ProxyCommand ssh -F %s -W %%h:%%p jump\n",
                                 rig_path(rig, "jump_config"));
        SshSettings settings = rig_settings(rig);
        settings.config_file = jump_config(rig, &jump, lines);
        settings.backend = i == 1 ? "openssh" : NULL;
        SshTarget target = server_target(rig, &bench->server, "ed25519");
        target.host = "target";
        check_fine(visit(&settings, &target, cases[i].backend));
    }
    server_stop(&jump);
    SshSettings settings = rig_settings(rig);
    settings.config_file = jump_config(rig, &jump, "  ProxyJump jump\n");
    SshTarget target = server_target(rig, &bench->server, "ed25519");
    target.host = "target";
    check_error(visit(&settings, &target, NULL), ERROR_UNREACHABLE, "through the jump host jump");
}

/* -- nodes that do not answer ---------------------------------------------------------------- */

/* A port that accepts and says nothing. */
static int mute_server(int *ret_port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    void *bytes = &address;
    assert_int_equal(bind(fd, bytes, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, bytes, &length), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void test_no_answer(void **state)
{
    const Bench *bench = *state;
    int port;
    int fd = mute_server(&port);
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        SshSettings settings = rig_settings(&bench->rig);
        settings.backend = backends[b];
        SshClient *client = ssh_client_new(&settings);
        SshTarget target = server_target(&bench->rig, &bench->server, "ed25519");
        SshSession *session;
        int64_t start_ms = clock_monotonic_ms();
        target.port = port;
        check_error(ssh_open(client, &target, start_ms + 700, &session), ERROR_UNREACHABLE,
                    "before the deadline");
        assert_in_range(clock_monotonic_ms() - start_ms, 690, 15000);
        target.port = 1;
        check_error(ssh_open(client, &target, soon(), &session), ERROR_UNREACHABLE,
                    b == 0 ? "nothing listens on port 1" : "Connection refused");
        target.host = "no-such-name.invalid";
        check_error(ssh_open(client, &target, soon(), &session), ERROR_UNREACHABLE,
                    "no-such-name.invalid");
        ssh_client_free(client);
    }
    close(fd);
}

/* The login is good, the login shell is not. */
static void test_no_shell(void **state)
{
    const Bench *bench = *state;
    Server server;
    server_start(&bench->rig, "host_ed25519",
                 "ForceCommand echo 'This account is currently not available.'; exit 1", &server);
    server_know(&bench->rig, &server, "", "host_ed25519");
    for (size_t b = 0; b < COUNT_OF(backends); b++) {
        SshSettings settings = rig_settings(&bench->rig);
        settings.backend = backends[b];
        SshTarget target = server_target(&bench->rig, &server, "ed25519");
        SshClient *client = ssh_client_new(&settings);
        SshSession *session = NULL;
        Text out = TEXT_INIT, err = TEXT_INIT;
        int status;
        Error *error = ssh_open(client, &target, soon(), &session);
        if (!error)
            error = ssh_run(session, "true", "", 0, 100, soon(), &out, &err, &status);
        check_error(error, ERROR_REFUSED, "it said 'This account is currently not available.'");
        text_release(&out);
        text_release(&err);
        ssh_close(session);
        ssh_client_free(client);
    }
    server_stop(&server);
}

static void test_tokens(void **state)
{
    const Bench *bench = *state;
    SshSettings settings = rig_settings(&bench->rig);
    SshTarget target = server_target(&bench->rig, &bench->server, "ed25519");
    target.host = "-oProxyCommand=x";
    check_error(visit(&settings, &target, NULL), ERROR_INVALID, "is no node address");
    target.host = "a b";
    check_error(visit(&settings, &target, NULL), ERROR_INVALID, "is no node address");
    target.host = "127.0.0.1";
    target.user = "$(id)";
    check_error(visit(&settings, &target, NULL), ERROR_INVALID, "is no login user");
    target.user = "root";
    target.become_user = "-u";
    check_error(visit(&settings, &target, NULL), ERROR_INVALID, "is no user to become");
    target.become_user = NULL;
    target.port = 70000;
    check_error(visit(&settings, &target, NULL), ERROR_INVALID, "70000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_servers),
        cmocka_unit_test(test_fallback_is_remembered),
        cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_locked_key),
        cmocka_unit_test(test_agent),
        cmocka_unit_test(test_host_keys),
        cmocka_unit_test(test_accept_new_is_kept),
        cmocka_unit_test(test_jump_hosts),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_no_shell),
        cmocka_unit_test(test_tokens),
    };
    return cmocka_run_group_tests(tests, bench_setup, bench_teardown);
}
