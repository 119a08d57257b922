/*
 * providers/kinds/default_acl.h - default privileges in one spelling, so that what the inventory
 * asks for and what pg_default_acl says can be compared: "ROLE: PRIVILEGE ON OBJECTS TO GRANTEE",
 * one privilege each (PostgreSQL documentation, "ALTER DEFAULT PRIVILEGES", "Privileges"). Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/value.h"

/* Add the spellings of "GRANT SELECT, INSERT ON TABLES TO dbrole_x" for objects that `role` makes.
 * A text of another form is added as it is. */
void default_acl_add_grant(Arena *arena, Value *list, const char *role, const char *grant);

/* The spellings of sql.database's default_acl: [{role, schema, type, acl: [aclitem]}]. */
const Value *default_acl_read(Arena *arena, const Value *default_acl);
