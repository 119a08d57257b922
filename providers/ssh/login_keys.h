/*
 * providers/ssh/login_keys.h - the key files that may open the door of one node.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "providers/ssh/backend.h"
#include "providers/ssh/key_file.h"

typedef struct LoginKeys {
    const KeyFile *files; /* in the order to try; also ones that do not exist */
    size_t count;
    bool needs_program; /* a file has a certificate, which libssh2 cannot show */
} LoginKeys;

void login_keys_collect(Arena *arena, const Login *login, LoginKeys *ret);

/* Can libssh2 1.10 log in with this type of key? RSA only in its SHA-1 form, so no. */
bool login_keys_suit_libssh2(const char *type);

/* Does a file hold this public key? */
bool login_keys_have(const LoginKeys *keys, const unsigned char *key, size_t length);

/* "; /root/.ssh/id_ed25519 has a passphrase: ssh-add it" and the like, "" if all is well. */
void login_keys_hints(const LoginKeys *keys, Text *out);
