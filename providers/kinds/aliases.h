/*
 * providers/kinds/aliases.h - package aliases as inventories use them, and what Debian calls them.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/value.h"

/* Append to `names` what `alias` stands for, with "$v" and "${pg_version}" replaced by `version`.
 * A word that is no alias is a package name. What is in the list already is not added again. */
void aliases_expand(Arena *arena, const char *alias, const char *version, Value *names);

/* Is the word an alias? */
bool aliases_know(const char *alias);

/* Append a name unless it is there. */
void aliases_add(Arena *arena, const char *name, Value *names);
