/*
 * tests/unit/rehearsal.h - the real engine on the simulated fleet: observe, plan, apply.
 */
#pragma once

#include "engine/executor.h"
#include "engine/observe.h"
#include "plans/plan.h"
#include "providers/sim/sim.h"

/* The text of an inventory: a node of infra, and three of etcd and a cluster, with more `vars`. */
#define REHEARSAL_FLEET(vars)                                                                      \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 }, 10.10.10.12: { etcd_seq: 2 },"             \
    " 10.10.10.13: { etcd_seq: 3 } } }\n"                                                          \
    "    pg-test:\n"                                                                               \
    "      vars:\n"                                                                                \
    "        pg_cluster: pg-test\n" vars                                                           \
    "        pg_users: [ { name: app, password: DBUser.App, roles: [dbrole_readwrite] } ]\n"       \
    "        pg_databases: [ { name: app, owner: app, schemas: [app] } ]\n"                        \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "        10.10.10.13: { pg_seq: 3, pg_role: replica }\n"                                       \
    "  vars:\n"                                                                                    \
    "    admin_ip: 10.10.10.10\n"                                                                  \
    "    pg_version: 15\n"

typedef struct Rehearsal {
    Arena *arena;
    Simulation sim;
    const Inventory *inventory;
    const Domain *domains;
    size_t domain_count;
    Observation *observation;
    Plan *plan;
    Execution *execution;
} Rehearsal;

/* A fleet of bare nodes for the hosts of this inventory, which must be without errors. */
void rehearsal_begin(Rehearsal *it, uint64_t seed, const char *text);
void rehearsal_end(Rehearsal *it);

/* The same fleet under another inventory; new hosts are bare. */
void rehearsal_load(Rehearsal *it, const char *text);

/* The plan is verified, too. */
void rehearsal_plan(Rehearsal *it);

/* The same, of what may be refused: ERROR_REFUSED says why, and there is no plan. */
MUST_USE Error *rehearsal_try_plan(Rehearsal *it);

/* Carry the plan out; the number of actions that were not done, each with its reason in *ret_why
 * (may be NULL). */
size_t rehearsal_apply(Rehearsal *it, const char **ret_why);

/* A new plan has nothing to do, and everything was read. */
bool rehearsal_is_done(Rehearsal *it);

/* What the last plan would do, a line each. */
const char *rehearsal_rest(const Rehearsal *it);
