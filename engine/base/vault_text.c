#include "base/vault_text.h"

#include <string.h>

#include "base/text.h"

enum {
    KEY_BYTES = 32, /* of each of the two */
    COUNTER_BYTES = 16,
    BLOCK_BYTES = 16,
    SALT_MAX_BYTES = 64,
    ITERATIONS = 10000,
    /* Hexadecimal twice, with line breaks, and the header. */
    TEXT_MAX_BYTES = 8 * (VAULT_PLAIN_MAX_BYTES + BLOCK_BYTES),
};

static Error *wrong(const char *what)
{
    return error_new(ERROR_INVALID, "%s", what);
}

static int digit_of(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The bytes of hexadecimal digits, blanks and line breaks between them; ends with a NUL. NULL:
 * something else is there, or half a byte. */
static unsigned char *from_hex(Arena *arena, const char *text, size_t *ret_length)
{
    unsigned char *bytes = arena_alloc(arena, strlen(text) / 2 + 1);
    size_t count = 0;
    for (; *text; text++) {
        if (strchr(" \t\r\n", *text))
            continue;
        int digit = digit_of(*text);
        if (digit < 0)
            return NULL;
        bytes[count / 2] = (unsigned char)(bytes[count / 2] << 4 | digit);
        count++;
    }
    *ret_length = count / 2;
    return count % 2 ? NULL : bytes;
}

static Error *parse_header(Arena *arena, const char *line, VaultText *ret)
{
    char **fields;
    size_t count = text_split(arena, line, ';', &fields);
    if (count < 2 || strcmp(fields[0], "$ANSIBLE_VAULT") != 0)
        return wrong("does not begin with $ANSIBLE_VAULT;1.1;AES256");
    bool has_id = strcmp(fields[1], "1.2") == 0;
    if (!has_id && strcmp(fields[1], "1.1") != 0)
        return wrong("is of a version of Ansible Vault that is not known: 1.1 and 1.2 are");
    if (count < 3 || strcmp(fields[2], "AES256") != 0)
        return wrong("has a cipher that is not known: AES256 is");
    ret->id = has_id && count > 3 ? fields[3] : "";
    return NULL;
}

static Error *parse_body(Arena *arena, const char *text, VaultText *ret)
{
    size_t length, hmac_length;
    const unsigned char *inner = from_hex(arena, text, &length);
    if (!inner)
        return wrong("holds something else than hexadecimal digits, or is cut off");
    char **lines;
    size_t count = text_split(arena, (const char *)inner, '\n', &lines);
    if (count != 3 || strlen((const char *)inner) != length)
        return wrong("is not the three parts that Ansible Vault writes: was it cut off?");
    ret->salt = from_hex(arena, lines[0], &ret->salt_length);
    ret->hmac = from_hex(arena, lines[1], &hmac_length);
    ret->cipher = from_hex(arena, lines[2], &ret->cipher_length);
    bool is_whole = ret->salt && ret->salt_length > 0 && ret->salt_length <= SALT_MAX_BYTES &&
                    ret->hmac && hmac_length == SHA256_BYTES && ret->cipher &&
                    ret->cipher_length > 0 && ret->cipher_length % BLOCK_BYTES == 0;
    return is_whole ? NULL : wrong("has a part that is damaged or cut off");
}

Error *vault_text_parse(Arena *arena, const char *text, VaultText *ret)
{
    text += strspn(text, " \t\r\n");
    size_t header = strcspn(text, " \t\r\n");
    if (strlen(text) > TEXT_MAX_BYTES)
        return wrong("is longer than 4096 bytes");
    TRY(parse_header(arena, arena_strndup(arena, text, header), ret));
    TRY(parse_body(arena, text + header, ret));
    return ret->cipher_length > VAULT_PLAIN_MAX_BYTES + BLOCK_BYTES
               ? wrong("is longer than 4096 bytes")
               : NULL;
}

/* The last byte says how many bytes were added, and they are all equal to it. */
static bool cut_padding(const char *plain, size_t *length)
{
    size_t added = (unsigned char)plain[*length - 1];
    if (added == 0 || added > BLOCK_BYTES)
        return false;
    for (size_t i = 1; i <= added; i++) {
        if ((unsigned char)plain[*length - i] != added)
            return false;
    }
    *length -= added;
    return true;
}

bool vault_text_open(const VaultText *vault, const char *password, size_t password_length,
                     char *ret_plain, size_t *ret_length)
{
    unsigned char keys[2 * KEY_BYTES + COUNTER_BYTES], hmac[SHA256_BYTES];
    pbkdf2_sha256(password, password_length, vault->salt, vault->salt_length, ITERATIONS, keys,
                  sizeof(keys));
    hmac_sha256(keys + KEY_BYTES, KEY_BYTES, vault->cipher, vault->cipher_length, hmac);
    bool fits = bytes_equal(hmac, vault->hmac, sizeof(hmac));
    if (fits) {
        *ret_length = vault->cipher_length;
        aes256_ctr(keys, keys + (size_t)2 * KEY_BYTES, vault->cipher, vault->cipher_length,
                   ret_plain);
        fits = cut_padding(ret_plain, ret_length);
        if (fits)
            cleanse(ret_plain + *ret_length, vault->cipher_length + 1 - *ret_length);
        else
            cleanse(ret_plain, vault->cipher_length + 1);
    }
    cleanse(keys, sizeof(keys));
    return fits;
}
