#include "schema/rules.h"

#include "schema/rules_internal.h"

static const RuleTable *const tables[] = {&rules_identity, &rules_infra};

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

static void check_rule(const RuleRun *run, const Rule *rule)
{
    if (rule->all)
        rule->all(run);
    for (size_t i = 0; rule->cluster && i < inventory_cluster_count(run->inventory); i++)
        rule->cluster(run, inventory_cluster_at(run->inventory, i));
    for (size_t i = 0; rule->host && i < inventory_host_count(run->inventory); i++)
        rule->host(run, inventory_host_at(run->inventory, i));
}

void rules_check(const Inventory *inventory, Diagnostics *diagnostics)
{
    CLEANUP(arena_freep) Arena *scratch = arena_new();
    RuleRun run = {inventory, diagnostics, scratch};
    for (size_t i = 0; i < rules_count(); i++)
        check_rule(&run, rules_at(i));
}
