/*
 * tests/unit/fleet.h - nodes made of facts: bare at first, then whatever effects have made of them.
 *
 * Knows as much of nodes and etcd as the kinds of infra, nodes and etcd ask about; it is no model
 * of PostgreSQL. fleet_apply() carries out a plan in order and demands of each action that its
 * pre-checks hold before and its post-checks after.
 */
#pragma once

#include "base/arena.h"
#include "plans/plan.h"
#include "schema/inventory.h"

enum { FLEET_CLOCK_S = 1700000000 }; /* what every node thinks it is */

/* A node of infra, and three of etcd and a cluster. */
#define HOSTS                                                                                      \
    "all:\n"                                                                                       \
    "  children:\n"                                                                                \
    "    infra: { hosts: { 10.10.10.10: { infra_seq: 1, nodename: infra } } }\n"                   \
    "    etcd: { hosts: { 10.10.10.11: { etcd_seq: 1 }, 10.10.10.12: { etcd_seq: 2 },"             \
    " 10.10.10.13: { etcd_seq: 3 } } }\n"                                                          \
    "    pg-test:\n"                                                                               \
    "      vars: { pg_cluster: pg-test }\n"                                                        \
    "      hosts:\n"                                                                               \
    "        10.10.10.11: { pg_seq: 1, pg_role: primary }\n"                                       \
    "        10.10.10.12: { pg_seq: 2, pg_role: replica }\n"                                       \
    "        10.10.10.13: { pg_seq: 3, pg_role: replica }\n"                                       \
    "  vars:\n"                                                                                    \
    "    admin_ip: 10.10.10.10\n"                                                                  \
    "    pg_version: 15\n"

#define INFRA "10.10.10.10"
#define FIRST "10.10.10.11"
typedef struct Fleet {
    Arena *arena;
    const Inventory *inventory;
    const Domain *domains;
    size_t domain_count;
    Registry registry; /* without the kinds of PostgreSQL clusters */
    Facts *facts;
    Value *etcd; /* shared by all members: {members, users, roles, auth_enabled} */
} Fleet;

/* Bare nodes; the inventory must be without errors. */
Fleet *fleet_bare(Arena *arena, const char *inventory);

/* The same nodes under another inventory. */
void fleet_set_inventory(Fleet *fleet, const char *inventory);

/* What a source said about a host, for a test to change. */
Value *fleet_fact(Fleet *fleet, const char *source, const char *host);

/* A map inside such a reading, made if it is not there. */
Value *fleet_entry(Fleet *fleet, const char *source, const char *host, const char *name);

/* The node does not answer any more. */
void fleet_lose(Fleet *fleet, const char *host);

Plan *fleet_plan(Fleet *fleet);

/* The plan for this target and what it needs. */
Plan *fleet_plan_for(Fleet *fleet, const char *target);

void fleet_perform(Fleet *fleet, const Effect *effect);
void fleet_apply(Fleet *fleet, const Plan *plan);

/* The action of that address, or the one that carries out its change with others; fails the test if
 * there is none. */
const Action *fleet_action(const Plan *plan, const char *address);

/* Does `after` wait for `before`, directly or through others? Addresses. */
bool fleet_waits(const Plan *plan, const char *after, const char *before);

/* There is nothing to do, and nothing that is not known. */
void fleet_expect_nothing(Fleet *fleet);

/* Nothing is planned for that address, for a reason that contains this. */
void fleet_expect_withheld(Fleet *fleet, const char *address, const char *reason);

/* The effects of an action, one a line: name and arguments as JSON. */
const char *fleet_effects(Fleet *fleet, const Action *action);

/* Texts of a list with blanks between. */
const char *fleet_words(Arena *arena, const Value *list);

/* The change of that address in the plan's blocks, or NULL. */
const Change *fleet_change(const Plan *plan, const char *address);

/* The desired or observed resource of that address; NULL if there is none. */
const Resource *fleet_desired(Fleet *fleet, const char *address);
const Resource *fleet_observed(Fleet *fleet, const char *address);

/* All as the inventory wants it. */
Fleet *fleet_made(void **state, const char *inventory);

/* One thing differs: exactly this action (and what goes with it) is planned, and heals it. */
void fleet_expect_heals(Fleet *fleet, const char *address, const char *verb, const char *effects);

/* An entry of a reading that must be there, to be changed. */
Value *fleet_known(Fleet *fleet, const char *source, const char *host, const char *name);
