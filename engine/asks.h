/*
 * engine/asks.h - which source is asked about what, on which node: drawn from the desired
 * resources.
 *
 * Pure; one thread. Lists live in the arena.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/value.h"
#include "schema/contract/domain.h"
#include "schema/contract/registry.h"

typedef struct Asks {
    size_t source_count;
    const Host **hosts; /* those of the domains, in file order */
    size_t host_count;
    size_t domain_count;
    Value **by_host;   /* host_count x source_count: arguments; NULL: not wanted there          */
    Value **by_domain; /* domain_count x source_count: of cluster-wide sources; NULL: not wanted */
} Asks;

/* `sources`: the names of those that may be asked, NULL-terminated; NULL: all that kinds read.
 * Errors: those of Kind.desired. */
MUST_USE Error *asks_collect(Arena *arena, const Registry *registry, const Domain *domains,
                             size_t domain_count, const char *const *sources, Asks *ret);

/* The arguments for source number `source`; NULL when it is not wanted. */
const Value *asks_of_host(const Asks *asks, size_t host, size_t source);
const Value *asks_of_domain(const Asks *asks, size_t domain, size_t source);
