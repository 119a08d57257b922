/*
 * schema/hba_match.h - which line of an HBA file decides about a connection.
 *
 * As PostgreSQL reads the file (documentation, "The pg_hba.conf File"): the first line that fits
 * decides, and where none fits the answer is no. "all" is no replication, "+role" is everybody who
 * is in the role directly or not. Who is in a role is what pg_default_roles and pg_users say. Where
 * only the running server could tell (included files, regular expressions, host names), the answer
 * is "unknown", never a guess.
 *
 * Pure; everything lives in the arena that was given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "schema/hba.h"

typedef struct HbaRoles HbaRoles;

HbaRoles *hba_roles(Arena *arena, const Host *host);

/* Is `user` in `role`, through others or because it is that role? */
bool hba_is_member(const HbaRoles *roles, const char *user, const char *role);

/* How a connection comes in; a line is for a set of them. */
enum {
    HBA_OVER_SOCKET = 1,
    HBA_OVER_TCP = 2,
    HBA_OVER_TLS = 4,
    HBA_OVER_GSS = 8,
};

typedef struct HbaConnection {
    unsigned over; /* one of them */
    const char *user;
    const char *database; /* NULL: physical replication */
    const char *address;  /* of the client; NULL with HBA_OVER_SOCKET */
} HbaConnection;

typedef struct HbaEntry HbaEntry;

/* The enabled ones of a host's lines, understood. */
typedef struct HbaEntries {
    const HbaRoles *roles;
    HbaEntry *items;
    size_t count;
} HbaEntries;

HbaEntries hba_entries(Arena *arena, const HbaRoles *roles, const HbaLine *lines, size_t count);

/* Both, by their order; equal ones keep those of `a` in front. */
HbaEntries hba_entries_join(Arena *arena, const HbaRoles *roles, const HbaEntries *a,
                            const HbaEntries *b);

const HbaLine *hba_entry_line(const HbaEntries *entries, size_t i);
const char *hba_entry_method(const HbaEntries *entries, size_t i); /* "reject"; "" if not known */

typedef enum HbaVerdict {
    HBA_NO_LINE,
    HBA_DECIDED,
    HBA_UNKNOWN,
} HbaVerdict;

/* HBA_DECIDED: *ret_by is the line that does. */
HbaVerdict hba_decide(const HbaEntries *entries, const HbaConnection *connection, size_t *ret_by);

/* Do lines of earlier rules take every connection that line `i` is for? *ret_by is one of them, if
 * possible one that asks for something else. */
bool hba_is_covered(const HbaEntries *entries, size_t i, size_t *ret_by);

/* The same method, for the same sort of connections. */
bool hba_asks_the_same(const HbaEntries *entries, size_t i, size_t j);
