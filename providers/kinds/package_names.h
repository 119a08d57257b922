/*
 * providers/kinds/package_names.h - which packages a host needs, by what it is for.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"
#include "schema/inventory.h"

/* Names in a fixed order, each once; empty for a host that is for nothing. */
const Value *package_names(Arena *arena, const Host *host);
