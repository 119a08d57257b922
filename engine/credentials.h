/*
 * engine/credentials.h - the text behind each secret address of a plan.
 *
 * Most addresses are the inventory's (schema/inventory.h). "scram|CLUSTER|ROLE|ADDRESS" is the
 * SCRAM verifier of the password behind ADDRESS: the one that the cluster has already, if it
 * belongs to that password, so that the catalog and every pooler's user list stay byte for byte the
 * same (PgBouncer logs in with it); else one made once for this run. Nothing is kept beyond the
 * arena. One thread.
 */
#pragma once

#include "schema/contract/facts.h"
#include "schema/contract/registry.h"
#include "schema/contract/world.h"
#include "schema/inventory.h"

typedef struct Credentials Credentials;

/* `facts` may be NULL (a saved plan): a cluster's roles are then read through `world` when first
 * needed. Texts that are not at hand are reported to `diagnostics` (E055). */
Credentials *credentials_new(Arena *arena, const Inventory *inventory, const Facts *facts,
                             World *world, const Registry *registry, Diagnostics *diagnostics);

/* A SecretSource; `context` is the Credentials. The text, or NULL. */
const char *credentials_text(void *context, const char *address);
