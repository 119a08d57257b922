/*
 * providers/sources/rows.h - the rows of all sources, for registry.c.
 */
#pragma once

#include "schema/contract/source.h"

extern const Source source_node_os, source_node_size, source_node_clock, source_node_packages;
extern const Source source_node_units, source_node_users, source_node_listen, source_node_jobs;
extern const Source source_node_paths, source_node_files, source_node_secret_files;
extern const Source source_node_certs, source_node_markers, source_node_repo, source_node_data;
extern const Source source_node_proxy;
extern const Source source_etcd_member;
extern const Source source_patroni_member, source_patroni_cluster, source_patroni_config;
extern const Source source_sql_member, source_sql_roles, source_sql_databases, source_sql_database;
