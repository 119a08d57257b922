/* What infra nodes and every node share: addresses, CA, repository, names. */
#include "schema/params_tables.h"

static const Parameter meta_rows[] = {
    {"version", TYPE_TEXT, G, "v4.5.0", .doc = "release label",
     .feeds = "messages, offline package name"},
    {"admin_ip", TYPE_IP, G, "10.10.10.10", .doc = "admin node address",
     .feeds = "${admin_ip} everywhere; patroni REST allowlist; HBA admin alias"},
    {"region", TYPE_ENUM, G, "default", .doc = "where package mirrors are taken from",
     .feeds = "repo files", .words = "default|china|europe"},
    {"proxy_env", TYPE_TEXT_MAP, G, default_proxy_env, .doc = "proxy for downloads",
     .feeds = "environment of package tasks"},
    {"language", TYPE_ENUM, G, "en", .doc = "home page language", .feeds = "nginx page",
     .words = "en|zh"},
};

static const Parameter ca_rows[] = {
    {"ca_create", TYPE_BOOL, G, "true", .doc = "make a CA when missing", .feeds = "CA key/cert"},
    {"ca_cn", TYPE_TEXT, G, "pigsty-ca", .doc = "common name of the CA", .feeds = "CA cert"},
    {"cert_validity", TYPE_INTERVAL, G, "7300d", .doc = "how long issued certificates are valid",
     .feeds = "certs"},
};

static const Parameter infra_id_rows[] = {
    {"infra_services", TYPE_OBJECTS, G, default_infra_services, .doc = "home page entries",
     .feeds = "nginx page", .schema = &schema_home_entry, .placeholders = PLACE_ADMIN_IP},
    {"infra_extra_services", TYPE_OBJECTS, G, "[]", .doc = "more home page entries",
     .feeds = "nginx page", .schema = &schema_home_entry, .placeholders = PLACE_ADMIN_IP},
    {"infra_seq", TYPE_INT, I, NULL, .flags = IDENTITY, .doc = "infra node number",
     .feeds = "cert, registration", .min = 0, .max = NO_LIMIT},
    {"infra_portal", TYPE_OBJECT_MAP, G, "{\"home\": {\"domain\": \"i.pigsty\"}}",
     .doc = "web sites of infra nodes", .feeds = "nginx", .schema = &schema_portal,
     .placeholders = PLACE_ADMIN_IP},
    {"infra_data", TYPE_PATH, G, "/data/infra", .doc = "data directory of infra nodes",
     .feeds = "directories"},
    {"infra_packages", TYPE_TEXTS, G, NULL, .doc = "packages of infra nodes", .feeds = "packages"},
};

static const Parameter repo_rows[] = {
    {"repo_enabled", TYPE_BOOL, G | I, "true", .doc = "build local repo on this infra node",
     .feeds = "repo dir, nginx"},
    {"repo_home", TYPE_PATH, G, "/www", .doc = "root of the web server and of the repository",
     .feeds = "directories"},
    {"repo_name", TYPE_TEXT, G, "pigsty", .doc = "directory of the repository",
     .feeds = "directories, URLs"},
    {"repo_endpoint", TYPE_TEXT, G, "http://${admin_ip}:80",
     .doc = "address of the repository; declared, read by nothing", .feeds = "none in v4.5",
     .flags = DEAD, .placeholders = PLACE_ADMIN_IP},
    {"repo_remove", TYPE_BOOL, G | A, "true", .doc = "move existing repo files on infra",
     .feeds = "repo files"},
    {"repo_modules", TYPE_TEXT, G | A, "infra,node,pgsql",
     .doc = "repository modules to download from, comma-separated", .feeds = "repo files on infra"},
    {"repo_upstream", TYPE_OBJECTS, G, NULL,
     .doc = "package repositories; of the distribution if unset",
     .feeds = "repo files on infra and nodes", .schema = &schema_upstream,
     .placeholders = PLACE_REPO},
    {"repo_packages", TYPE_TEXTS, G, NULL,
     .doc = "package aliases to download; of the distribution if unset", .feeds = "local repo"},
    {"repo_extra_packages", TYPE_TEXTS, G | C | I, NULL, .doc = "more package aliases to download",
     .feeds = "local repo"},
    {"repo_url_packages", TYPE_OBJECTS, G, "[]", .doc = "files to download", .feeds = "local repo",
     .schema = &schema_url_package, .placeholders = PLACE_ADMIN_IP},
};

static const Parameter dns_rows[] = {
    {"dns_enabled", TYPE_BOOL, G | I, "true", .doc = "run dnsmasq and register PG names",
     .feeds = "dnsmasq"},
    {"dns_port", TYPE_PORT, G, "53", .doc = "port of dnsmasq", .feeds = "dnsmasq"},
    {"dns_records", TYPE_TEXTS, G, default_dns_records, .doc = "static records of dnsmasq",
     .feeds = "dnsmasq", .placeholders = PLACE_ADMIN_IP},
};

const ParameterTable params_meta = {"META", meta_rows, COUNT_OF(meta_rows),
                                    "the deployment as a whole"};
const ParameterTable params_ca = {"CA", ca_rows, COUNT_OF(ca_rows), "certificate authority"};
const ParameterTable params_infra_id = {"INFRA_ID", infra_id_rows, COUNT_OF(infra_id_rows),
                                        "infra nodes"};
const ParameterTable params_repo = {"REPO", repo_rows, COUNT_OF(repo_rows),
                                    "the local package repository"};
const ParameterTable params_dns = {"DNS", dns_rows, COUNT_OF(dns_rows), "the local name server"};
