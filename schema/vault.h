/*
 * schema/vault.h - the passwords of Ansible Vault, and what was opened with them.
 *
 * A password comes from a file, whose text is taken without the blanks around it, or from the
 * environment. Nothing is ever executed: a password file that could be is refused. A text is opened
 * when it is first asked for, and once; what came out is overwritten at the end. One thread at a
 * time, but for the texts that it gave, which stay until the end.
 */
#pragma once

#include "base/error.h"
#include "base/text.h"

typedef struct Vault Vault;

Vault *vault_new(void);

/* Overwrites all passwords and texts. For CLEANUP; NULL is a no-op. */
void vault_freep(Vault **vault);

/* Read "FILE" or "ID@FILE". Texts that name an ID are tried with its password first, then with all
 * others in the order in which they were added. Errors: ERROR_INVALID. */
MUST_USE Error *vault_add_file(Vault *vault, const char *option);

/* The password in PGSTEER_VAULT_PASSWORD, and that in the file which ANSIBLE_VAULT_PASSWORD_FILE
 * names. A file that cannot be used is no error until a text cannot be opened without it. */
void vault_add_environment(Vault *vault);

/* The plain text, or NULL with the reason: one clause. `vault` may be NULL, which has no passwords.
 */
const char *vault_open(Vault *vault, const char *text, Text *reason);
