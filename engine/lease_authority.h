/*
 * engine/lease_authority.h - where leases are kept: small texts, one a domain, that change all or
 * none and only if nobody changed them meanwhile.
 *
 * A store knows nothing of what the texts mean; that, and all policy, is engine/lease.c. Which one
 * counts is declared (pgsteer_lease_authority), and none ever stands in for another by itself.
 * Every function may be called from any thread. Errors: ERROR_UNREACHABLE (a store elsewhere does
 * not answer), ERROR_REFUSED (it does not let us), ERROR_LOCAL (disk, permissions).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "engine/state_dir.h"

typedef struct LeaseRecord {
    const char *domain;  /* a word (fence_word) */
    const char *content; /* "" and no version: there is none */
    const char *version; /* of the content; "": there is none */
} LeaseRecord;

typedef struct LeaseAuthority LeaseAuthority;
struct LeaseAuthority {
    const char *name;        /* as it is declared: "local", "etcd", "state" */
    const char *place;       /* for people: a path, "etcd on 10.10.10.10" */
    const StateDir *runners; /* where this runner's runs have their files */
    bool is_shared;          /* by runners whose runs have their files elsewhere */
    void *context;

    /* Fill in what there is of each `domain`. */
    Error *(*read)(LeaseAuthority *authority, Arena *arena, LeaseRecord *records, size_t count);

    /* All that there are, in any order. */
    Error *(*list)(LeaseAuthority *authority, Arena *arena, LeaseRecord **ret, size_t *ret_count);

    /* Write every `content` if every `version` is still what is there, else nothing;
     * *ret_is_done says which. */
    Error *(*swap)(LeaseAuthority *authority, Arena *arena, const LeaseRecord *records,
                   size_t count, bool *ret_is_done);

    void (*free)(LeaseAuthority *authority);
};

/* For CLEANUP; NULL is a no-op. */
void lease_authority_freep(LeaseAuthority **authority);

/* Files of the state directory, DOMAIN.json in leases/: of this runner alone. Files are replaced as
 * a whole, so reading takes no lock; writing holds the one of all leases for milliseconds. */
LeaseAuthority *lease_authority_local(const StateDir *directory);
