/*
 * plans/procedure.h - from the needs of one domain to actions: the choreography.
 *
 * A procedure is pure: it sees the changes of one domain and the observed topology and adds actions
 * to a builder. It folds needs (ten settings that need a restart are one rolling restart). The
 * generic procedure turns each change into its kind's verb; the procedures of a domain type add the
 * steps around it (bootstrap, join, reload, wait). Order between actions comes from the order rows
 * and from edges that a procedure names itself.
 */
#pragma once

#include "schema/contract/change.h"
#include "schema/contract/facts.h"
#include "schema/contract/order.h"
#include "schema/contract/registry.h"
#include "schema/contract/topology.h"

typedef struct Builder Builder;

/* All that a procedure may see. */
typedef struct Situation {
    const Domain *domain;
    const Facts *facts;
    const Topology *topology; /* DOMAIN_CLUSTER only, else NULL */
    const Change *changes;    /* of this domain, kinds in registry order */
    size_t change_count;
} Situation;

typedef struct Procedure Procedure;
struct Procedure {
    const char *name;
    DomainType domain;
    const char *doc;
    /* Errors: ERROR_REFUSED when the situation forbids it (the plan shows why). */
    Error *(*build)(Builder *builder, const Situation *situation);
};

/* Add the action for a change: verb of the kind by op (or `verb_name` if not NULL), arguments =
 * {"name", "scope", "params": desired values, "before": observed values (update and delete)}
 * plus `extra`'s keys. Returns it for edges; NULL if the kind cannot do that op. */
Action *builder_add_change(Builder *builder, const Change *change, const char *verb_name,
                           const Value *extra);

/* One action for several changes of one kind on one node: arguments = {"items": [those that
 * builder_add_change would give each, with its "address"]}; the verb must know that. A single
 * change gets an action of its own. builder_action_of() of each change's address is the common
 * action. */
Action *builder_add_changes(Builder *builder, const Change *const *changes, size_t count,
                            const char *verb_name, const char *address);

/* Add a step of a procedure that is no resource change (a reload, a wait, a restart). */
Action *builder_add_step(Builder *builder, const Domain *domain, const char *verb_name,
                         const char *address, const char *scope, const char *host,
                         const Value *args, const char *reason);

/* `after` waits for `before`; the sentence says why. */
void builder_add_edge(Builder *builder, const Action *before, const Action *after,
                      const char *sentence);

/* At most `capacity` of the actions that carry `limit` run together ("disrupt.pg-test"). */
void builder_add_limit(Builder *builder, const Action *action, const char *limit, size_t capacity);

/* `close` runs when all between have settled, whatever the outcome (pause/resume, ...). */
void builder_add_bracket(Builder *builder, const Action *open, const Action *close);
/* `action` belongs to the body of the bracket that `open` opened. */
void builder_add_to_bracket(Builder *builder, const Action *open, const Action *action);

/* The action planned for a resource address, or NULL. */
Action *builder_action_of(const Builder *builder, const char *address);

/* A line for the plan's block: kind "found", "fixed", "later", "warning" (with code), "safety". */
void builder_note(Builder *builder, const Domain *domain, const char *kind, const char *code,
                  const Origin *origin, const char *fmt, ...) PRINTF_LIKE(6, 7);

Arena *builder_arena(Builder *builder);

/* Largest need among the changes of a kind (NULL: any) for a service on a host ("" any). */
Need changes_need(const Change *changes, size_t count, Service service, const char *host);

extern const Procedure *const procedures[]; /* NULL-terminated, plans/procedures/registry.c */
