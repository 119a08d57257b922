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
    Map *seen;      /* what the current rule has said; see rule_first() */
    const Rule *rule;
};

/* The rows of each file, joined in rules.c. */
typedef struct RuleTable {
    const Rule *rows;
    size_t count;
} RuleTable;

extern const RuleTable rules_identity, rules_upstream, rules_infra, rules_roles, rules_databases,
    rules_libraries, rules_unmet, rules_ports, rules_addresses, rules_access, rules_hba,
    rules_settings, rules_dcs, rules_capacity, rules_habits, rules_leases;

/* Where a parameter was written, else where the host was. */
const Origin *rule_origin(const Host *host, const char *param);

/* Where the value of a parameter, or a value inside one, was written, else the parameter's key. */
const Origin *rule_value_origin(const Host *host, const char *param, const Value *value);

/* "file:line:column", for maps. */
const char *rule_place(Arena *arena, const Origin *origin);

/* Was the parameter written for a host, be it wrongly? Then its type was complained about. */
bool rule_is_written(const Host *host, const char *param);

/* Is this the first time that the rule asks with this key? */
bool rule_first(const RuleRun *run, const char *key);

/* The value that the name stood for before, or NULL: then it stands for this one from now on. */
const Value *rule_remember(const RuleRun *run, Map *map, const char *name, const Value *value);

/* Is it a role that a host's cluster has: system, predefined or its own? */
bool rule_role_exists(const Host *host, const char *name);

/* Does the inventory say that it creates its cluster? */
bool rule_is_primary(const Host *host);

/* Report settings, the keys of a map in a parameter, that the version of a cluster does not have.
 */
void rule_check_settings(const RuleRun *run, const Host *host, const char *param,
                         const Value *settings);

/* Is a user or database reached through the pool? `fallback` says so where nothing is written. */
bool rule_is_pooled(const Value *entry, bool fallback);
