/*
 * What the procedures have in common: each change by its kind's verb, and who may be changed.
 */
#include <string.h>

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

Error *procedure_require_version(const Situation *situation)
{
    for (size_t i = 0; has_work(situation) && i < situation->domain->host_count; i++) {
        const Host *host = situation->domain->hosts[i];
        const Value *data = facts_value(situation->facts, "node.data", host_address(host));
        const char *found = value_get_text(data, "version"),
                   *wanted = host_text(host, "pg_version");
        if (*host_cluster(host) && *found && strcmp(found, wanted) != 0)
            return error_new(ERROR_REFUSED,
                             "%s holds data of PostgreSQL %s, and pg_version is %s: pgsteer does "
                             "not upgrade, and a server of %s does not start on this data; write "
                             "pg_version: %s",
                             host_name(host), found, wanted, wanted, found);
    }
    return NULL;
}
