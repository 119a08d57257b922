/*
 * base/digest.h - SHA-256, HMAC, keys from passwords, AES, base64, random bytes and SCRAM
 * verifiers; with certificate the only place in base that knows OpenSSL's libcrypto. Thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"

enum { SHA256_BYTES = 32, SHA256_HEX = 64 };

void sha256(const void *bytes, size_t length, unsigned char ret_digest[SHA256_BYTES]);

/* 64 lower-case hex digits and a NUL. */
void sha256_hex(const void *bytes, size_t length, char ret_hex[SHA256_HEX + 1]);

/* The same of bytes that come one after the other; ended once. */
typedef struct Sha256 Sha256;
Sha256 *sha256_begin(void);
void sha256_more(Sha256 *digest, const void *bytes, size_t length);
void sha256_end(Sha256 *digest, char ret_hex[SHA256_HEX + 1]);

void hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                 unsigned char ret[SHA256_BYTES]);

/* PBKDF2-HMAC-SHA-256: `key_length` bytes of key from a password. */
void pbkdf2_sha256(const char *password, size_t password_length, const void *salt,
                   size_t salt_length, int iterations, void *ret_key, size_t key_length);

/* AES-256 in counter mode, which is its own inverse: key of 32 bytes, first counter of 16. */
void aes256_ctr(const unsigned char *key, const unsigned char *counter, const void *bytes,
                size_t length, void *ret);

/* Two lower-case hex digits a byte and a NUL. */
void bytes_to_hex(const unsigned char *bytes, size_t length, char *ret_hex);

/* Are they equal? In a time that does not depend on where they differ. */
bool bytes_equal(const void *a, const void *b, size_t length);

/* Overwrite what must not stay in memory; unlike a memset that is never left out. */
void cleanse(void *bytes, size_t length);

/* Cryptographically strong; ends the process if the system has none. */
void random_bytes(void *ret, size_t length);

/* `count` random lower-case hex digits and a NUL. */
void random_hex(char *ret, size_t count);

char *base64_encode(Arena *arena, const void *bytes, size_t length);
/* NULL if the text is not base64. */
unsigned char *base64_decode(Arena *arena, const char *text, size_t *ret_length);

/* PostgreSQL's stored form SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>
 * (src/common/scram-common.c). A fresh random 16 byte salt, 4096 iterations. The password must be
 * ASCII (SASLprep leaves it unchanged); scram_can_prepare() tells. */
char *scram_verifier(Arena *arena, const char *password);

/* Does `password` belong to `verifier` (a SCRAM-SHA-256 or md5 stored form; md5 needs the role's
 * name)? Compared in constant time. False also for a form it does not know. */
bool scram_matches(const char *verifier, const char *password, const char *role_name);

/* True if the text is a stored form (SCRAM-SHA-256$... or md5 + 32 hex digits), not a password. */
bool scram_is_verifier(const char *text);

/* True for passwords that SASLprep leaves unchanged for sure: printable ASCII. */
bool scram_can_prepare(const char *password);
