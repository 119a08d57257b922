/*
 * providers/real/sql_privileges.h - "GRANT SELECT, INSERT ON TABLES TO app", taken apart: what a
 * user writes into an inventory is never passed on as SQL, only what is known of it.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"

typedef struct DefaultGrant {
    const char **privileges; /* upper case, of the closed list */
    size_t privilege_count;
    const char *objects; /* TABLES, SEQUENCES, FUNCTIONS, TYPES, SCHEMAS */
    char object_letter;  /* pg_default_acl.defaclobjtype */
    const char *grantee; /* a role's name, or "public" */
} DefaultGrant;

/* Errors: ERROR_INVALID with the text. */
MUST_USE Error *default_grant_parse(Arena *arena, const char *text, DefaultGrant *ret);

/* A privilege's name in upper case, or NULL if there is none of that name. */
const char *privilege_find(const char *name);
