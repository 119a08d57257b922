/* Who is who: clusters, their members, names that must differ and values that must agree. */
#include <ctype.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

static void cluster_name(const RuleRun *run, const PgCluster *cluster)
{
    bool fine = strcmp(cluster->name, "root") != 0 && strcmp(cluster->name, "pgsteer") != 0;
    for (const char *c = cluster->name; *c; c++)
        fine = fine && (isalnum((unsigned char)*c) || *c == '-');
    if (!fine || cluster->name[0] == '-')
        diagnostics_add(run->diagnostics, "E007", &cluster->origin,
                        "Letters, digits and '-' are allowed; root and pgsteer are users of etcd.",
                        "%s cannot be the name of a cluster", cluster->name);
}

static const char *role_advice(const RuleRun *run, const PgCluster *cluster, const Host *last)
{
    const Origin *origin = rule_value_origin(last, "pg_role", host_param(last, "pg_role"));
    return arena_printf(
        run->scratch,
        "The word says which member creates the cluster, so there can be one. Write replica on "
        "line %d.\nTo make %s the leader of the running cluster:  patronictl switchover %s "
        "--candidate %s",
        origin->line, last->address, cluster->name, last->instance);
}

static const char *count_word(Arena *arena, size_t count)
{
    static const char *const words[] = {"no", "one", "two", "three", "four", "five"};
    return count < COUNT_OF(words) ? words[count] : arena_printf(arena, "%zu", count);
}

bool rule_is_primary(const Host *host)
{
    return strcmp(host_text(host, "pg_role"), "primary") == 0;
}

static void one_primary(const RuleRun *run, const PgCluster *cluster)
{
    const Host **primaries = ARENA_ARRAY(run->scratch, const Host *, cluster->member_count);
    size_t count = 0;
    for (size_t i = 0; i < cluster->member_count; i++) {
        if (rule_is_primary(cluster->members[i]))
            primaries[count++] = cluster->members[i];
    }
    if (count == 0)
        diagnostics_add(run->diagnostics, "E009", &cluster->origin,
                        "Write pg_role: primary for the member that creates the cluster.",
                        "%s declares no primary", cluster->name);
    if (count < 2)
        return;
    Diagnostic *problem = diagnostics_add(
        run->diagnostics, "E009", NULL, role_advice(run, cluster, primaries[count - 1]),
        "%s declares %s primaries", cluster->name, count_word(run->scratch, count));
    problem->width = strlen("primary");
    for (size_t i = 0; i < count; i++)
        diagnostic_add_place(problem, rule_value_origin(primaries[i], "pg_role",
                                                        host_param(primaries[i], "pg_role")));
}

static void member_identity(const RuleRun *run, const Host *host)
{
    static const char *const params[] = {"pg_seq", "pg_role"};
    static const char *const advice[] = {
        "Number the members of a cluster from 1: pg_seq: 1",
        "Write pg_role: primary, replica, offline, standby or delayed.",
    };
    bool has_any = host_param_is_set(host, "pg_seq") || host_param_is_set(host, "pg_role");
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (*host->cluster && !rule_is_written(host, params[i]))
            diagnostics_add(run->diagnostics, "E046", &host->origin, advice[i],
                            "%s is in cluster %s, but has no %s", host->address, host->cluster,
                            params[i]);
    }
    if (has_any && !*host->cluster)
        diagnostics_add(run->diagnostics, "E046", &host->origin,
                        "Write pg_cluster: NAME in the vars of its group.",
                        "%s has a pg_seq or pg_role, but no pg_cluster", host->address);
}

static void unique_seq(const RuleRun *run, const PgCluster *cluster)
{
    for (size_t i = 1; i < cluster->member_count; i++) {
        const Host *a = cluster->members[i - 1], *b = cluster->members[i];
        if (!*a->instance || strcmp(a->instance, b->instance) != 0)
            continue;
        Diagnostic *problem = diagnostics_add(
            run->diagnostics, "E010", rule_value_origin(a, "pg_seq", host_param(a, "pg_seq")),
            "A number belongs to one instance for life: give one of them a free one.",
            "%s and %s are both %s", a->address, b->address, a->instance);
        diagnostic_add_place(problem, rule_value_origin(b, "pg_seq", host_param(b, "pg_seq")));
    }
}

/* The groups of a host that say pg_cluster. */
static void one_cluster(const RuleRun *run, const Host *host)
{
    const Var *first = NULL;
    size_t number = inventory_number(host->inventory, "pg_cluster");
    for (size_t i = 0; i < host->layers.count; i++) {
        const Var *var = varset_at(host->layers.items[i], number);
        if (!var || !var->typed.value)
            continue;
        if (first && !value_equal(first->typed.value, var->typed.value)) {
            Diagnostic *problem = diagnostics_add(
                run->diagnostics, "E011", &first->key->origin,
                "A node runs one PostgreSQL server: take it out of one of the two groups.",
                "%s is in the clusters %s and %s", host->address, first->node->text,
                var->node->text);
            diagnostic_add_place(problem, &var->key->origin);
            return;
        }
        first = var;
    }
}

/* Keys of which all members must think the same. */
static const char *const agreeing[] = {
    "pg_version",
    "pg_mode",
    "pg_conf",
    "pg_max_conn",
    "pg_shared_buffer_ratio",
    "pg_rto",
    "pg_rto_plan",
    "pg_rpo",
    "pg_io_method",
    "pg_storage_type",
    "pg_default_service_dest",
    "pg_encoding",
    "pg_locale",
    "pg_lc_collate",
    "pg_lc_ctype",
    "pg_checksum",
    "pg_pwd_enc",
    "pg_shard",
    "pg_group",
    "pg_primary_db",
    "pg_port",
    "pg_namespace",
    "pg_libs",
    "pg_replication_username",
    "pg_replication_password",
    "pg_admin_username",
    "pg_admin_password",
    "pg_monitor_username",
    "pg_monitor_password",
    "pg_dbsu",
    "pg_dbsu_password",
    "pg_etcd_password",
    "pgbackrest_enabled",
    "pgbackrest_method",
    "pgbackrest_repo",
    "patroni_ssl_enabled",
    "pg_vip_enabled",
    "pg_vip_address",
    "pg_service_provider",
    "pg_default_roles",
    "pg_users",
    "pg_databases",
    "pg_dcs",
};

/* Texts behind holes are compared, never shown. What is not at hand may be the same. */
static bool same_secret(const Inventory *inventory, const char *a, const char *b)
{
    const char *text_a = inventory_secret(inventory, a), *text_b = inventory_secret(inventory, b);
    return !text_a || !text_b || strcmp(text_a, text_b) == 0;
}

static bool same_on(const Inventory *inventory, const Host *a, const Host *b, size_t number)
{
    const Var *var_a = host_var_at(a, number), *var_b = host_var_at(b, number);
    if (var_a == var_b)
        return true;
    const Value *value_a = host_var_value(a, var_a), *value_b = host_var_value(b, var_b);
    if (value_a->type == VALUE_SECRET && value_b->type == VALUE_SECRET)
        return same_secret(inventory, value_a->text, value_b->text);
    return value_has_secret(value_a) ? value_equal(var_a->typed.value, var_b->typed.value)
                                     : value_equal(value_a, value_b);
}

static void report_disagreement(const RuleRun *run, const Host *a, const Host *b, const char *param)
{
    Diagnostic *problem =
        diagnostics_add(run->diagnostics, "E012", rule_origin(a, param),
                        "Write it once, in the vars of the cluster's group.",
                        "%s and %s have different %s", a->instance, b->instance, param);
    diagnostic_add_place(problem, rule_origin(b, param));
}

static void check_agreement(const RuleRun *run, const PgCluster *cluster, const char *param)
{
    size_t number = inventory_number(run->inventory, param);
    for (size_t i = 1; i < cluster->member_count; i++) {
        const Host *a = cluster->members[0], *b = cluster->members[i];
        if (same_on(run->inventory, a, b, number))
            continue;
        report_disagreement(run, a, b, param);
        break;
    }
}

static bool may_disagree(const PgCluster *cluster, const ParamSet *params)
{
    for (size_t i = 1; i < cluster->member_count; i++) {
        if (hosts_may_differ(cluster->members[0], cluster->members[i], params))
            return true;
    }
    return false;
}

static void members_agree(const RuleRun *run)
{
    ParamSet params = {0};
    for (size_t p = 0; p < COUNT_OF(agreeing); p++)
        paramset_add(&params, inventory_number(run->inventory, agreeing[p]));
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        const PgCluster *cluster = run->inventory->clusters[i];
        bool may = may_disagree(cluster, &params);
        for (size_t p = 0; may && p < COUNT_OF(agreeing); p++)
            check_agreement(run, cluster, agreeing[p]);
    }
}

static bool names_cluster(const Inventory *inventory, const VarSets *sets)
{
    size_t number = inventory_number(inventory, "pg_cluster");
    for (size_t s = 0; s < sets->count; s++) {
        if (varset_at(sets->items[s], number))
            return true;
    }
    return false;
}

static const Group *group_that_names(const Host *host)
{
    for (size_t g = 0; g < host->group_count; g++) {
        const Group *group = host->groups[g];
        if (names_cluster(host->inventory, &group->sets))
            return group;
        for (size_t f = 0; group->beside && f < host->inventory->folder_count; f++) {
            if (names_cluster(host->inventory, &group->beside[f]))
                return group;
        }
    }
    return NULL;
}

static void one_group(const RuleRun *run, const PgCluster *cluster)
{
    const Group *first = NULL;
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Group *group = group_that_names(cluster->members[i]);
        if (group && first && group != first) {
            Diagnostic *problem = diagnostics_add(
                run->diagnostics, "W008", &first->origin,
                "Their hosts form one cluster. If that is meant, put them into one group.",
                "the groups %s and %s both are the cluster %s", first->name, group->name,
                cluster->name);
            diagnostic_add_place(problem, &group->origin);
            return;
        }
        first = group ? group : first;
    }
}

static void unique_names(const RuleRun *run)
{
    Map *names = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        const Host *other = map_set(names, host->name, host);
        bool same_seq = other && *host->instance && strcmp(other->instance, host->instance) == 0;
        if (!other || same_seq)
            continue;
        Diagnostic *problem = diagnostics_add(
            run->diagnostics, "E048", rule_origin(other, "nodename"), NULL,
            "%s and %s are both called %s", other->address, host->address, host->name);
        diagnostic_add_place(problem, rule_origin(host, "nodename"));
    }
}

/* -- Names in the DCS ------------------------------------------------------------------------- */

static bool is_citus(const PgCluster *cluster)
{
    return strcmp(host_text(cluster->members[0], "pg_mode"), "citus") == 0;
}

static const char *scope_of(const PgCluster *cluster)
{
    return is_citus(cluster) ? host_text(cluster->members[0], "pg_shard") : cluster->name;
}

/* Clusters of one shard share their scope; nobody else may. */
static void unique_scopes(const RuleRun *run)
{
    Map *scopes = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        PgCluster *cluster = run->inventory->clusters[i];
        const char *scope = scope_of(cluster);
        const PgCluster *other = map_get(scopes, scope);
        if (!other)
            map_set(scopes, scope, cluster);
        if (!other || !*scope || (is_citus(cluster) && is_citus(other)))
            continue;
        Diagnostic *problem = diagnostics_add(
            run->diagnostics, "E007", &other->origin, "Give the shard a name of its own.",
            "%s is the pg_shard of %s and the name of another cluster", scope,
            is_citus(cluster) ? cluster->name : other->name);
        diagnostic_add_place(problem, &cluster->origin);
    }
}

static void shard_identity(const RuleRun *run, const PgCluster *cluster)
{
    static const char *const params[] = {"pg_shard", "pg_group"};
    const Host *host = cluster->members[0];
    if (!is_citus(cluster))
        return;
    for (size_t i = 0; i < COUNT_OF(params); i++) {
        if (!rule_is_written(host, params[i]))
            diagnostics_add(run->diagnostics, "E046", &cluster->origin,
                            "All clusters of a shard have its name as pg_shard; pg_group counts "
                            "them from 0, the coordinator.",
                            "%s has pg_mode citus, but no %s", cluster->name, params[i]);
    }
}

static void unique_shard_groups(const RuleRun *run)
{
    Map *groups = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        PgCluster *cluster = run->inventory->clusters[i];
        const Host *host = cluster->members[0];
        if (!is_citus(cluster) || !host_param_is_set(host, "pg_group"))
            continue;
        const char *group = host_text(host, "pg_group");
        const char *key = arena_printf(run->scratch, "%s/%s", scope_of(cluster), group);
        const PgCluster *other = map_get(groups, key);
        if (!other) {
            map_set(groups, key, cluster);
            continue;
        }
        Diagnostic *problem =
            diagnostics_add(run->diagnostics, "E010", rule_origin(other->members[0], "pg_group"),
                            "Count them from 0, the coordinator.",
                            "%s and %s both have the pg_group %s of the shard %s", other->name,
                            cluster->name, group, scope_of(cluster));
        diagnostic_add_place(problem, rule_origin(host, "pg_group"));
    }
}

static const Rule rows[] = {
    {"E007", "a cluster name has letters, digits and '-', and is not root",
     .cluster = cluster_name},
    {"E046", "a member has pg_cluster, pg_seq and pg_role", .host = member_identity},
    {"E009", "a cluster has one primary", .cluster = one_primary},
    {"E010", "numbers of instances are unique", .cluster = unique_seq},
    {"E011", "a host is in one PostgreSQL cluster", .host = one_cluster},
    {"W008", "a cluster is one group", .cluster = one_group},
    {"E012", "members agree on what belongs to the cluster", .all = members_agree},
    {"E048", "names of nodes are unique", .all = unique_names},
    {"E007", "a pg_shard is not the name of a cluster", .all = unique_scopes},
    {"E046", "a citus cluster has pg_shard and pg_group", .cluster = shard_identity},
    {"E010", "numbers of the clusters of a shard are unique", .all = unique_shard_groups},
};

const RuleTable rules_identity = {rows, COUNT_OF(rows)};
