/* Names that are not in the table but are known: renamed ones and those of other modules. */
#include <string.h>

#include "base/text.h"
#include "schema/params_tables.h"

static const ParameterRename renamed[] = {
    {"pg_exists_action", "pg_safeguard", "1.5", "abort is pg_safeguard: true.", NULL},
    {"pg_disable_purge", "pg_safeguard", "1.5", NULL, NULL},
    {"pg_shared_libraries", "pg_libs", "1.5", NULL, NULL},
    {"node_admin_setup", "node_admin_enabled", "1.5", NULL, NULL},
    {"node_admin_pks", "node_admin_pk_list", "1.5", NULL, NULL},
    {"node_dns_server", "node_dns_method", "1.5", NULL, NULL},
    {"node_dns_hosts", "node_etc_hosts", "1.5", NULL, NULL},
    {"node_ntp_config", "node_ntp_enabled", "1.5", NULL, NULL},
    {"node_extra_packages", "node_packages", "1.5", NULL, NULL},
    {"node_meta_packages", "infra_packages", "1.5", NULL, NULL},
    {"node_packages_meta", "infra_packages", "2.0", NULL, NULL},
    {"haproxy_admin_auth_enabled", "", "1.5", NULL, NULL},
    {"pg_services_extra", "pg_services", "2.0", NULL, NULL},
    {"pg_hba_rules_extra", "pg_hba_rules", "2.0", NULL, NULL},
    {"pgbouncer_hba_rules", "pgb_default_hba_rules", "2.0",
     "It replaces the defaults; rules in addition to them are pgb_hba_rules.", NULL},
    {"pgbouncer_hba_rules_extra", "pgb_hba_rules", "2.0", NULL, NULL},
    {"vip_mode", "pg_vip_enabled", "2.0", "l2 is pg_vip_enabled: true, none is false.", NULL},
    {"vip_cidrmask", "pg_vip_address", "2.0", "The mask stands behind the address: 10.0.0.2/24",
     NULL},
    {"dns_mode", "pg_dns_target", "2.0", "It takes auto, primary, vip, none or an address.", NULL},
    {"dns_selector", "pg_dns_target", "2.0", "It takes auto, primary, vip, none or an address.",
     NULL},
    {"pg_hostname", "node_id_from_pg", "2.0", NULL, NULL},
    {"pg_nodename", "node_id_from_pg", "2.0", NULL, NULL},
    {"pg_sindex", "pg_group", "2.0", NULL, NULL},
    {"pg_backup", "", "2.0", NULL, NULL},
    {"pg_preflight_skip", "", "2.0", NULL, NULL},
    {"pg_dcs_type", "", "2.0", NULL, NULL},
    {"dcs_clean", "etcd_rm_data", "2.0",
     "It meant another thing: dcs_clean let the creation erase an older one, etcd_rm_data is about "
     "the removal of one.",
     NULL},
    {"dcs_safeguard", "etcd_safeguard", "2.0", NULL, NULL},
    {"node_data_dir", "node_data", "2.0", NULL, NULL},
    {"node_packages_default", "node_default_packages", "2.0", NULL, NULL},
    {"node_etc_hosts_default", "node_default_etc_hosts", "2.0", NULL, NULL},
    {"node_repo_method", "node_repo_modules", "2.6",
     "local stays local; it is a list of modules of repo_upstream.", NULL},
    {"node_repo_local_urls", "node_repo_modules", "2.6",
     "It names modules of repo_upstream, not addresses.", NULL},
    {"patroni_citus_db", "pg_primary_db", "3.0", NULL, NULL},
    {"pg_clean", "pg_rm_data", "3.5",
     "It meant another thing: pg_clean let the creation of a cluster erase an older one, "
     "pg_rm_data is about the removal of one.",
     NULL},
    {"pg_uninstall", "pg_rm_pkg", "3.5", NULL, NULL},
    {"pg_fs_bkup", "pg_fs_backup", "3.6", NULL, NULL},
    {"pg_rm_bkup", "pg_rm_backup", "3.6", NULL, NULL},
    {"etcd_clean", "etcd_rm_data", "3.6",
     "It meant another thing: etcd_clean let the creation of a cluster erase an older one, "
     "etcd_rm_data is about the removal of one.",
     NULL},
    {"node_disable_firewall", "node_firewall_mode", "4.0",
     "The meaning was turned around: true is node_firewall_mode: off, false is none.", NULL},
    {"node_disable_selinux", "node_selinux_mode", "4.0",
     "The meaning was turned around: true is node_selinux_mode: permissive.", NULL},
    {"pgbackrest_clean", "", "4.0", NULL, NULL},
    {"infra_packages_pip", "", "4.0", NULL, NULL},
    {"nginx_navbar", "infra_services", "4.0", NULL, NULL},
    {"promtail_enabled", "vector_enabled", "4.0", NULL, NULL},
    {"promtail_clean", "vector_clean", "4.0", NULL, NULL},
    {"promtail_port", "vector_port", "4.0", NULL, NULL},
    {"promtail_positions", "vector_data", "4.0", "It is a directory, no file.", NULL},
};

static const ParameterRename renamed_fields[] = {
    {"src_ip", "ip", "2.0", NULL, "service"},
    {"src_port", "port", "2.0", NULL, "service"},
    {"dst_port", "dest", "2.0", NULL, "service"},
    {"check_url", "check", "2.0", NULL, "service"},
    {"check_method", "check", "2.0", "The method is always OPTIONS: keep the path alone.",
     "service"},
    {"check_port", "check", "2.0", "The port is always Patroni's: keep the path alone.", "service"},
    {"check_code", "check", "2.0", "The answer is always 200: keep the path alone.", "service"},
    {"selector_backup", "backup", "2.0", NULL, "service"},
    {"haproxy", "options", "2.0", "maxconn, balance and options stand at the service itself.",
     "service"},
    {"pool_size_reserve", "pool_reserve", "2.0", NULL, "database"},
    {"pool_max_db_conn", "pool_connlimit", "2.0", NULL, "database"},
};

/* All names that begin so. */
static const ParameterRename renamed_families[] = {
    {"dcs_", "", "2.0", "etcd agrees on leaders: see etcd_seq.", NULL},
    {"consul_", "", "2.0", "etcd agrees on leaders: see etcd_seq.", NULL},
    {"promtail_", "", "4.0", "The log shipper is vector: see vector_enabled.", NULL},
    {"prometheus_", "vmetrics_*", "4.0", NULL, NULL},
    {"loki_", "vlogs_*", "4.0", NULL, NULL},
};

const ParameterRename *params_renamed(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(renamed); i++) {
        if (strcmp(renamed[i].old_name, name) == 0)
            return &renamed[i];
    }
    for (size_t i = 0; i < COUNT_OF(renamed_families); i++) {
        if (text_starts_with(name, renamed_families[i].old_name))
            return &renamed_families[i];
    }
    return NULL;
}

const char *params_rename_text(Arena *arena, const ParameterRename *rename)
{
    return arena_printf(
        arena, *rename->new_name ? "is since Pigsty %s called %s" : "was removed in Pigsty %s%s",
        rename->since, rename->new_name);
}

const ParameterRename *params_renamed_at(size_t i)
{
    return i < COUNT_OF(renamed) ? &renamed[i] : NULL;
}

const ParameterRename *params_renamed_family_at(size_t i)
{
    return i < COUNT_OF(renamed_families) ? &renamed_families[i] : NULL;
}

const ParameterRename *params_renamed_field(const ParameterSchema *schema, const char *name)
{
    for (size_t i = 0; i < COUNT_OF(renamed_fields); i++) {
        if (strcmp(renamed_fields[i].of, schema->name) == 0 &&
            strcmp(renamed_fields[i].old_name, name) == 0)
            return &renamed_fields[i];
    }
    return NULL;
}

const ParameterRename *params_renamed_field_at(const ParameterSchema *schema, size_t i)
{
    for (size_t f = 0; f < COUNT_OF(renamed_fields); f++) {
        if (strcmp(renamed_fields[f].of, schema->name) == 0 && i-- == 0)
            return &renamed_fields[f];
    }
    return NULL;
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
    {"pushgateway_", "monitoring"},
    {"exporter_", "monitoring"},
    {"node_exporter_", "monitoring"},
    {"proxy_", "infra"},
};

static bool is_meant(const char *entry, const char *name)
{
    return text_ends_with(entry, "_") ? text_starts_with(name, entry) : strcmp(name, entry) == 0;
}

const char *params_foreign_module(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(foreign); i++) {
        if (is_meant(foreign[i].name, name))
            return foreign[i].module;
    }
    return NULL;
}

/* Ansible's words that change what runs, where or as whom; an entry that ends in '_' is a prefix.
 * Nothing of an inventory is executed, and no password of a login is kept in one. */
static const struct {
    const char *name, *advice;
} refused[] = {
    {"ansible_ssh_host", "Write ansible_host."},
    {"ansible_ssh_port", "Write ansible_port."},
    {"ansible_ssh_user", "Write ansible_user."},
    {"ansible_private_key_file", "Write ansible_ssh_private_key_file."},
    {"ansible_password", "Log in with a key:  ssh-copy-id USER@HOST  puts it there."},
    {"ansible_ssh_pass", "Log in with a key:  ssh-copy-id USER@HOST  puts it there."},
    {"ansible_ssh_password", "Log in with a key:  ssh-copy-id USER@HOST  puts it there."},
    {"ansible_ssh_private_key", "Write ansible_ssh_private_key_file, or add the key to the agent."},
    {"ansible_ssh_private_key_passphrase", "Add the key to the agent:  ssh-add FILE."},
    {"ansible_become_pass",
     "Allow the user sudo without a password:  USER ALL=(ALL) NOPASSWD: ALL"},
    {"ansible_become_password",
     "Allow the user sudo without a password:  USER ALL=(ALL) NOPASSWD: ALL"},
    {"ansible_sudo_pass", "Allow the user sudo without a password:  USER ALL=(ALL) NOPASSWD: ALL"},
    {"ansible_become", "Remove it: it is always sudo that runs things as root."},
    {"ansible_become_", "Remove it: it is always sudo that runs things as root."},
    {"ansible_sudo", "Remove it: it is always sudo that runs things as root."},
    {"ansible_connection", "Remove it: every node is reached by SSH, also this one."},
    {"ansible_ssh_executable", "Remove it. -ssh-backend=openssh takes the ssh of the PATH."},
    {"ansible_ssh_", "Write what ssh is to do (ProxyJump and the like) into ~/.ssh/config."},
    {"ansible_scp_", "Remove it: files travel through the SSH connection itself."},
    {"ansible_sftp_", "Remove it: files travel through the SSH connection itself."},
    {"ansible_host_key_checking", "Remove it: host keys are always checked."},
    {"ansible_python_interpreter", "Remove it: no Python is needed on a node."},
    {"ansible_shell_", "Remove it: sh runs what is to run."},
    {"ansible_pipelining", "Remove it: scripts always travel through the connection itself."},
    {"ansible_remote_tmp", "Remove it: nothing is copied to a node to be run."},
};

const char *params_refused_advice(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (is_meant(refused[i].name, name))
            return refused[i].advice;
    }
    return NULL;
}
