#include "schema/rules.h"

#include <assert.h>
#include <string.h>

#include "schema/rules_internal.h"

static const RuleTable *const tables[] = {
    &rules_identity,  &rules_upstream,  &rules_infra,  &rules_roles,
    &rules_databases, &rules_libraries, &rules_unmet,  &rules_ports,
    &rules_addresses, &rules_access,    &rules_hba,    &rules_settings,
    &rules_dcs,       &rules_capacity,  &rules_habits, &rules_leases,
};

const Origin *rule_origin(const Host *host, const char *param)
{
    const Origin *origin = host_param_origin(host, param);
    return origin ? origin : &host->origin;
}

const Origin *rule_value_origin(const Host *host, const char *param, const Value *value)
{
    const Origin *origin = inventory_origin(host->inventory, value);
    return origin ? origin : rule_origin(host, param);
}

const char *rule_place(Arena *arena, const Origin *origin)
{
    return ARENA_JOIN(arena, origin->file, ":", arena_number(arena, (uint64_t)origin->line), ":",
                      arena_number(arena, (uint64_t)origin->column));
}

bool rule_is_written(const Host *host, const char *param)
{
    size_t number = inventory_number(host->inventory, param);
    for (size_t i = 0; i < host->layers.count; i++) {
        if (varset_at(host->layers.items[i], number))
            return true;
    }
    return false;
}

bool rule_first(const RuleRun *run, const char *key)
{
    if (map_get(run->seen, key))
        return false;
    char *name = arena_strdup(run->scratch, key);
    map_set(run->seen, name, name);
    return true;
}

const Value *rule_remember(const RuleRun *run, Map *map, const char *name, const Value *value)
{
    const Value **box = map_get(map, name);
    if (box)
        return *box;
    box = ARENA_NEW(run->scratch, const Value *);
    *box = value;
    map_set(map, name, box);
    return NULL;
}

bool rule_is_pooled(const Value *entry, bool fallback)
{
    return strcmp(value_get_text(entry, "state"), "absent") != 0 &&
           value_get_bool(entry, "pgbouncer", fallback);
}

size_t rules_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT_OF(tables); i++)
        count += tables[i]->count;
    return count;
}

const Rule *rules_at(size_t i)
{
    for (size_t t = 0; t < COUNT_OF(tables); t++) {
        if (i < tables[t]->count)
            return &tables[t]->rows[i];
        i -= tables[t]->count;
    }
    return NULL;
}

/* The first host, of a cluster if there is one, on which a definition counts. */
static const Host *host_that_sees(const Var *var, size_t number, const Host *const *hosts,
                                  size_t count)
{
    const Host *first = NULL;
    for (size_t i = 0; i < count; i++) {
        if (host_var_at(hosts[i], number) != var)
            continue;
        if (*hosts[i]->cluster)
            return hosts[i];
        first = first ? first : hosts[i];
    }
    return first;
}

/* A rule about values, and the numbers of its parameters. */
typedef struct ValueRule {
    const RuleRun *run;
    const Rule *rule;
    size_t numbers[RULE_PARAMS_MAX];
    size_t count;
    ParamSet params; /* the same */
} ValueRule;

static ValueRule value_rule(const RuleRun *run, const Rule *rule)
{
    ValueRule values = {.run = run, .rule = rule};
    while (values.count < RULE_PARAMS_MAX && rule->params[values.count]) {
        size_t number = inventory_number(run->inventory, rule->params[values.count]);
        assert(number != VAR_STRANGER);
        values.numbers[values.count++] = number;
        paramset_add(&values.params, number);
    }
    return values;
}

static void check_sets(const ValueRule *values, const VarSets *sets, const Host *const *hosts,
                       size_t count)
{
    for (size_t s = 0; s < sets->count; s++) {
        bool has_any = paramset_meets(&sets->items[s]->has, &values->params);
        for (size_t p = 0; has_any && p < values->count; p++) {
            const Var *var = varset_at(sets->items[s], values->numbers[p]);
            const Host *host = var ? host_that_sees(var, values->numbers[p], hosts, count) : NULL;
            if (host)
                values->rule->value(values->run, host, values->rule->params[p],
                                    host_var_value(host, var));
        }
    }
}

static void check_values(const RuleRun *run, const Rule *rule)
{
    const Inventory *inventory = run->inventory;
    const Host *const *hosts = (const Host *const *)inventory->hosts;
    ValueRule values = value_rule(run, rule);
    check_sets(&values, &inventory->all, hosts, inventory->host_count);
    check_sets(&values, &inventory->all_beside, hosts, inventory->host_count);
    for (size_t i = 0; i < map_count(inventory->groups); i++) {
        const Group *group = map_value_at(inventory->groups, i);
        check_sets(&values, &group->sets, group->hosts, group->host_count);
        for (size_t f = 0; group->beside && f < inventory->folder_count; f++)
            check_sets(&values, &group->beside[f], group->hosts, group->host_count);
    }
    bool is_own = paramset_meets(&inventory->own_params, &values.params);
    for (size_t i = 0; is_own && i < inventory->host_count; i++)
        check_sets(&values, &hosts[i]->own, &hosts[i], 1);
}

static void check_rule(const RuleRun *run, const Rule *rule)
{
    if (rule->all)
        rule->all(run);
    if (rule->value)
        check_values(run, rule);
    for (size_t i = 0; rule->cluster && i < run->inventory->cluster_count; i++)
        rule->cluster(run, run->inventory->clusters[i]);
    for (size_t i = 0; rule->host && i < run->inventory->host_count; i++)
        rule->host(run, run->inventory->hosts[i]);
}

void rules_check_one(const Inventory *inventory, const Rule *rule, Diagnostics *diagnostics)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    RuleRun run = {.inventory = inventory,
                   .diagnostics = diagnostics,
                   .scratch = scratch,
                   .seen = map_new(scratch),
                   .rule = rule};
    check_rule(&run, rule);
}

void rules_check(const Inventory *inventory, Diagnostics *diagnostics)
{
    for (size_t i = 0; i < rules_count(); i++)
        rules_check_one(inventory, rules_at(i), diagnostics);
}
