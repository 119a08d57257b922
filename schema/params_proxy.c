/* Nodes: proxy, floating address, exporters, log shipping. */
#include "schema/params_tables.h"

static const Parameter haproxy_rows[] = {
    {"haproxy_enabled", TYPE_BOOL, C, "true", .doc = "run haproxy on the node", .feeds = "unit",
     .change = "HR"},
    {"haproxy_clean", TYPE_BOOL, G | C | A, "false", .doc = "wipe all haproxy files first",
     .feeds = "haproxy.cfg and every conf.d file, PG services too", .change = "HR (dangerous)"},
    {"haproxy_reload", TYPE_BOOL, A, "true", .doc = "reload after config", .feeds = "gate",
     .change = "N"},
    {"haproxy_auth_enabled", TYPE_BOOL, G, "true", .doc = "declared, read by nothing",
     .feeds = "none in v4.5", .change = "ignore + warn", .flags = DEAD},
    {"haproxy_admin_username", TYPE_USERNAME, G, "admin", .doc = "stats user",
     .feeds = "haproxy.cfg", .change = "H"},
    {"haproxy_admin_password", TYPE_PASSWORD, G, "pigsty", .doc = "stats password",
     .feeds = "haproxy.cfg", .change = "H"},
    {"haproxy_exporter_port", TYPE_PORT, C, "9101", .doc = "stats/metrics port",
     .feeds = "haproxy.cfg, targets", .change = "H + M"},
    {"haproxy_client_timeout", TYPE_INTERVAL, C, "24h", .doc = "client timeout",
     .feeds = "haproxy.cfg", .change = "H"},
    {"haproxy_server_timeout", TYPE_INTERVAL, C, "24h", .doc = "server timeout",
     .feeds = "haproxy.cfg", .change = "H"},
    {"haproxy_services", TYPE_OBJECTS, C, "[]", .doc = "non-PG services on the node",
     .feeds = "conf.d/<name>.cfg", .change = "H (removal leaves file)",
     .schema = &schema_haproxy_service},
};

static const Parameter node_vip_rows[] = {
    {"vip_enabled", TYPE_BOOL, C, "false", .doc = "node-level floating address",
     .feeds = "keepalived", .change = "K"},
    {"vip_address", TYPE_IP, C, NULL, .doc = "that address (plain IPv4)",
     .feeds = "keepalived.conf; DNS", .change = "K"},
    {"vip_vrid", TYPE_INT, C, NULL, .doc = "VRRP id 1-254", .feeds = "keepalived.conf",
     .change = "K", .min = 1, .max = 254},
    {"vip_role", TYPE_ENUM, I, "backup", .doc = "initial state of the node",
     .feeds = "keepalived.conf", .change = "K", .words = "master|backup"},
    {"vip_preempt", TYPE_BOOL, C | I, "false", .doc = "allow preemption",
     .feeds = "keepalived.conf", .change = "K"},
    {"vip_interface", TYPE_TEXT, C | I, "auto", .doc = "NIC, auto by inventory IP",
     .feeds = "keepalived.conf", .change = "K", .since = "4.4"},
    {"vip_dns_suffix", TYPE_TEXT, C, "", .doc = "DNS suffix of node cluster record",
     .feeds = "dnsmasq", .change = "F"},
    {"vip_auth_pass", TYPE_PASSWORD, C, "", .doc = "VRRP password", .feeds = "keepalived.conf",
     .change = "K (all peers)"},
    {"vip_exporter_port", TYPE_PORT, C, "9650", .doc = "keepalived exporter port",
     .feeds = "exporter", .change = "M"},
};

static const Parameter node_exporter_rows[] = {
    {"node_exporter_enabled", TYPE_BOOL, C, "true", .doc = "run node_exporter",
     .feeds = "unit, target", .change = "M"},
    {"node_exporter_port", TYPE_PORT, C, "9100", .doc = "its port", .feeds = "unit, target",
     .change = "M"},
    {"node_exporter_options", TYPE_TEXT, C, default_node_exporter_options, .doc = "its flags",
     .feeds = "unit", .change = "M"},
};

static const Parameter vector_rows[] = {
    {"vector_enabled", TYPE_BOOL, C, "true", .doc = "run log shipper", .feeds = "unit",
     .change = "M"},
    {"vector_clean", TYPE_BOOL, G | A, "false", .doc = "wipe its state first", .feeds = "data dir",
     .change = "N"},
    {"vector_data", TYPE_PATH, C, "/data/vector", .doc = "its data dir", .feeds = "config",
     .change = "M"},
    {"vector_port", TYPE_PORT, C, "9598", .doc = "its metrics port", .feeds = "config, target",
     .change = "M"},
    {"vector_read_from", TYPE_ENUM, C, "beginning", .doc = "start from beginning or end",
     .feeds = "config", .change = "M", .words = "beginning|end"},
    {"vector_log_endpoint", TYPE_TEXTS, C, "[\"infra\"]", .doc = "[infra] or list of URLs",
     .feeds = "config", .change = "M", .placeholders = PLACE_ADMIN_IP},
};

const ParameterTable params_haproxy = {"HAPROXY", haproxy_rows, COUNT_OF(haproxy_rows)};
const ParameterTable params_node_vip = {"NODE_VIP", node_vip_rows, COUNT_OF(node_vip_rows)};
const ParameterTable params_node_exporter = {"NODE_EXPORTER", node_exporter_rows,
                                             COUNT_OF(node_exporter_rows)};
const ParameterTable params_vector = {"VECTOR", vector_rows, COUNT_OF(vector_rows)};
