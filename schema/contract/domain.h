/*
 * schema/contract/domain.h - the unit of partition: what is observed, planned and applied apart.
 *
 * Edges between actions are free inside a domain; between domains there are only milestones
 * (contract/order.h). A node belongs to its node domain and to the etcd, cluster or proxy domains
 * whose members run on it. Immutable; lives in the arena of the run.
 */
#pragma once

#include <stddef.h>

#include "schema/inventory.h"

typedef enum DomainType {
    DOMAIN_INFRA,   /* package repository, certificate authority */
    DOMAIN_NODE,    /* one machine                                */
    DOMAIN_ETCD,    /* one etcd cluster                           */
    DOMAIN_CLUSTER, /* one PostgreSQL cluster                     */
    DOMAIN_TYPE_COUNT
} DomainType;

typedef struct Domain {
    DomainType type;
    const char *name;  /* "infra", "pg-test-1", "etcd", "pg-test" */
    const char *block; /* heading under which a plan shows it: a node is shown with its cluster */
    const Inventory *inventory;
    const Host *const *hosts; /* members in order of sequence number */
    size_t host_count;
    const PgCluster *cluster; /* DOMAIN_CLUSTER only */
} Domain;

/* "infra", "node", "etcd", "cluster". */
const char *domain_type_name(DomainType type);

/* All domains that the inventory declares: infra (without such a group: the first member of etcd,
 * which then holds the certificate authority), nodes in file order, etcd, clusters. */
size_t domains_of(Arena *arena, const Inventory *inventory, const Domain **ret_domains);
