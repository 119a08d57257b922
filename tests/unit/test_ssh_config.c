#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "providers/ssh/config_scan.h"
#include "providers/ssh/key_file.h"
#include "providers/ssh/ssh_config.h"
#include "unit.h"

/* Made for this test; they open nothing. */
static const char plain_key[] =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"
    "QyNTUxOQAAACBpGcS1xQDJfwSmwAUagsQv5B7dzTlTyoyAlquOywe2ggAAAIjSogDB0qIA\n"
    "wQAAAAtzc2gtZWQyNTUxOQAAACBpGcS1xQDJfwSmwAUagsQv5B7dzTlTyoyAlquOywe2gg\n"
    "AAAECndx/+Z1a9OdN1hNQLfH+l3xYS7oqhypmG1LmTjxJ3pGkZxLXFAMl/BKbABRqCxC/k\n"
    "Ht3NOVPKjICWq47LB7aCAAAABHRlc3QB\n"
    "-----END OPENSSH PRIVATE KEY-----\n";

static const char locked_key[] =
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"
    "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABAFvSr7T4\n"
    "FG0/iR6PO+tCe8AAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAINZK65u/md0W9iqb\n"
    "U0NIGQ99I/z5WmXx4QvYIsmsPGt8AAAAkD2oDtXI6PT5XW2/D4vmgyXRn0mnycLQUHjSGB\n"
    "UMeq6gY99Hnd73a7Q0wcfVotjKKEyRSsMqGNTngSwSsdTt2SL8x/hf3qYXaZhQvRZDKsf5\n"
    "hGrySuoyCkw2qw0oupJrnEBsgkXrM4wfQpFinFDddR2xcr5g2I7XQKXj9eYrV+om5h8CSu\n"
    "rzIUkd55hfVkOzVQ==\n"
    "-----END OPENSSH PRIVATE KEY-----\n";

static const char public_key[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGkZxLXFAMl/BKbABRqCxC/kHt3NOVPKjICWq47LB7aC test\n";

static void test_parse(void **state)
{
    SshConfig config;
    ssh_config_parse(*state,
                     "host pg-1\nuser admin\nhostname 10.0.0.5\nport 2222\naddressfamily inet6\n"
                     "identitiesonly yes\nhashknownhosts yes\nproxycommand none\nconnecttimeout 7\n"
                     "hostkeyalias cluster\nproxyjump a,b\nidentityagent ~/agent\n"
                     "identityfile ~/.ssh/%r-%h-%n-%p%%\nidentityfile /key\nidentityfile none\n"
                     "globalknownhostsfile /etc/a /etc/b\nuserknownhostsfile ~/.ssh/known %d/x\n"
                     "lonely\n",
                     "pg-1", "/home/me", false, &config);
    assert_string_equal(config.host_name, "10.0.0.5");
    assert_string_equal(config.user, "admin");
    assert_int_equal(config.port, 2222);
    assert_int_equal(config.address_family, AF_INET6);
    assert_int_equal(config.connect_timeout_s, 7);
    assert_true(config.identities_only);
    assert_true(config.hashes_known_hosts);
    assert_false(config.needs_program);
    assert_string_equal(config.key_alias, "cluster");
    assert_string_equal(config.proxy_jump, "a,b");
    assert_string_equal(config.identity_agent, "/home/me/agent");
    assert_int_equal(config.identity_count, 2);
    assert_string_equal(config.identity_files[0], "/home/me/.ssh/admin-10.0.0.5-pg-1-2222%");
    assert_string_equal(config.identity_files[1], "/key");
    assert_int_equal(config.known_hosts_count, 4);
    assert_int_equal(config.known_hosts_user_count, 2);
    assert_string_equal(config.known_hosts[0], "/home/me/.ssh/known");
    assert_string_equal(config.known_hosts[1], "/home/me/x");
    assert_string_equal(config.known_hosts[3], "/etc/b");
}

static void test_parse_more(void **state)
{
    static const struct {
        const char *answer;
        bool needs_program;
        const char *agent;
        const char *jump;
    } cases[] = {
        {"", false, NULL, NULL},
        {"proxycommand nc %h %p\n", true, NULL, NULL},
        {"bindaddress 10.0.0.1\n", true, NULL, NULL},
        {"certificatefile ~/.ssh/id-cert.pub\n", true, NULL, NULL},
        {"identityagent SSH_AUTH_SOCK\n", false, NULL, NULL},
        {"identityagent none\n", false, "", NULL},
        {"identityagent $PGSTEER_NOT_SET\n", false, "", NULL},
        {"proxyjump none\nport 0\nport x\n", false, NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        SshConfig config;
        ssh_config_parse(*state, cases[i].answer, "h", "/home/me", false, &config);
        assert_int_equal(config.needs_program, cases[i].needs_program);
        assert_int_equal(config.port, 22);
        assert_string_equal(config.host_name, "h");
        assert_true(text_equal(config.identity_agent, cases[i].agent));
        assert_true(text_equal(config.proxy_jump, cases[i].jump));
    }
}

static Error *read_config(Arena *arena, const SshConfigQuery *query, SshConfig *ret)
{
    const char *answer;
    TRY(ssh_config_ask(arena, query, clock_monotonic_ms() + 10000, &answer));
    ssh_config_read(arena, query, answer, false, ret);
    return NULL;
}

/* One answer for many hosts is allowed only when no file tells them apart. */
static void test_scan(void **state)
{
    static const struct {
        const char *text;
        bool is_same;
        size_t includes;
    } cases[] = {
        {"", true, 0},
        {"# comment\nHost *\n  SendEnv LANG\n  HashKnownHosts yes\n", true, 0},
        {"Port 2222\nUser admin\nIdentityFile ~/.ssh/fleet\n", true, 0},
        {"Include /etc/ssh/ssh_config.d/*.conf\nhost=*\n", true, 1},
        {"Host pg-*\n  User admin\n", false, 0},
        {"Host * !pg-1\n", false, 0},
        {"HOST pg-1\r\n", false, 0},
        {"\tMatch all\n", false, 0},
        {"HostName %h.example\n", false, 0},
        {"CanonicalizeHostname yes\n", false, 0},
        {"Include config.d/*\n", false, 0},
        {"Include ~/more\n", false, 0},
        {"Include /a /b\n", false, 0},
        {"Include /a\nInclude /b\nInclude /c\n", false, 2},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *includes[2];
        size_t count = 0;
        if (config_text_is_same_for_all(*state, cases[i].text, includes, 2, &count) !=
                cases[i].is_same ||
            count != cases[i].includes)
            fail_msg("case %zu: %s", i, cases[i].text);
    }
}

static void test_shared(void **state)
{
    SshConfig config;
    const SshConfigQuery query = {.host = "10.0.0.7", .key_file = "/key"};
    ssh_config_read(*state, &query, "hostname 10.0.0.1\nport 99\nuser admin\n", true, &config);
    assert_string_equal(config.host_name, "10.0.0.7");
    assert_string_equal(config.user, "admin");
    assert_int_equal(config.port, 99);
    assert_string_equal(config.identity_files[0], "/key");
}

static void test_read(void **state)
{
    Arena *arena = *state;
    char path[] = "/tmp/pgsteer-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    static const char text[] = "Host alias\n  HostName 10.1.2.3\n  User carol\nHost *\n  Port 99\n";
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    assert_false(config_is_same_for_all(path, "/"));
    assert_true(config_is_same_for_all("/nowhere/at/all", "/"));
    SshConfigQuery query = {.config_file = path, .host = "alias"};
    SshConfig config;
    check_fine(read_config(arena, &query, &config));
    assert_string_equal(config.host_name, "10.1.2.3");
    assert_string_equal(config.user, "carol");
    assert_int_equal(config.port, 99);
    query.port = 2222;
    query.user = "dave";
    query.key_file = "/some/50% key";
    check_fine(read_config(arena, &query, &config));
    assert_string_equal(config.user, "dave");
    assert_int_equal(config.port, 2222);
    assert_string_equal(config.identity_files[0], "/some/50% key");
    SshConfig copy;
    ssh_config_copy(arena, &config, &copy);
    assert_string_equal(copy.identity_files[0], "/some/50% key");
    assert_int_equal(write(fd, "Nonsense yes\n", 13), 13);
    check_error(read_config(arena, &query, &config), ERROR_INVALID, "ssh -G alias");
    close(fd);
    unlink(path);
}

static void test_key_files(void **state)
{
    static const struct {
        const char *bytes;
        const char *type;
        bool has_passphrase;
    } cases[] = {
        {plain_key, "ssh-ed25519", false},
        {locked_key, "ssh-ed25519", true},
        {"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", "ssh-rsa", false},
        {"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", "ssh-rsa", true},
        {"-----BEGIN PRIVATE KEY-----\nMIIE\n", NULL, false},
        {"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n", NULL, true},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n", NULL, false},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\n***\n", NULL, false},
        {"", NULL, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        KeyFile file = {0};
        key_file_parse(*state, cases[i].bytes, &file);
        assert_true(text_equal(file.type, cases[i].type));
        assert_int_equal(file.has_passphrase, cases[i].has_passphrase);
    }
}

static void test_key_file_inspect(void **state)
{
    Arena *arena = *state;
    char directory[] = "/tmp/pgsteer-keys-XXXXXX";
    assert_non_null(mkdtemp(directory));
    const char *path = arena_printf(arena, "%s/key", directory);
    const char *public_path = arena_printf(arena, "%s.pub", path);
    const char *certificate = arena_printf(arena, "%s-cert.pub", path);
    KeyFile file;
    key_file_inspect(arena, path, &file);
    assert_false(file.exists || file.has_certificate || file.key);
    check_fine(file_write_all(public_path, 0600, public_key, strlen(public_key)));
    key_file_inspect(arena, path, &file);
    assert_false(file.exists);
    assert_string_equal(file.type, "ssh-ed25519");
    unlink(public_path);
    check_fine(file_write_all(path, 0600, plain_key, strlen(plain_key)));
    check_fine(file_write_all(certificate, 0600, "x", 1));
    key_file_inspect(arena, path, &file);
    assert_true(file.exists && file.readable && file.has_certificate);
    assert_string_equal(file.type, "ssh-ed25519");
    assert_int_equal(file.key_length, 51);
    unlink(path);
    unlink(certificate);
    rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parse, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_parse_more, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_scan, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_shared, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_read, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_key_files, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_key_file_inspect, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
