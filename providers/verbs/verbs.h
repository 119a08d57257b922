/*
 * providers/verbs/verbs.h - the verbs of infra, nodes and etcd, and the reloads; the list of all
 * verbs is in registry.c.
 *
 * Adding a verb: its row in one file beside this one, a line here and a line in registry.c.
 */
#pragma once

#include "schema/contract/verb.h"

extern const Verb verb_repo_index, verb_ca_create;
extern const Verb verb_node_set, verb_apt_set, verb_packages_install, verb_user_put, verb_dir_put,
    verb_link_put, verb_file_put, verb_file_preset, verb_file_remove, verb_unit_set, verb_unit_web,
    verb_cert_member, verb_cert_issue;
extern const Verb verb_etcd_create, verb_etcd_update, verb_etcd_member_add, verb_etcd_promote,
    verb_etcd_learner_remove, verb_etcd_quorum, verb_etcd_restart, verb_etcd_auth_enable,
    verb_etcd_user_put;
extern const Verb verb_apt_local, verb_apt_update, verb_systemd_reload, verb_nginx_reload,
    verb_haproxy_reload, verb_pgbouncer_reload, verb_postgres_reload, verb_patroni_reload;

/* NULL-terminated. */
extern const Verb *const pgsteer_verbs[];
