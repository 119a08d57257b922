/*
 * schema/contract/order.h - why one action waits for another, as rows with a sentence.
 *
 * A row relates actions of two verbs (or of all verbs of a kind: "role.*"). The sentence is what
 * `explain` prints. Relations inside a domain compare the scopes; a milestone relates domains: all
 * actions of `from` in the other domains that share a host (or that the domain names) come first.
 */
#pragma once

#include "schema/contract/verb.h"

typedef enum OrderRelation {
    ORDER_SAME_HOST,   /* both on one node (also across domains: node -> cluster) */
    ORDER_SAME_SCOPE,  /* the same node, instance or cluster name                 */
    ORDER_SAME_DOMAIN, /* anything in one domain                                   */
    ORDER_ALL,         /* every such action everywhere (infra -> nodes, etcd -> clusters) */
    ORDER_NAMED,       /* `from`'s resource name stands in the list args/<param> of `to` */
    ORDER_HOST_NAMED,  /* `from` is on the node whose address is args/<param> of `to`    */
} OrderRelation;

typedef struct OrderRow {
    const char *from; /* "packages.install", "role.*" */
    const char *to;
    OrderRelation relation;
    const char *param; /* ORDER_NAMED, ORDER_HOST_NAMED */
    const char *sentence;
} OrderRow;
