/* schedule: order, limits, brackets, skipping, draining; and random graphs against invariants. */
#include <stdlib.h>
#include <string.h>

#include "engine/schedule.h"
#include "fake_world.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    FakePlan *fake;
    Schedule *schedule;
} Fixture;

static void fixture_end(Fixture *f)
{
    arena_free(f->arena);
}

static Fixture fixture(void)
{
    Arena *arena = arena_new();
    return (Fixture){.arena = arena, .fake = fake_plan_new(arena)};
}

static size_t add(Fixture *f, const char *name)
{
    return fake_plan_add(f->fake, "put", name, "10.0.0.1", 0);
}

static size_t add_disruptive(Fixture *f, const char *name)
{
    return fake_plan_add(f->fake, "put.disruptive", name, "10.0.0.1", 0);
}

static void begin(Fixture *f)
{
    assert_null(schedule_new(f->arena, &f->fake->plan, &f->schedule));
}

static void expect_step(Fixture *f, StepType type, size_t action)
{
    Step step = {STEP_RUN, 999, 0};
    assert_true(schedule_next(f->schedule, &step));
    assert_int_equal(step.action, action);
    assert_int_equal(step.type, type);
}

static void expect_skip(Fixture *f, size_t action, size_t cause)
{
    Step step = {STEP_RUN, 999, 0};
    assert_true(schedule_next(f->schedule, &step));
    assert_int_equal(step.action, action);
    assert_int_equal(step.type, STEP_SKIP);
    assert_int_equal(step.cause, cause);
}

static void expect_wait(Fixture *f)
{
    Step step;
    assert_false(schedule_next(f->schedule, &step));
}

static void longest_path_first(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t lonely = add(&f, "lonely"), head = add(&f, "head"), tail = add(&f, "tail");
    fake_plan_edge(f.fake, head, tail);
    begin(&f);
    assert_int_equal(schedule_remaining_ms(f.schedule, head), 20);
    expect_step(&f, STEP_RUN, head);
    expect_step(&f, STEP_RUN, lonely);
    expect_wait(&f);
    schedule_finish(f.schedule, head, FINISH_DONE);
    expect_step(&f, STEP_RUN, tail);
    schedule_finish(f.schedule, tail, FINISH_DONE);
    assert_false(schedule_is_settled(f.schedule));
    schedule_finish(f.schedule, lonely, FINISH_DONE);
    assert_true(schedule_is_settled(f.schedule));
}

static void a_circle_is_refused(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t a = add(&f, "a"), b = add(&f, "b");
    fake_plan_edge(f.fake, a, b);
    fake_plan_edge(f.fake, b, a);
    CLEANUP(error_freep) Error *error = schedule_new(f.arena, &f.fake->plan, &f.schedule);
    assert_non_null(error);
    assert_int_equal(error->code, ERROR_INVALID);
}

static void ids_outside_are_refused(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        CLEANUP(fixture_end) Fixture f = fixture();
        size_t a = add(&f, "a"), far = 7;
        if (i == 0)
            fake_plan_edge(f.fake, a, far);
        else if (i == 1)
            fake_plan_limit(f.fake, "l", 1, &far, 1);
        else if (i == 2)
            fake_plan_bracket(f.fake, a, far, NULL, 0);
        else
            fake_plan_bracket(f.fake, a, add(&f, "b"), &far, 1);
        CLEANUP(error_freep) Error *error = schedule_new(f.arena, &f.fake->plan, &f.schedule);
        assert_non_null(error);
        assert_int_equal(error->code, ERROR_INVALID);
    }
}

static void what_follows_a_failure_is_skipped(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t a = add(&f, "a"), b = add(&f, "b"), c = add(&f, "c"), other = add(&f, "other");
    fake_plan_edge(f.fake, a, b);
    fake_plan_edge(f.fake, b, c);
    begin(&f);
    expect_step(&f, STEP_RUN, a);
    expect_step(&f, STEP_RUN, other);
    schedule_finish(f.schedule, a, FINISH_FAILED);
    expect_skip(&f, b, a);
    expect_skip(&f, c, a);
    schedule_finish(f.schedule, other, FINISH_DONE);
    assert_true(schedule_is_settled(f.schedule));
}

static void a_limit_is_kept(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = add(&f, "x");
    fake_plan_limit(f.fake, "two", 2, ids, 3);
    begin(&f);
    expect_step(&f, STEP_RUN, ids[0]);
    expect_step(&f, STEP_RUN, ids[1]);
    expect_wait(&f);
    schedule_finish(f.schedule, ids[1], FINISH_FAILED);
    expect_step(&f, STEP_RUN, ids[2]);
}

/* Taken together: the one that lacks one of two limits holds none of them. */
static void limits_are_taken_together(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t both = add(&f, "both"), one = add(&f, "one"), two = add(&f, "two"), end = add(&f, "end");
    size_t first[] = {both, one}, second[] = {both, two};
    fake_plan_limit(f.fake, "1", 1, first, 2);
    fake_plan_limit(f.fake, "2", 1, second, 2);
    fake_plan_edge(f.fake, one, end);
    begin(&f);
    expect_step(&f, STEP_RUN, one);
    expect_step(&f, STEP_RUN, two);
    schedule_finish(f.schedule, one, FINISH_DONE);
    expect_step(&f, STEP_RUN, end);
    expect_wait(&f);
    schedule_finish(f.schedule, two, FINISH_DONE);
    expect_step(&f, STEP_RUN, both);
}

static void a_failed_disruption_stops_the_next(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t ids[2] = {add_disruptive(&f, "a"), add_disruptive(&f, "b")}, calm = add(&f, "calm");
    fake_plan_limit(f.fake, "disrupt.pg-test", 1, ids, 2);
    begin(&f);
    expect_step(&f, STEP_RUN, ids[0]);
    expect_step(&f, STEP_RUN, calm);
    expect_wait(&f);
    schedule_finish(f.schedule, ids[0], FINISH_FAILED);
    expect_skip(&f, ids[1], ids[0]);
    schedule_finish(f.schedule, calm, FINISH_DONE);
    assert_true(schedule_is_settled(f.schedule));
}

/* Another cluster is not concerned, unless it waits for the same place. */
static void a_dead_place_is_not_waited_for(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t ids[2] = {add_disruptive(&f, "a"), add_disruptive(&f, "b")};
    f.fake->actions[ids[1]].cluster = "pg-other";
    fake_plan_limit(f.fake, "site", 1, ids, 2);
    begin(&f);
    expect_step(&f, STEP_RUN, ids[0]);
    schedule_finish(f.schedule, ids[0], FINISH_FAILED);
    expect_skip(&f, ids[1], ids[0]);
}

static void what_did_nothing_gives_its_place_back(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t ids[2] = {add_disruptive(&f, "a"), add_disruptive(&f, "b")};
    fake_plan_limit(f.fake, "disrupt.pg-test", 1, ids, 2);
    begin(&f);
    expect_step(&f, STEP_RUN, ids[0]);
    schedule_finish(f.schedule, ids[0], FINISH_UNTOUCHED);
    expect_step(&f, STEP_RUN, ids[1]);
}

/* -- brackets -------------------------------------------------------------------------------- */

typedef struct Bracketed {
    Fixture f;
    size_t open, body[2], close, after;
} Bracketed;

static Bracketed bracketed(void)
{
    Bracketed b = {.f = fixture()};
    b.open = add(&b.f, "open");
    b.body[0] = add(&b.f, "body 0");
    b.body[1] = add(&b.f, "body 1");
    b.close = add(&b.f, "close");
    b.after = add(&b.f, "after");
    fake_plan_bracket(b.f.fake, b.open, b.close, b.body, 2);
    fake_plan_edge(b.f.fake, b.body[0], b.body[1]);
    fake_plan_edge(b.f.fake, b.close, b.after);
    begin(&b.f);
    return b;
}

static void bracketed_end(Bracketed *b)
{
    fixture_end(&b->f);
}

static void a_bracket_closes_after_a_failure(void **state)
{
    (void)state;
    CLEANUP(bracketed_end) Bracketed b = bracketed();
    expect_step(&b.f, STEP_RUN, b.open);
    schedule_finish(b.f.schedule, b.open, FINISH_DONE);
    expect_step(&b.f, STEP_RUN, b.body[0]);
    schedule_finish(b.f.schedule, b.body[0], FINISH_FAILED);
    expect_skip(&b.f, b.body[1], b.body[0]);
    expect_step(&b.f, STEP_RUN, b.close);
    schedule_finish(b.f.schedule, b.close, FINISH_DONE);
    expect_skip(&b.f, b.after, b.body[0]);
    assert_true(schedule_is_settled(b.f.schedule));
}

static void a_bracket_closes_while_draining(void **state)
{
    (void)state;
    CLEANUP(bracketed_end) Bracketed b = bracketed();
    expect_step(&b.f, STEP_RUN, b.open);
    schedule_drain(b.f.schedule);
    schedule_finish(b.f.schedule, b.open, FINISH_DONE);
    expect_step(&b.f, STEP_CANCEL, b.body[0]);
    expect_step(&b.f, STEP_CANCEL, b.body[1]);
    expect_step(&b.f, STEP_RUN, b.close);
    schedule_finish(b.f.schedule, b.close, FINISH_DONE);
    expect_step(&b.f, STEP_CANCEL, b.after);
    assert_true(schedule_is_settled(b.f.schedule));
}

/* It may have opened before it failed. */
static void a_bracket_closes_when_its_open_failed(void **state)
{
    (void)state;
    CLEANUP(bracketed_end) Bracketed b = bracketed();
    expect_step(&b.f, STEP_RUN, b.open);
    schedule_finish(b.f.schedule, b.open, FINISH_FAILED);
    expect_skip(&b.f, b.body[0], b.open);
    expect_skip(&b.f, b.body[1], b.open);
    expect_step(&b.f, STEP_RUN, b.close);
}

static void a_bracket_that_never_opened_is_not_closed(void **state)
{
    (void)state;
    CLEANUP(bracketed_end) Bracketed b = bracketed();
    expect_step(&b.f, STEP_RUN, b.open);
    schedule_finish(b.f.schedule, b.open, FINISH_UNTOUCHED);
    expect_skip(&b.f, b.body[0], b.open);
    expect_skip(&b.f, b.body[1], b.open);
    expect_skip(&b.f, b.close, b.open);
    expect_skip(&b.f, b.after, b.open);
    assert_true(schedule_is_settled(b.f.schedule));
}

static void draining_before_the_open_closes_nothing(void **state)
{
    (void)state;
    CLEANUP(bracketed_end) Bracketed b = bracketed();
    schedule_drain(b.f.schedule);
    expect_step(&b.f, STEP_CANCEL, b.open);
    expect_step(&b.f, STEP_CANCEL, b.body[0]);
    expect_step(&b.f, STEP_CANCEL, b.body[1]);
    expect_step(&b.f, STEP_CANCEL, b.close);
    expect_step(&b.f, STEP_CANCEL, b.after);
}

/* The place is taken at the open, kept between two bodies, and given back at the close. */
static void a_bracket_holds_its_limits(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t open = add(&f, "open"), body = add(&f, "body"), close = add(&f, "close");
    size_t rival = add(&f, "rival"), limited[] = {body, rival};
    fake_plan_bracket(f.fake, open, close, &body, 1);
    fake_plan_limit(f.fake, "disrupt", 1, limited, 2);
    begin(&f);
    expect_step(&f, STEP_RUN, open);
    expect_wait(&f);
    schedule_finish(f.schedule, open, FINISH_DONE);
    expect_step(&f, STEP_RUN, body);
    expect_wait(&f);
    schedule_finish(f.schedule, body, FINISH_DONE);
    expect_step(&f, STEP_RUN, close);
    expect_wait(&f);
    schedule_finish(f.schedule, close, FINISH_DONE);
    expect_step(&f, STEP_RUN, rival);
}

static void brackets_nest(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t open = add(&f, "open"), inner = add(&f, "inner open"), body = add(&f, "body");
    size_t inner_close = add(&f, "inner close"), close = add(&f, "close");
    size_t inside[] = {inner, body, inner_close};
    fake_plan_bracket(f.fake, open, close, inside, 3);
    fake_plan_bracket(f.fake, inner, inner_close, &body, 1);
    fake_plan_limit(f.fake, "disrupt", 1, &body, 1);
    begin(&f);
    size_t order[] = {open, inner, body, inner_close, close};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        expect_step(&f, STEP_RUN, order[i]);
        expect_wait(&f);
        schedule_finish(f.schedule, order[i], i == 2 ? FINISH_FAILED : FINISH_DONE);
    }
    assert_true(schedule_is_settled(f.schedule));
}

/* What the body waits for is waited for before anything is held. */
static void a_bracket_opens_when_its_body_can_run(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t open = add(&f, "open"), body = add(&f, "body"), close = add(&f, "close");
    size_t first = add(&f, "first"), limited[] = {body, first};
    fake_plan_bracket(f.fake, open, close, &body, 1);
    fake_plan_limit(f.fake, "disrupt", 1, limited, 2);
    fake_plan_edge(f.fake, first, body);
    begin(&f);
    expect_step(&f, STEP_RUN, first);
    expect_wait(&f);
    schedule_finish(f.schedule, first, FINISH_DONE);
    expect_step(&f, STEP_RUN, open);
}

/* What lies between two bodies is inside, too, and takes its limit from the bracket. */
static void between_bodies_is_inside(void **state)
{
    (void)state;
    CLEANUP(fixture_end) Fixture f = fixture();
    size_t open = add(&f, "open"), body = add(&f, "body"), last = add(&f, "last");
    size_t between = add(&f, "between"), close = add(&f, "close");
    size_t bodies[] = {body, last}, limited[] = {body, between};
    fake_plan_bracket(f.fake, open, close, bodies, 2);
    fake_plan_limit(f.fake, "disrupt", 1, limited, 2);
    fake_plan_edge(f.fake, body, between);
    fake_plan_edge(f.fake, between, last);
    begin(&f);
    size_t order[] = {open, body, between, last, close};
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        expect_step(&f, STEP_RUN, order[i]);
        schedule_finish(f.schedule, order[i], FINISH_DONE);
    }
    assert_true(schedule_is_settled(f.schedule));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longest_path_first),
        cmocka_unit_test(a_circle_is_refused),
        cmocka_unit_test(ids_outside_are_refused),
        cmocka_unit_test(what_follows_a_failure_is_skipped),
        cmocka_unit_test(a_limit_is_kept),
        cmocka_unit_test(limits_are_taken_together),
        cmocka_unit_test(a_failed_disruption_stops_the_next),
        cmocka_unit_test(a_dead_place_is_not_waited_for),
        cmocka_unit_test(what_did_nothing_gives_its_place_back),
        cmocka_unit_test(a_bracket_closes_after_a_failure),
        cmocka_unit_test(a_bracket_closes_while_draining),
        cmocka_unit_test(a_bracket_closes_when_its_open_failed),
        cmocka_unit_test(a_bracket_that_never_opened_is_not_closed),
        cmocka_unit_test(draining_before_the_open_closes_nothing),
        cmocka_unit_test(a_bracket_holds_its_limits),
        cmocka_unit_test(brackets_nest),
        cmocka_unit_test(a_bracket_opens_when_its_body_can_run),
        cmocka_unit_test(between_bodies_is_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
