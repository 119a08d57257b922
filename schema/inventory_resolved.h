/*
 * schema/inventory_resolved.h - what counts on hosts in the end: every variable with its value,
 * where it was written, and how an inventory says it that reads back the same.
 *
 * Secrets are "(sensitive value)". Pure.
 */
#pragma once

#include "base/text.h"
#include "schema/inventory.h"

typedef struct ResolvedView {
    const Host *const *hosts; /* of one inventory, in the order in which they are shown */
    size_t host_count;
    bool is_whole;      /* these are all hosts: what counts on each of them stands in all */
    bool with_defaults; /* also what nobody wrote */
} ResolvedView;

/* An inventory with these hosts: groups with the variables that all their members (of these hosts)
 * have from one definition, the rest at each host; "# FILE:LINE" or "# default" behind each. */
void inventory_resolved_yaml(Text *out, const Inventory *inventory, const ResolvedView *view);

/* A list of maps {address, name, cluster, groups, vars: {NAME: {value, file, line, column}}}, or
 * {value, default: true}. */
const Value *inventory_resolved_value(Arena *arena, const ResolvedView *view);
