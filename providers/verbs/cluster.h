/*
 * providers/verbs/cluster.h - the verbs of PostgreSQL clusters and instances.
 *
 * Arguments beyond params and before, put there by the cluster procedure: "path", "owner", "group"
 * (files), "members" (for @leader), "user", "password", "port" (Patroni's REST), "replicas",
 * "candidate" and "candidate_host" or, where Patroni chooses, "heirs": the role of whom
 * (switchover), "others" (restarts and the switchover: addresses of the other members, which must
 * run).
 */
#pragma once

#include "schema/contract/verb.h"

extern const Verb verb_instance_bootstrap, verb_instance_join, verb_instance_update,
    verb_postgres_restart, verb_leader_restart, verb_cluster_switchover, verb_config_patch,
    verb_config_verify, verb_hba_write, verb_autoconf_write, verb_cluster_verify;
extern const Verb verb_role_create, verb_role_update, verb_database_create, verb_database_update,
    verb_provision_create, verb_provision_update;
