/*
 * providers/kinds/pg_roles.h - the roles a cluster should have, gathered from pg_default_roles,
 * pg_users and the system users' own parameters. Shared by kinds role and pooler. Pure.
 */
#pragma once

#include "schema/contract/domain.h"

typedef struct WantedRole {
    const char *name;
    const Value *entry;    /* the map of the inventory, or of the default list */
    const Value *password; /* VALUE_SECRET hole of the inventory, or NULL: not managed */
    const Value *verifier; /* VALUE_SECRET hole "scram|CLUSTER|ROLE|ADDRESS", or NULL  */
    const Origin *origin;
    bool is_absent; /* state: absent */
} WantedRole;

/* In order of creation: default roles first, then users. A user of the same name replaces a
 * default. */
size_t pg_wanted_roles(Arena *arena, const Domain *domain, WantedRole **ret_roles);

/* "name" of a list entry that is a text or a map with that key. */
const char *pg_entry_name(const Value *entry);

/* Names of the entries of a list that are not to be absent. */
const Value *pg_present_names(Arena *arena, const Value *list);

/* Extensions of a list of texts or maps: name to schema ("" where any schema will do), without
 * those that are to be absent. */
const Value *pg_extensions_wanted(Arena *arena, const Value *list);

/* sql.database's extensions in the same form, seen with the eyes of `wanted`. */
const Value *pg_extensions_seen(Arena *arena, const Value *wanted, const Value *seen);

/* The keys of a map as a list. */
const Value *pg_key_names(Arena *arena, const Value *map);

/* pg_db_role_setting's ["name=value", ...] as a map. */
const Value *pg_config_map(Arena *arena, const Value *config);

/* Any scalar as text, the way it is written; a text is itself, with its place in the inventory. */
const Value *pg_scalar_text(Arena *arena, const Value *value);

/* Is the entry's state "absent" (or "revoke")? */
bool pg_entry_is_absent(const Value *entry);
