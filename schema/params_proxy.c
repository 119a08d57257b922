/* Nodes: proxy, floating address, exporters, log shipping. */
#include "schema/params_tables.h"

static const Parameter haproxy_rows[] = {
    {"haproxy_enabled", TYPE_BOOL, C, "true", .doc = "run haproxy on the node", .feeds = "unit"},
    {"haproxy_clean", TYPE_BOOL, G | C | A, "false",
     .doc = "wipe all haproxy files before they are written",
     .feeds = "haproxy.cfg and every conf.d file, PG services too"},
    {"haproxy_reload", TYPE_BOOL, A, "true", .doc = "reload haproxy after its files were written",
     .feeds = "whether haproxy is reloaded"},
    {"haproxy_auth_enabled", TYPE_BOOL, G, "true",
     .doc = "password of the statistics page; declared, read by nothing", .feeds = "none in v4.5",
     .flags = DEAD},
    {"haproxy_admin_username", TYPE_USERNAME, G, "admin", .doc = "user of the statistics page",
     .feeds = "haproxy.cfg"},
    {"haproxy_admin_password", TYPE_PASSWORD, G, "pigsty", .doc = "password of the statistics page",
     .feeds = "haproxy.cfg"},
    {"haproxy_exporter_port", TYPE_PORT, C, "9101", .doc = "port of statistics and metrics",
     .feeds = "haproxy.cfg, targets"},
    {"haproxy_client_timeout", TYPE_INTERVAL, C, "24h", .doc = "how long a client may be silent",
     .feeds = "haproxy.cfg"},
    {"haproxy_server_timeout", TYPE_INTERVAL, C, "24h", .doc = "how long a server may be silent",
     .feeds = "haproxy.cfg"},
    {"haproxy_services", TYPE_OBJECTS, C, "[]", .doc = "non-PG services on the node",
     .feeds = "conf.d/<name>.cfg", .schema = &schema_haproxy_service},
};

static const Parameter node_vip_rows[] = {
    {"vip_enabled", TYPE_BOOL, C, "false", .doc = "node-level floating address",
     .feeds = "keepalived"},
    {"vip_address", TYPE_IP, C, NULL, .doc = "floating address of the node group, without a mask",
     .feeds = "keepalived.conf; DNS"},
    {"vip_vrid", TYPE_INT, C, NULL, .doc = "VRRP id, one of its own for each group",
     .feeds = "keepalived.conf", .min = 1, .max = 254},
    {"vip_role", TYPE_ENUM, I, "backup", .doc = "VRRP state the node begins with",
     .feeds = "keepalived.conf", .words = "master|backup"},
    {"vip_preempt", TYPE_BOOL, C | I, "false",
     .doc = "a node of higher priority takes the address back", .feeds = "keepalived.conf"},
    {"vip_interface", TYPE_TEXT, C | I, "auto", .doc = "NIC, auto = NIC holding inventory IP",
     .feeds = "keepalived.conf", .words = "auto", .since = "4.4"},
    {"vip_dns_suffix", TYPE_TEXT, C, "", .doc = "DNS suffix of node cluster record",
     .feeds = "dnsmasq"},
    {"vip_auth_pass", TYPE_PASSWORD, C, "", .doc = "VRRP password", .feeds = "keepalived.conf"},
    {"vip_exporter_port", TYPE_PORT, C, "9650", .doc = "keepalived exporter port",
     .feeds = "exporter"},
};

static const Parameter node_exporter_rows[] = {
    {"node_exporter_enabled", TYPE_BOOL, C, "true", .doc = "run node_exporter",
     .feeds = "unit, target"},
    {"node_exporter_port", TYPE_PORT, C, "9100", .doc = "port of node_exporter",
     .feeds = "unit, target"},
    {"node_exporter_options", TYPE_TEXT, C, default_node_exporter_options,
     .doc = "flags of node_exporter", .feeds = "unit"},
};

static const Parameter vector_rows[] = {
    {"vector_enabled", TYPE_BOOL, C, "true", .doc = "run the log shipper", .feeds = "unit"},
    {"vector_clean", TYPE_BOOL, G | A, "false", .doc = "wipe the state of the log shipper first",
     .feeds = "data dir"},
    {"vector_data", TYPE_PATH, C, "/data/vector", .doc = "data directory of the log shipper",
     .feeds = "vector.yaml"},
    {"vector_port", TYPE_PORT, C, "9598", .doc = "metrics port of the log shipper",
     .feeds = "vector.yaml, target"},
    {"vector_read_from", TYPE_ENUM, C, "beginning", .doc = "where the log shipper begins to read",
     .feeds = "vector.yaml", .words = "beginning|end"},
    {"vector_log_endpoint", TYPE_TEXTS, C, "[\"infra\"]",
     .doc = "where logs go: infra nodes, or a list of URLs", .feeds = "vector.yaml",
     .placeholders = PLACE_ADMIN_IP},
};

const ParameterTable params_haproxy = {"HAPROXY", haproxy_rows, COUNT_OF(haproxy_rows),
                                       "the proxy of a node"};
const ParameterTable params_node_vip = {"NODE_VIP", node_vip_rows, COUNT_OF(node_vip_rows),
                                        "floating address of nodes"};
const ParameterTable params_node_exporter = {"NODE_EXPORTER", node_exporter_rows,
                                             COUNT_OF(node_exporter_rows), "exporter of a node"};
const ParameterTable params_vector = {"VECTOR", vector_rows, COUNT_OF(vector_rows), "log shipping"};
