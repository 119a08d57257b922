#include "providers/ssh/key_file.h"

#include <string.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "providers/ssh/wire.h"

enum { KEY_FILE_MAX_BYTES = 256 * 1024 };

static const char openssh_begin[] = "-----BEGIN OPENSSH PRIVATE KEY-----";
static const char openssh_magic[] = "openssh-key-v1";

/* Old PEM forms say the type in their first line; the newer ones (PKCS #8) do not. */
static const struct {
    const char *begin;
    const char *type;
} pem_forms[] = {
    {"-----BEGIN RSA PRIVATE KEY-----", "ssh-rsa"},
    {"-----BEGIN DSA PRIVATE KEY-----", "ssh-dss"},
};

static void remember_key(Arena *arena, const unsigned char *key, size_t length, KeyFile *ret)
{
    const char *type = wire_key_type(arena, key, length);
    if (!type)
        return;
    ret->type = type;
    ret->key = (const unsigned char *)arena_strndup(arena, (const char *)key, length);
    ret->key_length = length;
}

/* PROTOCOL.key of OpenSSH: magic, cipher, kdf, its options, count, public key, ... */
static void parse_openssh(Arena *arena, const char *base64, KeyFile *ret)
{
    CLEANUP(text_release) Text packed = TEXT_INIT;
    for (const char *at = base64; *at && *at != '-'; at++) {
        if (!strchr(" \t\r\n", *at))
            text_add_char(&packed, *at);
    }
    size_t length = 0;
    const unsigned char *bytes = base64_decode(arena, text_get(&packed), &length);
    if (!bytes || length < sizeof(openssh_magic) ||
        memcmp(bytes, openssh_magic, sizeof(openssh_magic)) != 0)
        return;
    WireReader reader = {bytes + sizeof(openssh_magic), length - sizeof(openssh_magic)};
    const unsigned char *cipher, *other, *key;
    size_t cipher_length, other_length, key_length;
    uint32_t count;
    if (!wire_string(&reader, &cipher, &cipher_length) ||
        !wire_string(&reader, &other, &other_length) ||
        !wire_string(&reader, &other, &other_length) || !wire_uint32(&reader, &count) ||
        count != 1 || !wire_string(&reader, &key, &key_length))
        return;
    ret->has_passphrase = cipher_length != 4 || memcmp(cipher, "none", 4) != 0;
    remember_key(arena, key, key_length, ret);
}

void key_file_parse(Arena *arena, const char *bytes, KeyFile *ret)
{
    const char *begin = strstr(bytes, openssh_begin);
    if (begin) {
        parse_openssh(arena, begin + strlen(openssh_begin), ret);
        return;
    }
    ret->has_passphrase = strstr(bytes, "ENCRYPTED") != NULL;
    for (size_t i = 0; i < COUNT_OF(pem_forms); i++) {
        if (strstr(bytes, pem_forms[i].begin))
            ret->type = pem_forms[i].type;
    }
}

/* "type base64 comment" */
static void inspect_public(Arena *arena, const char *path, KeyFile *ret)
{
    char *bytes;
    size_t length;
    if (!file_exists(path))
        return;
    Error *error = file_read(arena, path, KEY_FILE_MAX_BYTES, &bytes, &length);
    if (error) {
        error_free(error); /* the private file alone will do */
        return;
    }
    char **words;
    size_t count = text_words(arena, bytes, false, &words);
    size_t key_length = 0;
    const unsigned char *key = count >= 2 ? base64_decode(arena, words[1], &key_length) : NULL;
    if (key)
        remember_key(arena, key, key_length, ret);
}

void key_file_inspect(Arena *arena, const char *path, KeyFile *ret)
{
    *ret = (KeyFile){.path = path};
    ret->has_certificate = file_exists(arena_printf(arena, "%s-cert.pub", path));
    inspect_public(arena, arena_printf(arena, "%s.pub", path), ret);
    ret->exists = file_exists(path);
    if (!ret->exists)
        return;
    char *bytes;
    size_t length;
    Error *error = file_read(arena, path, KEY_FILE_MAX_BYTES, &bytes, &length);
    ret->readable = error == NULL;
    error_free(error);
    if (ret->readable) {
        key_file_parse(arena, bytes, ret);
        explicit_bzero(bytes, length);
    }
}
