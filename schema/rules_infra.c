/* What clusters lean on: etcd, infra nodes, the groups that have a meaning. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"
#include "schema/tuning.h"

static bool has_patroni_cluster(const RuleRun *run)
{
    for (size_t i = 0; i < inventory_cluster_count(run->inventory); i++) {
        const PgCluster *cluster = inventory_cluster_at(run->inventory, i);
        if (host_bool(cluster->members[0], "patroni_enabled", true))
            return true;
    }
    return false;
}

static void etcd_size(const RuleRun *run)
{
    const Host *const *members;
    size_t count = inventory_group_hosts(run->inventory, "etcd", &members);
    if (count == 0 && has_patroni_cluster(run))
        diagnostics_add(run->diagnostics, "E013", &inventory_cluster_at(run->inventory, 0)->origin,
                        "Add a group etcd with one, three or five hosts, each with an etcd_seq.",
                        "no group etcd: Patroni needs it to agree on a leader");
    if (count > 0 && count % 2 == 0)
        diagnostics_add(run->diagnostics, "W013", &members[0]->origin,
                        "One member less survives the loss of as many, one more survives one more.",
                        "etcd has an even number of members (%zu)", count);
}

static void etcd_identity(const RuleRun *run, const Host *host)
{
    if (!host_in_group(host, "etcd"))
        return;
    if (!rule_is_written(host, "etcd_seq"))
        diagnostics_add(run->diagnostics, "E013", &host->origin,
                        "Number the members from 1: etcd_seq: 1",
                        "%s is in the group etcd, but has no etcd_seq", host->address);
    if (strcmp(host_text(host, "etcd_cluster"), "etcd") != 0)
        diagnostics_add(run->diagnostics, "E013", rule_origin(host, "etcd_cluster"),
                        "Half of what uses it looks for the group of that name.",
                        "etcd_cluster must be etcd, this is %s", host_text(host, "etcd_cluster"));
}

/* Numbers that must differ inside of a group. */
static void unique_in_group(const RuleRun *run, const char *group, const char *param,
                            const char *code)
{
    const Host *const *members;
    size_t count = inventory_group_hosts(run->inventory, group, &members);
    Map *seen = map_new(run->scratch);
    for (size_t i = 0; i < count; i++) {
        if (!host_param_is_set(members[i], param))
            continue;
        const Value *seq = host_param(members[i], param);
        const Value *other = rule_remember(run, seen, host_text(members[i], param), seq);
        if (!other)
            continue;
        Diagnostic *problem = diagnostics_add(
            run->diagnostics, code, inventory_origin(run->inventory, other), NULL,
            "two hosts of %s have the %s %s", group, param, host_text(members[i], param));
        diagnostic_add_place(problem, inventory_origin(run->inventory, seq));
    }
}

static void unique_etcd_seq(const RuleRun *run)
{
    unique_in_group(run, "etcd", "etcd_seq", "E013");
}

static void unique_infra_seq(const RuleRun *run)
{
    unique_in_group(run, "infra", "infra_seq", "E013");
}

/* Two nodes whose only etcd is one of them: its loss makes the other read-only. */
static void lonely_etcd(const RuleRun *run, const PgCluster *cluster)
{
    const Host *const *members;
    size_t count = inventory_group_hosts(run->inventory, "etcd", &members);
    if (count != 1 || cluster->member_count != 2 || strcmp(members[0]->cluster, cluster->name) != 0)
        return;
    diagnostics_add(run->diagnostics, "W014", &members[0]->origin,
                    "Put etcd on a third node, or on three.",
                    "%s has two members, and the only etcd is on one of them: "
                    "losing %s stops writes",
                    cluster->name, members[0]->address);
}

static void provider_is_group(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const char *provider = host_text(host, "pg_service_provider");
    if (*provider && !map_get(run->inventory->groups, provider))
        diagnostics_add(run->diagnostics, "E020", rule_origin(host, "pg_service_provider"), NULL,
                        "pg_service_provider %s is no group of this inventory", provider);
}

static void backup_method_known(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const char *method = host_text(host, "pgbackrest_method");
    if (host_bool(host, "pgbackrest_enabled", true) &&
        !value_get(host_param(host, "pgbackrest_repo"), method))
        diagnostics_add(run->diagnostics, "E020", rule_origin(host, "pgbackrest_method"),
                        "Write a repository of that name into pgbackrest_repo.",
                        "pgbackrest_method %s is no key of pgbackrest_repo", method);
}

static void backups_end(const RuleRun *run, const PgCluster *cluster)
{
    const Host *host = cluster->members[0];
    const char *method = host_text(host, "pgbackrest_method");
    const Value *repo = value_get(host_param(host, "pgbackrest_repo"), method);
    const Origin *origin = rule_value_origin(host, "pgbackrest_repo", repo);
    if (repo && host_bool(host, "pgbackrest_enabled", true) && !value_get(repo, "retention_full") &&
        rule_first(run, rule_place(run->scratch, origin)))
        diagnostics_add(run->diagnostics, "W037", origin,
                        "Write how many full backups it keeps, say retention_full: 2",
                        "the repository %s keeps all backups until it is full", method);
}

static void known_template(const RuleRun *run, const Host *host, const char *param,
                           const Value *file)
{
    const char *name = value_as_text(file, ""), *near = tuning_nearest_template(name);
    if (*host->cluster && !tuning_has_template(name))
        diagnostics_add(run->diagnostics, "W020", rule_value_origin(host, param, file),
                        near ? arena_printf(run->scratch, "Did you mean %s?", near)
                             : "Known are oltp.yml, olap.yml, crit.yml and tiny.yml; put settings "
                               "of your own into pg_dcs or pg_parameters.",
                        "there is no template %s: the numbers of oltp.yml count", name);
}

static const Rule rows[] = {
    {"E013 W013", "there is a group etcd with an odd number of members", .all = etcd_size},
    {"E013", "a host of the group etcd has an etcd_seq", .host = etcd_identity},
    {"E013", "etcd_seq is unique", .all = unique_etcd_seq},
    {"E013", "infra_seq is unique", .all = unique_infra_seq},
    {"W014", "two members do not share the only etcd", .cluster = lonely_etcd},
    {"E020", "pg_service_provider is a group", .cluster = provider_is_group},
    {"E020", "pgbackrest_method is a repository", .cluster = backup_method_known},
    {"W037", "a repository says how many backups it keeps", .cluster = backups_end},
    {"W020", "pg_conf is a template that there are numbers of", .value = known_template,
     .params = {"pg_conf"}},
};

const RuleTable rules_infra = {rows, COUNT_OF(rows)};
