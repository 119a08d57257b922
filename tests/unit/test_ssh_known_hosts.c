#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/queue.h"
#include "base/text.h"
#include "providers/ssh/hmac_sha1.h"
#include "providers/ssh/known_hosts.h"
#include "providers/ssh/wire.h"
#include "unit.h"

/* A public key of a type, told apart by one letter. */
typedef struct Key {
    unsigned char bytes[64];
    size_t length;
} Key;

static Key make_key(const char *type, char letter)
{
    Key key = {.length = 0};
    size_t type_length = strlen(type);
    key.bytes[3] = (unsigned char)type_length;
    memcpy(key.bytes + 4, type, type_length);
    key.length = 4 + type_length;
    memset(key.bytes + key.length, letter, 8);
    key.length += 8;
    return key;
}

/* Replace $E1 by "ssh-ed25519 <key 1>", $C for ecdsa, $R for rsa, $K1 by the key without its type,
 * and $H(name) by the hashed name. */
static const char *fill(Arena *arena, const char *template)
{
    static const struct {
        char letter;
        const char *type;
    } types[] = {{'E', "ssh-ed25519"}, {'C', "ecdsa-sha2-nistp256"}, {'R', "ssh-rsa"}};
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (const char *at = template; *at; at++) {
        if (at[0] != '$') {
            text_add_char(&out, *at);
            continue;
        }
        if (at[1] == 'H') {
            size_t length = strcspn(at + 3, ")");
            unsigned char salt[SHA1_BYTES] = "12345678901234567890", digest[SHA1_BYTES];
            hmac_sha1(salt, at + 3, length, digest);
            text_addf(&out, "|1|%s|%s", base64_encode(arena, salt, SHA1_BYTES),
                      base64_encode(arena, digest, SHA1_BYTES));
            at += length + 3;
            continue;
        }
        for (size_t i = 0; i < COUNT_OF(types); i++) {
            if (at[1] != types[i].letter && !(at[1] == 'K' && i == 0))
                continue;
            Key key = make_key(types[i].type, at[2]);
            if (at[1] != 'K')
                text_addf(&out, "%s ", types[i].type);
            text_add(&out, base64_encode(arena, key.bytes, key.length));
        }
        at += 2;
    }
    return text_copy(&out, arena);
}

static KnownHosts *parse(Arena *arena, const char *template)
{
    KnownHosts *known;
    check_fine(known_hosts_load(NULL, 0, &known));
    const char *text = fill(arena, template);
    known_hosts_parse(known, "file", text, strlen(text));
    return known;
}

static const struct {
    const char *lines;
    const char *host;
    int port;
    const char *type;
    char key;
    HostKeyVerdict verdict;
    size_t line;
} lookups[] = {
    {"a $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a $E1\n", "A", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"A $E1 a comment\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a $E1", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"  a\t$E1\r\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a $E1\n", "a", 22, "ssh-ed25519", '2', HOST_KEY_CHANGED, 1},
    {"a $E1\n", "b", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    /* several names, several keys */
    {"x,a,10.0.0.1 $E1\n", "10.0.0.1", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a $E1\na $E2\n", "a", 22, "ssh-ed25519", '2', HOST_KEY_KNOWN, 0},
    {"a $E1\na $C1\n", "a", 22, "ecdsa-sha2-nistp256", '2', HOST_KEY_CHANGED, 2},
    {"a $C1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_CHANGED, 1},
    /* ports */
    {"[a]:2222 $E1\n", "a", 2222, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"[a]:2222 $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"a $E1\n", "a", 2222, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a $E1\n", "a", 2222, "ssh-ed25519", '2', HOST_KEY_UNKNOWN, 0},
    {"a $E1\n[a]:2222 $E2\n", "a", 2222, "ssh-ed25519", '1', HOST_KEY_CHANGED, 2},
    {"[::1]:2222 $E1\n", "::1", 2222, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    /* patterns */
    {"*.x $E1\n", "a.x", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"*.x $E1\n", "x", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"a?.x $E1\n", "ab.x", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a?.x $E1\n", "a.x", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"*a*b*c $E1\n", "xaabbc", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"*.x,!b.x $E1\n", "b.x", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"!b.x,*.x $E1\n", "a.x", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"!b.x $E1\n", "a.x", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"[*.x]:2222 $E1\n", "a.x", 2222, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    /* hashed */
    {"$H(a) $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"$H(a) $E1\n", "a", 22, "ssh-ed25519", '2', HOST_KEY_CHANGED, 1},
    {"$H(a) $E1\n", "b", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"$H([a]:2222) $E1\n", "a", 2222, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"|1|xx|yy $E1\na $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"|2|xx|yy $E1\n", "|2|xx|yy", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    /* markers */
    {"@revoked * $E1\na $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_REVOKED, 1},
    {"a $E1\n@revoked a $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_REVOKED, 2},
    {"a $E2\n@revoked a $E1\n", "a", 22, "ssh-ed25519", '2', HOST_KEY_KNOWN, 0},
    {"@revoked a $E1\n", "a", 22, "ssh-ed25519", '2', HOST_KEY_UNKNOWN, 0},
    {"@revoked a $E1\n", "a", 2222, "ssh-ed25519", '1', HOST_KEY_REVOKED, 1},
    {"@revoked b $E1\na $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"@cert-authority a $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"@unknown a $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"@revoked\n@revoked a\na $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    /* lines that make no sense are skipped, and counted */
    {"# a $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"\n\n  \na\na b\na b c\na ssh-ed25519 ***\na $E1\n", "a", 22, "ssh-ed25519", '2',
     HOST_KEY_CHANGED, 8},
    {"a 1024 35 1234567\na $E1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_KNOWN, 0},
    {"a ssh-rsa $K1\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {"a ssh-ed25519 AAAA\n", "a", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
    {", $E1\n", "", 22, "ssh-ed25519", '1', HOST_KEY_UNKNOWN, 0},
};

static void test_table(void **state)
{
    Arena *arena = *state;
    for (size_t i = 0; i < COUNT_OF(lookups); i++) {
        KnownHosts *known = parse(arena, lookups[i].lines);
        Key key = make_key(lookups[i].type, lookups[i].key);
        const char *name = known_hosts_name(arena, lookups[i].host, lookups[i].port);
        for (int again = 0; again < 2; again++) {
            HostKeyLine line = {0};
            HostKeyVerdict verdict =
                known_hosts_check(known, name, key.bytes, key.length, arena, &line);
            if (verdict != lookups[i].verdict || line.line != lookups[i].line)
                fail_msg("case %zu: verdict %d, line %zu of\n%s", i, (int)verdict, line.line,
                         lookups[i].lines);
            if (line.line)
                assert_string_equal(line.file, "file");
        }
        known_hosts_free(known);
    }
}

static void test_types(void **state)
{
    static const struct {
        const char *lines;
        int port;
        const char *types;
        bool authority;
    } cases[] = {
        {"a $E1\na $C1\na $E2\n", 22, "ssh-ed25519 ecdsa-sha2-nistp256 ", false},
        {"a $R1\n", 22, "ssh-rsa ", false},
        {"a $R1\n[a]:2222 $E1\n", 2222, "ssh-ed25519 ", false},
        {"a $R1\n", 2222, "ssh-rsa ", false},
        {"@cert-authority * $E1\n", 22, "", true},
        {"@revoked * $E1\n", 22, "", false},
        {"b $E1\n", 22, "", false},
    };
    Arena *arena = *state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        KnownHosts *known = parse(arena, cases[i].lines);
        HostKeyTypes types;
        known_hosts_types(known, known_hosts_name(arena, "a", cases[i].port), &types);
        CLEANUP(text_release) Text out = TEXT_INIT;
        for (size_t t = 0; t < types.count; t++)
            text_addf(&out, "%s ", types.types[t]);
        assert_string_equal(text_get(&out), cases[i].types);
        assert_int_equal(types.has_authority, cases[i].authority);
        known_hosts_free(known);
    }
}

/* -- files ----------------------------------------------------------------------------------- */

static char *make_directory(Arena *arena)
{
    char *path = arena_strdup(arena, "/tmp/pgsteer-known-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static const char *read_back(Arena *arena, const char *path)
{
    char *bytes;
    size_t length;
    check_fine(file_read(arena, path, 1 << 20, &bytes, &length));
    return bytes;
}

static void test_add(void **state)
{
    Arena *arena = *state;
    const char *directory = make_directory(arena);
    const char *path = arena_printf(arena, "%s/deep/known_hosts", directory);
    Key one = make_key("ssh-ed25519", '1'), two = make_key("ssh-ed25519", '2');
    HostKeyVerdict verdict;
    HostKeyLine line;
    KnownHosts *first, *second;
    check_fine(known_hosts_load(&path, 1, &first));
    check_fine(known_hosts_load(&path, 1, &second));

    check_fine(known_hosts_add(first, "a", one.bytes, one.length, false, &verdict));
    assert_int_equal(verdict, HOST_KEY_KNOWN);
    assert_string_equal(read_back(arena, path), fill(arena, "a $E1\n"));
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(known_hosts_check(first, "a", one.bytes, one.length, arena, &line),
                     HOST_KEY_KNOWN);

    /* Another process was faster: its key counts, ours is not stored. */
    assert_int_equal(known_hosts_check(second, "a", two.bytes, two.length, arena, &line),
                     HOST_KEY_UNKNOWN);
    check_fine(known_hosts_add(second, "a", two.bytes, two.length, false, &verdict));
    assert_int_equal(verdict, HOST_KEY_CHANGED);
    check_fine(known_hosts_add(second, "a", one.bytes, one.length, false, &verdict));
    assert_int_equal(verdict, HOST_KEY_KNOWN);
    assert_string_equal(read_back(arena, path), fill(arena, "a $E1\n"));

    /* Hashed names, and a file whose last line has no end. */
    const char *text = fill(arena, "a $E1");
    check_fine(file_write_all(path, 0600, text, strlen(text)));
    known_hosts_free(second);
    check_fine(known_hosts_load(&path, 1, &second));
    check_fine(known_hosts_add(second, "[b]:2222", two.bytes, two.length, true, &verdict));
    assert_int_equal(verdict, HOST_KEY_KNOWN);
    const char *after = read_back(arena, path);
    assert_memory_equal(after, fill(arena, "a $E1\n|1|"), strlen(fill(arena, "a $E1\n|1|")));
    assert_null(strstr(after, "2222"));
    assert_int_equal(known_hosts_check(second, "[b]:2222", one.bytes, one.length, arena, &line),
                     HOST_KEY_CHANGED);
    assert_int_equal(line.line, 2);
    known_hosts_free(first);
    known_hosts_free(second);
    unlink(path);
    rmdir(arena_printf(arena, "%s/deep", directory));
    rmdir(directory);
}

typedef struct Adders {
    KnownHosts *known;
    Key key;
} Adders;

static void add_one(void *context, size_t i)
{
    const Adders *adders = context;
    char name[32];
    snprintf(name, sizeof(name), "host-%zu", i % 50);
    HostKeyVerdict verdict;
    Error *error = known_hosts_add(adders->known, name, adders->key.bytes, adders->key.length,
                                   false, &verdict);
    assert_null(error);
}

static void test_add_from_threads(void **state)
{
    Arena *arena = *state;
    const char *directory = make_directory(arena);
    const char *path = arena_printf(arena, "%s/known_hosts", directory);
    Adders adders = {.key = make_key("ssh-ed25519", '1')};
    check_fine(known_hosts_load(&path, 1, &adders.known));
    pool_each(clock_real(), 8, 200, add_one, &adders);
    known_hosts_free(adders.known);
    char **lines;
    assert_int_equal(text_split(arena, read_back(arena, path), '\n', &lines), 51);
    unlink(path);
    rmdir(directory);
}

static void test_files(void **state)
{
    Arena *arena = *state;
    const char *directory = make_directory(arena);
    const char *paths[] = {arena_printf(arena, "%s/missing", directory),
                           arena_printf(arena, "%s/second", directory)};
    const char *text = fill(arena, "# comment\na $E1\n");
    check_fine(file_write_all(paths[1], 0600, text, strlen(text)));
    KnownHosts *known;
    check_fine(known_hosts_load(paths, 2, &known));
    Key key = make_key("ssh-ed25519", '2');
    HostKeyLine line;
    assert_int_equal(known_hosts_check(known, "a", key.bytes, key.length, arena, &line),
                     HOST_KEY_CHANGED);
    assert_string_equal(line.file, paths[1]);
    assert_int_equal(line.line, 2);
    assert_string_equal(line.type, "ssh-ed25519");
    assert_memory_equal(line.fingerprint, "SHA256:", 7);
    known_hosts_free(known);
    check_fine(known_hosts_load(NULL, 0, &known));
    HostKeyVerdict verdict;
    check_error(known_hosts_add(known, "a", key.bytes, key.length, false, &verdict), ERROR_LOCAL,
                "no known_hosts file");
    known_hosts_free(known);
    check_error(known_hosts_load(&(const char *){directory}, 1, &known), ERROR_LOCAL, directory);
    unlink(paths[1]);
    rmdir(directory);
}

/* ssh-keygen -lf of a key of RFC 8032's first test vector */
static void test_fingerprint(void **state)
{
    Arena *arena = *state;
    size_t length;
    const unsigned char *key = base64_decode(
        arena, "AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea", &length);
    assert_non_null(key);
    assert_string_equal(wire_key_type(arena, key, length), "ssh-ed25519");
    assert_string_equal(wire_fingerprint(arena, key, length),
                        "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8");
    assert_null(wire_key_type(arena, key, 3));
    assert_null(wire_key_type(arena, key, 12));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_table, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_types, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_add, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_add_from_threads, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_files, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(test_fingerprint, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
