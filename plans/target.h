/*
 * plans/target.h - what -target and -exclude name: addresses, clusters, nodes, or globs of them.
 */
#pragma once

#include "schema/contract/change.h"
#include "schema/contract/resource.h"

/* Does one of the patterns (NULL-terminated) name the domain as a whole: its name, its block, or
 * the address of its node? */
bool target_names_domain(const char *const *patterns, const Domain *domain);

/* Does one name the change: its domain, or its address, scope or node? */
bool target_names_change(const char *const *patterns, const Change *change);

/* Which patterns have named something so far; one that names nothing is a slip of the pen. */
typedef struct TargetUse {
    const char *const *patterns; /* NULL-terminated, or NULL */
    bool *is_used;               /* one a pattern */
} TargetUse;

TargetUse target_use_new(Arena *arena, const char *const *patterns);

/* Mark the patterns that name the domain, or one of the set's resources. */
void target_use_domain(const TargetUse *use, const Domain *domain);
void target_use_set(const TargetUse *use, const ResourceSet *set);

/* Errors: ERROR_INVALID naming every pattern that named nothing; `option` is "-target". */
MUST_USE Error *target_use_check(const TargetUse *use, const char *option);
