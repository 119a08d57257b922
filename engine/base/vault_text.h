/*
 * base/vault_text.h - one text as Ansible Vault encrypts it (versions 1.1 and 1.2, AES256).
 *
 * A header "$ANSIBLE_VAULT;VERSION;AES256[;ID]", then hexadecimal digits of three lines: salt, HMAC
 * and ciphertext, each hexadecimal again. The password gives both keys and the first counter. Pure;
 * any thread.
 */
#pragma once

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"

enum { VAULT_PLAIN_MAX_BYTES = 4096 };

typedef struct VaultText {
    const char *id; /* "": none was given */
    const unsigned char *salt, *hmac, *cipher;
    size_t salt_length;
    size_t cipher_length; /* of the plain text, too, before its padding is cut off */
} VaultText;

/* Errors: ERROR_INVALID, as one clause that follows the name of what is read, and quotes nothing:
 * what is no ciphertext may be a password. */
MUST_USE Error *vault_text_parse(Arena *arena, const char *text, VaultText *ret);

/* Decrypt into room for cipher_length + 1 bytes, with a NUL at the end. False: another password, or
 * the text was changed; nobody can tell which. Takes some milliseconds. */
bool vault_text_open(const VaultText *vault, const char *password, size_t password_length,
                     char *ret_plain, size_t *ret_length);
