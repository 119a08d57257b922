/* Where leases are kept: one place for all, and one that is there. */
#include <string.h>

#include "schema/rules_internal.h"

static const char authority[] = "pgsteer_lease_authority", remote[] = "pgsteer_lease_remote";

/* A plan touches many hosts, and asks one authority. */
static void one_for_all(const RuleRun *run, const Host *host)
{
    static const char *const params[] = {authority, remote};
    const Host *first = inventory_host_at(run->inventory, 0);
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        const char *ours = host_text(host, params[i]), *theirs = host_text(first, params[i]);
        const Origin *origin =
            rule_origin(host_param_is_set(host, params[i]) ? host : first, params[i]);
        if (strcmp(ours, theirs) != 0 && rule_first(run, rule_place(run->scratch, origin)))
            diagnostics_add(run->diagnostics, "E069", origin,
                            "Write it into the vars of all: one plan touches many hosts.",
                            "%s is '%s' on %s and '%s' on %s", params[i], ours, host->address,
                            theirs, first->address);
    }
}

static void is_there(const RuleRun *run)
{
    const Host *const *members;
    const Host *host = inventory_host_at(run->inventory, 0);
    if (!host)
        return;
    const char *name = host_text(host, authority);
    if (strcmp(name, "etcd") == 0 && inventory_group_hosts(run->inventory, "etcd", &members) == 0)
        diagnostics_add(run->diagnostics, "E069", rule_origin(host, authority),
                        "Add a group etcd, or write local or state.",
                        "leases are to be kept in etcd, and there is no group etcd");
    if (strcmp(name, "state") == 0 && !*host_text(host, remote))
        diagnostics_add(run->diagnostics, "E069", rule_origin(host, authority),
                        "Write pgsteer_lease_remote: a bare repository, such as "
                        "git@db-admin:leases.git or /srv/git/leases.git.",
                        "leases are to be kept in a git repository, and nothing says in which");
}

static const Rule rows[] = {
    {"E069", "leases are kept in one place", .host = one_for_all},
    {"E069", "the place for leases is there", .all = is_there},
};

const RuleTable rules_leases = {rows, COUNT_OF(rows)};
