#include "fleet.h"

#include "base/json.h"
#include "harmless.h"
#include "providers/registry.h"
#include "schema/contract/check.h"
#include "unit.h"

enum { KINDS_MAX = 64 };

/* -- facts of bare nodes --------------------------------------------------------------------- */

Value *fleet_fact(Fleet *fleet, const char *source, const char *host)
{
    const Reading *reading = facts_get(fleet->facts, source, host);
    if (reading && reading->value)
        return (Value *)(uintptr_t)reading->value;
    Value *value = value_map(fleet->arena);
    facts_put_known(fleet->facts, source, arena_strdup(fleet->arena, host), value);
    return value;
}

Value *fleet_entry(Fleet *fleet, const char *source, const char *host, const char *name)
{
    Value *map = fleet_fact(fleet, source, host);
    const Value *found = value_get(map, name);
    if (found && found->type == VALUE_MAP)
        return (Value *)(uintptr_t)found;
    Value *made = value_map(fleet->arena);
    value_set(fleet->arena, map, name, made);
    return made;
}

/* What a node says about a thing that is not there. */
static void put_absent(Fleet *fleet, const char *source, const char *host, const char *name)
{
    if (value_get(fleet_fact(fleet, source, host), name))
        return;
    if (strcmp(source, "node.users") == 0 || strcmp(source, "node.certs") == 0) {
        value_set(fleet->arena, fleet_fact(fleet, source, host), name, &value_null);
        return;
    }
    Value *thing = fleet_entry(fleet, source, host, name);
    if (strcmp(source, "node.paths") == 0)
        value_set_text(fleet->arena, thing, "type", "absent");
    if (strcmp(source, "node.files") == 0)
        value_set_bool(fleet->arena, thing, "exists", false);
    if (strcmp(source, "node.units") == 0) {
        value_set_text(fleet->arena, thing, "load", "not-found");
        value_set_text(fleet->arena, thing, "active", "inactive");
        value_set_bool(fleet->arena, thing, "need_reload", false);
    }
    if (strcmp(source, "node.repo") == 0)
        value_set_int(fleet->arena, thing, "deb_count", 5);
}

static bool takes_names(const char *source)
{
    static const char *const names[] = {"node.paths", "node.files", "node.units",
                                        "node.users", "node.certs", "node.repo"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i], source) == 0)
            return true;
    }
    return false;
}

static void ask_for(Fleet *fleet, const Resource *resource)
{
    for (const char *const *source = resource->kind->sources; *source; source++) {
        if (facts_is_unknown(fleet->facts, *source, resource->host, NULL))
            continue;
        fleet_fact(fleet, *source, resource->host);
        const Value *arguments = value_get(resource->asks, *source);
        for (size_t i = 0; i < value_count(arguments); i++)
            put_absent(fleet, *source, resource->host, value_as_text(value_at(arguments, i), ""));
        if (!arguments && *resource->name && takes_names(*source))
            put_absent(fleet, *source, resource->host, resource->name);
    }
}

static ResourceSet *resources(Fleet *fleet, const Kind *kind, const Domain *domain, bool seen)
{
    ResourceSet *set = resource_set_new(fleet->arena, kind, domain);
    check_fine((seen ? kind->read : kind->desired)(domain, fleet->facts, set));
    return set;
}

/* Everything that is wanted is asked about; what was never heard of is not there. */
static void ask_all(Fleet *fleet)
{
    for (size_t i = 0; i < fleet->domain_count; i++) {
        for (const Kind *const *kind = fleet->registry.kinds; *kind; kind++) {
            if ((*kind)->domain != fleet->domains[i].type)
                continue;
            ResourceSet *set = resources(fleet, *kind, &fleet->domains[i], false);
            for (size_t k = 0; k < resource_set_count(set); k++)
                ask_for(fleet, resource_set_at(set, k));
        }
    }
}

static void boot(Fleet *fleet, const char *host)
{
    Arena *arena = fleet->arena;
    value_set_text(arena, fleet_fact(fleet, "node.os", host), "hostname", "debian");
    value_set_int(arena, fleet_fact(fleet, "node.clock", host), "wall_ms",
                  FLEET_CLOCK_S * INT64_C(1000));
    fleet_entry(fleet, "node.packages", host, "installed");
    fleet_fact(fleet, "node.markers", host);
    Value *listen = fleet_fact(fleet, "node.listen", host);
    if (!value_get(listen, "tcp"))
        value_set(arena, listen, "tcp", value_list(arena));
    Value *hosts = fleet_entry(fleet, "node.files", host, "/etc/hosts");
    value_set_bool(arena, hosts, "exists", true);
    value_set_text(arena, hosts, "content", "127.0.0.1 localhost\n");
    Value *member = fleet_fact(fleet, "etcd.member", host);
    static const char *const flags[] = {"configured", "data_initialized", "healthy"};
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        value_set_bool(arena, member, flags[i], false);
}

void fleet_set_inventory(Fleet *fleet, const char *inventory)
{
    Diagnostics *diagnostics = diagnostics_new(fleet->arena);
    fleet->inventory =
        inventory_load_bytes(fleet->arena, "test.yml", inventory, strlen(inventory), diagnostics);
    if (!fleet->inventory || diagnostics_error_count(diagnostics) > 0) {
        diagnostics_print(stderr, diagnostics, 10, false, false);
        fail_msg("the inventory has errors");
    }
    fleet->domain_count = domains_of(fleet->arena, fleet->inventory, &fleet->domains);
    for (size_t i = 0; i < inventory_host_count(fleet->inventory); i++) {
        const char *host = host_address(inventory_host_at(fleet->inventory, i));
        if (!facts_get(fleet->facts, "node.os", host))
            boot(fleet, host);
    }
    ask_all(fleet);
}

Fleet *fleet_bare(Arena *arena, const char *inventory)
{
    Fleet *fleet = ARENA_NEW(arena, Fleet);
    const Kind **kinds = ARENA_ARRAY(arena, const Kind *, KINDS_MAX);
    size_t count = 0;
    for (const Kind *const *kind = pgsteer_registry.kinds; *kind; kind++) {
        if ((*kind)->domain != DOMAIN_CLUSTER)
            kinds[count++] = *kind;
    }
    assert_true(count < KINDS_MAX);
    *fleet = (Fleet){.arena = arena, .registry = pgsteer_registry, .facts = facts_new(arena)};
    fleet->registry.kinds = kinds;
    fleet->etcd = value_map(arena);
    value_set(arena, fleet->etcd, "members", value_list(arena));
    value_set(arena, fleet->etcd, "users", value_list(arena));
    value_set(arena, fleet->etcd, "roles", value_map(arena));
    value_set_bool(arena, fleet->etcd, "auth_enabled", false);
    fleet_set_inventory(fleet, inventory);
    return fleet;
}

void fleet_lose(Fleet *fleet, const char *host)
{
    size_t count = facts_count(fleet->facts);
    for (size_t i = 0; i < count; i++) {
        const Reading *reading = facts_at(fleet->facts, i);
        if (strcmp(reading->subject, host) == 0)
            facts_put_unknown(fleet->facts, reading->source, reading->subject, ERROR_UNREACHABLE,
                              "no answer within 10 s");
    }
}

/* -- plans ----------------------------------------------------------------------------------- */

Plan *fleet_plan(Fleet *fleet)
{
    return fleet_plan_for(fleet, NULL);
}

Plan *fleet_plan_for(Fleet *fleet, const char *target)
{
    Plan *plan = NULL;
    const char *const targets[] = {target, NULL};
    ask_all(fleet);
    PlanInput input = {.registry = &fleet->registry,
                       .inventory = fleet->inventory,
                       .domains = fleet->domains,
                       .domain_count = fleet->domain_count,
                       .facts = fleet->facts,
                       .targets = target ? targets : NULL};
    check_fine(plan_build(fleet->arena, &input, &plan));
    expect_harmless(fleet->arena, plan);
    return plan;
}

static void expect_checks(Fleet *fleet, const Action *action, const CheckList *list,
                          const char *when)
{
    for (size_t i = 0; i < list->count; i++) {
        if (check_evaluate(&list->items[i], fleet->facts) != CHECK_HOLDS)
            fail_msg("%s (%s): %s %s: '%s' of %s at %s", action->address, action->verb->name, when,
                     list->items[i].sentence, list->items[i].path, list->items[i].source,
                     list->items[i].subject);
    }
}

static void carry_out(Fleet *fleet, const Action *action)
{
    CheckList pre = {0}, post = {0};
    EffectList effects = {0};
    if (action->verb->pre)
        action->verb->pre(fleet->arena, action, &pre);
    expect_checks(fleet, action, &pre, "before");
    if (action->verb->effects)
        if (action->verb->effects)
            action->verb->effects(fleet->arena, action, &effects);
    for (size_t i = 0; i < effects.count; i++)
        fleet_perform(fleet, &effects.items[i]);
    if (action->verb->post)
        action->verb->post(fleet->arena, action, &post);
    expect_checks(fleet, action, &post, "after");
}

void fleet_apply(Fleet *fleet, const Plan *plan)
{
    bool *is_done = ARENA_ARRAY(fleet->arena, bool, plan->action_count);
    size_t done_count = 0;
    while (done_count < plan->action_count) {
        size_t before = done_count;
        /* From the end: what no edge demands must not depend on the order of ids. */
        for (size_t i = plan->action_count; i-- > 0;) {
            size_t *earlier = NULL;
            size_t count = plan_predecessors(plan, i, fleet->arena, &earlier);
            bool is_ready = !is_done[i];
            for (size_t k = 0; k < count; k++)
                is_ready = is_ready && is_done[earlier[k]];
            if (!is_ready)
                continue;
            carry_out(fleet, &plan->actions[i]);
            is_done[i] = true;
            done_count++;
        }
        assert_true(done_count > before);
    }
}

static bool carries_out(const Action *action, const char *address)
{
    const Value *items = value_get(action->args, "items");
    for (size_t i = 0; i < value_count(items); i++) {
        if (strcmp(value_get_text(value_at(items, i), "address"), address) == 0)
            return true;
    }
    return strcmp(action->address, address) == 0;
}

static size_t action_index(const Plan *plan, const char *address)
{
    for (size_t i = 0; i < plan->action_count; i++) {
        if (carries_out(&plan->actions[i], address))
            return i;
    }
    return SIZE_MAX;
}

const Action *fleet_action(const Plan *plan, const char *address)
{
    size_t index = action_index(plan, address);
    if (index == SIZE_MAX)
        fail_msg("the plan has no action %s", address);
    return &plan->actions[index];
}

bool fleet_waits(const Plan *plan, const char *after, const char *before)
{
    CLEANUP(arena_freep) Arena *arena = arena_new();
    bool *is_before = ARENA_ARRAY(arena, bool, plan->action_count);
    is_before[fleet_action(plan, after) - plan->actions] = true;
    bool has_grown = true;
    while (has_grown) {
        has_grown = false;
        for (size_t i = 0; i < plan->edge_count; i++) {
            const PlanEdge *edge = &plan->edges[i];
            if (is_before[edge->to] && !is_before[edge->from])
                is_before[edge->from] = has_grown = true;
        }
    }
    return is_before[fleet_action(plan, before) - plan->actions];
}

const Change *fleet_change(const Plan *plan, const char *address)
{
    for (size_t i = 0; i < plan->block_count; i++) {
        for (size_t k = 0; k < plan->blocks[i].change_count; k++) {
            const Change *change = &plan->blocks[i].changes[k];
            if (strcmp(change_resource(change)->address, address) == 0)
                return change;
        }
    }
    return NULL;
}

static const Resource *find(Fleet *fleet, const char *address, bool seen)
{
    for (size_t i = 0; i < fleet->domain_count; i++) {
        for (const Kind *const *kind = fleet->registry.kinds; *kind; kind++) {
            if ((*kind)->domain != fleet->domains[i].type)
                continue;
            const Resource *found =
                resource_set_get(resources(fleet, *kind, &fleet->domains[i], seen), address);
            if (found)
                return found;
        }
    }
    return NULL;
}

const Resource *fleet_desired(Fleet *fleet, const char *address)
{
    return find(fleet, address, false);
}

const Resource *fleet_observed(Fleet *fleet, const char *address)
{
    return find(fleet, address, true);
}

/* -- expectations ------------------------------------------------------------------------------ */

void fleet_expect_nothing(Fleet *fleet)
{
    Plan *plan = fleet_plan(fleet);
    for (size_t i = 0; i < plan->action_count; i++)
        print_error("still planned: %s\n", plan->actions[i].address);
    assert_true(plan_is_empty(plan));
}

const char *fleet_effects(Fleet *fleet, const Action *action)
{
    EffectList effects = {0};
    CLEANUP(text_release) Text out = TEXT_INIT;
    if (action->verb->effects)
        action->verb->effects(fleet->arena, action, &effects);
    for (size_t i = 0; i < effects.count; i++) {
        check_fine(effect_check(&effects.items[i]));
        text_addf(&out, "%s%s ", i ? "\n" : "", effect_rows[effects.items[i].type].name);
        json_write(&out, effects.items[i].args);
    }
    return text_copy(&out, fleet->arena);
}

void fleet_expect_withheld(Fleet *fleet, const char *address, const char *reason)
{
    Plan *plan = fleet_plan(fleet);
    const Change *change = fleet_change(plan, address);
    if (!change)
        fail_msg("%s is not in the plan", address);
    assert_int_equal(change->op, CHANGE_WITHHOLD);
    if (!strstr(change->withhold_reason, reason))
        fail_msg("%s: '%s' is not in '%s'", address, reason, change->withhold_reason);
}

const char *fleet_words(Arena *arena, const Value *list)
{
    CLEANUP(text_release) Text out = TEXT_INIT;
    for (size_t i = 0; i < value_count(list); i++)
        text_addf(&out, "%s%s", i ? " " : "", value_as_text(value_at(list, i), "?"));
    return text_copy(&out, arena);
}

/* All as the inventory wants it. */
Fleet *fleet_made(void **state, const char *inventory)
{
    Fleet *fleet = fleet_bare(*state, inventory);
    fleet_apply(fleet, fleet_plan(fleet));
    return fleet;
}

/* One thing differs: exactly this action (and what goes with it) is planned, and heals it. */
void fleet_expect_heals(Fleet *fleet, const char *address, const char *verb, const char *effects)
{
    Plan *plan = fleet_plan(fleet);
    const Action *action = fleet_action(plan, address);
    assert_string_equal(action->verb->name, verb);
    assert_string_equal(fleet_effects(fleet, action), effects);
    assert_int_equal(plan->change_count + plan->add_count + plan->destroy_count, 1);
    fleet_apply(fleet, plan);
    fleet_expect_nothing(fleet);
}

Value *fleet_known(Fleet *fleet, const char *source, const char *host, const char *name)
{
    const Value *value = value_get(fleet_fact(fleet, source, host), name);
    assert_non_null(value);
    return (Value *)(uintptr_t)value;
}
