/*
 * schema/contract/resource.h - one thing of a kind, as wanted or as seen: the same type.
 *
 * A resource has an address "kind.scope/name" ("role.pg-test/app", "instance.pg-test-1") and one
 * slot per param row of its kind. The state of a slot:
 *
 *   desired   SLOT_UNMANAGED   the inventory does not say: never compared, never changed
 *             SLOT_SET         value
 *             SLOT_LATE        value is VALUE_LATE: made by a named earlier action
 *             (a secret is SLOT_SET with a VALUE_SECRET hole)
 *   observed  SLOT_SET         value is known
 *             SLOT_UNMANAGED   the source does not tell: treated as unknown for this param
 *             SLOT_UNKNOWN     reason in the value's text
 *
 * Resources live in an arena and are immutable once put into a set.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/value.h"
#include "schema/contract/domain.h"
#include "schema/origin.h"

typedef struct Kind Kind;

typedef enum SlotState { SLOT_UNMANAGED, SLOT_SET, SLOT_LATE, SLOT_UNKNOWN } SlotState;

typedef struct Slot {
    SlotState state;
    const Value *value;       /* NULL when unmanaged */
    const Origin *origin;     /* desired, from the inventory; else NULL */
    const char *reason;       /* why this value (a formula, a default); else NULL */
    const Value *key_reasons; /* of a map or settings param: key -> text; or NULL */
} Slot;

/* Does the inventory want it there? */
typedef enum Ensure { ENSURE_PRESENT, ENSURE_ABSENT } Ensure;

typedef struct Resource {
    const Kind *kind;
    const char *address;
    const char *scope; /* the part before '/': node name, instance or cluster */
    const char *name;  /* the part after '/', or "" */
    const char *host;  /* address of the node it lives on; "" for cluster-wide */
    Ensure ensure;     /* desired only */
    Slot *slots;       /* kind->param_count */
    const Origin *origin;
    const char
        *note;   /* one clause for the plan ("first leader", "copied from pg-test-1"); or NULL */
    Value *asks; /* desired only: {source: [arguments]}, see resource_ask(); or NULL */
} Resource;

/* The resources of one kind in one domain. `complete` = the scope was read completely, so what is
 * not in the set is absent; else it is unknown, for `unknown_reason`. Desired sets are complete.
 * A part of a scope can be unknown too: resource_set_unknown(scope). */
typedef struct ResourceSet {
    Arena *arena;
    const Kind *kind;
    const Domain *domain;
    Map *by_address;
    bool for_asking; /* desired: its addresses, hosts and asks are needed; params may be left out */
    bool complete;
    const char *unknown_reason;
    Map *unknown_scopes; /* scope -> reason */
} ResourceSet;

ResourceSet *resource_set_new(Arena *arena, const Kind *kind, const Domain *domain);

/* Add an empty resource; name may be "". Aborts (assert) on a duplicate address. */
Resource *resource_add(ResourceSet *set, const char *scope, const char *name, const char *host);

/* Set a param by name (assert that the kind has it). NULL value leaves it unmanaged; a VALUE_LATE
 * value makes it SLOT_LATE. */
void resource_set(Resource *resource, const char *param, const Value *value, const Origin *origin);
void resource_set_reason(Resource *resource, const char *param, const char *reason);
/* The same for single keys of a map or settings param: a map from key to text. */
void resource_set_key_reasons(Resource *resource, const char *param, const Value *reasons);
void resource_set_unknown_param(Resource *resource, const char *param, Arena *arena,
                                const char *reason);

/* What must be read to see this resource: `source` is asked about `argument` (a path, a unit) on
 * the resource's host. A resource that asks a source nothing is asked about by its name, if it has
 * one. */
void resource_ask(Resource *resource, Arena *arena, const char *source, const char *argument);

const Slot *resource_slot(const Resource *resource, const char *param);
const Value *resource_value(const Resource *resource, const char *param); /* NULL unless set */
const char *resource_text(const Resource *resource, const char *param);   /* "" unless text */

/* Everything in this scope (a node name, an instance) could not be read. */
void resource_set_unknown_scope(ResourceSet *set, const char *scope, const char *reason);

size_t resource_set_count(const ResourceSet *set);
Resource *resource_set_at(const ResourceSet *set, size_t i);
Resource *resource_set_get(const ResourceSet *set, const char *address);
