/* Ansible Vault's texts: what its own tool wrote is opened, and nothing else. */
#include <string.h>

#include "base/text.h"
#include "base/vault_text.h"
#include "unit.h"
#include "vault_samples.h"

static VaultText parsed(Arena *arena, const char *text)
{
    VaultText vault;
    check_fine(vault_text_parse(arena, text, &vault));
    return vault;
}

static bool opens(Arena *arena, const char *text, const char *password, const char **ret)
{
    VaultText vault = parsed(arena, text);
    char *plain = arena_alloc(arena, vault.cipher_length + 1);
    size_t length = 0;
    *ret = plain;
    if (!vault_text_open(&vault, password, strlen(password), plain, &length)) {
        for (size_t i = 0; i <= vault.cipher_length; i++)
            assert_int_equal(plain[i], 0);
        return false;
    }
    assert_int_equal(plain[length], 0);
    return true;
}

static void what_ansible_wrote_is_opened(void **state)
{
    static const struct {
        const char *text, *password, *id, *plain;
    } cases[] = {
        {vault_plain, VAULT_PASSWORD, "", "c4nary-vault \"x\" \xc3\xa9"},
        {vault_with_id, VAULT_PROD, "prod", "c4nary-prod"},
        {vault_lines, VAULT_PASSWORD, "", "two\nlines\n"},
        {vault_block, VAULT_PASSWORD, "", "0123456789abcdef"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *plain;
        assert_string_equal(parsed(*state, cases[i].text).id, cases[i].id);
        assert_true(opens(*state, cases[i].text, cases[i].password, &plain));
        assert_string_equal(plain, cases[i].plain);
        assert_false(opens(*state, cases[i].text, "no", &plain));
        assert_false(opens(*state, cases[i].text, "", &plain));
    }
}

/* The last line of the digits is of the ciphertext, the first of the salt. */
static void a_changed_text_is_not_opened(void **state)
{
    size_t header = strcspn(vault_plain, "\n") + 1, opened = 0, refused = 0;
    for (size_t i = header; i < strlen(vault_plain); i += 7) {
        char *text = arena_strdup(*state, vault_plain);
        if (text[i] == '\n')
            continue;
        text[i] = text[i] == '3' ? '4' : '3';
        VaultText vault;
        const char *plain;
        Error *error = vault_text_parse(*state, text, &vault);
        refused += error != NULL;
        if (!error)
            opened += opens(*state, text, VAULT_PASSWORD, &plain);
        error_free(error);
    }
    assert_int_equal(opened, 0);
    assert_true(refused < 60);
}

static void blanks_and_capitals_do_not_matter(void **state)
{
    const char *plain;
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (const char *c = vault_block; *c; c++) {
        bool is_digit = c > strchr(vault_block, '\n');
        text_add(&text, *c == '\n' ? "\r\n  " : "");
        text_add_char(&text, (char)(is_digit && *c >= 'a' && *c <= 'f' ? *c - 'a' + 'A' : *c));
    }
    assert_true(opens(*state, text_get(&text), VAULT_PASSWORD, &plain));
    assert_string_equal(plain, "0123456789abcdef");
}

static void what_is_none_is_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "does not begin with"},
        {"hunter2", "does not begin with"},
        {"$ANSIBLE_VAULT", "does not begin with"},
        {"$ANSIBLE_VAULT;1.0;AES\n00", "is of a version"},
        {"$ANSIBLE_VAULT;2.0;AES256\n00", "is of a version"},
        {"$ANSIBLE_VAULT;1.1", "has a cipher"},
        {"$ANSIBLE_VAULT;1.1;AES\n00", "has a cipher"},
        {"$ANSIBLE_VAULT;1.2;hunter2;prod\n00", "has a cipher"},
        {"$ANSIBLE_VAULT;1.1;AES256", "is not the three parts"},
        {"$ANSIBLE_VAULT;1.1;AES256\n0", "something else than hexadecimal"},
        {"$ANSIBLE_VAULT;1.1;AES256\nhunter2", "something else than hexadecimal"},
        {"$ANSIBLE_VAULT;1.1;AES256\n6161", "is not the three parts"},
        {"$ANSIBLE_VAULT;1.1;AES256\n61000a610a61", "is not the three parts"},
        {"$ANSIBLE_VAULT;1.1;AES256\n36310a36310a3631", "has a part that is damaged"},
        {"$ANSIBLE_VAULT;1.1;AES256\n0a0a", "has a part that is damaged"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        VaultText vault;
        CLEANUP(error_freep) Error *error = vault_text_parse(*state, cases[i].text, &vault);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_INVALID);
        if (!strstr(error->message, cases[i].why) || strstr(error->message, "hunter2"))
            fail_msg("'%s': %s", cases[i].text, error->message);
    }
}

static void there_is_a_bound(void **state)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    VaultText vault;
    text_add(&text, "$ANSIBLE_VAULT;1.1;AES256\n");
    text_add_repeat(&text, "61", 100000);
    CLEANUP(error_freep) Error *error = vault_text_parse(*state, text_get(&text), &vault);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "longer than 4096 bytes"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_ansible_wrote_is_opened, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(a_changed_text_is_not_opened, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(blanks_and_capitals_do_not_matter, arena_setup,
                                        arena_teardown),
        cmocka_unit_test_setup_teardown(what_is_none_is_refused, arena_setup, arena_teardown),
        cmocka_unit_test_setup_teardown(there_is_a_bound, arena_setup, arena_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
