/*
 * schema/secret.h - where the text behind a hole comes from.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "schema/origin.h"

enum { SECRET_FILE_MAX_BYTES = 4096 };

typedef enum SecretForm {
    SECRET_PLAIN, /* written in the inventory     */
    SECRET_ENV,   /* {from_env: NAME}             */
    SECRET_FILE,  /* {from_file: PATH}, read when first asked for; one newline at the end is cut */
} SecretForm;

typedef struct Secret {
    SecretForm form;
    const char *text; /* the text, the variable, or the path */
    Origin origin;    /* line 0: a default */
    char *buffer;     /* SECRET_FILE: what was read, once is_read */
    bool is_read;
} Secret;

Secret *secret_new(Arena *arena, SecretForm form, const char *text, const Origin *origin);

/* The text, or NULL: no such variable; a file that is not there, is empty, holds a NUL or more
 * than SECRET_FILE_MAX_BYTES. Safe from any thread with the same lock. */
const char *secret_text(Secret *secret, pthread_mutex_t *lock);
