#include <stddef.h>

#include "providers/kinds/kinds.h"

const Kind *const pgsteer_kinds[] = {
    /* infra */
    &kind_repo,
    &kind_ca,
    /* node */
    &kind_node,
    &kind_apt,
    &kind_packages,
    &kind_user,
    &kind_dir,
    &kind_link,
    &kind_file,
    &kind_unit,
    &kind_cert,
    /* etcd */
    &kind_etcd,
    &kind_etcd_auth,
    &kind_etcd_user,
    /* cluster */
    &kind_instance,
    &kind_config,
    &kind_autoconf,
    &kind_hba,
    &kind_provision,
    &kind_role,
    &kind_database,
    &kind_pooler,
    &kind_service,
    &kind_haproxy,
    NULL,
};
