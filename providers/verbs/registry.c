#include <stddef.h>

#include "providers/verbs/access.h"
#include "providers/verbs/cluster.h"
#include "providers/verbs/verbs.h"

const Verb *const pgsteer_verbs[] = {
    /* infra */
    &verb_repo_index,
    &verb_ca_create,
    /* node */
    &verb_node_set,
    &verb_apt_set,
    &verb_packages_install,
    &verb_user_put,
    &verb_dir_put,
    &verb_link_put,
    &verb_file_put,
    &verb_file_preset,
    &verb_file_remove,
    &verb_unit_set,
    &verb_unit_web,
    &verb_cert_member,
    &verb_cert_issue,
    /* etcd */
    &verb_etcd_create,
    &verb_etcd_update,
    &verb_etcd_member_add,
    &verb_etcd_quorum,
    &verb_etcd_restart,
    &verb_etcd_auth_enable,
    &verb_etcd_user_put,
    /* reloads */
    &verb_apt_local,
    &verb_apt_update,
    &verb_systemd_reload,
    &verb_nginx_reload,
    &verb_haproxy_reload,
    &verb_pgbouncer_reload,
    &verb_postgres_reload,
    &verb_patroni_reload,
    /* cluster */
    &verb_instance_bootstrap,
    &verb_instance_join,
    &verb_instance_update,
    &verb_postgres_restart,
    &verb_leader_restart,
    &verb_cluster_switchover,
    &verb_config_patch,
    &verb_config_verify,
    &verb_hba_write,
    &verb_autoconf_write,
    &verb_cluster_verify,
    &verb_role_create,
    &verb_role_update,
    &verb_database_create,
    &verb_database_update,
    &verb_provision_create,
    &verb_provision_update,
    &verb_pooler_create,
    &verb_pooler_update,
    &verb_pgbouncer_restart,
    &verb_service_create,
    &verb_service_update,
    &verb_service_delete,
    &verb_haproxy_create,
    &verb_haproxy_update,
    NULL,
};
