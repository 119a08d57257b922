/*
 * providers/ssh/wire.h - the one data shape of the SSH protocol that we read ourselves: a string
 * with its length in front (RFC 4251, section 5). Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* Bytes that are read from the front. */
typedef struct WireReader {
    const unsigned char *at;
    size_t left;
} WireReader;

/* Take four bytes, big endian. False: not there, nothing was taken. */
bool wire_uint32(WireReader *reader, uint32_t *ret);

/* Take one string; *ret points into the reader's bytes. False: it is not complete. */
bool wire_string(WireReader *reader, const unsigned char **ret, size_t *ret_length);

/* The algorithm name at the front of a public key ("ssh-ed25519"), an arena string; NULL if these
 * bytes are no public key. */
const char *wire_key_type(Arena *arena, const unsigned char *key, size_t length);

/* "SHA256:" and the base64 of the key's digest, as ssh-keygen -l prints it. */
const char *wire_fingerprint(Arena *arena, const unsigned char *key, size_t length);
