#include "schema/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Secret *secret_new(Arena *arena, SecretForm form, const char *text, const Origin *origin)
{
    Secret *secret = ARENA_NEW(arena, Secret);
    *secret = (Secret){.form = form, .text = arena_strdup(arena, text), .origin = *origin};
    if (form == SECRET_FILE)
        secret->buffer = arena_alloc(arena, SECRET_FILE_MAX_BYTES + 2);
    return secret;
}

static void stream_close(FILE **stream)
{
    if (*stream)
        fclose(*stream);
}

/* Fill the buffer; it stays empty when the file is not fit. */
static void read_file(Secret *secret)
{
    CLEANUP(stream_close) FILE *stream = fopen(secret->text, "re");
    size_t length = stream ? fread(secret->buffer, 1, SECRET_FILE_MAX_BYTES + 1, stream) : 0;
    if (length > 0 && secret->buffer[length - 1] == '\n')
        length--;
    if (length > SECRET_FILE_MAX_BYTES || memchr(secret->buffer, '\0', length))
        length = 0;
    secret->buffer[length] = '\0';
}

static const char *file_text(Secret *secret, pthread_mutex_t *lock)
{
    pthread_mutex_lock(lock);
    if (!secret->is_read)
        read_file(secret);
    secret->is_read = secret->buffer[0] != '\0'; /* else try again next time */
    const char *text = secret->is_read ? secret->buffer : NULL;
    pthread_mutex_unlock(lock);
    return text;
}

const char *secret_text(Secret *secret, pthread_mutex_t *lock)
{
    switch (secret->form) {
    case SECRET_ENV:
        return getenv(secret->text); /* NOLINT(concurrency-mt-unsafe): nobody calls setenv */
    case SECRET_FILE:
        return file_text(secret, lock);
    case SECRET_PLAIN:
        break;
    }
    return secret->text;
}
