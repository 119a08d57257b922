/*
 * schema/params_tables.h - the tables that params.c joins; included by the params_*.c files only.
 */
#pragma once

#include "base/attr.h"
#include "schema/params.h"

#define NO_LIMIT INT64_MAX

enum {
    G = LEVEL_GLOBAL,
    C = LEVEL_CLUSTER,
    I = LEVEL_INSTANCE,
    A = LEVEL_ARGUMENT,
    DEAD = PARAMETER_DEAD,
    IDENTITY = PARAMETER_IDENTITY,
    NEEDED = PARAMETER_REQUIRED,
    SECRET = PARAMETER_SECRET,
};

extern const ParameterTable params_pg_id, params_pg_business, params_pg_install,
    params_pg_bootstrap, params_pg_provision, params_pg_backup, params_pg_access, params_pg_monitor,
    params_pg_remove, params_node_id, params_node_dns, params_node_package, params_node_security,
    params_node_tune, params_node_admin, params_node_time, params_haproxy, params_node_vip,
    params_node_exporter, params_vector, params_etcd, params_etcd_remove, params_meta, params_ca,
    params_infra_id, params_repo, params_dns, params_connection;

extern const ParameterSchema schema_user, schema_membership, schema_database, schema_schema,
    schema_extension, schema_service, schema_hba, schema_haproxy_service, schema_haproxy_server,
    schema_exporter, schema_rto, schema_repo, schema_pitr, schema_expect_down, schema_waiver,
    schema_home_entry, schema_portal, schema_upstream, schema_url_package, schema_dcs;

/* Defaults that are more than a word. */
extern const char default_roles[], default_privileges[], default_extensions[], default_hba_rules[],
    default_pgb_hba_rules[], default_services[], default_rto_plan[], default_backup_repo[],
    default_node_exporter_options[], default_proxy_env[], default_dns_records[],
    default_infra_services[];
