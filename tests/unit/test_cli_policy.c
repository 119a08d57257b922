/* policy: which impact is allowed when, by whom; every bound against every impact. */
#include <stdlib.h>
#include <string.h>

#include "cli/policy.h"
#include "unit.h"

typedef struct Fixture {
    Arena *arena;
    Cli cli;
    char *err;
    size_t err_size;
} Fixture;

static void fixture_end(Fixture *f)
{
    fclose(f->cli.screen.err);
    free(f->err);
    arena_free(f->arena);
    free(f);
}

static void fixture_endp(Fixture **f)
{
    fixture_end(*f);
}

static Fixture *fixture(void)
{
    Fixture *f = must_malloc(sizeof(*f));
    memset(f, 0, sizeof(*f));
    f->arena = arena_new();
    f->cli = (Cli){.arena = f->arena, .common.input = true, .screen.columns = 100};
    f->cli.screen.err = open_memstream(&f->err, &f->err_size);
    return f;
}

static Plan plan_of(Availability impact)
{
    Plan plan = {0};
    plan.impact.reloads = impact == AVAILABLE_RELOAD;
    plan.impact.reconnects = impact == AVAILABLE_RECONNECT;
    plan.impact.restarts = impact == AVAILABLE_RESTART;
    plan.impact.switchovers = impact == AVAILABLE_WRITE_GAP;
    plan.impact.rebuilds = impact == AVAILABLE_REBUILD;
    return plan;
}

static const struct {
    const char *name;
    Availability most;
} bounds[] = {{"none", AVAILABLE},
              {"reload", AVAILABLE_RELOAD},
              {"reconnect", AVAILABLE_RECONNECT},
              {"restart", AVAILABLE_RESTART},
              {"switchover", AVAILABLE_WRITE_GAP}};

static void every_bound_against_every_impact(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bounds); i++) {
        for (Availability impact = 0; impact < AVAILABILITY_COUNT; impact++) {
            CLEANUP(fixture_endp) Fixture *f = fixture();
            Plan plan = plan_of(impact);
            assert_int_equal(policy_impact(&plan), impact);
            CLEANUP(error_freep)
            Error *error = policy_check_bound(&f->cli, &plan, bounds[i].name);
            bool is_refused = impact > bounds[i].most;
            assert_int_equal(error != NULL, is_refused);
            assert_int_equal(outcome_exit_status(&f->cli.outcome), is_refused ? 4 : 0);
            assert_int_equal(f->cli.is_reported && f->cli.is_classified, is_refused);
        }
    }
}

static void a_write_gap_is_a_switchover(void **state)
{
    (void)state;
    Plan plan = {.impact.write_gap_ms = 5};
    assert_int_equal(policy_impact(&plan), AVAILABLE_WRITE_GAP);
}

/* Without a terminal, -auto-approve alone is good for reloads. */
static void unasked_approval_is_bounded(void **state)
{
    (void)state;
    for (Availability impact = 0; impact < AVAILABILITY_COUNT; impact++) {
        for (int is_tty = 0; is_tty < 2; is_tty++) {
            CLEANUP(fixture_endp) Fixture *f = fixture();
            Plan plan = plan_of(impact);
            f->cli.screen.in_is_tty = is_tty;
            CLEANUP(error_freep) Error *error = policy_approve(&f->cli, &plan, NULL, true, false);
            assert_int_equal(error != NULL, !is_tty && impact > AVAILABLE_RELOAD);
        }
    }
}

static void a_bound_replaces_the_default(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Plan plan = plan_of(AVAILABLE_RESTART);
    assert_null(policy_approve(&f->cli, &plan, "restart", true, false));
    CLEANUP(error_freep) Error *error = policy_approve(&f->cli, &plan, "reload", true, true);
    assert_non_null(error);
}

static void a_saved_plan_is_its_own_approval(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Plan plan = plan_of(AVAILABLE_WRITE_GAP);
    assert_null(policy_approve(&f->cli, &plan, NULL, false, true));
}

static void lost_data_is_refused_whoever_asks(void **state)
{
    (void)state;
    CLEANUP(fixture_endp) Fixture *f = fixture();
    Plan plan = {.impact.data_lost = true};
    CLEANUP(error_freep) Error *error = policy_approve(&f->cli, &plan, "switchover", true, true);
    assert_non_null(error);
    assert_int_equal(outcome_exit_status(&f->cli.outcome), 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bound_against_every_impact),
        cmocka_unit_test(a_write_gap_is_a_switchover),
        cmocka_unit_test(unasked_approval_is_bounded),
        cmocka_unit_test(a_bound_replaces_the_default),
        cmocka_unit_test(a_saved_plan_is_its_own_approval),
        cmocka_unit_test(lost_data_is_refused_whoever_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
