/*
 * Clusters whose commits wait for standbys (Patroni's documentation, "Replication modes"): only one
 * that is waited for may take over, and none is while the last one is away.
 */
#include <string.h>

#include "plans/procedures/cluster.h"

static const char *role_of_mode(const Value *mode)
{
    const char *text = value_as_text(mode, "");
    if (strcmp(text, "quorum") == 0)
        return "quorum_standby";
    bool is_on = strcmp(text, "on") == 0 || strcmp(text, "true") == 0;
    return value_as_bool(mode, is_on) ? "sync_standby" : NULL;
}

const Value *cluster_dynamic(const Situation *situation)
{
    for (size_t i = 0; i < situation->domain->host_count; i++) {
        const Value *document = facts_value(situation->facts, "patroni.config",
                                            host_address(situation->domain->hosts[i]));
        if (document)
            return document;
    }
    return NULL;
}

/* A setting of Patroni's own as it will be when the plan is carried out; NULL: it is not set. */
static const Value *setting(const Situation *situation, const char *name)
{
    for (size_t i = 0; i < situation->change_count; i++) {
        const Change *change = &situation->changes[i];
        for (size_t k = 0; k < change->param_count; k++) {
            const ParamChange *param = &change->params[k];
            if (strcmp(param->row->name, "patroni") == 0 && text_equal(param->key, name))
                return param->after;
        }
    }
    return value_get(cluster_dynamic(situation), name);
}

const char *cluster_heirs_role(const Situation *situation)
{
    return role_of_mode(setting(situation, "synchronous_mode"));
}

bool cluster_stays_with_leader(Builder *builder, const Situation *situation)
{
    const Topology *topology = situation->topology;
    for (size_t i = 0; cluster_heirs_role(situation) && i < topology->member_count; i++) {
        const Member *member = &topology->members[i];
        if (member->is_declared || member == topology->leader)
            continue;
        builder_note(builder, situation->domain, "warning", "", NULL,
                     "The leader restarts in place: commits wait for standbys, so Patroni chooses "
                     "who takes over, and that may be %s, which is not in the inventory.",
                     member->name);
        return true;
    }
    return false;
}

void cluster_sync_note(Builder *builder, const Situation *situation, const Action *restart,
                       size_t standbys)
{
    const Value *strict = setting(situation, "synchronous_mode_strict");
    if (!cluster_heirs_role(situation) || standbys > 1)
        return;
    builder_note(
        builder, situation->domain, "warning", "", NULL,
        "No other synchronous standby is left while %s goes on: commits %s.", restart->address,
        value_as_bool(strict, false) ? "wait until it is over" : "wait for none meanwhile");
}
