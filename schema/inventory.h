/*
 * schema/inventory.h - the inventory, resolved per host with Ansible's precedence.
 *
 * Loading never executes, fetches or expands anything but the placeholders. Every value keeps its
 * place in the file. Each parameter of the table (schema/params.h) has a value on every host: from
 * the inventory, else its default. Secret-typed values are holes (VALUE_SECRET, address
 * "HOST|PARAM" or "HOST|PARAM|NAME|FIELD"): inventory_secret() gives the text, and only the
 * code that fills holes just before an effect, or compares a password, calls it. Loading needs
 * none of them.
 *
 * An Inventory is immutable once loaded; any thread may read it. It lives in the arena it was
 * loaded into, with the documents.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "base/value.h"
#include "schema/diagnostics.h"
#include "schema/known_passwords.h"
#include "schema/origin.h"
#include "schema/vault.h"

typedef struct Inventory Inventory;
typedef struct Host Host;
typedef struct Group Group;

/* A PostgreSQL cluster: the hosts whose effective pg_cluster is equal, sorted by pg_seq. */
typedef struct PgCluster {
    const char *name;
    const Host **members;
    size_t member_count;
    const Host *primary; /* pg_role: primary; NULL only when the inventory has errors */
    Origin origin;       /* of the pg_cluster key, or of the first member */
} PgCluster;

/* Read the files (each a YAML document in Pigsty's shape) and directories of such files, with the
 * group_vars and host_vars beside the files and in the directories, as Ansible merges them;
 * resolve, type, check identity. All problems go to `diagnostics`; *ret is set even with errors in
 * it, NULL only if nothing could be parsed. Errors: ERROR_INVALID/ERROR_LOCAL only when a file that
 * `paths` names cannot be read at all. */
MUST_USE Error *inventory_load(Arena *arena, const char *const *paths, size_t path_count,
                               Diagnostics *diagnostics, Inventory **ret);

/* The same from elsewhere: a commit. */
MUST_USE Error *inventory_load_from(Arena *arena, const FileTree *tree, const char *const *paths,
                                    size_t path_count, Diagnostics *diagnostics, Inventory **ret);

/* The same from memory, for tests and fuzzing: one file, nothing beside it. `bytes` is
 * NUL-terminated. */
Inventory *inventory_load_bytes(Arena *arena, const char *name, const char *bytes, size_t length,
                                Diagnostics *diagnostics);

/* SHA-256 over the bytes of all files, in the order they were read. */
void inventory_digest(const Inventory *inventory, char ret[SHA256_HEX + 1]);

/* Hosts in file order, unique. */
size_t inventory_host_count(const Inventory *inventory);
const Host *inventory_host_at(const Inventory *inventory, size_t i);
const Host *inventory_host(const Inventory *inventory, const char *address); /* or NULL */

/* Members of a group by name ("infra", "etcd"), in file order; 0 if there is no such group. */
size_t inventory_group_hosts(const Inventory *inventory, const char *group,
                             const Host *const **ret_hosts);

/* Groups by number, in file order; NULL behind the last. Hosts of none are in "ungrouped". */
size_t inventory_group_count(const Inventory *inventory);
const char *inventory_group_at(const Inventory *inventory, size_t i);

size_t inventory_cluster_count(const Inventory *inventory);
const PgCluster *inventory_cluster_at(const Inventory *inventory, size_t i);
const PgCluster *inventory_cluster(const Inventory *inventory, const char *name); /* or NULL */

/* Identity. The name is nodename, else the instance, else the address; "" where there is none. */
size_t host_number(const Host *host);       /* inventory_host_at() of it is the host */
const char *host_address(const Host *host); /* the inventory key, an IPv4 address */
const char *host_name(const Host *host);
const char *host_instance(const Host *host); /* "<pg_cluster>-<pg_seq>" */
const char *host_cluster(const Host *host);  /* pg_cluster */
bool host_in_group(const Host *host, const char *group);
const Origin *host_origin(const Host *host); /* of its key, where it was first named */

/* The effective value of a parameter, typed by its row; never NULL for a parameter of the table
 * (VALUE_NULL when it has neither value nor default), NULL for an unknown name that the inventory
 * does not set. */
const Value *host_param(const Host *host, const char *name);
const char *host_text(const Host *host, const char *name); /* "" unless text (numbers as text) */
int64_t host_int(const Host *host, const char *name, int64_t fallback);
bool host_bool(const Host *host, const char *name, bool fallback);

/* Was it written in the inventory (not a default)? */
bool host_param_is_set(const Host *host, const char *name);

/* Where a parameter of a host, or a value inside one (an entry of pg_users, a field of it), was
 * written; NULL for defaults and for values that are not the inventory's own pointers. */
const Origin *host_param_origin(const Host *host, const char *name);
const Origin *inventory_origin(const Inventory *inventory, const Value *value);

/* What opens values that are encrypted; borrowed, and until then nothing does. To be said before
 * other threads have the inventory. */
void inventory_use_vault(Inventory *inventory, Vault *vault);

/* What spares trying each password on its verifier; borrowed. To be said as early. */
void inventory_use_known_passwords(Inventory *inventory, KnownPasswords *known);

/* The plain text behind a secret hole's address, or NULL if it cannot be resolved; told: then
 * `reason` is why, a clause that follows the name of the parameter. */
const char *inventory_secret(const Inventory *inventory, const char *address);
const char *inventory_secret_told(const Inventory *inventory, const char *address, Text *reason);

/* Does the stored form that a server has for a role ("" or NULL: none) fit the password behind a
 * hole? Also false when that is not at hand. */
bool inventory_secret_fits(const Inventory *inventory, const char *address, const char *stored,
                           const char *role_name);

/* Is the text not at hand that stands behind a hole, or behind one that is made from it (whose
 * address ends in the other's)? Then what people call it ("pg_users app password"), why, as above,
 * and its place. */
bool inventory_secret_is_missing(const Inventory *inventory, const char *address, Text *ret_name,
                                 Text *ret_reason, const Origin **ret_origin);

/* What is equal for two secrets, of any inventories, that are the same as far as can be known
 * without looking anything up: neither variables nor files are read, a !vault value is opened if
 * its password is at hand. What is made from a secret bears its address at the end. It may hold the
 * secret: to be compared, not shown. */
const char *inventory_secret_identity(Arena *arena, const Inventory *inventory,
                                      const char *address);

/* The same for who cannot go on without it: NULL is reported (E055) with its place. */
const char *inventory_secret_needed(const Inventory *inventory, const char *address,
                                    Diagnostics *diagnostics);
