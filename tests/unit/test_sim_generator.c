/*
 * The generator of the simulated fleet's inventories: all that it says is valid, it reaches each
 * kind and each change of a param that an inventory can ask for, and what fails is made small.
 */
#include "generator.h"
#include "plans/difference.h"
#include "providers/registry.h"
#include "unit.h"

enum { SEEDS = 300 };

/* What no later inventory of the same fleet can change, each with the reason. */
static const struct {
    const char *what, *why;
} constant[] = {
    {"dir.owner", "the owner of a data directory is made with it"},
    {"link.target", "another major version is an upgrade"},
    {"cert.issuer", "the authority is made once"},
    {"etcd.voter", "a member that stands has its vote"},
    {"etcd_learner", "none is left but by a run that was cut short"},
    {"etcd_learner delete", "none is left but by a run that was cut short"},
    {"etcd_user.prefix", "a cluster does not move within etcd"},
    {"instance.running", "no member without Patroni"},
    {"provision.privileges", "the statements of the default set are all that is known"},
    {"provision.functions", "unmanaged while nobody wants them: seen on nodes alone"},
    {"pooler.running", "a pool that is not wanted is no resource"},
    {"haproxy.running", "a proxy that is not wanted is no resource"},
};

/* Needs that come from single keys. */
static const char *const needs[] = {
    "config.settings nothing",   "config.settings restart", "autoconf.settings reload",
    "autoconf.settings restart", "etcd.config restart",     "pooler.ini reload",
    "pooler.ini restart",        "hba.rules reload",        "instance.config reload",
    "service.bind reload",       "haproxy.config reload",
};

/* -- loading ----------------------------------------------------------------------------------- */

static DifferenceSide side(Arena *arena, const char *name, const Choices *choices, uint64_t seed)
{
    const char *text = choices_text(arena, choices);
    Diagnostics *diagnostics = diagnostics_new(arena);
    DifferenceSide side = {.name = name,
                           .inventory =
                               inventory_load_bytes(arena, name, text, strlen(text), diagnostics)};
    if (diagnostics_error_count(diagnostics) > 0) {
        diagnostics_print(stderr, diagnostics, 10, false, false);
        fputs(text, stderr);
        fail_msg("seed %llu, %s", (unsigned long long)seed, name);
    }
    side.domain_count = domains_of(arena, side.inventory, &side.domains);
    return side;
}

/* -- what is reached --------------------------------------------------------------------------- */

static void mark(Map *reached, const char *what)
{
    map_set(reached, what, reached);
}

static void mark_kinds(Arena *arena, const DifferenceSide *side, Map *reached)
{
    const Facts *facts = facts_new(arena);
    for (size_t i = 0; i < side->domain_count; i++) {
        for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
            if ((*kind)->domain != side->domains[i].type)
                continue;
            ResourceSet *set = resource_set_new(arena, *kind, &side->domains[i]);
            check_fine((*kind)->desired(&side->domains[i], facts, set));
            if (resource_set_count(set) > 0)
                mark(reached, (*kind)->name);
        }
    }
}

static void mark_change(Arena *arena, const Change *change, Map *reached)
{
    const Kind *kind = change_resource(change)->kind;
    mark(reached, arena_printf(arena, "%s %s", kind->name, change_op_name(change->op)));
    for (size_t i = 0; change->op == CHANGE_UPDATE && i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        mark(reached, arena_printf(arena, "%s.%s", kind->name, param->row->name));
        mark(reached,
             arena_printf(arena, "%s.%s %s", kind->name, param->row->name, need_name(param->need)));
    }
}

static void mark_changes(Arena *arena, const Plan *difference, Map *reached)
{
    for (size_t i = 0; i < difference->block_count; i++) {
        const PlanBlock *block = &difference->blocks[i];
        for (size_t k = 0; k < block->change_count; k++)
            mark_change(arena, &block->changes[k], reached);
    }
}

static void mark_seed(Arena *arena, uint64_t seed, Map *reached)
{
    CLEANUP(arena_freep) Arena *mine = arena_new();
    Pair pair = pair_from(seed);
    DifferenceSide from = side(mine, "from", &pair.from, seed),
                   to = side(mine, "to", &pair.to, seed);
    Plan *difference;
    mark_kinds(mine, &from, reached);
    check_fine(difference_make(mine, &pgsteer_registry, &from, &to, &difference));
    mark_changes(arena, difference, reached);
}

static bool is_constant(const char *what)
{
    for (size_t i = 0; i < COUNT_OF(constant); i++) {
        if (strcmp(constant[i].what, what) == 0)
            return true;
    }
    return false;
}

static void expect(const Map *reached, const char *what)
{
    if (!map_get(reached, what) && !is_constant(what))
        fail_msg("%d seeds never have: %s", SEEDS, what);
    if (map_get(reached, what) && is_constant(what))
        fail_msg("%s is no constant", what);
}

/* It comes to be in some inventory; what the inventory says of it changes in a later one. */
static void expect_kind(Arena *arena, const Map *reached, const Kind *kind)
{
    expect(reached, kind->name);
    if (kind->delete_verb)
        expect(reached, arena_printf(arena, "%s delete", kind->name));
    for (size_t i = 0; kind->update_verb && i < kind->param_count; i++) {
        const ParamRow *row = &kind->params[i];
        if (row->inventory && !(row->flags & PARAM_FLAG_CREATE_ONLY))
            expect(reached, arena_printf(arena, "%s.%s", kind->name, row->name));
    }
}

static void reaches_every_kind_and_change(void **state)
{
    (void)state;
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Map *reached = map_new(arena);
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        mark_seed(arena, seed, reached);
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++)
        expect_kind(arena, reached, *kind);
    for (size_t i = 0; i < COUNT_OF(needs); i++)
        expect(reached, needs[i]);
}

/* -- shrinking --------------------------------------------------------------------------------- */

typedef struct Planted {
    const char *before, *after; /* in the texts of a pair */
    size_t tries;
} Planted;

static bool has_planted(void *context, const Pair *pair)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    Planted *planted = context;
    planted->tries++;
    return strstr(choices_text(arena, &pair->from), planted->before) &&
           strstr(choices_text(arena, &pair->to), planted->after);
}

static size_t choice_count(const Choices *choices)
{
    size_t count = 0;
    for (size_t i = 0; i < PLACES_MAX; i++)
        count += choices->at[i] > 0;
    return count;
}

/* Of a pair that fails for a known reason that reason is left. */
static void shrinks_to_the_planted_mistake(void **state)
{
    (void)state;
    enum { TRIES_MAX = 700, LEFT_MAX = 3 }; /* two clusters may have it */
    Planted planted = {.before = "wal_buffers: 8MB", .after = "wal_buffers: 16MB"};
    uint64_t seed = 1;
    Pair pair = pair_from(seed);
    while (!has_planted(&planted, &pair))
        pair = pair_from(++seed);
    planted.tries = 0;
    pair = pair_shrink(&pair, has_planted, &planted);
    assert_true(has_planted(&planted, &pair));
    assert_in_range(choice_count(&pair.from), 1, LEFT_MAX);
    assert_in_range(choice_count(&pair.to), 1, LEFT_MAX);
    assert_in_range(planted.tries, 1, TRIES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_every_kind_and_change),
        cmocka_unit_test(shrinks_to_the_planted_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
