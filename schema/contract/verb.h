/*
 * schema/contract/verb.h - how a thing is done: effects between checks, and what it costs.
 *
 * effects() and checks() are pure: they turn an Action's arguments into typed effects and checks.
 * They see the arguments only (and so does `apply FILE`, long after the inventory was read).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/value.h"
#include "schema/contract/check.h"
#include "schema/contract/effect.h"

/* What users of the cluster notice. Ordered. */
typedef enum Availability {
    AVAILABLE,           /* nobody notices                                          */
    AVAILABLE_RELOAD,    /* r  no session notices                                    */
    AVAILABLE_RECONNECT, /* c  named sessions are cut                                */
    AVAILABLE_RESTART,   /* R  one replica is down for seconds                       */
    AVAILABLE_WRITE_GAP, /* S  seconds without writes                                */
    AVAILABLE_REBUILD,   /* a member is rebuilt                                      */
    AVAILABILITY_COUNT
} Availability;

/* What becomes of an action that a run which is gone had begun. */
typedef enum HalfDone {
    HALF_REPEAT, /* it is done if its post-checks hold, or else done again             */
    HALF_WRITE,  /* done again in any case: no check sees all that it writes (secrets) */
    HALF_ASK     /* as HALF_REPEAT, but a person looks at what is neither done nor not */
} HalfDone;

typedef struct Action Action;

typedef struct EffectList {
    Effect *items;
    size_t count, capacity;
} EffectList;

typedef struct CheckList {
    Check *items;
    size_t count, capacity;
} CheckList;

typedef struct Verb {
    const char *name; /* "role.create", "instance.bootstrap", "haproxy.reload" */
    const char *doc;  /* what it does, one sentence */
    Availability availability;
    bool access_may_lock_out;
    bool interruptible;
    bool disruptive; /* takes the cluster's one place for a disrupted member */
    HalfDone half_done;
    int64_t expected_ms; /* first guess; what executions teach is a factor to it */
    int64_t (*expect)(Arena *arena, const Action *action); /* a better one by its size; or NULL */
    int64_t deadline_ms;
    const char *progress; /* "installing", "reloading", shown while it runs */
    void (*effects)(Arena *arena, const Action *action, EffectList *out); /* NULL: it only looks */
    void (*pre)(Arena *arena, const Action *action, CheckList *out);      /* or NULL */
    void (*post)(Arena *arena, const Action *action, CheckList *out);     /* or NULL */
} Verb;

/* One step of a plan. */
struct Action {
    size_t id; /* index in the plan */
    const Verb *verb;
    const char *address; /* of the resource it works on */
    const char *domain;  /* name of the domain */
    const char *block;   /* heading in the plan */
    const char *kind;    /* of the resource; "" for steps of a procedure */
    const char *scope;   /* node name or instance or cluster */
    const char *host;    /* address of the node, "" for cluster-wide */
    const char *cluster; /* PostgreSQL cluster name, "" if none */
    int op;              /* ChangeOp of the change it carries out; CHANGE_NONE for extra steps */
    const Value *args;   /* a map: all that effects and checks need, with secret holes */
    const char *reason;  /* why it is there */
    int64_t guess_ms;    /* by its verb and size */
    int64_t expected_ms; /* the guess at the pace of earlier executions */
};

void effect_add(Arena *arena, EffectList *list, EffectType type, const char *host,
                const Value *args);
void check_add(Arena *arena, CheckList *list, Check check);
