#include "providers/sources/registry.h"

#include <string.h>

#include "providers/sources/rows.h"

const Source *const pgsteer_sources[] = {
    &source_node_os,
    &source_node_size,
    &source_node_clock,
    &source_node_packages,
    &source_node_units,
    &source_node_users,
    &source_node_paths,
    &source_node_files,
    &source_node_secret_files,
    &source_node_data,
    &source_node_certs,
    &source_node_markers,
    &source_node_jobs,
    &source_node_repo,
    &source_node_listen,
    &source_node_proxy,
    &source_etcd_member,
    &source_patroni_member,
    &source_patroni_cluster,
    &source_patroni_config,
    &source_sql_member,
    &source_sql_roles,
    &source_sql_databases,
    &source_sql_database,
    NULL,
};

const Source *source_find(const char *name)
{
    for (const Source *const *at = pgsteer_sources; *at; at++) {
        if (strcmp((*at)->name, name) == 0)
            return *at;
    }
    return NULL;
}
