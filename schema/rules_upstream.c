/* Who follows whom: cascades inside of a cluster, standby clusters of another one. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"
#include "schema/tuning.h"

/* Instances by name, for those who are named so. */
static Map *instances_of(const RuleRun *run)
{
    Map *instances = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        if (*host->instance)
            map_set(instances, host->instance, host);
    }
    return instances;
}

static const Host *source_of(const RuleRun *run, Map *instances, const Host *host)
{
    const char *upstream = host_text(host, "pg_upstream");
    const Host *source = *upstream ? inventory_host(run->inventory, upstream) : NULL;
    return source || !*upstream ? source : map_get(instances, upstream);
}

static const char *upstream_problem(const Host *host, const Host *source)
{
    if (!source)
        return "is no host or instance of this inventory";
    if (source == host)
        return "is the host itself";
    bool same = strcmp(source->cluster, host->cluster) == 0;
    if (rule_is_primary(host) && same)
        return "is in the same cluster; the source of a standby cluster is another one's";
    if (!rule_is_primary(host) && !same)
        return "is in another cluster; only a primary can follow one";
    return NULL;
}

static void report_upstream(const RuleRun *run, const Host *host, const char *problem,
                            const char *advice)
{
    diagnostics_add(run->diagnostics, "E021",
                    rule_value_origin(host, "pg_upstream", host_param(host, "pg_upstream")), advice,
                    "pg_upstream %s %s", host_text(host, "pg_upstream"), problem);
}

static void upstreams_exist(const RuleRun *run)
{
    Map *instances = instances_of(run);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        const Host *host = run->inventory->hosts[i];
        if (!*host_text(host, "pg_upstream"))
            continue;
        const char *problem = upstream_problem(host, source_of(run, instances, host));
        if (problem)
            report_upstream(run, host, problem,
                            "Write the address or the name of the instance to follow.");
    }
}

/* -- Cycles ---------------------------------------------------------------------------------- */

/* Whom a host follows: its pg_upstream, else its cluster's primary; NULL: nobody. */
static const Host *followed(const RuleRun *run, Map *instances, const Host *host)
{
    const PgCluster *cluster = inventory_cluster(run->inventory, host->cluster);
    if (*host_text(host, "pg_upstream")) {
        const Host *source = source_of(run, instances, host);
        return upstream_problem(host, source) ? NULL : source;
    }
    return cluster && !rule_is_primary(host) ? cluster->primary : NULL;
}

/* Hosts remember the walk that came to them first, so that each is walked from once. */
static void walk(const RuleRun *run, Map *instances, Map *walks, Host *start)
{
    const Host *host = start;
    for (; host && !map_get(walks, host->address); host = followed(run, instances, host))
        map_set(walks, host->address, start);
    if (!host || map_get(walks, host->address) != start)
        return;
    while (!*host_text(host, "pg_upstream"))
        host = followed(run, instances, host);
    report_upstream(run, host, "leads back to the host itself",
                    "Nobody of them would get anything: one has to follow somebody else.");
}

static void no_cycles(const RuleRun *run)
{
    Map *instances = instances_of(run), *walks = map_new(run->scratch);
    for (size_t i = 0; i < run->inventory->host_count; i++) {
        Host *host = run->inventory->hosts[i];
        if (*host_text(host, "pg_upstream") && !map_get(walks, host->address))
            walk(run, instances, walks, host);
    }
}

/* -- Standby clusters ------------------------------------------------------------------------ */

/* The cluster that a cluster follows as a whole, or NULL. */
static const PgCluster *source_cluster(const RuleRun *run, Map *instances, const PgCluster *cluster)
{
    const Host *source = cluster->primary ? source_of(run, instances, cluster->primary) : NULL;
    if (!source || strcmp(source->cluster, cluster->name) == 0)
        return NULL;
    return inventory_cluster(run->inventory, source->cluster);
}

static int64_t setting_of(Arena *arena, const Host *host, const char *name)
{
    /* The same for both, so that only the inventory makes a difference. */
    static const Machine machine = {.memory_mb = 4096, .cpu_count = 4, .disk_bytes = 1 << 30};
    const TuningSetting *settings;
    size_t count = tuning_settings(arena, host, &machine, &settings);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(settings[i].name, name) == 0)
            return strtoll(settings[i].value, NULL, 10);
    }
    return 0;
}

/* What PostgreSQL records in the write-ahead log and a standby must not have less of: "Hot
 * standby", section "Administrator's overview" of its manual. */
static const struct {
    const char *setting, *params;
} followed_settings[] = {
    {"max_connections", "pg_max_conn"},
    {"max_locks_per_transaction", "pg_max_conn, pg_conf and pg_libs"},
    {"max_prepared_transactions", "pg_max_conn and pg_libs"},
    {"max_worker_processes", "pg_conf"},
    {"max_wal_senders", "pg_dcs"},
};

static void check_settings(const RuleRun *run, const PgCluster *cluster, const PgCluster *source)
{
    for (size_t i = 0; i < COUNT_OF(followed_settings); i++) {
        const char *name = followed_settings[i].setting;
        int64_t have = setting_of(run->scratch, cluster->members[0], name);
        int64_t need = setting_of(run->scratch, source->members[0], name);
        if (have >= need)
            continue;
        diagnostics_add(run->diagnostics, "E059", rule_origin(cluster->primary, "pg_upstream"),
                        arena_printf(run->scratch,
                                     "A standby stops replaying when it has less. It follows from "
                                     "%s: write the same for both.",
                                     followed_settings[i].params),
                        "%s follows %s, but has a smaller %s (%lld, not %lld)", cluster->name,
                        source->name, name, (long long)have, (long long)need);
        return; /* the others follow from the same parameters */
    }
}

static void check_standby(const RuleRun *run, const PgCluster *cluster, const PgCluster *source)
{
    const Host *own = cluster->members[0], *other = source->members[0];
    if (host_int(own, "pg_version", 0) == host_int(other, "pg_version", 0)) {
        check_settings(run, cluster, source);
        return;
    }
    Diagnostic *problem =
        diagnostics_add(run->diagnostics, "E059", rule_origin(cluster->primary, "pg_upstream"),
                        "A standby has the major version of its source.",
                        "%s has PostgreSQL %s and follows %s, which has %s", cluster->name,
                        host_text(own, "pg_version"), source->name, host_text(other, "pg_version"));
    diagnostic_add_place(problem, host_param_origin(own, "pg_version"));
}

static void standby_clusters(const RuleRun *run)
{
    Map *instances = instances_of(run);
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        const PgCluster *cluster = run->inventory->clusters[i];
        const PgCluster *source = source_cluster(run, instances, cluster);
        if (source)
            check_standby(run, cluster, source);
    }
}

static void check_delay(const RuleRun *run, const PgCluster *cluster)
{
    for (size_t i = 0; i < cluster->member_count; i++) {
        const Host *host = cluster->members[i];
        const char *delay = host_text(host, "pg_delay");
        if (strcmp(delay, "0") == 0)
            continue;
        diagnostics_add(
            run->diagnostics, "W021", rule_origin(host, "pg_delay"),
            "Only a cluster whose primary has a pg_upstream in another one lags behind.",
            "pg_delay %s of %s has no effect", delay, cluster->name);
        return;
    }
}

static void delays_count(const RuleRun *run)
{
    Map *instances = instances_of(run);
    for (size_t i = 0; i < run->inventory->cluster_count; i++) {
        const PgCluster *cluster = run->inventory->clusters[i];
        if (!source_cluster(run, instances, cluster))
            check_delay(run, cluster);
    }
}

static const Rule rows[] = {
    {"E021", "pg_upstream is another instance of the right cluster", .all = upstreams_exist},
    {"E021", "nobody follows itself through others", .all = no_cycles},
    {"E059", "a standby cluster can replay what its source does", .all = standby_clusters},
    {"W021", "a pg_delay is of a standby cluster", .all = delays_count},
};

const RuleTable rules_upstream = {rows, COUNT_OF(rows)};
