/*
 * plans/procedures/procedures.h - what the procedures share; the list itself is procedures[] of
 * plans/procedure.h.
 *
 * A procedure for one domain type usually calls procedure_generic() for most changes, adds its own
 * steps, and ends with procedure_reloads().
 */
#pragma once

#include "plans/procedure.h"

/* One action per change, by its kind's verb. A change that already has an action (a procedure
 * planned it with a verb of its own) is left to it. Withheld changes get none. */
MUST_USE Error *procedure_generic(Builder *builder, const Situation *situation);

/* After all changes of a service on a host that need it: one step that makes the service take them,
 * "reload.HOST/SERVICE", whatever their number. A service whose unit this plan creates or starts
 * needs none. The step is shared by all domains that have changes for it. Whose file a plain file
 * is, its kind says by a param "service" with the service's name. */
void procedure_reloads(Builder *builder, const Situation *situation);

/* The largest need of one change for a service: of the params that differ, or, when the whole
 * resource comes or goes, of all that it has. */
Need change_need(const Change *change, Service service);

/* Only a cluster that is ours (or new) may be changed. Errors: ERROR_REFUSED with the reason;
 * NULL also when there is nothing to change. */
MUST_USE Error *procedure_require_ours(const Situation *situation);

/* Binaries of another major version than that of the data must not come into their place. Errors:
 * ERROR_REFUSED; NULL also when there is nothing to change. */
MUST_USE Error *procedure_require_version(const Situation *situation);

extern const Procedure procedure_infra, procedure_node, procedure_etcd; /* and cluster.h */
