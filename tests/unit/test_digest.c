#include "base/digest.h"
#include "base/text.h"
#include "unit.h"

/* Made with Python's hashlib from the password "pencil" and the salt 00 01 ... 0f. */
static const char pencil[] =
    "SCRAM-SHA-256$4096:AAECAwQFBgcICQoLDA0ODw==$zHCdol2044/ZyWzPLi7oxApCkamKw9Z+E4U/QApd/"
    "5Y=:dd5peBOitVnLNFu7VmwP+HiDaaw4OUCv396eVCWhYiE=";
static const char pencil_md5[] = "md506d701b4dd9f7cbb00816251a451b978"; /* of the role "app" */

static void sha256_of_known_texts(void **state)
{
    (void)state;
    char hex[SHA256_HEX + 1];
    sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_hex("", 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    Sha256 *digest = sha256_begin();
    sha256_more(digest, "a", 1);
    sha256_more(digest, "", 0);
    sha256_more(digest, "bc", 2);
    char parts[SHA256_HEX + 1];
    sha256_end(digest, parts);
    sha256_hex("abc", 3, hex);
    assert_string_equal(parts, hex);
}

/* RFC 7914, section 11; a password longer than a block (Python's hashlib). */
static void keys_from_passwords(void **state)
{
    (void)state;
    static const unsigned char short_key[] =
        "\x55\xac\x04\x6e\x56\xe3\x08\x9f\xec\x16\x91\xc2\x25\x44\xb6\x05"
        "\xf9\x41\x85\x21\x6d\xde\x04\x65\xe6\x8b\x9d\x57\xc2\x0d\xac\xbc"
        "\x49\xca\x9c\xcc\xf1\x79\xb6\x45\x99\x16\x64\xb3\x9d\x77\xef\x31"
        "\x7c\x71\xb8\x45\xb1\xe3\x0b\xd5\x09\x11\x20\x41\xd3\xa1\x97\x83";
    static const unsigned char long_key[] =
        "\xbd\xfb\xc5\x54\x64\xd6\xfe\xa8\x3a\xca\x2f\x8c\x3c\xad\x90\xd4"
        "\xbf\xf9\x49\xfe\x39\xe4\xaa\xe3\xa5\xed\xa7\xe3\x22\x1c\x48\x4a"
        "\xa0\x01\x7b\xb2\x51\xbc\x22\xc2";
    unsigned char key[64];
    pbkdf2_sha256("passwd", 6, "salt", 4, 1, key, sizeof(key));
    assert_memory_equal(key, short_key, sizeof(key));
    char password[70];
    memset(password, 'a', sizeof(password));
    pbkdf2_sha256(password, sizeof(password), "NaCl", 4, 80, key, 40);
    assert_memory_equal(key, long_key, 40);
}

static void random_is_not_constant(void **state)
{
    (void)state;
    char a[33], b[33];
    random_hex(a, 32);
    random_hex(b, 32);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    assert_string_not_equal(a, b);
    static unsigned char many[10000];
    random_bytes(many, sizeof(many));
    size_t zeros = 0;
    for (size_t i = 0; i < sizeof(many); i++)
        zeros += many[i] == 0;
    assert_true(zeros < 200); /* 39 are expected */
}

static void base64_both_ways(void **state)
{
    Arena *arena = *state;
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"\xff\xfe\xfb", "//77"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t length = strlen(cases[i].bytes), got = 99;
        assert_string_equal(base64_encode(arena, cases[i].bytes, length), cases[i].text);
        unsigned char *bytes = base64_decode(arena, cases[i].text, &got);
        assert_int_equal(got, length);
        assert_memory_equal(bytes, cases[i].bytes, length + 1);
    }
    static const char *const refused[] = {"Zg",   "Zg=",  "Z===",     "====", "Zm9v\n",
                                          " m9v", "Zm=v", "Zm9v====", "Zm9-", "Zg==Zg=="};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        size_t length;
        if (base64_decode(arena, refused[i], &length))
            fail_msg("'%s' was taken", refused[i]);
    }
}

static void verifiers_match_their_password(void **state)
{
    Arena *arena = *state;
    assert_true(scram_matches(pencil, "pencil", "app"));
    assert_false(scram_matches(pencil, "Pencil", "app"));
    assert_false(scram_matches(pencil, "", "app"));
    assert_true(scram_matches(pencil_md5, "pencil", "app"));
    assert_false(scram_matches(pencil_md5, "pencil", "app2"));
    assert_false(scram_matches(pencil_md5, "pencil2", "app"));

    char *made = scram_verifier(arena, "s3cret");
    assert_true(text_starts_with(made, "SCRAM-SHA-256$4096:"));
    assert_true(scram_is_verifier(made));
    assert_true(scram_matches(made, "s3cret", "any"));
    assert_false(scram_matches(made, "s3cre", "any"));
    assert_string_not_equal(made, scram_verifier(arena, "s3cret")); /* another salt */
}

/* `pencil` with one part replaced. */
static char *pencil_with(Arena *arena, const char *part, const char *other)
{
    const char *at = strstr(pencil, part);
    assert_non_null(at);
    return arena_printf(arena, "%.*s%s%s", (int)(at - pencil), pencil, other, at + strlen(part));
}

static void what_is_a_verifier(void **state)
{
    Arena *arena = *state;
    const char *texts[] = {
        "",
        "pencil",
        "md5",
        "SCRAM-SHA-256$",
        "SCRAM-SHA-256$4096:salt",
        "md5BC3E5A9E2C5C5B1C0A5E7C0F3F5A1B2C",
        "md500000000000000000000000000000000x",
        pencil_with(arena, "$4096:", "$0:"),
        pencil_with(arena, "$4096:", "$-1:"),
        pencil_with(arena, "$4096:", "$x:"),
        pencil_with(arena, "$4096:", "$99999999999:"),
        pencil_with(arena, "$4096:", "$4096:1:"),
        pencil_with(arena, "AAEC", "!!!!"),
        pencil_with(arena, "SHA-256", "SHA-512"),
        pencil_with(arena, "=:", ":"),
        arena_strndup(arena, pencil, strlen(pencil) - 4),
        "SCRAM-SHA-256$4096:AAEC$AAEC:AAEC",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        if (scram_is_verifier(texts[i]))
            fail_msg("'%s' was taken for a stored form", texts[i]);
        assert_false(scram_matches(texts[i], "pencil", "app"));
    }
    assert_true(scram_is_verifier(pencil));
    assert_true(scram_is_verifier(pencil_md5));
}

static void passwords_that_need_no_preparation(void **state)
{
    (void)state;
    assert_true(scram_can_prepare(""));
    assert_true(scram_can_prepare("a Z~!'\"\\"));
    assert_false(scram_can_prepare("tab\t"));
    assert_false(scram_can_prepare("\x7f"));
    assert_false(scram_can_prepare("caf\xc3\xa9"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts),
        cmocka_unit_test(keys_from_passwords),
        cmocka_unit_test(random_is_not_constant),
        cmocka_unit_test(base64_both_ways),
        cmocka_unit_test(verifiers_match_their_password),
        cmocka_unit_test(what_is_a_verifier),
        cmocka_unit_test(passwords_that_need_no_preparation),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
