/*
 * schema/rules_hba.h - what rules_hba.c and rules_hba_reach.c share.
 */
#pragma once

#include "schema/hba_match.h"
#include "schema/rules_internal.h"

/* The file of a host, as PostgreSQL or PgBouncer reads it. */
typedef struct HbaView {
    const Host *host;
    const Host *other; /* one more that has the same file; NULL: none */
    const HbaRoles *roles;
    const char *common; /* hba_common_shape() */
    HbaTarget target;
    HbaEntries entries;
} HbaView;

/* Most clusters share most of their rules: each list is understood once. */
typedef struct HbaCache HbaCache;

HbaCache *hba_cache_new(Arena *arena, const Inventory *inventory);

/* Surely equal files of two members of a cluster: what they are made of is written once for both.
 */
bool hba_are_alike(HbaCache *cache, const Host *a, const Host *b);

/* What the lines of all lists of a host depend on, and what its files do: hosts of a cluster with
 * equal shapes have equal files. */
const char *hba_common_shape(Arena *arena, const Host *host);
const char *hba_shape(HbaCache *cache, Arena *arena, const Host *host, const char *common);

/* Fill in the entries. False: a rule has a mistake, so what the file will be is not known. */
bool hba_view_read(HbaCache *cache, Arena *arena, HbaView *view);

/* Who must get through this file: the superuser, replicas, the monitor, the administrator, the
 * pool and its users. */
void rule_hba_reach(const RuleRun *run, Arena *arena, const PgCluster *cluster,
                    const HbaView *view);
