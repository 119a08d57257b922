/* Names that are not in the table but are known: renamed ones and those of other modules. */
#include <string.h>

#include "base/text.h"
#include "schema/params_tables.h"

static const struct {
    const char *old_name, *new_name, *since; /* new_name "": removed */
} renamed[] = {
    {"pg_exists_action", "pg_safeguard", "1.5"},
    {"pg_disable_purge", "pg_safeguard", "1.5"},
    {"pg_shared_libraries", "pg_libs", "1.5"},
    {"node_admin_setup", "node_admin_enabled", "1.5"},
    {"node_admin_pks", "node_admin_pk_list", "1.5"},
    {"node_dns_server", "node_dns_method", "1.5"},
    {"node_dns_hosts", "node_etc_hosts", "1.5"},
    {"node_ntp_config", "node_ntp_enabled", "1.5"},
    {"node_extra_packages", "node_packages", "1.5"},
    {"haproxy_admin_auth_enabled", "haproxy_auth_enabled", "1.5"},
    {"pg_services_extra", "pg_services", "2.0"},
    {"pg_hba_rules_extra", "pg_hba_rules", "2.0"},
    {"pgbouncer_hba_rules", "pgb_default_hba_rules", "2.0"},
    {"pgbouncer_hba_rules_extra", "pgb_hba_rules", "2.0"},
    {"vip_mode", "pg_vip_enabled", "2.0"},
    {"vip_cidrmask", "pg_vip_address", "2.0"},
    {"dns_mode", "pg_dns_target", "2.0"},
    {"dns_selector", "pg_dns_target", "2.0"},
    {"pg_hostname", "node_id_from_pg", "2.0"},
    {"pg_nodename", "node_id_from_pg", "2.0"},
    {"pg_sindex", "pg_group", "2.0"},
    {"pg_backup", "", "2.0"},
    {"pg_preflight_skip", "", "2.0"},
    {"pg_dcs_type", "", "2.0"},
    {"dcs_name", "", "2.0"},
    {"dcs_servers", "", "2.0"},
    {"dcs_registry", "", "2.0"},
    {"dcs_clean", "etcd_rm_data", "2.0"},
    {"dcs_safeguard", "etcd_safeguard", "2.0"},
    {"node_meta_packages", "infra_packages", "1.5"},
    {"node_packages_meta", "infra_packages", "2.0"},
    {"node_data_dir", "node_data", "2.0"},
    {"node_packages_default", "node_default_packages", "2.0"},
    {"node_etc_hosts_default", "node_default_etc_hosts", "2.0"},
    {"node_repo_method", "node_repo_modules", "2.6"},
    {"node_repo_local_urls", "node_repo_modules", "2.6"},
    {"patroni_citus_db", "pg_primary_db", "3.0"},
    {"pg_clean", "pg_rm_data", "3.5"},
    {"pg_uninstall", "pg_rm_pkg", "3.5"},
    {"pg_fs_bkup", "pg_fs_backup", "3.6"},
    {"pg_rm_bkup", "pg_rm_backup", "3.6"},
    {"etcd_clean", "etcd_rm_data", "3.6"},
    {"node_disable_firewall", "node_firewall_mode", "4.0"},
    {"node_disable_selinux", "node_selinux_mode", "4.0"},
    {"pgbackrest_clean", "", "4.0"},
    {"nginx_navbar", "infra_services", "4.0"},
    {"infra_packages_pip", "", "4.0"},
    /* fields of objects */
    {"src_ip", "ip", "2.0"},
    {"src_port", "port", "2.0"},
    {"dst_port", "dest", "2.0"},
    {"check_url", "check", "2.0"},
    {"check_method", "check", "2.0"},
    {"check_port", "check", "2.0"},
    {"check_code", "check", "2.0"},
    {"selector_backup", "backup", "2.0"},
    {"pool_size_reserve", "pool_reserve", "2.0"},
    {"pool_max_db_conn", "pool_connlimit", "2.0"},
};

const char *params_new_name(const char *old_name, const char **ret_since)
{
    for (size_t i = 0; i < COUNT_OF(renamed); i++) {
        if (strcmp(renamed[i].old_name, old_name) != 0)
            continue;
        *ret_since = renamed[i].since;
        return renamed[i].new_name;
    }
    return NULL;
}

const char *params_old_name(size_t i)
{
    return i < COUNT_OF(renamed) ? renamed[i].old_name : NULL;
}

/* A name that ends in '_' is a prefix. */
static const struct {
    const char *name, *module;
} foreign[] = {
    {"minio_", "minio"},
    {"redis_", "redis"},
    {"kafka_", "kafka"},
    {"mysql_", "mysql"},
    {"mongo_", "ferret"},
    {"ferretdb_", "ferret"},
    {"docker_", "docker"},
    {"app", "app"},
    {"apps", "app"},
    {"app_", "app"},
    {"juice_", "juice"},
    {"vibe_", "vibe"},
    {"code_", "vibe"},
    {"jupyter_", "vibe"},
    {"claude_", "vibe"},
    {"codex_", "vibe"},
    {"nodejs_", "vibe"},
    {"npm_", "vibe"},
    {"cache_", "cache"},
    {"consul_", "consul"},
    {"certbot_", "nginx"},
    {"nginx_", "nginx"},
    {"ca_", "infra"},
    {"infra_", "infra"},
    {"repo_", "infra"},
    {"dns_", "infra"},
    {"grafana_", "monitoring"},
    {"blackbox_", "monitoring"},
    {"alertmanager_", "monitoring"},
    {"vmetrics_", "monitoring"},
    {"vlogs_", "monitoring"},
    {"vtraces_", "monitoring"},
    {"vmalert_", "monitoring"},
    {"prometheus_", "monitoring"},
    {"pushgateway_", "monitoring"},
    {"promtail_", "monitoring"},
    {"loki_", "monitoring"},
    {"exporter_", "monitoring"},
    {"node_exporter_", "monitoring"},
    {"proxy_", "infra"},
};

const char *params_foreign_module(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        bool is_prefix = text_ends_with(foreign[i].name, "_");
        if (is_prefix ? text_starts_with(name, foreign[i].name)
                      : strcmp(name, foreign[i].name) == 0)
            return foreign[i].module;
    }
    return NULL;
}
