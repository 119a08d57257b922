#include "rehearsal.h"

#include "engine/credentials.h"
#include "harmless.h"
#include "providers/registry.h"
#include "unit.h"

enum { WORKERS = 16 };

void rehearsal_load(Rehearsal *it, const char *text)
{
    Diagnostics *diagnostics = diagnostics_new(it->arena);
    it->inventory = inventory_load_bytes(it->arena, "test.yml", text, strlen(text), diagnostics);
    assert_non_null(it->inventory);
    assert_int_equal(diagnostics_error_count(diagnostics), 0);
    it->domain_count = domains_of(it->arena, it->inventory, &it->domains);
    for (size_t i = 0; i < inventory_host_count(it->inventory); i++)
        it->sim.add_node(it->sim.context, host_address(inventory_host_at(it->inventory, i)));
}

void rehearsal_begin(Rehearsal *it, uint64_t seed, const char *text)
{
    *it = (Rehearsal){.arena = arena_new(), .sim = sim_new(seed)};
    rehearsal_load(it, text);
}

void rehearsal_end(Rehearsal *it)
{
    execution_end(it->execution);
    observation_end(it->observation);
    it->sim.free(it->sim.context);
    arena_free(it->arena);
}

Error *rehearsal_try_plan(Rehearsal *it)
{
    ObserveInput observe_input = {.registry = &pgsteer_registry,
                                  .domains = it->domains,
                                  .domain_count = it->domain_count,
                                  .world = it->sim.world,
                                  .workers = WORKERS};
    observation_endp(&it->observation);
    check_fine(observe(it->arena, &observe_input, &it->observation));
    PlanInput input = {.registry = &pgsteer_registry,
                       .inventory = it->inventory,
                       .domains = it->domains,
                       .domain_count = it->domain_count,
                       .facts = it->observation->facts};
    TRY(plan_build(it->arena, &input, &it->plan));
    expect_harmless(it->arena, it->plan);
    return NULL;
}

void rehearsal_plan(Rehearsal *it)
{
    check_fine(rehearsal_try_plan(it));
}

/* What was not done, a line each. */
static const char *why_not(const Rehearsal *it)
{
    CLEANUP(text_release) Text lines = TEXT_INIT;
    for (size_t i = 0; i < it->plan->action_count; i++) {
        const ActionResult *result = &it->execution->results[i];
        if (result->state == ACTION_DONE)
            continue;
        char *text = result->error ? error_text(result->error) : NULL;
        text_addf(&lines, "%s %s: %s: %s\n", it->plan->actions[i].verb->name,
                  it->plan->actions[i].address, action_state_name(result->state), text ? text : "");
        free(text);
    }
    return text_copy(&lines, it->arena);
}

size_t rehearsal_apply(Rehearsal *it, const char **ret_why)
{
    Secrets *secrets = NULL;
    Diagnostics *diagnostics = diagnostics_new(it->arena);
    Credentials *credentials = credentials_new(it->arena, it->inventory, it->observation->facts,
                                               it->sim.world, &pgsteer_registry, diagnostics);
    check_fine(secrets_resolve(it->arena, it->plan, credentials_text, credentials, &secrets));
    ExecutorInput input = {.plan = it->plan,
                           .registry = &pgsteer_registry,
                           .world = it->sim.world,
                           .run = "run-1",
                           .secrets = secrets,
                           .workers = WORKERS};
    execution_endp(&it->execution);
    check_fine(executor_run(it->arena, &input, &it->execution));
    if (ret_why)
        *ret_why = why_not(it);
    return it->plan->action_count - it->execution->counts[ACTION_DONE];
}

bool rehearsal_is_done(Rehearsal *it)
{
    rehearsal_plan(it);
    return it->plan->action_count == 0 &&
           it->observation->hosts_observed == it->observation->hosts_wanted;
}

static void add_change(Text *lines, const Change *change)
{
    text_addf(lines, "%s %s:", change_op_name(change->op), change_resource(change)->address);
    for (size_t i = 0; i < change->param_count; i++) {
        const ParamChange *param = &change->params[i];
        text_addf(lines, " %s%s%s (", param->row->name, param->key ? "/" : "",
                  param->key ? param->key : "");
        if (param->before)
            value_format(lines, param->before);
        text_add(lines, " -> ");
        if (param->after)
            value_format(lines, param->after);
        text_add(lines, ")");
    }
    text_add(lines, "\n");
}

const char *rehearsal_rest(const Rehearsal *it)
{
    CLEANUP(text_release) Text lines = TEXT_INIT;
    for (size_t i = 0; i < it->plan->block_count; i++) {
        for (size_t k = 0; k < it->plan->blocks[i].change_count; k++)
            add_change(&lines, &it->plan->blocks[i].changes[k]);
    }
    for (size_t i = 0; i < it->plan->action_count; i++)
        text_addf(&lines, "%s %s\n", it->plan->actions[i].verb->name, it->plan->actions[i].address);
    return text_copy(&lines, it->arena);
}
