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

enum { RULE_PARAMS_MAX = 12 };

/* One of the four functions is set: asked once, for each cluster, for each host, or for each place
 * in the inventory where one of `params` is defined, with a host that sees it. */
typedef struct Rule {
    const char *codes;    /* those it may report: "E009" or "E013 W013" */
    const char *sentence; /* what must hold */
    void (*all)(const RuleRun *run);
    void (*cluster)(const RuleRun *run, const PgCluster *cluster);
    void (*host)(const RuleRun *run, const Host *host);
    void (*value)(const RuleRun *run, const Host *host, const char *param, const Value *value);
    const char *params[RULE_PARAMS_MAX]; /* for `value`; NULL after the last */
    const char *subject; /* what they are about, where that is said of all of them */
} Rule;

/* All of them, or one. */
void rules_check(const Inventory *inventory, Diagnostics *diagnostics);
void rules_check_one(const Inventory *inventory, const Rule *rule, Diagnostics *diagnostics);

size_t rules_count(void);
const Rule *rules_at(size_t i);
