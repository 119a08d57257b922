/*
 * schema/rules_internal.h - what the rules*.c files share.
 */
#pragma once

#include "base/attr.h"
#include "schema/inventory_internal.h"
#include "schema/rules.h"

struct RuleRun {
    const Inventory *inventory;
    Diagnostics *diagnostics;
    Arena *scratch; /* gone after the run */
};

/* The rows of each file, joined in rules.c. */
typedef struct RuleTable {
    const Rule *rows;
    size_t count;
} RuleTable;

extern const RuleTable rules_identity, rules_infra;

/* Where a parameter was written, else where the host was. */
const Origin *rule_origin(const Host *host, const char *param);

/* Where the value of a parameter, or a value inside one, was written, else the parameter's key. */
const Origin *rule_value_origin(const Host *host, const char *param, const Value *value);

/* The value as a text, "?" for a list or map; holes stay holes. */
const char *rule_value_text(const RuleRun *run, const Value *value);
