/*
 * plans/verify/state.h - one moment of a model, and what can happen next: an action begins or ends,
 * a member crashes, or comes back. Pure.
 *
 * An action begins when those before it are done and its limits have room; one that failed with its
 * member disturbed keeps its limits, and no disruptive action begins any more (engine/schedule.h).
 * Checks of an action are asked of the model: what has crashed does not answer. What another action
 * of the plan disturbs at the same time counts as well: both may have looked before either began.
 *
 * States are plain bytes, compared and hashed as such; their size is that of their model.
 */
#pragma once

#include "plans/verify/model.h"

typedef enum Progress {
    PROGRESS_WAITING,
    PROGRESS_RUNNING,
    PROGRESS_DONE,
    PROGRESS_REFUSED, /* its pre-checks do not hold: it did nothing */
    PROGRESS_FAILED,  /* its post-checks do not hold */
    PROGRESS_LOST,    /* nor those of a disruptive one: its member is still away */
    PROGRESS_SKIPPED, /* what it needs has failed */
} Progress;

typedef enum Crash { CRASH_NONE, CRASH_DOWN, CRASH_BACK } Crash;

typedef struct MemberState {
    uint8_t up, primary, has_data, votes;
    uint8_t now[START_LIMITS], wanted[START_LIMITS]; /* positions in Model.values */
} MemberState;

typedef struct State {
    uint8_t leader; /* who has the leader's key, or MODEL_NOBODY */
    uint8_t crash, crashed;
    uint8_t initialized, switching;
    uint8_t rest[]; /* MemberState by member, Progress by action */
} State;

typedef enum MoveType { MOVE_BEGIN, MOVE_END, MOVE_CRASH, MOVE_BACK } MoveType;

typedef struct Move {
    uint8_t type;
    uint8_t member, heir; /* MOVE_CRASH, MOVE_BACK: who; who takes over or MODEL_NOBODY */
    uint16_t action;      /* MOVE_BEGIN, MOVE_END */
} Move;

/* What must never come to pass. */
typedef enum Invariant {
    INVARIANT_NONE,
    INVARIANT_PRIMARIES,
    INVARIANT_LEADER,
    INVARIANT_SYNC,
    INVARIANT_QUORUM,
    INVARIANT_ONE_AWAY,
    INVARIANT_LIMITS,
    INVARIANT_COPY,
    INVARIANT_COUNT
} Invariant;

typedef struct Breach {
    Invariant invariant;
    uint8_t member, other; /* who is concerned; other: or MODEL_NOBODY */
    uint8_t limit;         /* INVARIANT_LIMITS */
} Breach;

size_t state_size(const Model *model);
State *state_first(Arena *arena, Model *model);

static inline const MemberState *state_member(const State *state, size_t member)
{
    return (const MemberState *)state->rest + member;
}

static inline MemberState *state_edit_member(State *state, size_t member)
{
    return (MemberState *)state->rest + member;
}

static inline const uint8_t *state_progress(const Model *model, const State *state)
{
    return state->rest + model->start->member_count * sizeof(MemberState);
}

static inline uint8_t *state_edit_progress(const Model *model, State *state)
{
    return state->rest + model->start->member_count * sizeof(MemberState);
}

/* All that can happen next, at most state_moves_max(); crashes last. */
size_t state_moves(const Model *model, const State *state, Move *out);
size_t state_moves_max(const Model *model);

/* Let it happen. */
Breach state_move(const Model *model, State *state, Move move);

/* Members with data whose servers do not run. */
size_t state_away_count(const Model *model, const State *state);

/* -- state_rules.c: what may be, for state.c ----------------------------------------------------
 */

/* Down, and no action of ours is about to bring it back. */
bool state_is_dead(const Model *model, const State *state, size_t member);

/* Does an action that runs (but `but`) disturb or stop this member? */
bool state_is_away(const Model *model, const State *state, size_t member, size_t but);

bool state_checks_hold(const Model *model, const State *state, const CheckList *checks);

/* Is there a quorum of etcd after this, if there is one now? */
bool state_keeps_quorum(const Model *model, const State *state, const Touch *touch);

/* What the begin of an action would break. */
Breach state_begin_breach(const Model *model, const State *state, size_t number);

/* Who is meant: the member, or whoever leads now. */
uint8_t state_subject(const State *state, const Touch *touch);

/* Does it take a server down that runs? */
bool state_downs(const State *state, const Touch *touch);
