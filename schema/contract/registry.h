/*
 * schema/contract/registry.h - the lists that main() hands to the engine: all that is known of
 * kinds, sources, verbs and order. Explicit lists, no constructors.
 */
#pragma once

#include <stddef.h>

#include "schema/contract/kind.h"
#include "schema/contract/order.h"
#include "schema/contract/source.h"
#include "schema/contract/verb.h"

typedef struct Registry {
    const Kind *const *kinds; /* NULL-terminated lists */
    const Source *const *sources;
    const Verb *const *verbs;
    const OrderRow *order;
    size_t order_count;
} Registry;

const Kind *registry_kind(const Registry *registry, const char *name);
const Source *registry_source(const Registry *registry, const char *name);
const Verb *registry_verb(const Registry *registry, const char *name);

/* Is every row well-formed, does every name lead somewhere? One clause per problem is appended to
 * `out`; returns the count. Run by one test over everything that is registered. */
size_t registry_check(const Registry *registry, Text *out);
