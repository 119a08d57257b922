/*
 * plans/verify/model.h - one cluster and the actions of a plan that touch it, as small numbers.
 *
 * What an action does to the model is read from the verb's own effects (touch.c has the table), and
 * when it fails from the verb's own checks; a new verb needs no row here. Actions that do not touch
 * the model are left out: they commute with all that do, so only the order among the others
 * matters, and of the edges the paths between those stay. Pure.
 *
 * Rules of Patroni that the model follows (documentation, "Replication modes", "Dynamic
 * configuration", "Patroni REST API"): a standby takes over when the leader's server is gone or its
 * Patroni stops, but not while the leader restarts in place; a standby is started with no less
 * than what its upstream has of the five limits; a switchover names who takes over.
 */
#pragma once

#include "plans/graph.h"
#include "plans/verify/start.h"

enum {
    MODEL_NOBODY = UINT8_MAX,
    MODEL_MEMBERS_MAX = 200,
    MODEL_ACTIONS_MAX = 1000,
    MODEL_VALUES_MAX = 200,
};

typedef enum TouchType {
    TOUCH_RESTART,    /* down, then up with what it was to take */
    TOUCH_STOP,       /* down for good */
    TOUCH_START,      /* up; whoever is first creates the cluster */
    TOUCH_SWITCHOVER, /* the leader down, the candidate leads, the old one back as its standby */
    TOUCH_SETTINGS,   /* limits of the cluster */
    TOUCH_OWN,        /* limits of one member */
    TOUCH_REMOVE,     /* its data is gone */
    TOUCH_FORGET,     /* etcd does not know any more that the cluster was created */
    TOUCH_VOTE,       /* etcd: counts for the quorum from now on */
    TOUCH_ELSE,       /* somebody is disturbed, the servers are not */
} TouchType;

/* Numbers of values are positions in Model.values; 0: not known, or not set by this touch. */
typedef struct Touch {
    TouchType type;
    uint8_t member;    /* or MODEL_NOBODY: whoever leads */
    uint8_t candidate; /* TOUCH_SWITCHOVER; MODEL_NOBODY: Patroni chooses */
    bool sets[START_LIMITS];
    uint8_t values[START_LIMITS];
} Touch;

typedef struct ModelAction {
    const Action *action;
    Touch *touches;
    size_t touch_count, touch_capacity;
    uint8_t disturbs; /* the member that is not at its users' service meanwhile, or MODEL_NOBODY */
    bool is_instant;  /* nothing can come between its begin and its end */
    CheckList pre, post;
    size_t *before; /* actions of the model that come first */
    size_t before_count, before_capacity;
    size_t *limits; /* of the model */
    size_t limit_count, limit_capacity;
    size_t opened_by; /* it closes the bracket that this action opens; else SIZE_MAX */
} ModelAction;

typedef struct ModelLimit {
    size_t capacity;
    size_t *actions; /* of the model */
    size_t action_count;
} ModelLimit;

typedef struct Model {
    Arena *arena;
    const PlanStart *start;
    ModelAction *actions; /* in the order of their ids in the plan */
    size_t action_count, action_capacity;
    ModelLimit *limits;
    size_t limit_count, limit_capacity;
    int64_t values[MODEL_VALUES_MAX]; /* [0]: START_UNKNOWN */
    size_t value_count;
    const char *why_not; /* it cannot be verified, in a clause; or NULL */
} Model;

/* One model for each start; those without an action that touches them have none. */
Model *models_of(Arena *arena, const Plan *plan);

/* The position of a value, added if it is new. */
uint8_t model_value(Model *model, int64_t value);

/* The member with that address or name, or MODEL_NOBODY. */
uint8_t model_member_at(const Model *model, const char *host);
uint8_t model_member_named(const Model *model, const char *name);
/* "https://ADDRESS:2380": a member of etcd is known by where it listens. */
uint8_t model_member_of_url(const Model *model, const char *url);

/* touch.c: what an action does to the model. False: nothing. */
bool touch_read(Model *model, const Action *action, ModelAction *ret);
