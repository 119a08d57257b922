/* Nodes: names, resolvers, packages, security, tuning, users, time. */
#include "schema/params_tables.h"

static const Parameter node_id_rows[] = {
    {"nodename", TYPE_TEXT, I, NULL, .doc = "node name; falls back to hostname",
     .feeds = "hostname, exporter labels"},
    {"node_cluster", TYPE_TEXT, C, "nodes", .doc = "group label of the node",
     .feeds = "labels, keepalived instance name"},
    {"nodename_overwrite", TYPE_BOOL, C, "true", .doc = "set OS hostname", .feeds = "hostname"},
    {"nodename_exchange", TYPE_BOOL, C, "false", .doc = "spread names in hosts files",
     .feeds = "/etc/hosts"},
    {"node_id_from_pg", TYPE_BOOL, C, "true", .doc = "reuse <cls>-<seq> and <cls> as node identity",
     .feeds = "hostname, labels"},
};

static const Parameter node_dns_rows[] = {
    {"node_write_etc_hosts", TYPE_BOOL, G | C | I, "true", .doc = "manage hosts file",
     .feeds = "/etc/hosts"},
    {"node_default_etc_hosts", TYPE_TEXTS, G, "[\"${admin_ip} i.pigsty\"]",
     .doc = "baseline static records", .feeds = "/etc/hosts", .placeholders = PLACE_ADMIN_IP},
    {"node_etc_hosts", TYPE_TEXTS, C, "[]", .doc = "extra static records", .feeds = "/etc/hosts",
     .placeholders = PLACE_ADMIN_IP},
    {"node_dns_method", TYPE_ENUM, C, "add", .doc = "add, overwrite or leave resolvers",
     .feeds = "/etc/resolv.conf", .words = "add|overwrite|none"},
    {"node_dns_servers", TYPE_TEXTS, C, "[\"${admin_ip}\"]", .doc = "resolver list",
     .feeds = "/etc/resolv.conf", .placeholders = PLACE_ADMIN_IP},
    {"node_dns_options", TYPE_TEXTS, C, "[\"options single-request-reopen timeout:1\"]",
     .doc = "resolver options", .feeds = "/etc/resolv.conf"},
};

static const Parameter node_package_rows[] = {
    {"node_repo_modules", TYPE_TEXT, C | A, "local",
     .doc = "repository modules that nodes use, comma-separated", .feeds = "repo files"},
    {"node_repo_remove", TYPE_BOOL, C | A, "true", .doc = "move existing repo files away",
     .feeds = "repo files"},
    {"node_packages", TYPE_TEXTS, C, "[\"openssh-server\"]",
     .doc = "extra packages; the default is left alone, as SSH answers", .feeds = "packages"},
    {"node_default_packages", TYPE_TEXTS, G, NULL, .doc = "base packages; distro list if unset",
     .feeds = "packages"},
    {"node_uv_env", TYPE_PATH, C, "/data/venv", .doc = "path of the Python environment",
     .feeds = "venv"},
    {"node_pip_packages", TYPE_TEXT, C, "", .doc = "Python packages, blank-separated",
     .feeds = "venv"},
};

static const Parameter node_security_rows[] = {
    {"node_selinux_mode", TYPE_ENUM, C, "permissive", .doc = "SELinux mode",
     .feeds = "selinux config", .words = "enforcing|permissive|disabled"},
    {"node_firewall_mode", TYPE_ENUM, C, "zone",
     .doc = "firewall with zones, switched off, or left alone", .feeds = "firewalld/ufw",
     .words = "zone|off|none", .since = "4.1"},
    {"node_firewall_intranet", TYPE_CIDRS, C,
     "[\"10.0.0.0/8\", \"192.168.0.0/16\", \"172.16.0.0/12\"]", .doc = "trusted CIDRs",
     .feeds = "firewall; intra alias of all HBA files"},
    {"node_firewall_public_port", TYPE_PORTS, C, "[22, 80, 443]", .doc = "ports open to all",
     .feeds = "firewall (adds only)"},
};

static const Parameter node_tune_rows[] = {
    {"node_disable_numa", TYPE_BOOL, C, "false", .doc = "turn NUMA off", .feeds = "kernel cmdline"},
    {"node_disable_swap", TYPE_BOOL, C, "false", .doc = "turn swap off", .feeds = "swap, fstab"},
    {"node_static_network", TYPE_BOOL, C, "true", .doc = "keep resolver across reboot",
     .feeds = "network config"},
    {"node_disk_prefetch", TYPE_BOOL, C, "false", .doc = "HDD read-ahead", .feeds = "block device"},
    {"node_kernel_modules", TYPE_TEXTS, C,
     "[\"softdog\", \"ip_vs\", \"ip_vs_rr\", \"ip_vs_wrr\", \"ip_vs_sh\"]",
     .doc = "modules to load", .feeds = "modules-load.d"},
    {"node_hugepage_count", TYPE_INT, C, "0", .doc = "number of huge pages", .feeds = "sysctl",
     .min = 0, .max = NO_LIMIT, .unit = "pages of 2 MB"},
    {"node_hugepage_ratio", TYPE_REAL, C, "0", .doc = "huge pages as share of memory",
     .feeds = "sysctl", .min = 0, .max = 900},
    {"node_overcommit_ratio", TYPE_REAL, C, "0", .doc = "memory overcommit in percent",
     .feeds = "tuned profile", .unit = "percent", .min = 0, .max = 100000},
    {"node_tune", TYPE_ENUM, C, "oltp", .doc = "tuned profile", .feeds = "tuned",
     .words = "none|oltp|olap|crit|tiny"},
    {"node_sysctl_params", TYPE_TEXT_MAP, C, "{\"fs.nr_open\": 8388608}", .doc = "extra sysctl map",
     .feeds = "sysctl"},
};

static const Parameter node_admin_rows[] = {
    {"node_data", TYPE_PATH, C, "/data", .doc = "main data mount", .feeds = "directory"},
    {"node_admin_enabled", TYPE_BOOL, C, "true", .doc = "create admin user", .feeds = "OS user"},
    {"node_admin_uid", TYPE_INT, C, "88", .doc = "uid and gid of the admin user",
     .feeds = "OS user", .min = 0, .max = 65535},
    {"node_admin_username", TYPE_USERNAME, C, "dba", .doc = "admin user name", .feeds = "OS user"},
    {"node_admin_sudo", TYPE_ENUM, C, "nopass", .doc = "admin sudo scope", .feeds = "sudoers",
     .words = "none|limit|all|nopass"},
    {"node_admin_ssh_exchange", TYPE_BOOL, C, "true", .doc = "share admin keys",
     .feeds = "authorized_keys"},
    {"node_admin_pk_current", TYPE_BOOL, C, "true", .doc = "add operator key",
     .feeds = "authorized_keys"},
    {"node_admin_pk_list", TYPE_TEXTS, C, "[]", .doc = "extra public keys (adds only)",
     .feeds = "authorized_keys"},
    {"node_aliases", TYPE_TEXT_MAP, C | I, "{}", .doc = "shell aliases", .feeds = "profile.d"},
};

static const Parameter node_time_rows[] = {
    {"node_timezone", TYPE_TEXT, C, "", .doc = "timezone, empty keeps", .feeds = "timezone"},
    {"node_ntp_enabled", TYPE_BOOL, C, "true", .doc = "run chrony", .feeds = "chrony"},
    {"node_ntp_servers", TYPE_TEXTS, C, "[\"pool pool.ntp.org iburst\"]",
     .doc = "chrony source lines", .feeds = "chrony.conf"},
    {"node_crontab_overwrite", TYPE_BOOL, C, "true",
     .doc = "replace /etc/crontab rather than append", .feeds = "/etc/crontab"},
    {"node_crontab", TYPE_TEXTS, C, "[]", .doc = "root cron lines", .feeds = "/etc/crontab"},
};

const ParameterTable params_node_id = {"NODE_ID", node_id_rows, COUNT_OF(node_id_rows),
                                       "names of nodes"};
const ParameterTable params_node_dns = {"NODE_DNS", node_dns_rows, COUNT_OF(node_dns_rows),
                                        "hosts file and resolvers"};
const ParameterTable params_node_package = {"NODE_PACKAGE", node_package_rows,
                                            COUNT_OF(node_package_rows),
                                            "package repositories and packages of nodes"};
const ParameterTable params_node_security = {"NODE_SECURITY", node_security_rows,
                                             COUNT_OF(node_security_rows), "SELinux and firewall"};
const ParameterTable params_node_tune = {"NODE_TUNE", node_tune_rows, COUNT_OF(node_tune_rows),
                                         "kernel settings"};
const ParameterTable params_node_admin = {"NODE_ADMIN", node_admin_rows, COUNT_OF(node_admin_rows),
                                          "administrator of nodes"};
const ParameterTable params_node_time = {"NODE_TIME", node_time_rows, COUNT_OF(node_time_rows),
                                         "time and scheduled jobs of nodes"};
