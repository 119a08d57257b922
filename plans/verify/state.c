#include "plans/verify/state.h"

#include <assert.h>
#include <string.h>

static const Breach fine = {INVARIANT_NONE};

size_t state_size(const Model *model)
{
    return sizeof(State) + model->start->member_count * sizeof(MemberState) + model->action_count;
}

State *state_first(Arena *arena, Model *model)
{
    const PlanStart *start = model->start;
    State *state = arena_alloc(arena, state_size(model));
    *state = (State){
        .leader = MODEL_NOBODY, .crashed = MODEL_NOBODY, .initialized = start->is_initialized};
    for (size_t i = 0; i < start->member_count; i++) {
        const StartMember *from = &start->members[i];
        MemberState *member = state_edit_member(state, i);
        *member = (MemberState){.up = from->runs,
                                .primary = from->leads && from->runs,
                                .has_data = from->has_data,
                                .votes = from->votes};
        if (from->leads)
            state->leader = (uint8_t)i;
        for (size_t k = 0; k < START_LIMITS; k++) {
            member->now[k] = model_value(model, from->limits[k].now);
            member->wanted[k] = model_value(model, from->limits[k].wanted);
        }
    }
    return state;
}

/* -- who leads -------------------------------------------------------------------------------- */

static void lead(State *state, uint8_t member)
{
    state->leader = member;
    if (member != MODEL_NOBODY)
        state_edit_member(state, member)->primary = 1;
}

/* Patroni's choice among those that stream: any will do, the first is taken. */
static void elect(const Model *model, State *state)
{
    if (model->start->is_etcd || state->leader != MODEL_NOBODY || state->switching ||
        !state->initialized)
        return;
    for (size_t i = 0; i < model->start->member_count; i++) {
        const MemberState *member = state_member(state, i);
        if (member->up && member->has_data) {
            lead(state, (uint8_t)i);
            return;
        }
    }
}

static void go_down(State *state, uint8_t number, bool keeps_lead)
{
    MemberState *member = state_edit_member(state, number);
    member->up = 0;
    if (keeps_lead)
        return;
    member->primary = 0;
    if (state->leader == number)
        state->leader = MODEL_NOBODY;
}

static Breach primaries_breach(const Model *model, const State *state, uint8_t member)
{
    for (size_t i = 0; i < model->start->member_count; i++) {
        const MemberState *other = state_member(state, i);
        if (i != member && other->up && other->primary && state_member(state, member)->primary)
            return (Breach){INVARIANT_PRIMARIES, member, (uint8_t)i, 0};
    }
    return fine;
}

/* -- limits ----------------------------------------------------------------------------------- */

static bool is_less(const Model *model, uint8_t left, uint8_t right)
{
    return left && right && model->values[left] < model->values[right];
}

/* Patroni starts a standby with no less than what its upstream has. That saves it after a crash,
 * when nobody chose who leads; a plan that counts on it is wrong. */
static Breach take_limits(const Model *model, State *state, uint8_t number)
{
    MemberState *member = state_edit_member(state, number);
    const MemberState *leader = state->leader == MODEL_NOBODY || state->leader == number
                                    ? NULL
                                    : state_member(state, state->leader);
    for (size_t i = 0; i < START_LIMITS; i++) {
        member->now[i] = member->wanted[i];
        if (!leader || !is_less(model, member->wanted[i], leader->now[i]))
            continue;
        member->now[i] = leader->now[i];
        if (state->crash == CRASH_NONE)
            return (Breach){INVARIANT_LIMITS, number, state->leader, (uint8_t)i};
    }
    return fine;
}

/* Do all standbys that run have what this leader has? */
static Breach standby_breach(const Model *model, const State *state, uint8_t leader)
{
    for (size_t i = 0; i < model->start->member_count && state->crash == CRASH_NONE; i++) {
        const MemberState *member = state_member(state, i);
        for (size_t k = 0; k < START_LIMITS && i != leader && member->up; k++) {
            if (is_less(model, member->now[k], state_member(state, leader)->now[k]))
                return (Breach){INVARIANT_LIMITS, (uint8_t)i, leader, (uint8_t)k};
        }
    }
    return fine;
}

/* -- servers ---------------------------------------------------------------------------------- */

/* A copy has what its leader has, or more if that is wanted already. */
static void copy_limits(const Model *model, const State *state, MemberState *member)
{
    memcpy(member->now, state_member(state, state->leader)->now, sizeof(member->now));
    for (size_t i = 0; i < START_LIMITS; i++) {
        if (is_less(model, member->now[i], member->wanted[i]))
            member->now[i] = member->wanted[i];
    }
}

/* Who has no data makes the cluster or is copied; false: neither is possible yet. */
static bool get_data(const Model *model, State *state, uint8_t number)
{
    MemberState *member = state_edit_member(state, number);
    if (member->has_data)
        return true;
    if (!state->initialized) {
        state->initialized = 1;
        lead(state, number);
    } else if (state->leader == MODEL_NOBODY || !state_member(state, state->leader)->up) {
        return false;
    } else {
        copy_limits(model, state, member);
    }
    member->has_data = 1;
    return true;
}

static Breach boot(const Model *model, State *state, uint8_t number)
{
    MemberState *member = state_edit_member(state, number);
    if (state->crash == CRASH_DOWN && state->crashed == number)
        return fine;
    if (model->start->is_etcd) {
        member->up = member->has_data = 1;
        return fine;
    }
    bool is_copy = !member->has_data;
    if (!get_data(model, state, number))
        return fine;
    member->up = 1;
    member->primary = state->leader == number;
    Breach breach = primaries_breach(model, state, number);
    if (!breach.invariant && !is_copy)
        breach = take_limits(model, state, number);
    if (!breach.invariant && member->primary)
        breach = standby_breach(model, state, number);
    return breach;
}

static Breach hand_over(const Model *model, State *state, const Touch *touch)
{
    state->switching = 0;
    if (touch->candidate != MODEL_NOBODY && !state_is_dead(model, state, touch->candidate))
        lead(state, touch->candidate);
    else
        elect(model, state);
    Breach breach = fine;
    if (state->leader != MODEL_NOBODY)
        breach = standby_breach(model, state, state->leader);
    return breach.invariant ? breach : boot(model, state, touch->member);
}

/* -- touches ---------------------------------------------------------------------------------- */

static void set_wanted(MemberState *member, const Touch *touch, const StartMember *start)
{
    for (size_t i = 0; i < START_LIMITS; i++) {
        if (touch->sets[i] && (touch->type == TOUCH_OWN || !start->limits[i].is_own))
            member->wanted[i] = touch->values[i];
    }
}

static void set_all(const Model *model, State *state, const Touch *touch)
{
    for (size_t i = 0; i < model->start->member_count; i++)
        set_wanted(state_edit_member(state, i), touch, &model->start->members[i]);
}

static void begin_touch(const Model *model, State *state, const Touch *touch)
{
    assert(state);
    uint8_t subject = state_subject(state, touch);
    MemberState *member = subject == MODEL_NOBODY ? NULL : state_edit_member(state, subject);
    switch (touch->type) {
    case TOUCH_RESTART:
    case TOUCH_STOP:
    case TOUCH_SWITCHOVER:
        if (member)
            go_down(state, subject, touch->type == TOUCH_RESTART);
        state->switching |= touch->type == TOUCH_SWITCHOVER;
        break;
    case TOUCH_SETTINGS:
        set_all(model, state, touch);
        break;
    case TOUCH_OWN:
        if (member)
            set_wanted(member, touch, &model->start->members[subject]);
        break;
    case TOUCH_REMOVE:
        if (!member)
            break;
        go_down(state, subject, false);
        member->has_data = 0;
        break;
    case TOUCH_FORGET:
        state->initialized = 0;
        break;
    case TOUCH_VOTE:
        if (member)
            member->votes = 1;
        break;
    case TOUCH_START:
    case TOUCH_ELSE:
        break;
    }
}

static Breach end_touch(const Model *model, State *state, const Touch *touch)
{
    uint8_t subject = state_subject(state, touch);
    if (touch->type == TOUCH_SWITCHOVER)
        return hand_over(model, state, touch);
    if ((touch->type == TOUCH_RESTART || touch->type == TOUCH_START) && subject != MODEL_NOBODY)
        return boot(model, state, subject);
    return fine;
}

/* -- actions ---------------------------------------------------------------------------------- */

static bool is_settled(uint8_t progress)
{
    return progress != PROGRESS_WAITING && progress != PROGRESS_RUNNING;
}

/* What was opened is closed, whatever has become of what is between. */
static bool must_close(const uint8_t *progress, const ModelAction *action)
{
    return action->opened_by != SIZE_MAX && progress[action->opened_by] == PROGRESS_DONE;
}

static bool has_room(const Model *model, const uint8_t *progress, const ModelAction *action)
{
    for (size_t i = 0; i < action->limit_count; i++) {
        const ModelLimit *limit = &model->limits[action->limits[i]];
        size_t taken = 0;
        for (size_t k = 0; k < limit->action_count; k++) {
            uint8_t other = progress[limit->actions[k]];
            taken += other == PROGRESS_RUNNING || other == PROGRESS_LOST;
        }
        if (taken >= limit->capacity)
            return false;
    }
    return true;
}

static bool may_begin(const Model *model, const State *state, size_t number)
{
    const ModelAction *action = &model->actions[number];
    const uint8_t *progress = state_progress(model, state);
    if (progress[number] != PROGRESS_WAITING)
        return false;
    for (size_t i = 0; i < action->before_count; i++) {
        uint8_t before = progress[action->before[i]];
        if (before != PROGRESS_DONE && !(must_close(progress, action) && is_settled(before)))
            return false;
    }
    for (size_t i = 0; i < model->action_count && action->action->verb->disruptive; i++) {
        if (progress[i] == PROGRESS_LOST)
            return false;
    }
    return has_room(model, progress, action);
}

static bool is_doomed(const uint8_t *progress, const ModelAction *action)
{
    for (size_t i = 0; i < action->before_count; i++) {
        uint8_t before = progress[action->before[i]];
        if (before >= PROGRESS_REFUSED && !must_close(progress, action))
            return true;
    }
    return false;
}

static void skip_doomed(const Model *model, State *state)
{
    uint8_t *progress = state_edit_progress(model, state);
    for (bool has_skipped = true; has_skipped;) {
        has_skipped = false;
        for (size_t i = 0; i < model->action_count; i++) {
            if (progress[i] != PROGRESS_WAITING || !is_doomed(progress, &model->actions[i]))
                continue;
            progress[i] = PROGRESS_SKIPPED;
            has_skipped = true;
        }
    }
}

static bool has_heir(const Model *model, const State *state, const Touch *touch)
{
    if (touch->candidate != MODEL_NOBODY)
        return !state_is_dead(model, state, touch->candidate);
    for (size_t i = 0; i < model->start->member_count; i++) {
        if (i != touch->member && state_member(state, i)->up && state_member(state, i)->has_data)
            return true;
    }
    return false;
}

/* Patroni refuses a switchover that it cannot make, and etcd a voter that has not caught up, or
 * would cost it the quorum (its strict-reconfig-check). The latter saves it after a crash; a plan
 * that counts on it is wrong. */
static bool is_refused(const Model *model, const State *state, const Touch *touch)
{
    if (touch->type == TOUCH_SWITCHOVER)
        return touch->member != state->leader || !has_heir(model, state, touch);
    return touch->type == TOUCH_VOTE && state->crash != CRASH_NONE &&
           (state_is_dead(model, state, touch->member) || !state_keeps_quorum(model, state, touch));
}

static bool is_possible(const Model *model, const State *state, const ModelAction *action)
{
    for (size_t i = 0; i < action->touch_count; i++) {
        if (is_refused(model, state, &action->touches[i]))
            return false;
    }
    return true;
}

static Breach end_action(const Model *model, State *state, size_t number)
{
    const ModelAction *action = &model->actions[number];
    Breach breach = fine;
    for (size_t i = 0; i < action->touch_count && !breach.invariant; i++)
        breach = end_touch(model, state, &action->touches[i]);
    elect(model, state);
    uint8_t *progress = &state_edit_progress(model, state)[number];
    if (state_checks_hold(model, state, &action->post))
        *progress = PROGRESS_DONE;
    else
        *progress = action->action->verb->disruptive ? PROGRESS_LOST : PROGRESS_FAILED;
    skip_doomed(model, state);
    return breach;
}

static Breach begin_action(const Model *model, State *state, size_t number)
{
    const ModelAction *action = &model->actions[number];
    uint8_t *progress = &state_edit_progress(model, state)[number];
    if (!state_checks_hold(model, state, &action->pre) || !is_possible(model, state, action)) {
        *progress = PROGRESS_REFUSED;
        skip_doomed(model, state);
        return fine;
    }
    Breach breach = state_begin_breach(model, state, number);
    if (breach.invariant)
        return breach;
    for (size_t i = 0; i < action->touch_count; i++)
        begin_touch(model, state, &action->touches[i]);
    *progress = PROGRESS_RUNNING;
    elect(model, state);
    return action->is_instant ? end_action(model, state, number) : fine;
}

/* -- moves ------------------------------------------------------------------------------------ */

static void crash(const Model *model, State *state, Move move)
{
    go_down(state, move.member, false);
    state->crash = CRASH_DOWN;
    state->crashed = move.member;
    if (!model->start->is_etcd && state->leader == MODEL_NOBODY)
        lead(state, move.heir);
    elect(model, state);
}

Breach state_move(const Model *model, State *state, Move move)
{
    Breach breach = fine;
    switch ((MoveType)move.type) {
    case MOVE_BEGIN:
        return begin_action(model, state, move.action);
    case MOVE_END:
        return end_action(model, state, move.action);
    case MOVE_CRASH:
        crash(model, state, move);
        break;
    case MOVE_BACK:
        state->crash = CRASH_BACK;
        breach = boot(model, state, move.member);
        elect(model, state);
        break;
    }
    return breach;
}

size_t state_moves_max(const Model *model)
{
    size_t members = model->start->member_count;
    return model->action_count + 1 + members * (members + 1);
}

/* A leader's crash once for each that may take over. */
static size_t crashes_of(const Model *model, const State *state, uint8_t number, Move *out)
{
    size_t count = 0;
    for (size_t i = 0; state->leader == number && i < model->start->member_count; i++) {
        const MemberState *heir = state_member(state, i);
        if (i != number && heir->up && heir->has_data)
            out[count++] = (Move){MOVE_CRASH, number, (uint8_t)i, 0};
    }
    if (count == 0)
        out[count++] = (Move){MOVE_CRASH, number, MODEL_NOBODY, 0};
    return count;
}

static size_t crash_moves(const Model *model, const State *state, Move *out)
{
    size_t count = 0;
    if (state->crash == CRASH_DOWN)
        out[count++] = (Move){MOVE_BACK, state->crashed, MODEL_NOBODY, 0};
    for (size_t i = 0; state->crash == CRASH_NONE && i < model->start->member_count; i++) {
        const MemberState *member = state_member(state, i);
        if (member->up || (member->has_data && state_is_away(model, state, i, SIZE_MAX)))
            count += crashes_of(model, state, (uint8_t)i, out + count);
    }
    return count;
}

size_t state_moves(const Model *model, const State *state, Move *out)
{
    const uint8_t *progress = state_progress(model, state);
    size_t count = 0;
    for (size_t i = 0; i < model->action_count; i++) {
        if (progress[i] == PROGRESS_RUNNING)
            out[count++] = (Move){MOVE_END, 0, 0, (uint16_t)i};
        else if (may_begin(model, state, i))
            out[count++] = (Move){MOVE_BEGIN, 0, 0, (uint16_t)i};
    }
    return count + crash_moves(model, state, out + count);
}
