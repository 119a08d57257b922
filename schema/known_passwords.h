/*
 * schema/known_passwords.h - which passwords are known to belong to which SCRAM verifiers.
 *
 * Trying a password on a verifier takes half a millisecond (PBKDF2), thousands of times in a fleet
 * in which nothing has changed. What was tried once, and fitted, is remembered as
 * HMAC-SHA-256(key, verifier, password), cut to 128 bits, under a random key; what did not fit is
 * tried again. Neither password nor verifier is in the file.
 *
 * Whoever reads the file, which has its key, and has a verifier too, can try guesses of its
 * password at the price of one HMAC instead of 4096; without the verifier the file tells nothing.
 * So it has mode 0600 and belongs in no repository and no backup that others read.
 *
 * Safe from any thread, but for reading and writing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct KnownPasswords KnownPasswords;

/* Knows nothing yet. `today` in days since 1970. */
KnownPasswords *known_passwords_new(int64_t today);

/* Overwrites the key. For CLEANUP; NULL is a no-op. */
void known_passwords_freep(KnownPasswords **known);

/* What a file has, with its key, instead of what was known; nothing, with a new key, if there is
 * none or it is damaged. What fitted nothing for 30 days is left out. `path` is borrowed. */
void known_passwords_read(KnownPasswords *known, const char *path);

/* Where it was read, if at all, and there is something to add or to leave out. Errors: ERROR_LOCAL.
 */
MUST_USE Error *known_passwords_write(KnownPasswords *known);

/* scram_matches(), which is asked only if it is not known. `known` may be NULL. */
bool known_passwords_fit(KnownPasswords *known, const char *verifier, const char *password,
                         const char *role_name);
