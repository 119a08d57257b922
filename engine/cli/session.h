/*
 * cli/session.h - the road that commands share: inventory, domains, world, facts, plan.
 *
 * Each step prints what it has to say (diagnostics, how many nodes answered) on stderr and needs
 * the steps before it. Ended by session_end, which closes the connections.
 */
#pragma once

#include "cli/cli.h"
#include "engine/observe.h"
#include "engine/state_dir.h"
#include "plans/plan.h"
#include "plans/render.h"

typedef struct Session {
    Cli *cli;
    const char *run;
    const char *const *paths; /* of the inventory, NULL-terminated */
    size_t path_count;
    Diagnostics *diagnostics;
    Vault *vault;
    KnownPasswords *known_passwords;
    Inventory *inventory;
    const Domain *domains;
    size_t domain_count;
    bool only_errors; /* warnings of the inventory are not shown: validate does that */
    StateDir state_dir;
    World *world;
    Observation *observation;
    PlanWitness witness;   /* without a function: nobody */
    PlanStanding standing; /* without a function: nothing but the inventory's wishes */
    Plan *plan;
} Session;

void session_end(Session *session); /* for CLEANUP */

/* Find the inventory (-i, else the first default that exists) and the state directory.
 * Errors: ERROR_INVALID. */
MUST_USE Error *session_begin(Cli *cli, Session *ret);

/* Where history is kept, for commands that need nothing else: -state-dir, else beside the
 * inventory. Errors: ERROR_INVALID. */
MUST_USE Error *session_state_dir(Cli *cli, StateDir *ret);

/* What opens !vault values: what the command line names comes before what the environment has.
 * session_load() does it, too. Errors: ERROR_INVALID. */
MUST_USE Error *session_take_passwords(Session *session);

/* Errors: ERROR_INVALID when the inventory has errors (they were printed), or a vault password file
 * that was named cannot be used. */
MUST_USE Error *session_load(Session *session);

/* Print problems of the inventory on stderr; `end` closes their count. */
void session_report(const Session *session, Diagnostics *diagnostics, const char *end);

MUST_USE Error *session_connect(Session *session);

/* Leave out what -target cannot concern, before it is observed (plans/reach.h). */
void session_narrow(Session *session, const OptionList *targets, const OptionList *excludes);

/* What all nodes tell. Adds CONDITION_UNREAD when a node did not answer. */
MUST_USE Error *session_observe(Session *session);
/* Only these domains' sources of these names (NULL-terminated; NULL: all). */
MUST_USE Error *session_observe_some(Session *session, const Domain *domains, size_t count,
                                     const char *const *sources);

/* Observes, too; what was read of domains of which the plan says nothing may be gone afterwards.
 * `targets` and `excludes` may be NULL. `is_saved`: others will read the plan, who want all of it.
 */
MUST_USE Error *session_plan(Session *session, const OptionList *targets,
                             const OptionList *excludes, bool is_saved);

/* How a plan is printed on stdout. */
RenderOptions session_render_options(const Session *session);
