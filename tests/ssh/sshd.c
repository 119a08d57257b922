#include "ssh/sshd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/process.h"
#include "unit/unit.h"

enum { START_MS = 10000 };

/* gcc says it by a macro, clang by a feature. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER
#endif

#ifdef HAS_ADDRESS_SANITIZER
/* libssh2 1.10 loses a number each time it reads an ECDSA key file. To see by whom memory was lost,
 * the sanitizer must walk through libraries that have no frame pointers. */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_suppressions(void)
{
    return "leak:libssh2_userauth_publickey_fromfile_ex";
}
#endif

const char *rig_path(const Rig *rig, const char *name)
{
    return arena_printf(rig->arena, "%s/%s", rig->directory, name);
}

const char *rig_read(const Rig *rig, const char *name)
{
    const char *path = rig_path(rig, name);
    if (!file_exists(path))
        return "";
    char *bytes;
    size_t length;
    assert_null(file_read(rig->arena, path, 1 << 20, &bytes, &length));
    return bytes;
}

void rig_write(const Rig *rig, const char *name, const char *text)
{
    assert_null(file_write_all(rig_path(rig, name), 0600, text, strlen(text)));
}

void rig_append(const Rig *rig, const char *name, const char *text)
{
    rig_write(rig, name, arena_printf(rig->arena, "%s%s", rig_read(rig, name), text));
}

const char *rig_run(const Rig *rig, const char *const *argv)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    char *arguments[32] = {NULL};
    for (size_t i = 0; argv[i]; i++)
        arguments[i] = arena_strdup(rig->arena, argv[i]);
    int status = -1;
    Error *error = process_run(arguments, NULL, 0, 1 << 20, clock_monotonic_ms() + START_MS, &out,
                               &err, &status);
    if (error)
        error_print(stderr, error);
    assert_null(error);
    if (status != 0)
        fail_msg("%s: status %d: %s", argv[0], status, text_get(&err));
    return text_copy(&out, rig->arena);
}

static void make_key(const Rig *rig, const char *type, const char *name)
{
    const char *argv[] = {"ssh-keygen", "-q", "-b", strcmp(type, "ecdsa") == 0 ? "256" : "2048",
                          "-t",         type, "-N", "",
                          "-C",         name, "-f", rig_path(rig, name),
                          NULL};
    rig_run(rig, argv);
}

void rig_start(Rig *rig)
{
    *rig = (Rig){.arena = arena_new()};
    rig->directory = arena_strdup(rig->arena, "/tmp/pgsteer-sshd-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    rig->known_hosts = rig_path(rig, "known_hosts");
    rig->config_file = rig_path(rig, "ssh_config");
    const char *types[] = {"ed25519", "rsa", "ecdsa"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        make_key(rig, types[i], types[i]);
        make_key(rig, types[i], arena_printf(rig->arena, "host_%s", types[i]));
        rig_append(rig, "authorized_keys",
                   rig_read(rig, arena_printf(rig->arena, "%s.pub", types[i])));
    }
    rig_write(rig, "ssh_config", "GlobalKnownHostsFile none\nIdentityFile none\n");
    mkdir("/run/sshd", 0755); /* sshd wants it to exist; it stays empty */
}

void rig_end(Rig *rig)
{
    const char *argv[] = {"rm", "-rf", "--", rig->directory, NULL};
    rig_run(rig, argv);
    arena_free(rig->arena);
}

static int bind_any(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const void *bytes = &address;
    assert_int_equal(bind(fd, bytes, sizeof(address)), 0);
    return fd;
}

static int free_port(void)
{
    int fd = bind_any(0);
    struct sockaddr_in address;
    socklen_t length = sizeof(address);
    void *bytes = &address;
    assert_int_equal(getsockname(fd, bytes, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static bool listens(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const void *bytes = &address;
    bool good = connect(fd, bytes, sizeof(address)) == 0;
    close(fd);
    return good;
}

void server_start(const Rig *rig, const char *host_key, const char *lines, Server *ret)
{
    *ret = (Server){.port = free_port()};
    ret->log = arena_printf(rig->arena, "log.%d", ret->port);
    const char *config = arena_printf(rig->arena, "sshd.%d", ret->port);
    rig_write(rig, config,
              arena_printf(rig->arena,
                           "%s\nPort %d\nListenAddress 127.0.0.1\nHostKey %s\nPidFile none\n"
                           "AuthorizedKeysFile %s\nStrictModes no\nUsePAM no\nPrintMotd no\n"
                           "PermitRootLogin prohibit-password\nUseDNS no\nLogLevel VERBOSE\n"
                           "SetEnv HOME=%s\n",
                           lines, ret->port, rig_path(rig, host_key),
                           rig_path(rig, "authorized_keys"), rig->directory));
    const char *words[] = {"/usr/sbin/sshd",      "-D", "-f",
                           rig_path(rig, config), "-E", rig_path(rig, ret->log)};
    char *argv[COUNT_OF(words) + 1] = {NULL};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        argv[i] = arena_strdup(rig->arena, words[i]);
    assert_null(process_start(argv, &ret->pid, &ret->fd, &ret->errors));
    int64_t deadline_ms = clock_monotonic_ms() + START_MS;
    while (!listens(ret->port)) {
        if (clock_left_ms(deadline_ms) == 0)
            fail_msg("sshd did not start (openssh-server is needed): %s", rig_read(rig, ret->log));
        clock_sleep_ms(10);
    }
}

void server_stop(Server *server)
{
    if (server->pid) {
        kill(server->pid, SIGTERM); /* only the listener: its group has the connections, too */
        process_end(server->pid);
        file_close(&server->fd);
        file_close(&server->errors);
    }
    server->pid = 0;
}

void server_know(const Rig *rig, const Server *server, const char *marker, const char *host_key)
{
    const char *public = rig_read(rig, arena_printf(rig->arena, "%s.pub", host_key));
    rig_append(rig, "known_hosts",
               arena_printf(rig->arena, "%s%s[127.0.0.1]:%d %s", marker, *marker ? " " : "",
                            server->port, public));
}

SshSettings rig_settings(const Rig *rig)
{
    return (SshSettings){
        .config_file = rig->config_file,
        .known_hosts_file = rig->known_hosts,
    };
}

SshTarget server_target(const Rig *rig, const Server *server, const char *key)
{
    return (SshTarget){
        .host = "127.0.0.1",
        .port = server->port,
        .user = "root",
        .key_file = *key ? rig_path(rig, key) : NULL,
    };
}
