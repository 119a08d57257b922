#include "schema/vault.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/vault_text.h"
#include "schema/secret_file.h"

typedef struct Password {
    const char *id; /* "": none */
    char *text;
} Password;

/* What became of a text. */
typedef struct Opened {
    char *plain; /* NULL: it could not be opened */
    size_t room;
    const char *reason;
} Opened;

struct Vault {
    Arena *arena;
    Password *passwords;
    size_t count, capacity;
    const char *unusable; /* why a file of the environment is not among them; NULL: it is */
    Map *opened;          /* text as written -> Opened */
};

Vault *vault_new(void)
{
    Arena *arena = arena_new();
    Vault *vault = ARENA_NEW(arena, Vault);
    vault->arena = arena;
    vault->opened = map_new(arena);
    return vault;
}

void vault_freep(Vault **vault)
{
    Vault *old = *vault;
    *vault = NULL;
    if (!old)
        return;
    for (size_t i = 0; i < old->count; i++)
        cleanse(old->passwords[i].text, strlen(old->passwords[i].text));
    for (size_t i = 0; i < map_count(old->opened); i++) {
        const Opened *opened = map_value_at(old->opened, i);
        if (opened->plain)
            cleanse(opened->plain, opened->room);
    }
    arena_free(old->arena);
}

static void add_password(Vault *vault, const char *id, const char *text)
{
    Password password = {id, arena_strdup(vault->arena, text)};
    ARENA_PUSH(vault->arena, vault->passwords, vault->count, vault->capacity, password);
}

static bool add_file(Vault *vault, const char *id, const char *path, Text *reason)
{
    char buffer[SECRET_MAX_BYTES + 2];
    text_addf(reason, "the vault password file '%s' ", path);
    bool fine = secret_file_read(path, SECRET_FILE_PASSWORD, buffer, reason);
    if (fine)
        add_password(vault, id, buffer);
    cleanse(buffer, sizeof(buffer));
    return fine;
}

/* ID of "ID@FILE"; a path may hold an @ after a slash. */
static const char *cut_id(Arena *arena, const char **option)
{
    size_t length = strcspn(*option, "@/");
    if ((*option)[length] != '@')
        return "";
    const char *id = arena_strndup(arena, *option, length);
    *option += length + 1;
    return id;
}

Error *vault_add_file(Vault *vault, const char *option)
{
    CLEANUP(text_release) Text reason = TEXT_INIT;
    const char *id = cut_id(vault->arena, &option);
    if (!add_file(vault, id, option, &reason))
        return error_new(ERROR_INVALID, "%s", text_get(&reason));
    return NULL;
}

static const char *environment(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): nobody calls setenv */
    return value && *value ? value : NULL;
}

void vault_add_environment(Vault *vault)
{
    const char *password = environment("PGSTEER_VAULT_PASSWORD");
    const char *path = environment("ANSIBLE_VAULT_PASSWORD_FILE");
    if (password)
        add_password(vault, "", password);
    CLEANUP(text_release) Text reason = TEXT_INIT;
    if (path && !add_file(vault, "", path, &reason))
        vault->unusable = text_copy(&reason, vault->arena);
}

static void say_unopened(const Vault *vault, const char *id, Text *reason)
{
    bool has_any = vault && vault->count > 0;
    text_add(reason, !has_any            ? "is encrypted, and there is no vault password"
                     : vault->count == 1 ? "does not open with the vault password"
                                         : "does not open with any of the vault passwords");
    if (has_any && *id)
        text_addf(reason, " (its vault ID is %s)", id);
    text_add(reason, has_any ? ": another one is right, or it was changed" : "");
    if (vault && vault->unusable)
        text_addf(reason, "; %s", vault->unusable);
}

static bool try_passwords(const Vault *vault, const VaultText *text, bool same_id, char *plain,
                          size_t *length)
{
    for (size_t i = 0; i < vault->count; i++) {
        const Password *password = &vault->passwords[i];
        bool is_same = *text->id && strcmp(password->id, text->id) == 0;
        if (is_same == same_id &&
            vault_text_open(text, password->text, strlen(password->text), plain, length))
            return true;
    }
    return false;
}

static void open_text(const Vault *vault, const VaultText *text, Opened *opened, Text *reason)
{
    size_t length = 0;
    opened->room = text->cipher_length + 1;
    opened->plain = arena_alloc(vault->arena, opened->room);
    bool fits = try_passwords(vault, text, true, opened->plain, &length) ||
                try_passwords(vault, text, false, opened->plain, &length);
    if (!fits)
        say_unopened(vault, text->id, reason);
    else
        fits = secret_check_text(opened->plain, length, reason);
    if (fits)
        return;
    cleanse(opened->plain, opened->room);
    opened->plain = NULL;
}

static Opened *remember(Vault *vault, const char *text)
{
    Opened *opened = ARENA_NEW(vault->arena, Opened);
    map_set(vault->opened, arena_strdup(vault->arena, text), opened);
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    CLEANUP(text_release) Text reason = TEXT_INIT;
    VaultText parsed;
    CLEANUP(error_freep) Error *error = vault_text_parse(scratch, text, &parsed);
    if (error)
        text_add(&reason, error->message);
    else
        open_text(vault, &parsed, opened, &reason);
    opened->reason = text_copy(&reason, vault->arena);
    return opened;
}

const char *vault_open(Vault *vault, const char *text, Text *reason)
{
    if (!vault) {
        say_unopened(NULL, "", reason);
        return NULL;
    }
    const Opened *opened = map_get(vault->opened, text);
    if (!opened)
        opened = remember(vault, text);
    if (!opened->plain)
        text_add(reason, opened->reason);
    return opened->plain;
}
