/*
 * providers/ssh/key_file.h - what a private key file is, without its secret: does it exist, has it
 * a passphrase, which public key belongs to it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

typedef struct KeyFile {
    const char *path;
    bool exists;
    bool readable;
    bool has_passphrase;
    bool has_certificate;     /* <path>-cert.pub is there                       */
    const char *type;         /* "ssh-ed25519", "ssh-rsa", ...; NULL: not known */
    const unsigned char *key; /* the public key; NULL: not known               */
    size_t key_length;
} KeyFile;

/* Look at `path` and at `path`.pub. */
void key_file_inspect(Arena *arena, const char *path, KeyFile *ret);

/* The same from the bytes of a private key; sets only type, key and has_passphrase. Pure. */
void key_file_parse(Arena *arena, const char *bytes, KeyFile *ret);
