#include "plans/verify/verification.h"

#include <inttypes.h>
#include <string.h>

#include "plans/verify/story.h"

static const char *const mode_names[] = {
    [VERIFY_OFF] = "off", [VERIFY_SAMPLE] = "sample", [VERIFY_FULL] = "full"};

bool verify_mode_parse(const char *name, VerifyMode *ret)
{
    for (size_t i = 0; i < COUNT_OF(mode_names); i++) {
        if (strcmp(mode_names[i], name) == 0) {
            *ret = (VerifyMode)i;
            return true;
        }
    }
    return false;
}

const char *verify_mode_name(VerifyMode mode)
{
    return mode_names[mode];
}

/* -- what is not as good as it sounds --------------------------------------------------------- */

typedef struct Verifying {
    Arena *arena;
    Verification *into;
    size_t gap_capacity;
    size_t states_left;
} Verifying;

static void add_gap(Verifying *it, const char *sentence)
{
    Verification *into = it->into;
    ARENA_PUSH(it->arena, into->gaps, into->gap_count, it->gap_capacity, sentence);
}

/* Does a step take a server down that runs when the plan begins? */
static bool takes_away(const Model *model)
{
    for (size_t i = 0; i < model->action_count; i++) {
        for (size_t k = 0; k < model->actions[i].touch_count; k++) {
            const Touch *touch = &model->actions[i].touches[k];
            bool is_restart = touch->type == TOUCH_RESTART || touch->type == TOUCH_SWITCHOVER;
            if (is_restart && touch->member != MODEL_NOBODY &&
                model->start->members[touch->member].runs)
                return true;
        }
    }
    return false;
}

static size_t count_if(const PlanStart *start, bool (*holds)(const StartMember *member))
{
    size_t count = 0;
    for (size_t i = 0; i < start->member_count; i++)
        count += holds(&start->members[i]);
    return count;
}

static bool has_data(const StartMember *member)
{
    return member->has_data;
}

static bool is_down(const StartMember *member)
{
    return member->has_data && !member->runs;
}

static bool is_voting(const StartMember *member)
{
    return member->votes && member->runs;
}

/* A limit that is not known is compared with nothing. */
static bool is_unknown(const StartMember *member)
{
    bool is_unknown = false;
    for (size_t i = 0; i < START_LIMITS; i++)
        is_unknown = is_unknown || member->limits[i].now == START_UNKNOWN;
    return is_unknown && member->has_data;
}

static void add_cluster_gaps(Verifying *it, const PlanStart *start)
{
    size_t members = count_if(start, has_data), unknown = count_if(start, is_unknown);
    if (count_if(start, is_down) > 0)
        add_gap(it, arena_printf(it->arena,
                                 "a member of %s does not run: no other one is taken away before "
                                 "it does",
                                 start->domain));
    if (start->sync_count > 0 && start->sync_count + 2 > members && members > 1)
        add_gap(it, arena_printf(it->arena,
                                 "%s has %zu members: while one is away it has fewer than the "
                                 "synchronous standbys that are declared (%zu)",
                                 start->domain, members, start->sync_count));
    if (unknown > 0)
        add_gap(it, arena_printf(it->arena,
                                 "not all limits of the standbys of %s are known: those were not "
                                 "compared",
                                 start->domain));
}

static void add_gaps(Verifying *it, const Model *model)
{
    const PlanStart *start = model->start;
    size_t running = count_if(start, is_voting) + start->stranger_count;
    if (!takes_away(model))
        return;
    if (!start->is_etcd)
        add_cluster_gaps(it, start);
    else if (running < 3)
        add_gap(it, arena_printf(it->arena, "%s has %zu member%s: no quorum while one restarts",
                                 start->domain, running, running == 1 ? "" : "s"));
}

/* -- one cluster ------------------------------------------------------------------------------ */

static uint64_t sum(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void take_sample(Verifying *it, Model *model, Search *search)
{
    *search = search_some(it->arena, model, model->action_count, VERIFY_WALKS);
    it->into->sampled_count++;
    it->into->walks += search->walks;
}

static void verify_model(Verifying *it, Model *model)
{
    Verification *into = it->into;
    into->cluster_count++;
    if (model->why_not) {
        into->unmodelled_count++;
        add_gap(it, arena_printf(it->arena, "%s was not verified: %s", model->start->domain,
                                 model->why_not));
        return;
    }
    into->action_count += model->action_count;
    Search search = {0};
    size_t most = it->states_left < VERIFY_STATES_MAX ? it->states_left : VERIFY_STATES_MAX;
    if (into->mode == VERIFY_FULL && model->start->member_count <= VERIFY_MEMBERS_MAX)
        search = search_all(it->arena, model, most);
    it->states_left -= search.states < it->states_left ? search.states : it->states_left;
    into->states += search.states;
    if (search.is_complete)
        into->orders = sum(into->orders, search.orders);
    else if (!search.breach.invariant)
        take_sample(it, model, &search);
    if (search.most_away > into->most_away)
        into->most_away = search.most_away;
    if (search.breach.invariant && !into->violation)
        into->violation = story_of(it->arena, model, &search);
    add_gaps(it, model);
}

const Verification *plan_verify(Arena *arena, const Plan *plan, VerifyMode mode)
{
    Verification *into = ARENA_NEW(arena, Verification);
    *into = (Verification){.mode = mode};
    if (mode == VERIFY_OFF || plan->start_count == 0)
        return into;
    Verifying it = {.arena = arena, .into = into, .states_left = VERIFY_STATES_IN_ALL};
    for (Model *model = models_of(arena, plan); model->start; model++) {
        if (model->action_count > 0)
            verify_model(&it, model);
    }
    return into;
}

/* -- how it is told --------------------------------------------------------------------------- */

static void add_count(Text *out, uint64_t count, const char *noun)
{
    if (count == UINT64_MAX)
        text_addf(out, "more than 10^19 %ss", noun);
    else
        text_addf(out, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

bool verification_sentence(Text *out, const Verification *it)
{
    if (!it || it->cluster_count <= it->unmodelled_count || it->violation)
        return false;
    size_t seen = it->cluster_count - it->unmodelled_count;
    text_add(out, "Verified: ");
    add_count(out, seen, "cluster");
    text_add(out, ", ");
    if (it->orders > 0)
        add_count(out, it->orders, "order");
    if (it->walks > 0) {
        text_add(out, it->orders > 0 ? " and a sample of " : "a sample of ");
        add_count(out, it->walks, "order");
    }
    text_add(out, " of ");
    add_count(out, it->action_count, "step");
    text_add(out, it->walks > 0 ? ", with a crash in some" : ", with a crash at each point");
    text_add(out, ": nothing is lost.");
    return true;
}

/* -- to a value and back ---------------------------------------------------------------------- */

static const Value *texts(Arena *arena, const char *const *items, size_t count)
{
    Value *list = value_list(arena);
    for (size_t i = 0; i < count; i++)
        value_push(arena, list, value_text(arena, items[i]));
    return list;
}

static const Value *violation_value(Arena *arena, const Violation *violation)
{
    if (!violation)
        return &value_null;
    Value *value = value_map(arena);
    value_set_text(arena, value, "domain", violation->domain);
    value_set_text(arena, value, "invariant", violation->invariant);
    value_set_text(arena, value, "rule", violation->rule);
    value_set_text(arena, value, "broken", violation->broken);
    value_set_text(arena, value, "address", violation->action ? violation->action->address : "");
    value_set(arena, value, "steps", texts(arena, violation->steps, violation->step_count));
    return value;
}

/* Of more orders than an integer holds the largest is told. */
const Value *verification_value(Arena *arena, const Verification *it)
{
    Value *value = value_map(arena);
    uint64_t orders = it->orders < INT64_MAX ? it->orders : INT64_MAX;
    value_set_text(arena, value, "mode", verify_mode_name(it->mode));
    value_set_bool(arena, value, "complete",
                   it->mode == VERIFY_FULL && it->sampled_count + it->unmodelled_count == 0);
    value_set_int(arena, value, "clusters", (int64_t)it->cluster_count);
    value_set_int(arena, value, "sampled", (int64_t)it->sampled_count);
    value_set_int(arena, value, "unmodelled", (int64_t)it->unmodelled_count);
    value_set_int(arena, value, "steps", (int64_t)it->action_count);
    value_set_int(arena, value, "orders", (int64_t)orders);
    value_set_int(arena, value, "states", (int64_t)it->states);
    value_set_int(arena, value, "walks", (int64_t)it->walks);
    value_set_int(arena, value, "most_away", (int64_t)it->most_away);
    value_set(arena, value, "notes", texts(arena, it->gaps, it->gap_count));
    value_set(arena, value, "violation", violation_value(arena, it->violation));
    return value;
}

static size_t size_at(const Value *value, const char *key)
{
    int64_t size = value_get_int(value, key, 0);
    return size > 0 ? (size_t)size : 0;
}

const Verification *verification_parse(Arena *arena, const Value *value)
{
    const Value *notes = value_get(value, "notes");
    Verification *it = ARENA_NEW(arena, Verification);
    *it = (Verification){.cluster_count = size_at(value, "clusters"),
                         .sampled_count = size_at(value, "sampled"),
                         .unmodelled_count = size_at(value, "unmodelled"),
                         .action_count = size_at(value, "steps"),
                         .orders = size_at(value, "orders"),
                         .states = size_at(value, "states"),
                         .walks = size_at(value, "walks"),
                         .most_away = size_at(value, "most_away"),
                         .gaps = ARENA_ARRAY(arena, const char *, value_count(notes))};
    if (!verify_mode_parse(value_get_text(value, "mode"), &it->mode))
        it->mode = VERIFY_OFF;
    for (size_t i = 0; i < value_count(notes); i++)
        it->gaps[it->gap_count++] = value_as_text(value_at(notes, i), "");
    return it;
}
