#include "plans/verify/story.h"

#include <string.h>

/* A state before and after a move. */
typedef struct Scene {
    Arena *arena;
    const Model *model;
    const State *before, *after;
    Move move;
    bool is_last; /* it breaks the rule */
} Scene;

static const char *name_of(const Model *model, uint8_t member)
{
    return member == MODEL_NOBODY ? "nobody" : model->start->members[member].name;
}

/* "restart.pg-test-2 (postgres.restart)" */
static const char *title_of(const Scene *scene)
{
    const Action *action = scene->model->actions[scene->move.action].action;
    return arena_printf(scene->arena, "%s (%s)", action->address, action->verb->name);
}

/* "max_connections 100, max_wal_senders 20" */
static const char *settings_of(const Scene *scene, const Touch *touch)
{
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < START_LIMITS; i++) {
        if (!touch->sets[i])
            continue;
        text_addf(&text, "%s%s ", text.length ? ", " : "", start_limit_names[i]);
        if (touch->values[i])
            text_addf(&text, "%lld", (long long)scene->model->values[touch->values[i]]);
        else
            text_add(&text, "as by default");
    }
    return text_copy(&text, scene->arena);
}

static const char *begun(const Scene *scene, const Touch *touch)
{
    Arena *arena = scene->arena;
    uint8_t subject = state_subject(scene->before, touch);
    const char *name = name_of(scene->model, subject);
    switch (touch->type) {
    case TOUCH_RESTART:
        return arena_printf(arena, state_downs(scene->before, touch) ? "%s goes down" : "%s starts",
                            name);
    case TOUCH_STOP:
        return arena_printf(arena, "%s is stopped", name);
    case TOUCH_START:
        return arena_printf(arena, "%s starts", name);
    case TOUCH_SWITCHOVER:
        return arena_printf(arena, "%s goes down, %s is to lead", name,
                            touch->candidate == MODEL_NOBODY
                                ? "one of its standbys"
                                : name_of(scene->model, touch->candidate));
    case TOUCH_SETTINGS:
        return arena_printf(arena, "all are to take %s", settings_of(scene, touch));
    case TOUCH_OWN:
        return arena_printf(arena, "%s is to take %s", name, settings_of(scene, touch));
    case TOUCH_REMOVE:
        return arena_printf(arena, "the data of %s is removed", name);
    case TOUCH_FORGET:
        return "etcd forgets that the cluster was created";
    case TOUCH_VOTE:
        return arena_printf(arena, "%s counts for the quorum", name);
    case TOUCH_ELSE:
        return arena_printf(arena, "the users of %s are disturbed", name);
    }
    return "";
}

static const char *tell_begin(const Scene *scene)
{
    const ModelAction *action = &scene->model->actions[scene->move.action];
    if (state_progress(scene->model, scene->after)[scene->move.action] == PROGRESS_REFUSED)
        return arena_printf(scene->arena, "%s does not begin: its pre-checks fail.",
                            title_of(scene));
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < action->touch_count; i++)
        text_addf(&text, "%s %s", i ? "," : ":", begun(scene, &action->touches[i]));
    return arena_printf(scene->arena, "%s %s%s.", title_of(scene),
                        action->is_instant ? "is done" : "begins", text_get(&text));
}

static const char *tell_end(const Scene *scene)
{
    const ModelAction *action = &scene->model->actions[scene->move.action];
    if (!scene->is_last &&
        state_progress(scene->model, scene->after)[scene->move.action] >= PROGRESS_REFUSED)
        return arena_printf(scene->arena, "%s fails: its post-checks do not hold.",
                            title_of(scene));
    CLEANUP(text_release) Text text = TEXT_INIT;
    for (size_t i = 0; i < action->touch_count; i++) {
        const Touch *touch = &action->touches[i];
        uint8_t subject = touch->member;
        if (touch->type == TOUCH_SWITCHOVER)
            text_addf(&text, ": %s leads", name_of(scene->model, scene->after->leader));
        else if (subject != MODEL_NOBODY && state_member(scene->after, subject)->up)
            text_addf(&text, ": %s runs", name_of(scene->model, subject));
    }
    return arena_printf(scene->arena, "%s ends%s.", title_of(scene), text_get(&text));
}

static const char *tell(const Scene *scene)
{
    const char *name = name_of(scene->model, scene->move.member);
    uint8_t leader = scene->after->leader;
    switch ((MoveType)scene->move.type) {
    case MOVE_BEGIN:
        return tell_begin(scene);
    case MOVE_END:
        return tell_end(scene);
    case MOVE_CRASH:
        if (leader == MODEL_NOBODY || leader == scene->before->leader)
            return arena_printf(scene->arena, "%s crashes.", name);
        return arena_printf(scene->arena, "%s crashes; %s takes over.", name,
                            name_of(scene->model, leader));
    case MOVE_BACK:
        return arena_printf(scene->arena, "%s comes back.", name);
    }
    return "";
}

/* -- the rules -------------------------------------------------------------------------------- */

static const struct {
    const char *name, *rule;
} rules[INVARIANT_COUNT] = {
    [INVARIANT_NONE] = {"", ""},
    [INVARIANT_PRIMARIES] = {"primaries", "Never do two members take writes."},
    [INVARIANT_LEADER] = {"leader", "The leader stops only in a declared switchover or restart of "
                                    "the leader."},
    [INVARIANT_SYNC] = {"sync", "There are never fewer synchronous standbys than declared."},
    [INVARIANT_QUORUM] = {"quorum", "etcd keeps its quorum."},
    [INVARIANT_ONE_AWAY] = {"one_away", "At most one member is away at a time."},
    [INVARIANT_LIMITS] = {"limits", "A standby has at least its upstream's max_connections, "
                                    "max_worker_processes, max_wal_senders, "
                                    "max_prepared_transactions and max_locks_per_transaction."},
    [INVARIANT_COPY] = {"copy", "The last copy of the data is never removed."},
};

static const char *limits_broken(const Scene *scene, const Breach *breach)
{
    const Model *model = scene->model;
    const MemberState *member = state_member(scene->after, breach->member);
    uint8_t upstream = state_member(scene->after, breach->other)->now[breach->limit];
    uint8_t own = member->now[breach->limit];
    if (model->values[own] >= model->values[upstream])
        own = member->wanted[breach->limit]; /* it asked for less and did not get it */
    return arena_printf(scene->arena, "%s would have %s %lld, and %s, its upstream, has %lld",
                        name_of(model, breach->member), start_limit_names[breach->limit],
                        (long long)model->values[own], name_of(model, breach->other),
                        (long long)model->values[upstream]);
}

static const char *broken(const Scene *scene, const Breach *breach)
{
    Arena *arena = scene->arena;
    const char *name = name_of(scene->model, breach->member);
    switch (breach->invariant) {
    case INVARIANT_PRIMARIES:
        return arena_printf(arena, "%s takes writes while %s does", name,
                            name_of(scene->model, breach->other));
    case INVARIANT_LEADER:
        return arena_printf(arena, "%s leads the cluster, and nothing says that writes stop", name);
    case INVARIANT_SYNC:
        return arena_printf(arena,
                            "with %s away too few standbys are left for the %zu that are "
                            "declared to be synchronous",
                            name, scene->model->start->sync_count);
    case INVARIANT_QUORUM:
        return arena_printf(arena, "with this change of %s etcd has no quorum", name);
    case INVARIANT_ONE_AWAY:
        return arena_printf(arena, "%s goes away while %s is away", name,
                            name_of(scene->model, breach->other));
    case INVARIANT_LIMITS:
        return limits_broken(scene, breach);
    case INVARIANT_COPY:
        return arena_printf(arena, "no other member has the data of %s", name);
    case INVARIANT_NONE:
    case INVARIANT_COUNT:
        break;
    }
    return "";
}

/* -- the story -------------------------------------------------------------------------------- */

const Violation *story_of(Arena *arena, Model *model, const Search *search)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    State *before = state_first(scratch, model), *after = state_first(scratch, model);
    Violation *violation = ARENA_NEW(arena, Violation);
    *violation = (Violation){.domain = model->start->domain,
                             .invariant = rules[search->breach.invariant].name,
                             .rule = rules[search->breach.invariant].rule,
                             .steps = ARENA_ARRAY(arena, const char *, search->story_length)};
    Scene scene = {arena, model, before, after, {0}, false};
    for (size_t i = 0; i < search->story_length; i++) {
        scene.move = search->story[i];
        scene.is_last = i + 1 == search->story_length;
        memcpy(before, after, state_size(model));
        (void)state_move(model, after, scene.move);
        violation->steps[violation->step_count++] = tell(&scene);
    }
    if (scene.move.type == MOVE_BEGIN || scene.move.type == MOVE_END)
        violation->action = model->actions[scene.move.action].action;
    violation->broken = broken(&scene, &search->breach);
    return violation;
}
