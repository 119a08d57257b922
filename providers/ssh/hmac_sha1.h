/*
 * providers/ssh/hmac_sha1.h - the hash of hashed known_hosts names; the only user of libcrypto in
 * the providers. Thread-safe.
 */
#pragma once

#include <stddef.h>

enum { SHA1_BYTES = 20 };

void hmac_sha1(const unsigned char key[SHA1_BYTES], const void *bytes, size_t length,
               unsigned char ret_digest[SHA1_BYTES]);
