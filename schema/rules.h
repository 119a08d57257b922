/*
 * schema/rules.h - what must hold between the parts of an inventory: one row a rule.
 *
 * Codes are stable. Rules read a resolved inventory and report everything they find; none stops
 * another.
 */
#pragma once

#include <stddef.h>

#include "schema/diagnostics.h"
#include "schema/inventory.h"

typedef struct RuleRun RuleRun;

/* One of the three functions is set: asked once, for each cluster, or for each host. */
typedef struct Rule {
    const char *codes;    /* those it may report: "E009" or "E013 W013" */
    const char *sentence; /* what must hold */
    void (*all)(const RuleRun *run);
    void (*cluster)(const RuleRun *run, const PgCluster *cluster);
    void (*host)(const RuleRun *run, const Host *host);
} Rule;

void rules_check(const Inventory *inventory, Diagnostics *diagnostics);

size_t rules_count(void);
const Rule *rules_at(size_t i);
