/* schedule: random graphs with limits, brackets, failures and draining, against the rules. */
#include "engine/schedule.h"
#include "fake_world.h"
#include "unit.h"

enum { RANDOM_ROUNDS = 400, RANDOM_ACTIONS = 40, RANDOM_LIMITS = 3 };

typedef struct Trial {
    Arena *arena;
    FakePlan *fake;
    Schedule *schedule;
    unsigned seed;
    size_t count;
    bool running[RANDOM_ACTIONS], settled[RANDOM_ACTIONS], begun[RANDOM_ACTIONS];
    bool failed[RANDOM_ACTIONS];
    size_t running_count;
} Trial;

static unsigned roll(Trial *trial, unsigned sides)
{
    trial->seed = trial->seed * 1103515245U + 12345U;
    return trial->seed / 65536U % sides;
}

static void random_edges(Trial *trial)
{
    for (size_t to = 1; to < trial->count; to++) {
        for (unsigned i = roll(trial, 3); i > 0; i--)
            fake_plan_edge(trial->fake, roll(trial, (unsigned)to), to);
    }
}

static void random_limits(Trial *trial)
{
    for (int l = 0; l < RANDOM_LIMITS; l++) {
        size_t ids[RANDOM_ACTIONS], count = 0;
        for (size_t i = 0; i < trial->count; i++) {
            if (roll(trial, 3) == 0)
                ids[count++] = i;
        }
        fake_plan_limit(trial->fake, "l", 1 + roll(trial, 3), ids, count);
    }
}

/* Consecutive actions: the first opens, the last closes, some between are the body. */
static void random_brackets(Trial *trial)
{
    for (size_t at = 0; at + 4 < trial->count; at += 4 + roll(trial, 6)) {
        size_t body[] = {at + 1, at + 2};
        if (roll(trial, 2))
            fake_plan_bracket(trial->fake, at, at + 3, body, 2);
    }
}

static Trial random_trial(unsigned seed)
{
    Trial trial = {.arena = arena_new(), .seed = seed};
    trial.fake = fake_plan_new(trial.arena);
    trial.count = 5 + roll(&trial, RANDOM_ACTIONS - 5);
    for (size_t i = 0; i < trial.count; i++) {
        fake_plan_add(trial.fake, roll(&trial, 4) == 0 ? "put.disruptive" : "put", "x", "h", 0);
    }
    random_edges(&trial);
    random_limits(&trial);
    random_brackets(&trial);
    return trial;
}

static const PlanBracket *bracket_closed_by(const Plan *plan, size_t action)
{
    for (size_t i = 0; i < plan->bracket_count; i++) {
        if (plan->brackets[i].close == action)
            return &plan->brackets[i];
    }
    return NULL;
}

static void check_start(Trial *trial, size_t action)
{
    const Plan *plan = &trial->fake->plan;
    bool is_close = bracket_closed_by(plan, action) != NULL;
    for (size_t i = 0; i < plan->edge_count; i++) {
        if (plan->edges[i].to != action)
            continue;
        assert_true(trial->settled[plan->edges[i].from]);
        assert_true(is_close || !trial->failed[plan->edges[i].from]);
    }
    for (size_t l = 0; l < plan->limit_count; l++) {
        size_t holders = 0;
        for (size_t i = 0; i < plan->limits[l].action_count; i++)
            holders += trial->running[plan->limits[l].actions[i]] &&
                       !bracket_closed_by(plan, plan->limits[l].actions[i]);
        assert_true(holders <= plan->limits[l].capacity);
    }
}

static void finish_one(Trial *trial)
{
    size_t pick = roll(trial, (unsigned)trial->running_count), action = 0;
    for (; !trial->running[action] || pick-- > 0; action++)
        ;
    Finish finish = roll(trial, 8) > 0 ? FINISH_DONE : (Finish)(1 + roll(trial, 2));
    trial->running[action] = false;
    trial->running_count--;
    trial->settled[action] = true;
    trial->failed[action] = finish != FINISH_DONE;
    if (finish == FINISH_UNTOUCHED && !bracket_closed_by(&trial->fake->plan, action))
        trial->begun[action] = false;
    schedule_finish(trial->schedule, action, finish);
}

static void run_trial(Trial *trial)
{
    Step step;
    unsigned steps_before_drain = roll(trial, 3) == 0 ? roll(trial, 30) : 10000;
    for (unsigned steps = 0;; steps++) {
        if (steps == steps_before_drain)
            schedule_drain(trial->schedule);
        while (schedule_next(trial->schedule, &step)) {
            assert_false(trial->settled[step.action]);
            if (step.type == STEP_SKIP)
                assert_true(trial->failed[step.cause]);
            trial->settled[step.action] = step.type != STEP_RUN;
            if (step.type != STEP_RUN) {
                trial->failed[step.action] = true;
                continue;
            }
            trial->running[step.action] = trial->begun[step.action] = true;
            trial->running_count++;
            check_start(trial, step.action);
        }
        if (trial->running_count == 0)
            break;
        finish_one(trial);
    }
    assert_true(schedule_is_settled(trial->schedule));
}

/* Brackets that interlock are refused; no other plan may get stuck. STEP_SKIP's cause counts as
 * failed only if it ran, so `failed` of skipped ones is not asked. */
static void random_graphs_keep_the_rules(void **state)
{
    (void)state;
    unsigned refused = 0;
    for (unsigned seed = 1; seed <= RANDOM_ROUNDS; seed++) {
        Trial trial = random_trial(seed);
        CLEANUP(error_freep)
        Error *error = schedule_new(trial.arena, &trial.fake->plan, &trial.schedule);
        if (error) {
            arena_free(trial.arena);
            refused++;
            continue;
        }
        run_trial(&trial);
        const Plan *plan = &trial.fake->plan;
        for (size_t i = 0; i < plan->bracket_count; i++)
            assert_int_equal(trial.begun[plan->brackets[i].open],
                             trial.begun[plan->brackets[i].close]);
        arena_free(trial.arena);
    }
    assert_true(refused < RANDOM_ROUNDS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_graphs_keep_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
