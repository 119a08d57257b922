/*
 * plans/parts.h - domains that have nothing to do with each other: what may be read and looked at
 * one after the other.
 *
 * Domains that share a node are one part. All of infra and etcd, with what shares nodes with them,
 * is part 0, on which all others lean (contract/order.h); it is empty where there is none.
 */
#pragma once

#include "schema/contract/domain.h"

typedef struct Parts {
    size_t *part_of; /* by domain */
    size_t count;    /* part 0 included; numbered as their first domains follow each other */
} Parts;

Parts parts_of(Arena *arena, const Domain *domains, size_t count);
