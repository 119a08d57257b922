#include "providers/ssh/login_keys.h"

#include <string.h>

void login_keys_collect(Arena *arena, const Login *login, LoginKeys *ret)
{
    const SshConfig *config = login->config;
    KeyFile *files = ARENA_ARRAY(arena, KeyFile, config->identity_count);
    bool needs_program = false;
    for (size_t i = 0; i < config->identity_count; i++) {
        key_file_inspect(arena, config->identity_files[i], &files[i]);
        needs_program = needs_program || files[i].has_certificate;
    }
    *ret = (LoginKeys){files, config->identity_count, needs_program};
}

bool login_keys_suit_libssh2(const char *type)
{
    static const char *const types[] = {
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
    };
    for (size_t i = 0; type && i < COUNT_OF(types); i++) {
        if (strcmp(type, types[i]) == 0)
            return true;
    }
    return false;
}

bool login_keys_have(const LoginKeys *keys, const unsigned char *key, size_t length)
{
    for (size_t i = 0; i < keys->count; i++) {
        const KeyFile *file = &keys->files[i];
        if (file->key && file->key_length == length && memcmp(file->key, key, length) == 0)
            return true;
    }
    return false;
}

void login_keys_hints(const LoginKeys *keys, Text *out)
{
    for (size_t i = 0; i < keys->count; i++) {
        const KeyFile *file = &keys->files[i];
        if (file->exists && !file->readable)
            text_addf(out, "; %s cannot be read", file->path);
        else if (file->exists && file->has_passphrase)
            text_addf(out, "; %s has a passphrase: ssh-add it", file->path);
    }
}
