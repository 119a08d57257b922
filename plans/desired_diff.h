/*
 * plans/desired_diff.h - what lies between two inventories, as objects: as if the earlier one were
 * what is there. Nothing is read of any node, so what depends on one (memory, versions) is compared
 * as far as the inventories say it. Pure.
 */
#pragma once

#include "plans/diff.h"
#include "schema/contract/registry.h"

/* Of one domain. An object that the later inventory does not mention has a change CHANGE_DELETE
 * without `desired`: a plan would report it, and leave it alone. */
typedef struct DesiredDiff {
    const char *domain; /* name */
    DomainType type;
    const Change *changes;
    size_t change_count;
} DesiredDiff;

/* Domains that differ, those of the later inventory first, in its order. The result points into
 * both inventories. Errors: those of Kind.desired. */
MUST_USE Error *desired_diff(Arena *arena, const Registry *registry, const Inventory *earlier,
                             const Inventory *later, const DesiredDiff **ret, size_t *ret_count);
