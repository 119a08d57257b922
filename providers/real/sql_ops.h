/*
 * providers/real/sql_ops.h - catalog operations (EFFECT_SQL): the one place where SQL that changes
 * something is written. Each asks the catalog first and does only what differs.
 *
 * op                 arguments ("?" optional; all take ?database, default postgres)
 * role_create        name
 * role_alter         name, attributes {login superuser createdb createrole inherit replication
 *                    bypassrls: bool, connlimit: int, valid_until: text or null}
 * role_password      name, verifier (a stored form, or a password that becomes one here)
 * role_setting       name, setting, value (null resets)
 * role_grant         role, member, ?admin
 * role_revoke        role, member
 * role_comment       name, comment (null removes)
 * database_create    name, ?owner, ?encoding, ?lc_collate, ?lc_ctype, ?template, ?connlimit
 * database_alter     name, attributes {owner: text, connlimit: int, is_template,
 *                    allow_connections: bool}
 * database_comment   name, comment (null removes)
 * database_setting   name, setting, value (null resets)
 * schema_create      name, ?owner
 * extension_create   name, ?schema, ?version
 * default_privileges role, grant ("GRANT SELECT, INSERT ON TABLES TO x"), ?schema
 * grant_database     name, role, privileges: [CONNECT CREATE TEMPORARY]
 * revoke_public      object (database, schema), name, privileges: [..]
 * function_create    name (one of our own: "monitor.user_lookup(name)")
 * reload             (the server reads its files again)
 * checkpoint
 * replay_wait        lsn (waits until a standby has replayed it)
 */
#pragma once

#include "providers/real/node_call.h"
#include "providers/real/node_context.h"
#include "schema/contract/effect.h"

/* Perform EFFECT_SQL effects in order, with one connection for neighbours in the same database.
 * Errors: of the first that fails, with the operation and what it was about. */
MUST_USE Error *sql_ops_perform(const NodeContext *context, const Effect *effects, size_t count,
                                NodeResult *ret_results);
