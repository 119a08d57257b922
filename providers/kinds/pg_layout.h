/*
 * providers/kinds/pg_layout.h - Pigsty's layout of a PostgreSQL node, and what the cluster kinds
 * all ask of it. Paths are fixed; names come from the inventory. Pure.
 */
#pragma once

#include "schema/contract/domain.h"
#include "schema/contract/facts.h"
#include "schema/contract/resource.h"

#define PG_DATA          "/pg/data"
#define PG_HBA_FILE      "/pg/data/pg_hba.conf"
#define PG_AUTOCONF_FILE "/pg/data/postgresql.auto.conf"
#define PG_SOCKET_DIR    "/var/run/postgresql"
#define PATRONI_UNIT     "patroni.service"

/* "/pg/conf/<instance>.yml", where /etc/patroni/patroni.yml leads. */
const char *pg_patroni_file(Arena *arena, const Host *host);

/* [{"name": instance, "host": address}, ...]: who may lead; for actions at "@leader". */
const Value *pg_members(Arena *arena, const Domain *domain);

/* Does PostgreSQL read this setting only at its start (pg_settings.context)? While no server can be
 * asked about it, what is known of its version. */
bool pg_setting_needs_restart(const Domain *domain, const Facts *facts, const char *name);

/* The address of some member on which `source` was read, or NULL. */
const char *pg_any_reading(const Domain *domain, const Facts *facts, const char *source);

/* Is there (or was there never) a running cluster to ask? No data directory on any member that
 * could be read, and every member could be. */
bool pg_is_bare(Arena *arena, const Domain *domain, const Facts *facts);

/* Why cluster-wide reading of `source` (subject = cluster) is missing; one clause. */
const char *pg_unread_reason(const Domain *domain, const Facts *facts, const char *source);

/* A time of the plan that pg_rto names ("ttl", "inter"), else of "norm"; NULL if it has none. */
const Value *pg_rto_time(const Host *host, const char *name);

/* Does the value behind the run nonce's masked form ("sha256:HEX") equal `secret`? */
bool pg_masked_equals(const char *masked, const char *nonce, const char *secret);
