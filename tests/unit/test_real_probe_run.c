/* The probe as nodes run it, here: what one fragment does is the others' business never. */
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "providers/real/probe.h"
#include "providers/sources/registry.h"
#include "unit.h"

enum { PATIENCE_MS = 120000, ANSWER_MAX_BYTES = 1 << 20, ODD_MAX = 8 };

/* Keys that were made for this test: of a curve, with its certificate; and of another kind. */
#define CURVE_CERT                                                                                 \
    "-----BEGIN CERTIFICATE-----\n"                                                                \
    "MIIBezCCASKgAwIBAgIBCjAKBggqhkjOPQQDAjAZMQowCAYDVQQKDAF5MQswCQYD\n"                           \
    "VQQDDAJjYTAgFw0yNjExMjgxMjE2NDBaGA8yMTI2MTEwNDEyMTY0MFowGzENMAsG\n"                           \
    "A1UEAwwEYSwgYjEKMAgGA1UECgwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA\n"                           \
    "BLjkQOzjxpoEdCZz2DcRTsBSF9ifA9YR+w58DwbWw1cj1D4iBOCa7rSg/osLIlzL\n"                           \
    "FNtViPqucvOwsa5DmR3thR2jVzBVMBMGA1UdEQQMMAqCAm4xhwQKAAABMB0GA1Ud\n"                           \
    "DgQWBBRx1zfsP2+I+AAqPP3OkhqdTJrxqjAfBgNVHSMEGDAWgBQG89gxBLnqKWcJ\n"                           \
    "oaMuZEHx04lWODAKBggqhkjOPQQDAgNHADBEAiA0utW0HT9O51i3rB3GkOs7QTdL\n"                           \
    "r650oC5cWeg2LawC8gIgAp9ihUdWEQ7pHDEs5WZe+b8t4BiK4udwPZo4g1fLkmM=\n"                           \
    "-----END CERTIFICATE-----\n"
#define CURVE_KEY                                                                                  \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEcFeab0VDezmOeO/\n"                           \
    "Pjm9Mys2sYd7HW4VTyWxA4DcGTShRANCAAS45EDs48aaBHQmc9g3EU7AUhfYnwPW\n"                           \
    "EfsOfA8G1sNXI9Q+IgTgmu60oP6LCyJcyxTbVYj6rnLzsLGuQ5kd7YUd\n"                                   \
    "-----END PRIVATE KEY-----\n"
#define OTHER_CERT                                                                                 \
    "-----BEGIN CERTIFICATE-----\n"                                                                \
    "MIIBLjCB4aADAgECAhRT3gvYlJfSdYFvcGFmGj6EM1msNTAFBgMrZXAwDDEKMAgG\n"                           \
    "A1UEAwwBZTAgFw0yNjExMjgxMjE3NTBaGA8yMTI2MTEwNDEyMTc1MFowDDEKMAgG\n"                           \
    "A1UEAwwBZTAqMAUGAytlcAMhADDr687GG4DxU74eJtkwQ8asqFS6Vreteo9AI9T3\n"                           \
    "RM6bo1MwUTAdBgNVHQ4EFgQU+d2GC4yzAFRjeOE6PG4uE3071QowHwYDVR0jBBgw\n"                           \
    "FoAU+d2GC4yzAFRjeOE6PG4uE3071QowDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXAD\n"                           \
    "QQBbRBpsl8yNjOjDHDWmq0pmMjaEwwogEmRpG14ZtRilf1nacwD1dYQk6JjNu7QW\n"                           \
    "WKywx7F/OMcqjuYSUenxauAO\n"                                                                   \
    "-----END CERTIFICATE-----\n"
#define OTHER_KEY                                                                                  \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MC4CAQAwBQYDK2VwBCIEINNE92GD9GBqC+EurIO3zOnTBNG9UtzXs1iHzDNM8cWI\n"                           \
    "-----END PRIVATE KEY-----\n"

typedef struct Fixture {
    Arena *arena;
    char folder[64];
} Fixture;

static int setup(void **state)
{
    Fixture *f = calloc(1, sizeof(*f));
    f->arena = arena_new();
    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/pgsteer-unit.XXXXXX");
    *state = f;
    return mkdtemp(f->folder) ? 0 : -1;
}

static int run_sh(Arena *arena, const char *script, const char *input, size_t length, Text *out,
                  Text *err)
{
    char *argv[] = {arena_strdup(arena, "sh"), arena_strdup(arena, "-c"),
                    arena_strdup(arena, script), NULL};
    int status = 0;
    check_fine(process_run(argv, input, length, ANSWER_MAX_BYTES,
                           clock_monotonic_ms() + PATIENCE_MS, out, err, &status));
    return status;
}

static int teardown(void **state)
{
    Fixture *f = *state;
    Text out = TEXT_INIT;
    Text err = TEXT_INIT;
    int status =
        run_sh(f->arena, arena_printf(f->arena, "rm -rf -- %s", f->folder), NULL, 0, &out, &err);
    text_release(&out);
    text_release(&err);
    arena_free(f->arena);
    free(f);
    return status;
}

static const char *put(Fixture *f, const char *name, const char *bytes, size_t length)
{
    const char *path = arena_printf(f->arena, "%s/%s", f->folder, name);
    check_fine(file_write_all(path, 0640, bytes, length));
    return path;
}

/* What is asked of `sources`, with one list of arguments for all; *ret_bytes: as it came. */
static void ask(Fixture *f, const Source *const *sources, const Value *args, Reading *ret_readings,
                const char **ret_bytes)
{
    CLEANUP(text_release) Text input = TEXT_INIT;
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    ReadRequest requests[16];
    bool is_asked[16];
    size_t count = 0;
    for (; sources[count]; count++)
        requests[count] = (ReadRequest){.source = sources[count], .subject = "n", .args = args};
    probe_write(&input, requests, count, "N", "S", is_asked);
    assert_int_equal(run_sh(f->arena, probe_text_of(f->arena, sources), text_get(&input),
                            input.length, &out, &err),
                     0);
    assert_string_equal(text_get(&err), "");
    check_fine(
        probe_parse(f->arena, text_get(&out), out.length, "N", requests, count, ret_readings));
    if (ret_bytes)
        *ret_bytes = text_copy(&out, f->arena);
}

static Error *parse_text(Arena *arena, const char *bytes, size_t length, int status,
                         const Value **ret)
{
    (void)status;
    *ret = value_text(arena, arena_strndup(arena, bytes, length));
    return NULL;
}

/* A pid that the fragment wrote down: is its process gone, or dead at least? */
static bool is_gone(Fixture *f, const char *name)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    CLEANUP(text_release) Text err = TEXT_INIT;
    const char *script = arena_printf(
        f->arena, "read -r pid <%s/%s && ! grep -q sleep /proc/$pid/cmdline 2>/dev/null", f->folder,
        name);
    return run_sh(f->arena, script, NULL, 0, &out, &err) == 0;
}

static void fragments_are_isolated(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *text;
        const char *want, *unknown;
    } cases[] = {
        {"print join '|', @_;", "$(x) 'y'", NULL},
        {"sleep 60;", NULL, "no answer within 8000 ms"},
        {"output('sh', '-c', 'echo $$ >%s/program; exec sleep 60');", NULL, "no answer within"},
        {"fork or exec 'sh', '-c', 'echo $$ >%s/left; exec sleep 60';", NULL, "no answer within"},
        {"close STDOUT; close STDERR; sleep 60;", NULL, "no answer within"},
        {"while (1) {}", NULL, "no answer within"},
        {"$SIG{TERM} = $SIG{ALRM} = 'IGNORE'; sleep 60;", NULL, "no answer within"},
        {"print 'x' x 100000;", NULL, "longer than 1000 bytes"},
        {"print 'x' while 1;", NULL, "longer than 1000 bytes"},
        {"print STDERR 'x' x 1000000; print 'told';", "told", NULL},
        {"print 'half'; die qq(first\nno reason\\n);", NULL, "no reason"},
        {"output('sh', '-c', 'echo why >&2; exit 3');", NULL, "why"},
        {"output('no-such-program');", NULL, "no-such-program: No such file or directory"},
        {"kill KILL => $$;", NULL, "no answer within"},
        {"exit 7;", NULL, "status 7"},
    };
    Source rows[COUNT_OF(cases)];
    const Source *sources[COUNT_OF(cases) + 1] = {NULL};
    Reading readings[COUNT_OF(cases)];
    Value *args = value_list(f->arena);
    value_push(f->arena, args, value_text(f->arena, "$(x) 'y'"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *text = cases[i].text;
        const char *mark = strstr(text, "%s");
        if (mark)
            text =
                arena_printf(f->arena, "%.*s%s%s", (int)(mark - text), text, f->folder, mark + 2);
        rows[i] = (Source){.name = arena_printf(f->arena, "case.%c", (int)('a' + i)),
                           .via = VIA_PROBE,
                           .text = arena_printf(f->arena, "%s\n", text),
                           .budget_ms = 8000,
                           .max_bytes = 1000,
                           .parse = parse_text};
        sources[i] = &rows[i];
    }
    ask(f, sources, args, readings, NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *got =
            readings[i].value ? value_as_text(readings[i].value, "") : readings[i].unknown_reason;
        bool is_right = cases[i].want ? readings[i].value && strcmp(got, cases[i].want) == 0
                                      : !readings[i].value && strstr(got, cases[i].unknown) != NULL;
        if (!is_right)
            fail_msg("%s: %s", cases[i].text, got);
    }
    assert_true(is_gone(f, "program"));
    assert_true(is_gone(f, "left"));
}

/* One process for all, until one of them does not tell; who fails is asked alone and says why. */
static void fragments_share_a_process(void **state)
{
    Fixture *f = *state;
    static const char *const texts[] = {
        "print $$;", "print 'half'; die qq(why\\n);", "print $$;",
        "",          "output('sh', '-c', 'exit 3');", "print $$; select(undef, undef, undef, 0.1);",
    };
    Source rows[COUNT_OF(texts)];
    const Source *sources[COUNT_OF(texts) + 1] = {NULL};
    Reading readings[COUNT_OF(texts)];
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        rows[i] = (Source){.name = arena_printf(f->arena, "case.%c", (int)('a' + i)),
                           .via = VIA_PROBE,
                           .text = texts[i],
                           .budget_ms = 20000,
                           .max_bytes = 1000,
                           .parse = parse_text};
        sources[i] = &rows[i];
    }
    ask(f, sources, NULL, readings, NULL);
    const char *pid = value_as_text(readings[0].value, "");
    assert_true(*pid != '\0');
    assert_string_equal(readings[1].unknown_reason, "why");
    assert_string_equal(value_as_text(readings[2].value, ""), pid);
    assert_string_equal(value_as_text(readings[3].value, "x"), "");
    assert_non_null(strstr(readings[4].unknown_reason, "status 1"));
    assert_string_equal(value_as_text(readings[5].value, ""), pid);
}

static void what_is_malformed_is_refused(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *input, *said;
    } cases[] = {
        {"", "request cut off"},
        {"N\nS\n", "request cut off"},
        {"N\nS\nnode.os\n.\n", "malformed request"},
        {"N\nS\nnode.os 1; id\n.\n", "malformed request"},
        {"N\nS\nnode.os 1\n-1\n.\n", "malformed length"},
        {"N\nS\nnode.os 1\n99\n/a\n.\n", "request cut off"},
        {"N\nS\nnode.os 1\n3\na\nb.\n", "control character"},
        {"N\nS\nnode.os 1\n3\na\x7f"
         "b.\n",
         "control character"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CLEANUP(text_release) Text out = TEXT_INIT;
        CLEANUP(text_release) Text err = TEXT_INIT;
        int status = run_sh(f->arena, probe_text(f->arena), cases[i].input, strlen(cases[i].input),
                            &out, &err);
        if (status != 73 || out.length > 0 || !strstr(text_get(&err), cases[i].said))
            fail_msg("case %zu: status %d, '%s'", i, status, text_get(&err));
    }
}

static const Value *seen(Fixture *f, const char *source, const Value *args, const char **ret_bytes)
{
    const Source *sources[] = {source_find(source), NULL};
    Reading reading = {0};
    ask(f, sources, args, &reading, ret_bytes);
    if (!reading.value)
        fail_msg("%s: %s", source, reading.unknown_reason);
    return reading.value;
}

static const char *const odd_names[ODD_MAX] = {
    "plain",
    "with blanks ",
    "$(touch canary)`touch canary`",
    "'; touch canary; '\"",
    "back\\slash",
    "-dash",
    "100% @{[1]} $x",
    "\xc3\xa9",
};

static void odd_names_are_names(void **state)
{
    Fixture *f = *state;
    Value *args = value_list(f->arena);
    for (size_t i = 0; i < ODD_MAX; i++)
        value_push(f->arena, args,
                   value_text(f->arena, put(f, odd_names[i], odd_names[i], strlen(odd_names[i]))));
    const char *canary = arena_printf(f->arena, "%s/canary", f->folder);
    value_push(f->arena, args, value_text(f->arena, canary));
    const Value *paths = seen(f, "node.paths", args, NULL);
    const Value *files = seen(f, "node.files", args, NULL);
    const Value *masked = value_get(seen(f, "node.secret_files", args, NULL), "files");
    for (size_t i = 0; i < ODD_MAX; i++) {
        const char *path = value_as_text(value_at(args, i), "");
        assert_string_equal(value_get_text(value_get(paths, path), "type"), "file");
        assert_string_equal(value_get_text(value_get(paths, path), "mode"), "0640");
        assert_string_equal(value_get_text(value_get(files, path), "content"), odd_names[i]);
        assert_string_equal(value_get_text(value_get(masked, path), "content"), odd_names[i]);
    }
    assert_string_equal(value_get_text(value_get(paths, canary), "type"), "absent");
    assert_false(value_get_bool(value_get(files, canary), "exists", true));
}

/* A circle of links is neither there nor absent. */
static void what_cannot_be_told_is_unknown(void **state)
{
    Fixture *f = *state;
    const Source *sources[] = {source_find("node.files"), source_find("node.secret_files"),
                               source_find("node.certs"), NULL};
    Reading readings[3];
    const char *path = arena_printf(f->arena, "%s/circle.crt", f->folder);
    assert_int_equal(symlink(path, path), 0);
    Value *args = value_list(f->arena);
    value_push(f->arena, args, value_text(f->arena, path));
    ask(f, sources, args, readings, NULL);
    for (size_t i = 0; i < COUNT_OF(readings); i++) {
        assert_null(readings[i].value);
        assert_non_null(strstr(readings[i].unknown_reason, "Too many levels"));
    }
    assert_string_equal(
        value_get_text(value_get(seen(f, "node.paths", args, NULL), path), "target"), path);
}

/* Lengths around the blocks of SHA-256; the node must come to what we come to. */
static void digests_of_secrets_are_sha256(void **state)
{
    Fixture *f = *state;
    static const size_t lengths[] = {1, 54, 55, 56, 62, 63, 64, 65, 118, 119, 120, 1000};
    CLEANUP(text_release) Text config = TEXT_INIT;
    CLEANUP(text_release) Text want = TEXT_INIT;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        char digest[SHA256_HEX + 1];
        CLEANUP(text_release) Text salted = TEXT_INIT;
        text_add_char(&salted, 'S');
        for (size_t j = 0; j < lengths[i]; j++)
            text_add_char(&salted, (char)('a' + (char)(j % 26)));
        sha256_hex(text_get(&salted), salted.length, digest);
        text_addf(&config, "password: %s\n", text_get(&salted) + 1);
        text_addf(&want, "password: sha256:%s\n", digest);
    }
    text_add(&config, "end: 1\n");
    text_add(&want, "end: 1\n");
    Value *args = value_list(f->arena);
    const char *path = put(f, "secrets.yml", text_get(&config), config.length);
    value_push(f->arena, args, value_text(f->arena, path));
    const char *bytes = NULL;
    const Value *files = value_get(seen(f, "node.secret_files", args, &bytes), "files");
    assert_string_equal(value_get_text(value_get(files, path), "content"), text_get(&want));
    assert_null(strstr(bytes, "abcdef"));
}

/* A certificate is told, a key never, wherever it stands. */
static void certificates_come_without_keys(void **state)
{
    Fixture *f = *state;
    static const struct {
        const char *name, *cert, *key;
        const char *cn;
        bool matches;
    } cases[] = {
        {"curve", CURVE_CERT, CURVE_KEY, "a, b", true},
        {"other", OTHER_CERT, OTHER_KEY, "e", true},
        {"mixed", CURVE_CERT, OTHER_KEY, "a, b", false},
        {"mixed2", OTHER_CERT, CURVE_KEY, "e", false},
        {"bundle", CURVE_KEY CURVE_CERT OTHER_CERT, CURVE_KEY, "a, b", true},
        {"key-only", CURVE_KEY, CURVE_KEY, "", false},
        {"no-key", CURVE_CERT, "", "a, b", false},
        {"cut", CURVE_CERT, "-----BEGIN PRIVATE KEY-----\nMIGH", "a, b", false},
    };
    Value *args = value_list(f->arena);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *name = cases[i].name;
        put(f, arena_printf(f->arena, "%s.key", name), cases[i].key, strlen(cases[i].key));
        const char *path =
            put(f, arena_printf(f->arena, "%s.crt", name), cases[i].cert, strlen(cases[i].cert));
        value_push(f->arena, args, value_text(f->arena, path));
    }
    const char *bytes = NULL;
    const Value *certs = seen(f, "node.certs", args, &bytes);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const Value *cert = value_get(certs, value_as_text(value_at(args, i), ""));
        assert_string_equal(value_get_text(cert, "cn"), cases[i].cn);
        if (value_get_bool(cert, "key_matches", !cases[i].matches) != cases[i].matches)
            fail_msg("%s", cases[i].name);
    }
    assert_null(strstr(bytes, "PRIVATE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fragments_are_isolated, setup, teardown),
        cmocka_unit_test_setup_teardown(fragments_share_a_process, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_malformed_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_names_are_names, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_told_is_unknown, setup, teardown),
        cmocka_unit_test_setup_teardown(digests_of_secrets_are_sha256, setup, teardown),
        cmocka_unit_test_setup_teardown(certificates_come_without_keys, setup, teardown),
    };
    return cmocka_run_group_tests_name("real_probe_run", tests, NULL, NULL);
}
