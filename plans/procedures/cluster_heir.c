/* Who is to take over when the leader must restart: named in the plan, unless commits wait. */
#include <string.h>

#include "plans/procedures/cluster.h"

static bool may_lead(const Topology *topology, const Member *member)
{
    return member != topology->leader && member->is_declared && member->has_data;
}

size_t cluster_count_standbys(const Topology *topology)
{
    size_t count = 0;
    for (size_t i = 0; i < topology->member_count; i++)
        count += may_lead(topology, &topology->members[i]);
    return count;
}

/* Does the leader say that it streams to it? It does not to one that is away, or whose log is gone,
 * whatever that one says of itself. */
static bool is_streamed_to(const Situation *situation, const Member *member)
{
    const Value *senders = facts_path(situation->facts, "patroni.member",
                                      situation->topology->leader->host, "replication");
    for (size_t i = 0; i < value_count(senders); i++) {
        const Value *sender = value_at(senders, i);
        if (text_equal(value_get_text(sender, "application_name"), member->name) &&
            text_equal(value_get_text(sender, "state"), "streaming"))
            return true;
    }
    return false;
}

const Member *cluster_candidate(const Situation *situation)
{
    const Topology *topology = situation->topology;
    const Member *first = NULL;
    for (size_t i = 0; i < topology->member_count; i++) {
        const Member *member = &topology->members[i];
        if (!may_lead(topology, member))
            continue;
        if (is_streamed_to(situation, member))
            return member;
        first = first ? first : member;
    }
    return first;
}

void cluster_name_heir(Builder *builder, const Situation *situation, const Member *candidate,
                       Value *extra)
{
    const char *role = cluster_heirs_role(situation);
    if (role) {
        value_set_text(builder_arena(builder), extra, "heirs", role);
        return;
    }
    value_set_text(builder_arena(builder), extra, "candidate", candidate->name);
    value_set_text(builder_arena(builder), extra, "candidate_host", candidate->host);
}
