/* What of a state is allowed, and what an action asks of it. */
#include <string.h>

#include "plans/verify/state.h"

uint8_t state_subject(const State *state, const Touch *touch)
{
    return touch->member != MODEL_NOBODY ? touch->member : state->leader;
}

bool state_downs(const State *state, const Touch *touch)
{
    uint8_t member = state_subject(state, touch);
    bool is_stop = touch->type == TOUCH_RESTART || touch->type == TOUCH_STOP ||
                   touch->type == TOUCH_SWITCHOVER || touch->type == TOUCH_REMOVE;
    return is_stop && member != MODEL_NOBODY && state_member(state, member)->up;
}

static bool touches_server(const Touch *touch, size_t member)
{
    return touch->member == member &&
           (touch->type == TOUCH_RESTART || touch->type == TOUCH_SWITCHOVER);
}

bool state_is_away(const Model *model, const State *state, size_t member, size_t but)
{
    const uint8_t *progress = state_progress(model, state);
    for (size_t i = 0; i < model->action_count; i++) {
        const ModelAction *action = &model->actions[i];
        if (i == but || progress[i] != PROGRESS_RUNNING)
            continue;
        if (action->disturbs == member)
            return true;
        for (size_t k = 0; k < action->touch_count; k++) {
            if (touches_server(&action->touches[k], member))
                return true;
        }
    }
    return false;
}

bool state_is_dead(const Model *model, const State *state, size_t member)
{
    if (state->crash == CRASH_DOWN && state->crashed == member)
        return true;
    return !state_member(state, member)->up && !state_is_away(model, state, member, SIZE_MAX);
}

/* -- quorum ----------------------------------------------------------------------------------- */

typedef struct Quorum {
    size_t voters, up;
} Quorum;

static Quorum quorum_of(const Model *model, const State *state)
{
    Quorum quorum = {model->start->stranger_count, model->start->stranger_count};
    for (size_t i = 0; i < model->start->member_count; i++) {
        const MemberState *member = state_member(state, i);
        quorum.voters += member->votes;
        quorum.up += member->votes && member->up;
    }
    return quorum;
}

static bool has_quorum(Quorum quorum)
{
    return quorum.up > quorum.voters / 2;
}

static Quorum quorum_after(const State *state, Quorum quorum, const Touch *touch)
{
    const MemberState *member = state_member(state, touch->member);
    if (touch->type == TOUCH_VOTE && !member->votes)
        quorum = (Quorum){quorum.voters + 1, quorum.up + member->up};
    if (state_downs(state, touch))
        quorum.up -= member->votes && member->up;
    return quorum;
}

/* One or two members have no quorum while one restarts: there is no better way. */
static bool is_unavoidable(const Touch *touch, Quorum before)
{
    return touch->type == TOUCH_RESTART && before.voters < 3 && before.up == before.voters;
}

static Breach quorum_breach(const Model *model, const State *state, const Touch *touch)
{
    Quorum before = quorum_of(model, state);
    if (touch->member == MODEL_NOBODY || !has_quorum(before) || is_unavoidable(touch, before) ||
        has_quorum(quorum_after(state, before, touch)))
        return (Breach){INVARIANT_NONE};
    return (Breach){INVARIANT_QUORUM, touch->member, MODEL_NOBODY, 0};
}

bool state_keeps_quorum(const Model *model, const State *state, const Touch *touch)
{
    return !quorum_breach(model, state, touch).invariant;
}

/* -- PostgreSQL ------------------------------------------------------------------------------- */

static size_t standbys(const Model *model, const State *state)
{
    size_t count = 0;
    for (size_t i = 0; i < model->start->member_count; i++)
        count += state_member(state, i)->up && !state_member(state, i)->primary;
    return count;
}

/* As many as are declared, but not more than there are while one is away for its restart. */
static size_t wanted_standbys(const Model *model)
{
    size_t members = 0;
    for (size_t i = 0; i < model->start->member_count; i++)
        members += model->start->members[i].has_data;
    size_t possible = members > 2 ? members - 2 : 0;
    return model->start->sync_count < possible ? model->start->sync_count : possible;
}

/* A standby fewer: one that goes down, or the one that leads instead of the leader. */
static Breach sync_breach(const Model *model, const State *state, const Touch *touch)
{
    size_t before = standbys(model, state), wanted = wanted_standbys(model);
    uint8_t member = state_subject(state, touch);
    bool is_fewer = touch->type == TOUCH_SWITCHOVER || !state_member(state, member)->primary;
    if (before == 0 || before < wanted || before - is_fewer >= wanted)
        return (Breach){INVARIANT_NONE};
    return (Breach){INVARIANT_SYNC, member, MODEL_NOBODY, 0};
}

static Breach leader_breach(const State *state, const Touch *touch, const Action *action)
{
    uint8_t member = state_subject(state, touch);
    if (!state_member(state, member)->primary || action->verb->availability >= AVAILABLE_WRITE_GAP)
        return (Breach){INVARIANT_NONE};
    return (Breach){INVARIANT_LEADER, member, MODEL_NOBODY, 0};
}

static Breach copy_breach(const Model *model, const State *state, const Touch *touch)
{
    size_t copies = 0;
    if (touch->type != TOUCH_REMOVE || !state_member(state, touch->member)->has_data)
        return (Breach){INVARIANT_NONE};
    for (size_t i = 0; i < model->start->member_count; i++)
        copies += state_member(state, i)->has_data;
    return copies > 1 ? (Breach){INVARIANT_NONE}
                      : (Breach){INVARIANT_COPY, touch->member, MODEL_NOBODY, 0};
}

size_t state_away_count(const Model *model, const State *state)
{
    size_t count = 0;
    for (size_t i = 0; i < model->start->member_count; i++)
        count += state_member(state, i)->has_data && !state_member(state, i)->up;
    return count;
}

/* -- one at a time ---------------------------------------------------------------------------- */

/* Nobody counts on what the plan itself has just made, nor on what it has removed. */
static bool should_run(const Model *model, const State *state, size_t member)
{
    const MemberState *it = state_member(state, member);
    bool is_member = model->start->is_etcd ? it->votes : it->has_data;
    return is_member && model->start->members[member].has_data;
}

/* Another member that our own actions disturb; for a server that goes down, also one that is down.
 */
static Breach away_breach(const Model *model, const State *state, size_t number, uint8_t subject,
                          bool downs)
{
    for (size_t i = 0; i < model->start->member_count; i++) {
        if (i == subject)
            continue;
        bool is_gone = downs && should_run(model, state, i) && state_is_dead(model, state, i);
        if (is_gone || state_is_away(model, state, i, number))
            return (Breach){INVARIANT_ONE_AWAY, subject, (uint8_t)i, 0};
    }
    return (Breach){INVARIANT_NONE};
}

/* The rules in the order in which they are told when several are broken. */
static Breach touch_breach(const Model *model, const State *state, size_t number,
                           const Touch *touch)
{
    const ModelAction *action = &model->actions[number];
    bool downs = state_downs(state, touch);
    Breach breach = copy_breach(model, state, touch);
    if (model->start->is_etcd)
        breach = quorum_breach(model, state, touch);
    else if (!breach.invariant && downs)
        breach = leader_breach(state, touch, action->action);
    if (!breach.invariant && downs)
        breach = away_breach(model, state, number, state_subject(state, touch), true);
    if (!breach.invariant && downs && !model->start->is_etcd)
        breach = sync_breach(model, state, touch);
    return breach;
}

Breach state_begin_breach(const Model *model, const State *state, size_t number)
{
    const ModelAction *action = &model->actions[number];
    Breach breach = {INVARIANT_NONE};
    for (size_t i = 0; i < action->touch_count && !breach.invariant; i++)
        breach = touch_breach(model, state, number, &action->touches[i]);
    if (!breach.invariant && action->disturbs != MODEL_NOBODY)
        breach = away_breach(model, state, number, action->disturbs, false);
    return breach;
}

/* -- checks ----------------------------------------------------------------------------------- */

static bool wants_primary(const Check *check)
{
    for (size_t i = 0; i < value_count(check->value); i++) {
        if (strcmp(value_as_text(value_at(check->value, i), ""), "primary") == 0)
            return true;
    }
    return false;
}

/* Every limit that is known is what it should be. */
static bool is_settled(const MemberState *member)
{
    for (size_t i = 0; i < START_LIMITS; i++) {
        if (member->wanted[i] && member->now[i] && member->wanted[i] != member->now[i])
            return false;
    }
    return true;
}

/* Questions to Patroni that the model can answer; all others hold. */
static bool patroni_holds(const State *state, const Check *check, size_t number)
{
    const MemberState *member = state_member(state, number);
    if (strcmp(check->path, "role") == 0 && check->relation == RELATION_IN)
        return member->primary || !wants_primary(check);
    if (strcmp(check->path, "role") == 0 && check->relation == RELATION_EQUAL)
        return !member->primary || strcmp(value_as_text(check->value, ""), "replica") != 0;
    if (strcmp(check->path, "pending_restart") == 0 && check->relation == RELATION_ABSENT)
        return is_settled(member);
    return true;
}

static bool is_of_server(const Check *check)
{
    return text_starts_with(check->source, "patroni.") ||
           text_starts_with(check->source, "etcd.") || text_starts_with(check->source, "sql.");
}

static bool check_holds(const Model *model, const State *state, const Check *check)
{
    if (strcmp(check->source, "etcd.member") == 0 && check->relation == RELATION_ABSENT &&
        text_starts_with(check->path, "clusters/"))
        return state->leader == MODEL_NOBODY;
    uint8_t member =
        check->subject[0] == '@' ? state->leader : model_member_at(model, check->subject);
    if (!is_of_server(check) || (member == MODEL_NOBODY && check->subject[0] != '@'))
        return true;
    if (member == MODEL_NOBODY || state_is_dead(model, state, member))
        return false;
    if (model->start->is_etcd)
        return strcmp(check->path, "healthy") != 0 || has_quorum(quorum_of(model, state));
    return strcmp(check->source, "patroni.member") != 0 || patroni_holds(state, check, member);
}

bool state_checks_hold(const Model *model, const State *state, const CheckList *checks)
{
    for (size_t i = 0; i < checks->count; i++) {
        if (!check_holds(model, state, &checks->items[i]))
            return false;
    }
    return true;
}
