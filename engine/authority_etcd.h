/*
 * engine/authority_etcd.h - leases in etcd, below /pgsteer/leases/, for all runners of an
 * inventory.
 *
 * Asked through etcd's JSON gateway (etcd documentation, "gRPC gateway": /v3/auth/authenticate,
 * /v3/kv/range, /v3/kv/txn; keys and values in base64, numbers of 64 bits as texts), as the user
 * pgsteer, who may read and write there and nowhere else. The version of a lease is the
 * mod_revision of its key; a change compares them all and writes in one transaction. etcd takes 128
 * operations in one (--max-txn-ops): more leases than that go in several, in order, and when a
 * later one is refused the earlier ones are put back.
 *
 * Any thread. A member that does not answer is passed over for the next one; how often a request
 * whose answer was lost took effect is told by the next look, as for a change of somebody else.
 */
#pragma once

#include "engine/lease_authority.h"
#include "schema/contract/world.h"

#define LEASE_ETCD_USER "pgsteer"

typedef struct EtcdLeases {
    World *world;             /* with ask_etcd; lives longer */
    const char *const *hosts; /* addresses of members */
    size_t host_count;
    const char *password;
    const StateDir *runners;
} EtcdLeases;

/* Copies. */
LeaseAuthority *lease_authority_etcd(const EtcdLeases *settings);
