/*
 * providers/verbs/access.h - how clients reach a cluster: PgBouncer beside each instance, HAProxy
 * and its services on each node.
 *
 * Arguments beyond params and before, put there by the cluster procedure: "owner", "group" (of
 * PgBouncer's files).
 */
#pragma once

#include "schema/contract/verb.h"

extern const Verb verb_pooler_create, verb_pooler_update, verb_pgbouncer_restart;
extern const Verb verb_haproxy_create, verb_haproxy_update;
extern const Verb verb_service_create, verb_service_update, verb_service_delete;
