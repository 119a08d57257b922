/*
 * providers/real/node_context.h - what work on one node needs: the session and the node's own facts
 * from the inventory.
 */
#pragma once

#include "providers/real/pool.h"
#include "schema/contract/fence.h"

typedef struct NodeContext {
    SessionPool *pool; /* for work that involves another node */
    Loan *loan;
    const char *host;    /* address */
    const char *run;     /* name of this run */
    const char *dbsu;    /* the database superuser, a user of the operating system */
    const char *monitor; /* the role that monitoring and the pooler log in as */
    int pg_port;
    int rest_port;
    int etcd_port;
    bool rest_is_https;
    const Fence *fence; /* of the effects; NULL: nobody asks, or nothing is changed */
    int64_t deadline_ms;
    Arena *arena;
} NodeContext;
