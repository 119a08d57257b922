/* Wishes that are read and not carried out: they must not look like ones that were. */
#include <string.h>

#include "base/text.h"
#include "schema/rules_internal.h"

static const char by_hand[] = "Do it by hand; pgsteer leaves alone what is there.";

static void not_yet(const RuleRun *run, const Host *host, const char *param, const Value *value,
                    const char *what, const char *instead)
{
    diagnostics_add(run->diagnostics, "W054", rule_value_origin(host, param, value), instead,
                    "%s is not carried out by this version of pgsteer", what);
}

static bool is_unwanted(const Value *entry)
{
    const char *state = value_get_text(entry, "state");
    return *state && strcmp(state, "create") != 0 && strcmp(state, "grant") != 0;
}

static void check_user(const RuleRun *run, const Host *host, const char *param, const Value *user)
{
    const Value *roles = value_get(user, "roles"), *expire_in = value_get(user, "expire_in");
    if (is_unwanted(user))
        not_yet(run, host, param, value_get(user, "state"), "dropping a role", by_hand);
    if (expire_in)
        not_yet(run, host, param, expire_in, "expire_in", "Write expire_at.");
    for (size_t i = 0; i < value_count(roles); i++) {
        const Value *role = value_at(roles, i);
        if (role->type == VALUE_MAP && is_unwanted(role))
            not_yet(run, host, param, value_get(role, "state"), "taking away a membership",
                    by_hand);
    }
}

static void users(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    for (size_t i = 0; i < value_count(list); i++)
        check_user(run, host, param, value_at(list, i));
}

static void databases(const RuleRun *run, const Host *host, const char *param, const Value *list)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const Value *database = value_at(list, i);
        if (is_unwanted(database))
            not_yet(run, host, param, value_get(database, "state"),
                    "dropping or recreating a database", by_hand);
    }
}

/* Parameters that would make another cluster than the one that is made, and the value that asks
 * for nothing. */
static const struct {
    const char *param, *nothing, *what;
} wishes[] = {
    {"pg_mode", "pgsql", "another kernel than PostgreSQL's own"},
    {"pg_vip_enabled", "false", "a floating address of a cluster"},
    {"vip_enabled", "false", "a floating address of a node"},
    {"pg_service_provider", "", "a service on shared proxies"},
    {"pg_delay", "0", "the delay of a standby cluster"},
    {"patroni_mode", "default", "another mode of Patroni"},
    {"pg_pitr", "", "a recovery to a point in time"},
    {"pg_provision", "true", "a server without its users and databases"},
    {"pg_reload", "true", "a server that is not reloaded"},
    {"haproxy_reload", "true", "a proxy that is not reloaded"},
};

static bool asks_for_nothing(const Value *value, const char *nothing)
{
    if (value->type == VALUE_BOOL)
        return value->boolean == (strcmp(nothing, "true") == 0);
    return strcmp(value_as_text(value, "?"), nothing) == 0;
}

/* Once for all who have the wish. */
static void report_wish(const RuleRun *run, const char *param, const char *what,
                        const Origin *origin)
{
    Diagnostic *problem = map_get(run->seen, param);
    if (problem) {
        diagnostic_add_place(problem, origin);
        return;
    }
    problem = diagnostics_add(run->diagnostics, "W054", origin,
                              "The rest is done as if it were not written.",
                              "%s (%s) is not carried out by this version of pgsteer", what, param);
    map_set(run->seen, param, problem);
}

static void parameters(const RuleRun *run, const Host *host, const char *param, const Value *value)
{
    bool is_meant = *host->cluster || !text_starts_with(param, "pg_");
    for (size_t i = 0; is_meant && i < COUNT_OF(wishes); i++) {
        if (strcmp(wishes[i].param, param) == 0 && !asks_for_nothing(value, wishes[i].nothing))
            report_wish(run, wishes[i].param, wishes[i].what,
                        rule_value_origin(host, param, value));
    }
}

static void standby_clusters(const RuleRun *run, const Host *host, const char *param,
                             const Value *value)
{
    if (rule_is_primary(host))
        report_wish(run, param, "a cluster that follows another one",
                    rule_value_origin(host, param, value));
}

/* -- parameters that nothing carries out ------------------------------------------------------ */

/* A switch that is off, an empty list, map or text. */
static bool is_nothing(const Value *value)
{
    bool is_container = value->type == VALUE_LIST || value->type == VALUE_MAP;
    return value->type == VALUE_NULL || asks_for_nothing(value, "") ||
           (is_container && value_count(value) == 0);
}

/* One report for a subject, with the places where its parameters are written. */
static void subjects(const RuleRun *run, const Host *host, const char *param, const Value *value)
{
    Diagnostic *problem = map_get(run->seen, "");
    if (is_nothing(value))
        return;
    if (problem) {
        diagnostic_add_place(problem, rule_origin(host, param));
        return;
    }
    problem = diagnostics_add(run->diagnostics, "W054", rule_origin(host, param),
                              "What is there is left alone. pgsteer schema NAME says what a "
                              "parameter changes.",
                              "%s: %s is read, and not carried out by this version of pgsteer",
                              run->rule->subject, param);
    map_set(run->seen, "", problem);
}

static const Rule rows[] = {
    {"W054", "what is asked of users is carried out", .value = users,
     .params = {"pg_users", "pg_default_roles"}},
    {"W054", "what is asked of databases is carried out", .value = databases,
     .params = {"pg_databases"}},
    {"W054", "parameters that would make another cluster are carried out", .value = parameters,
     .params = {"pg_mode", "pg_vip_enabled", "vip_enabled", "pg_service_provider", "pg_delay",
                "patroni_mode", "pg_pitr", "pg_provision", "pg_reload", "haproxy_reload"}},
    {"W054", "standby clusters are carried out", .value = standby_clusters,
     .params = {"pg_upstream"}},
    {"W054", "backups are carried out", .value = subjects, .subject = "backups",
     .params = {"pgbackrest_enabled", "pgbackrest_method", "pgbackrest_repo",
                "pgbackrest_init_backup", "pgbackrest_log_dir", "pg_fs_backup"}},
    {"W054", "jobs are carried out", .value = subjects, .subject = "jobs",
     .params = {"pg_crontab", "node_crontab", "node_crontab_overwrite"}},
    {"W054", "servers are monitored", .value = subjects, .subject = "monitoring of servers",
     .params = {"pg_exporter_enabled", "pg_exporter_config", "pg_exporter_cache_ttls",
                "pg_exporter_port", "pg_exporter_params", "pg_exporter_url",
                "pg_exporter_auto_discovery", "pg_exporter_exclude_database",
                "pg_exporter_include_database", "pg_exporter_connect_timeout",
                "pg_exporter_options", "pg_exporters"}},
    {"W054", "nodes are monitored", .value = subjects, .subject = "monitoring of nodes",
     .params = {"pgbouncer_exporter_enabled", "pgbouncer_exporter_port", "pgbouncer_exporter_url",
                "pgbouncer_exporter_options", "pgbackrest_exporter_enabled",
                "pgbackrest_exporter_port", "pgbackrest_exporter_options", "node_exporter_enabled",
                "node_exporter_port", "node_exporter_options", "node_cluster"}},
    {"W054", "logs are shipped", .value = subjects, .subject = "shipping of logs",
     .params = {"vector_enabled", "vector_clean", "vector_data", "vector_port", "vector_read_from",
                "vector_log_endpoint"}},
    {"W054", "kernels of nodes are tuned", .value = subjects, .subject = "kernels and firewalls",
     .params = {"node_selinux_mode", "node_firewall_mode", "node_firewall_public_port",
                "node_disable_numa", "node_disable_swap", "node_static_network",
                "node_disk_prefetch", "node_kernel_modules", "node_hugepage_count",
                "node_hugepage_ratio", "node_tune", "node_sysctl_params"}},
    {"W054", "nodes are furnished", .value = subjects, .subject = "time and tools of nodes",
     .params = {"node_overcommit_ratio", "node_data", "node_timezone", "node_ntp_enabled",
                "node_ntp_servers", "node_aliases", "node_uv_env", "node_pip_packages",
                "node_repo_remove"}},
    {"W054", "nodes have an administrator", .value = subjects, .subject = "administrators of nodes",
     .params = {"node_admin_enabled", "node_admin_uid", "node_admin_username", "node_admin_sudo",
                "node_admin_ssh_exchange", "node_admin_pk_current", "node_admin_pk_list"}},
    {"W054", "names are served", .value = subjects, .subject = "name servers",
     .params = {"node_dns_method", "node_dns_servers", "node_dns_options", "dns_enabled",
                "dns_port", "dns_records", "pg_dns_suffix", "pg_dns_target", "vip_dns_suffix"}},
    {"W054", "proxies serve more than PostgreSQL", .value = subjects,
     .subject = "other services of proxies", .params = {"haproxy_services", "haproxy_clean"}},
    {"W054", "infra nodes have web sites", .value = subjects, .subject = "web sites",
     .params = {"infra_services", "infra_extra_services", "infra_portal", "infra_data",
                "infra_packages", "language"}},
    {"W054", "packages are mirrored", .value = subjects, .subject = "mirrors of packages",
     .params = {"repo_remove", "repo_modules", "repo_upstream", "repo_packages",
                "repo_extra_packages", "repo_url_packages", "proxy_env", "region"}},
    {"W054", "removal is carried out", .value = subjects, .subject = "removal",
     .params = {"pg_rm_data", "pg_rm_backup", "pg_rm_pkg", "etcd_rm_data", "etcd_rm_pkg"}},
    {"W054", "files and first steps are carried out", .value = subjects,
     .subject = "files and first steps",
     .params = {"pg_dbsu_ssh_exchange", "pg_dummy_filesize", "pg_localhost", "pg_files", "pg_init",
                "pgsodium_key", "pgsodium_getkey_script", "pg_primary_db", "etcd_learner",
                "etcd_init"}},
};

const RuleTable rules_unmet = {rows, COUNT_OF(rows)};
