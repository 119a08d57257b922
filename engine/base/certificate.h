/*
 * base/certificate.h - what an X.509 certificate says; like digest it knows OpenSSL's libcrypto.
 * Thread-safe. Nothing is verified here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef struct Certificate {
    const char *cn, *issuer; /* the common names of subject and issuer; "": none */
    const char *serial;      /* upper-case hex digits, as openssl prints it */
    int64_t not_after_s;     /* seconds since 1970; 0: not a time */
    const char **sans;       /* "DNS:n1", "IP:10.0.0.1"; other kinds as openssl prints them */
    size_t san_count;
    const char *public_key; /* PEM, as "openssl pkey -pubout" prints it */
} Certificate;

/* The first certificate in a PEM text. False: there is none that can be read. */
bool certificate_read(Arena *arena, const char *pem, size_t length, Certificate *ret);
