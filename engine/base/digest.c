#include "base/digest.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum {
    SCRAM_ITERATIONS = 4096,
    SCRAM_MAX_ITERATIONS = 10000000, /* seconds; more in a stored form is an attack */
    SCRAM_SALT_BYTES = 16,
    MD5_BYTES = 16,
};

static const char scram_prefix[] = "SCRAM-SHA-256$";

static void require(bool works, const char *what)
{
    if (works)
        return;
    fprintf(stderr, "pgsteer: libcrypto cannot do %s on this machine\n", what);
    abort();
}

void bytes_to_hex(const unsigned char *bytes, size_t length, char *ret_hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        ret_hex[2 * i] = digits[bytes[i] >> 4];
        ret_hex[2 * i + 1] = digits[bytes[i] & 15];
    }
    ret_hex[2 * length] = '\0';
}

void sha256(const void *bytes, size_t length, unsigned char ret_digest[SHA256_BYTES])
{
    require(EVP_Digest(bytes, length, ret_digest, NULL, EVP_sha256(), NULL) == 1, "SHA-256");
}

void sha256_hex(const void *bytes, size_t length, char ret_hex[SHA256_HEX + 1])
{
    unsigned char digest[SHA256_BYTES];
    sha256(bytes, length, digest);
    bytes_to_hex(digest, sizeof(digest), ret_hex);
}

struct Sha256 {
    EVP_MD_CTX *context;
};

Sha256 *sha256_begin(void)
{
    Sha256 *digest = must_malloc(sizeof(*digest));
    digest->context = EVP_MD_CTX_new();
    require(digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1,
            "SHA-256");
    return digest;
}

void sha256_more(Sha256 *digest, const void *bytes, size_t length)
{
    require(EVP_DigestUpdate(digest->context, bytes, length) == 1, "SHA-256");
}

void sha256_end(Sha256 *digest, char ret_hex[SHA256_HEX + 1])
{
    unsigned char bytes[SHA256_BYTES];
    require(EVP_DigestFinal_ex(digest->context, bytes, NULL) == 1, "SHA-256");
    bytes_to_hex(bytes, sizeof(bytes), ret_hex);
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                 unsigned char ret[SHA256_BYTES])
{
    require(HMAC(EVP_sha256(), key, (int)key_length, bytes, length, ret, NULL) != NULL,
            "HMAC-SHA-256");
}

void pbkdf2_sha256(const char *password, size_t password_length, const void *salt,
                   size_t salt_length, int iterations, void *ret_key, size_t key_length)
{
    require(PKCS5_PBKDF2_HMAC(password, (int)password_length, salt, (int)salt_length, iterations,
                              EVP_sha256(), (int)key_length, ret_key) == 1,
            "PBKDF2");
}

void aes256_ctr(const unsigned char *key, const unsigned char *counter, const void *bytes,
                size_t length, void *ret)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int written;
    require(length < INT32_MAX && context &&
                EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), NULL, key, counter) == 1 &&
                EVP_EncryptUpdate(context, ret, &written, bytes, (int)length) == 1,
            "AES-256");
    EVP_CIPHER_CTX_free(context);
}

bool bytes_equal(const void *a, const void *b, size_t length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}

void cleanse(void *bytes, size_t length)
{
    OPENSSL_cleanse(bytes, length);
}

void random_bytes(void *ret, size_t length)
{
    unsigned char *at = ret;
    for (size_t left = length; left > 0;) {
        size_t step = left < 4096 ? left : 4096;
        require(RAND_bytes(at, (int)step) == 1, "random bytes");
        at += step;
        left -= step;
    }
}

void random_hex(char *ret, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    random_bytes(ret, count);
    for (size_t i = 0; i < count; i++)
        ret[i] = digits[(unsigned char)ret[i] & 15];
    ret[count] = '\0';
}

/* -- base64 -------------------------------------------------------------------------------- */

char *base64_encode(Arena *arena, const void *bytes, size_t length)
{
    size_t size = (length + 2) / 3 * 4 + 1;
    char *text = arena_alloc(arena, size);
    require(length < INT32_MAX, "base64 of that length");
    EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
    return text;
}

unsigned char *base64_decode(Arena *arena, const char *text, size_t *ret_length)
{
    size_t length = strlen(text), padding = 0;
    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    /* EVP_DecodeBlock would skip blanks and take '=' for a digit. */
    size_t digits =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    if (length % 4 != 0 || digits + padding != length || length > INT32_MAX)
        return NULL;
    unsigned char *bytes = arena_alloc(arena, length / 4 * 3 + 1);
    EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
    *ret_length = length / 4 * 3 - padding;
    bytes[*ret_length] = '\0';
    return bytes;
}

/* -- stored passwords ------------------------------------------------------------------------ */

typedef struct ScramKeys {
    unsigned char stored[SHA256_BYTES];
    unsigned char server[SHA256_BYTES];
} ScramKeys;

/* RFC 5802, section 3. */
static ScramKeys scram_keys(const char *password, const unsigned char *salt, size_t salt_length,
                            int iterations)
{
    static const char client_key[] = "Client Key", server_key[] = "Server Key";
    unsigned char salted[SHA256_BYTES], client[SHA256_BYTES];
    pbkdf2_sha256(password, strlen(password), salt, salt_length, iterations, salted,
                  sizeof(salted));
    ScramKeys keys;
    hmac_sha256(salted, sizeof(salted), client_key, strlen(client_key), client);
    sha256(client, sizeof(client), keys.stored);
    hmac_sha256(salted, sizeof(salted), server_key, strlen(server_key), keys.server);
    cleanse(salted, sizeof(salted));
    cleanse(client, sizeof(client));
    return keys;
}

char *scram_verifier(Arena *arena, const char *password)
{
    unsigned char salt[SCRAM_SALT_BYTES];
    random_bytes(salt, sizeof(salt));
    ScramKeys keys = scram_keys(password, salt, sizeof(salt), SCRAM_ITERATIONS);
    return arena_printf(arena, "%s%d:%s$%s:%s", scram_prefix, SCRAM_ITERATIONS,
                        base64_encode(arena, salt, sizeof(salt)),
                        base64_encode(arena, keys.stored, sizeof(keys.stored)),
                        base64_encode(arena, keys.server, sizeof(keys.server)));
}

typedef struct Scram {
    int64_t iterations;
    unsigned char *salt;
    size_t salt_length;
    ScramKeys keys;
} Scram;

static bool key_parse(Arena *scratch, const char *text, unsigned char ret[SHA256_BYTES])
{
    size_t length;
    const unsigned char *bytes = base64_decode(scratch, text, &length);
    if (!bytes || length != SHA256_BYTES)
        return false;
    memcpy(ret, bytes, SHA256_BYTES);
    return true;
}

/* <iterations>:<salt>$<StoredKey>:<ServerKey> after the prefix. */
static bool scram_parse(Arena *scratch, const char *verifier, Scram *ret)
{
    if (!text_starts_with(verifier, scram_prefix))
        return false;
    char **halves, **salting, **keys;
    if (text_split(scratch, verifier + strlen(scram_prefix), '$', &halves) != 2 ||
        text_split(scratch, halves[0], ':', &salting) != 2 ||
        text_split(scratch, halves[1], ':', &keys) != 2)
        return false;
    ret->salt = base64_decode(scratch, salting[1], &ret->salt_length);
    return ret->salt && text_to_int(salting[0], &ret->iterations) && ret->iterations > 0 &&
           ret->iterations <= SCRAM_MAX_ITERATIONS &&
           key_parse(scratch, keys[0], ret->keys.stored) &&
           key_parse(scratch, keys[1], ret->keys.server);
}

static bool is_md5_verifier(const char *text)
{
    return text_starts_with(text, "md5") && strlen(text) == 3 + 2 * MD5_BYTES &&
           strspn(text + 3, "0123456789abcdef") == (size_t)2 * MD5_BYTES;
}

/* "md5" and the digest of password and role name. */
static bool md5_matches(Arena *scratch, const char *verifier, const char *password,
                        const char *role_name)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * MD5_BYTES + 1];
    const char *input = arena_printf(scratch, "%s%s", password, role_name);
    if (EVP_Digest(input, strlen(input), digest, NULL, EVP_md5(), NULL) != 1)
        return false; /* forbidden on this machine (FIPS) */
    bytes_to_hex(digest, MD5_BYTES, hex);
    return bytes_equal(hex, verifier + 3, (size_t)2 * MD5_BYTES);
}

bool scram_matches(const char *verifier, const char *password, const char *role_name)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    if (is_md5_verifier(verifier))
        return md5_matches(scratch, verifier, password, role_name);
    Scram scram;
    if (!scram_parse(scratch, verifier, &scram))
        return false;
    ScramKeys keys = scram_keys(password, scram.salt, scram.salt_length, (int)scram.iterations);
    return bytes_equal(&keys, &scram.keys, sizeof(keys));
}

bool scram_is_verifier(const char *text)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    Scram scram;
    return is_md5_verifier(text) || scram_parse(scratch, text, &scram);
}

bool scram_can_prepare(const char *password)
{
    for (; *password; password++) {
        if (*password < ' ' || *password > '~')
            return false;
    }
    return true;
}
