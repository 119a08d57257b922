/* Nodes: proxy, floating address, exporters, log shipping. */
#include "schema/params_tables.h"

static const Parameter haproxy_rows[] = {
    {"haproxy_enabled", TYPE_BOOL, C, "true", .doc = "run haproxy on the node", .feeds = "unit"},
    {"haproxy_clean", TYPE_BOOL, G | C | A, "false", .doc = "wipe all haproxy files first",
     .feeds = "haproxy.cfg and every conf.d file, PG services too"},
    {"haproxy_reload", TYPE_BOOL, A, "true", .doc = "reload after config", .feeds = "gate"},
    {"haproxy_auth_enabled", TYPE_BOOL, G, "true", .doc = "declared, read by nothing",
     .feeds = "none in v4.5", .flags = DEAD},
    {"haproxy_admin_username", TYPE_USERNAME, G, "admin", .doc = "stats user",
     .feeds = "haproxy.cfg"},
    {"haproxy_admin_password", TYPE_PASSWORD, G, "pigsty", .doc = "stats password",
     .feeds = "haproxy.cfg"},
    {"haproxy_exporter_port", TYPE_PORT, C, "9101", .doc = "stats/metrics port",
     .feeds = "haproxy.cfg, targets"},
    {"haproxy_client_timeout", TYPE_INTERVAL, C, "24h", .doc = "client timeout",
     .feeds = "haproxy.cfg"},
    {"haproxy_server_timeout", TYPE_INTERVAL, C, "24h", .doc = "server timeout",
     .feeds = "haproxy.cfg"},
    {"haproxy_services", TYPE_OBJECTS, C, "[]", .doc = "non-PG services on the node",
     .feeds = "conf.d/<name>.cfg", .schema = &schema_haproxy_service},
};

static const Parameter node_vip_rows[] = {
    {"vip_enabled", TYPE_BOOL, C, "false", .doc = "node-level floating address",
     .feeds = "keepalived"},
    {"vip_address", TYPE_IP, C, NULL, .doc = "that address (plain IPv4)",
     .feeds = "keepalived.conf; DNS"},
    {"vip_vrid", TYPE_INT, C, NULL, .doc = "VRRP id 1-254", .feeds = "keepalived.conf", .min = 1,
     .max = 254},
    {"vip_role", TYPE_ENUM, I, "backup", .doc = "initial state of the node",
     .feeds = "keepalived.conf", .words = "master|backup"},
    {"vip_preempt", TYPE_BOOL, C | I, "false", .doc = "allow preemption",
     .feeds = "keepalived.conf"},
    {"vip_interface", TYPE_TEXT, C | I, "auto", .doc = "NIC, auto by inventory IP",
     .feeds = "keepalived.conf", .since = "4.4"},
    {"vip_dns_suffix", TYPE_TEXT, C, "", .doc = "DNS suffix of node cluster record",
     .feeds = "dnsmasq"},
    {"vip_auth_pass", TYPE_PASSWORD, C, "", .doc = "VRRP password", .feeds = "keepalived.conf"},
    {"vip_exporter_port", TYPE_PORT, C, "9650", .doc = "keepalived exporter port",
     .feeds = "exporter"},
};

static const Parameter node_exporter_rows[] = {
    {"node_exporter_enabled", TYPE_BOOL, C, "true", .doc = "run node_exporter",
     .feeds = "unit, target"},
    {"node_exporter_port", TYPE_PORT, C, "9100", .doc = "its port", .feeds = "unit, target"},
    {"node_exporter_options", TYPE_TEXT, C, default_node_exporter_options, .doc = "its flags",
     .feeds = "unit"},
};

static const Parameter vector_rows[] = {
    {"vector_enabled", TYPE_BOOL, C, "true", .doc = "run log shipper", .feeds = "unit"},
    {"vector_clean", TYPE_BOOL, G | A, "false", .doc = "wipe its state first", .feeds = "data dir"},
    {"vector_data", TYPE_PATH, C, "/data/vector", .doc = "its data dir", .feeds = "config"},
    {"vector_port", TYPE_PORT, C, "9598", .doc = "its metrics port", .feeds = "config, target"},
    {"vector_read_from", TYPE_ENUM, C, "beginning", .doc = "start from beginning or end",
     .feeds = "config", .words = "beginning|end"},
    {"vector_log_endpoint", TYPE_TEXTS, C, "[\"infra\"]", .doc = "[infra] or list of URLs",
     .feeds = "config", .placeholders = PLACE_ADMIN_IP},
};

const ParameterTable params_haproxy = {"HAPROXY", haproxy_rows, COUNT_OF(haproxy_rows),
                                       "the proxy of a node"};
const ParameterTable params_node_vip = {"NODE_VIP", node_vip_rows, COUNT_OF(node_vip_rows),
                                        "floating address of nodes"};
const ParameterTable params_node_exporter = {"NODE_EXPORTER", node_exporter_rows,
                                             COUNT_OF(node_exporter_rows), "exporter of a node"};
const ParameterTable params_vector = {"VECTOR", vector_rows, COUNT_OF(vector_rows), "log shipping"};
