/*
 * schema/secret.h - where the text behind a hole comes from.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>

#include "base/arena.h"
#include "schema/known_passwords.h"
#include "schema/origin.h"
#include "schema/vault.h"

typedef enum SecretForm {
    SECRET_PLAIN, /* written in the inventory     */
    SECRET_ENV,   /* {from_env: NAME}             */
    SECRET_FILE,  /* {from_file: PATH}, read when first asked for; one end of a line is cut */
    SECRET_VAULT, /* !vault, opened when first asked for */
} SecretForm;

typedef struct Secret {
    SecretForm form;
    const char *text; /* the text, the variable, the path, or what is encrypted */
    Origin origin;    /* line 0: a default */
    char *buffer;     /* SECRET_FILE: what was read, once is_read */
    bool is_read;
} Secret;

/* What is needed to look behind one. */
typedef struct SecretKeys {
    pthread_mutex_t *lock; /* of files and of the vault */
    Vault *vault;          /* or NULL */
    KnownPasswords *known; /* or NULL */
} SecretKeys;

Secret *secret_new(Arena *arena, SecretForm form, const char *text, const Origin *origin);

/* The text; or NULL, and `reason` is one clause that follows the name of the parameter ("is to come
 * from the environment: NAME is not set"). Safe from any thread with the same keys. */
const char *secret_text(Secret *secret, const SecretKeys *keys, Text *reason);

/* Does what a server has stored for a role fit its password: a verifier of it, or the same text?
 * Any thread. */
bool secret_fits(const SecretKeys *keys, const char *plain, const char *stored,
                 const char *role_name);

/* Why no file, statement or protocol could carry it, one clause that follows the name of the
 * parameter; NULL: they can. */
const char *secret_problem(const char *text);

/* What it is, in words, without a look behind it: "the file /etc/pw". */
const char *secret_source(Arena *arena, const Secret *secret);
