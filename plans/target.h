/*
 * plans/target.h - what -target and -exclude name: addresses, clusters, nodes, or globs of them.
 */
#pragma once

#include "schema/contract/change.h"

/* Does one of the patterns (NULL-terminated) name the domain as a whole: its name, its block, or
 * the address of its node? */
bool target_names_domain(const char *const *patterns, const Domain *domain);

/* Does one name the change: its domain, or its address, scope or node? */
bool target_names_change(const char *const *patterns, const Change *change);
