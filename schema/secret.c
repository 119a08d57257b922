#include "schema/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "schema/secret_file.h"

Secret *secret_new(Arena *arena, SecretForm form, const char *text, const Origin *origin)
{
    Secret *secret = ARENA_NEW(arena, Secret);
    *secret = (Secret){.form = form, .text = arena_strdup(arena, text), .origin = *origin};
    if (form == SECRET_FILE)
        secret->buffer = arena_alloc(arena, SECRET_MAX_BYTES + 2);
    return secret;
}

static const char *env_text(const Secret *secret, Text *reason)
{
    const char *value = getenv(secret->text); /* NOLINT(concurrency-mt-unsafe): nobody sets it */
    text_addf(reason, "is to come from the environment: %s ", secret->text);
    if (value)
        return secret_check_text(value, strlen(value), reason) ? value : NULL;
    text_add(reason, "is not set");
    return NULL;
}

/* What could not be read is tried again the next time. */
static const char *file_text(Secret *secret, Text *reason)
{
    text_addf(reason, "is to come from a file: '%s' ", secret->text);
    if (!secret->is_read)
        secret->is_read = secret_file_read(secret->text, SECRET_FILE_TEXT, secret->buffer, reason);
    return secret->is_read ? secret->buffer : NULL;
}

static const char *find_text(Secret *secret, const SecretKeys *keys, Text *reason)
{
    const char *text = secret->text;
    switch (secret->form) {
    case SECRET_PLAIN:
        return text;
    case SECRET_ENV:
        return env_text(secret, reason);
    case SECRET_FILE:
    case SECRET_VAULT:
        break;
    }
    pthread_mutex_lock(keys->lock);
    text = secret->form == SECRET_FILE ? file_text(secret, reason)
                                       : vault_open(keys->vault, text, reason);
    pthread_mutex_unlock(keys->lock);
    return text;
}

const char *secret_text(Secret *secret, const SecretKeys *keys, Text *reason)
{
    text_clear(reason);
    const char *text = find_text(secret, keys, reason);
    if (text)
        text_clear(reason);
    return text;
}

bool secret_fits(const SecretKeys *keys, const char *plain, const char *stored,
                 const char *role_name)
{
    if (strcmp(stored, plain) == 0)
        return true;
    return !scram_is_verifier(plain) && known_passwords_fit(keys->known, stored, plain, role_name);
}

const char *secret_source(Arena *arena, const Secret *secret)
{
    switch (secret->form) {
    case SECRET_ENV:
        return arena_printf(arena, "the environment variable %s", secret->text);
    case SECRET_FILE:
        return arena_printf(arena, "the file %s", secret->text);
    case SECRET_VAULT:
        return "a !vault value";
    case SECRET_PLAIN:
        break;
    }
    return secret->origin.line > 0 ? "plain text" : "well known: it is the default";
}

const char *secret_problem(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return "holds a line break or another control character";
    }
    return NULL;
}
