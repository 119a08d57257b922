/*
 * providers/registry.h - all that is known of kinds, sources, verbs and order, for main().
 *
 * The lists are kinds/registry.c, sources/registry.c, verbs/registry.c and order.c.
 */
#pragma once

#include "schema/contract/registry.h"

extern const Registry pgsteer_registry;
