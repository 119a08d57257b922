/*
 * schema/inventory_trace.h - where a value comes from: every definition of a parameter that applies
 * to a host, and the one that counts.
 *
 * The order is Ansible's ("Understanding variable precedence"): a host's own variables and
 * host_vars, then group_vars of its groups (the last name first), group_vars/all, variables of the
 * groups, of all, and below them the default. Pure; any thread with an arena of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "schema/inventory.h"

typedef enum DefinitionLayer {
    DEFINITION_DEFAULT,
    DEFINITION_ALL,
    DEFINITION_GROUP,
    DEFINITION_HOST,
} DefinitionLayer;

typedef struct Definition {
    DefinitionLayer layer;
    const char *owner;    /* whose variable it is: the group, or the host's address; else "" */
    const Origin *origin; /* of its key; NULL: a default */
    const Value *written; /* typed, with its placeholders; secrets are holes; NULL: nothing */
    const char *secret;   /* what a secret is ("a !vault value"); NULL: it is none */
    bool counts;          /* true of one. An empty one hides those below it and lets the default
                             count. */
} Definition;

/* Strongest first; the last one is the default. Returns how many; 0 for a name that is not in the
 * table. */
size_t inventory_trace(Arena *arena, const Host *host, const char *name, const Definition **ret);

/* The same definition, seen from two hosts? */
bool definition_equal(const Definition *a, const Definition *b);

/* What is behind the hole of an address, in words ("the environment variable APP_PW"), and where
 * that is written (NULL for a default); NULL: not of this inventory. Nothing is opened or read. */
const char *inventory_secret_source(Arena *arena, const Inventory *inventory, const char *address,
                                    const Origin **ret_origin);
