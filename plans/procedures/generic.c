/*
 * The generic procedures: each change by its kind's verb, then the reloads.
 */
#include "plans/procedures/procedures.h"

Error *procedure_generic(Builder *builder, const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        if (!builder_action_of(builder, change_resource(change)->address))
            builder_add_change(builder, change, NULL, NULL);
    }
    return NULL;
}

static bool has_work(const Situation *situation)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        if (situation->changes[i].op != CHANGE_WITHHOLD)
            return true;
    }
    return false;
}

Error *procedure_require_ours(const Situation *situation)
{
    const Topology *topology = situation->topology;
    if (!topology || !has_work(situation))
        return NULL;
    switch (topology->state) {
    case TOPOLOGY_NEW:
    case TOPOLOGY_FORMING:
    case TOPOLOGY_RUNNING:
        return NULL;
    case TOPOLOGY_LEADERLESS:
    case TOPOLOGY_FOREIGN:
    case TOPOLOGY_UNKNOWN:
        break;
    }
    return error_new(ERROR_REFUSED, "%s", topology->reason ? topology->reason : "state not known");
}

static Error *build(Builder *builder, const Situation *situation)
{
    TRY(procedure_generic(builder, situation));
    procedure_reloads(builder, situation);
    return NULL;
}

static Error *build_cluster(Builder *builder, const Situation *situation)
{
    TRY(procedure_require_ours(situation));
    return build(builder, situation);
}

const Procedure procedure_cluster_generic = {
    .name = "cluster",
    .domain = DOMAIN_CLUSTER,
    .doc = "Changes of a cluster that is ours, then the reloads.",
    .build = build_cluster,
};
