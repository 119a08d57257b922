/* What is behind the holes of an inventory. */
#include <string.h>

#include "base/text.h"
#include "schema/inventory_internal.h"
#include "schema/inventory_trace.h"

void inventory_use_vault(Inventory *inventory, Vault *vault)
{
    inventory->keys.vault = vault;
}

void inventory_use_known_passwords(Inventory *inventory, KnownPasswords *known)
{
    inventory->keys.known = known;
}

/* The secret that "HOST|PARAM|NAME|FIELD" names when HOST is not the member after which the holes
 * of its cluster are named. */
static Secret *secret_of_lead(const Inventory *inventory, const char *address)
{
    const char *rest = strchr(address, '|');
    if (!rest)
        return NULL;
    CLEANUP(text_release) Text text = TEXT_INIT;
    text_add_bytes(&text, address, (size_t)(rest - address));
    const Host *host = inventory_host(inventory, text_get(&text));
    if (!host)
        return NULL;
    text_clear(&text);
    text_add_bytes(&text, rest + 1, strcspn(rest + 1, "|"));
    if (host_var(host, text_get(&text)) != host_var(host->lead, text_get(&text)))
        return NULL;
    text_clear(&text);
    text_addf(&text, "%s%s", host->lead->address, rest);
    return map_get(inventory->secrets, text_get(&text));
}

static Secret *find_secret(const Inventory *inventory, const char *address)
{
    Secret *secret = map_get(inventory->secrets, address);
    return secret ? secret : secret_of_lead(inventory, address);
}

const char *inventory_secret_source(Arena *arena, const Inventory *inventory, const char *address,
                                    const Origin **ret_origin)
{
    const Secret *secret = find_secret(inventory, address);
    *ret_origin = secret && secret->origin.line > 0 ? &secret->origin : NULL;
    return secret ? secret_source(arena, secret) : NULL;
}

const char *inventory_secret_told(const Inventory *inventory, const char *address, Text *reason)
{
    Secret *secret = find_secret(inventory, address);
    if (secret)
        return secret_text(secret, &inventory->keys, reason);
    text_clear(reason);
    text_add(reason, "is not in the inventory any more");
    return NULL;
}

static const char *identity_of(Arena *arena, const Inventory *inventory, const Secret *secret,
                               const char *address)
{
    const char *opened = secret->form == SECRET_VAULT ? inventory_secret(inventory, address) : NULL;
    return opened ? arena_printf(arena, "%d|%s", SECRET_PLAIN, opened)
                  : arena_printf(arena, "%d|%s", (int)secret->form, secret->text);
}

const char *inventory_secret_identity(Arena *arena, const Inventory *inventory, const char *address)
{
    const Secret *secret = NULL;
    const char *rest = address;
    while (!(secret = find_secret(inventory, rest)) && strchr(rest, '|'))
        rest = strchr(rest, '|') + 1;
    if (!secret)
        return address;
    return arena_printf(arena, "%.*s%s", (int)(rest - address), address,
                        identity_of(arena, inventory, secret, rest));
}

const char *inventory_secret(const Inventory *inventory, const char *address)
{
    CLEANUP(text_release) Text reason = TEXT_INIT;
    return inventory_secret_told(inventory, address, &reason);
}

bool inventory_secret_fits(const Inventory *inventory, const char *address, const char *stored,
                           const char *role_name)
{
    CLEANUP(text_release) Text reason = TEXT_INIT;
    Secret *secret = find_secret(inventory, address);
    const char *plain = secret ? secret_text(secret, &inventory->keys, &reason) : NULL;
    return plain && stored && secret_fits(&inventory->keys, plain, stored, role_name);
}

/* "HOST|pg_users|app|password" as people say it: "pg_users app password". */
static void add_spoken(Text *text, const char *address)
{
    const char *rest = strchr(address, '|');
    for (const char *c = rest ? rest + 1 : address; *c; c++)
        text_add_char(text, (char)(*c == '|' ? ' ' : *c));
}

bool inventory_secret_is_missing(const Inventory *inventory, const char *address, Text *ret_name,
                                 Text *ret_reason, const Origin **ret_origin)
{
    Secret *secret = find_secret(inventory, address);
    while (!secret && (address = strchr(address, '|')))
        secret = find_secret(inventory, ++address);
    if (!secret || secret_text(secret, &inventory->keys, ret_reason))
        return false;
    text_clear(ret_name);
    add_spoken(ret_name, address);
    *ret_origin = secret->origin.line > 0 ? &secret->origin : NULL;
    return true;
}

static const char *advice_for(const Secret *secret)
{
    static const char *const advice[] = {
        [SECRET_PLAIN] = NULL,
        [SECRET_ENV] = NULL,
        [SECRET_FILE] = "A relative path begins at the folder of the file that names it.",
        [SECRET_VAULT] = "Give -vault-password-file=FILE, or set PGSTEER_VAULT_PASSWORD or\n"
                         "ANSIBLE_VAULT_PASSWORD_FILE.",
    };
    return secret ? advice[secret->form] : "The plan is older than the inventory: make a new one.";
}

/* Many hosts see one definition. */
static bool is_reported(Diagnostics *diagnostics, const Secret *secret, const char *message)
{
    for (size_t i = 0; i < diagnostics_count(diagnostics); i++) {
        const Diagnostic *known = diagnostics_at(diagnostics, i);
        bool is_here =
            !secret || known->place_count == 0 || known->places[0].line == secret->origin.line;
        if (is_here && strcmp(known->message, message) == 0)
            return true;
    }
    return false;
}

const char *inventory_secret_needed(const Inventory *inventory, const char *address,
                                    Diagnostics *diagnostics)
{
    CLEANUP(text_release) Text reason = TEXT_INIT;
    CLEANUP(text_release) Text message = TEXT_INIT;
    const char *text = inventory_secret_told(inventory, address, &reason);
    const char *problem = text ? secret_problem(text) : text_get(&reason);
    if (!problem)
        return text;
    const Secret *secret = find_secret(inventory, address);
    add_spoken(&message, address);
    text_addf(&message, " %s", problem);
    if (!is_reported(diagnostics, secret, text_get(&message)))
        diagnostics_add(diagnostics, text ? "E031" : "E055", secret ? &secret->origin : NULL,
                        text ? NULL : advice_for(secret), "%s", text_get(&message));
    return NULL;
}
