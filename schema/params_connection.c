/* How to reach a node (the closed list of Ansible's words that count), and words of our own. */
#include "schema/params_tables.h"

static const Parameter connection_rows[] = {
    {"ansible_host", TYPE_HOST, I, NULL, .doc = "address for SSH, when not the inventory's",
     .feeds = "SSH"},
    {"ansible_port", TYPE_PORT, C | I, NULL, .doc = "port for SSH", .feeds = "SSH"},
    {"ansible_user", TYPE_TOKEN, G | C | I, NULL, .doc = "user for SSH", .feeds = "SSH"},
    {"ansible_ssh_private_key_file", TYPE_PATH, G | C | I, NULL, .doc = "key file for SSH",
     .feeds = "SSH"},
    {"ansible_become_user", TYPE_TOKEN, G | C | I, NULL, .doc = "user that sudo becomes",
     .feeds = "sudo"},
    {"pgbouncer_redirect_to", TYPE_TEXT, C, NULL,
     .doc = "host of every pooled database instead of the local socket",
     .feeds = "pgbouncer database.txt"},
    {"pg_dcs", TYPE_OBJECT, C, NULL,
     .doc = "what no other parameter says of Patroni's dynamic configuration",
     .feeds = "DCS, for every member; its settings win over those of pg_conf, and pg_parameters "
              "over both",
     .schema = &schema_dcs},
    {"pg_pitr", TYPE_OBJECT, A, NULL, .doc = "one point-in-time recovery",
     .feeds = "a workflow of its own", .schema = &schema_pitr},
    {"pgsteer_expect_down", TYPE_OBJECT, I, NULL, .doc = "this node is known to be down",
     .feeds = "the summary and the exit status", .schema = &schema_expect_down},
    {"pgsteer_lease_authority", TYPE_ENUM, G, "local",
     .doc = "where leases are kept: in the state directory of the one runner, in etcd, or in the "
            "git repository pgsteer_lease_remote",
     .feeds = "apply, lease; with etcd: a user of etcd and a certificate on its members",
     .words = "local|etcd|state"},
    {"pgsteer_lease_remote", TYPE_TEXT, G, NULL,
     .doc = "bare git repository of the leases: a path that all runners have, or a URL for git",
     .feeds = "apply, lease, with pgsteer_lease_authority: state"},
    {"pgsteer_etcd_password", TYPE_PASSWORD, G, "",
     .doc = "password of the etcd user pgsteer; its name when empty",
     .feeds = "etcd user; apply, lease, with pgsteer_lease_authority: etcd"},
    {"pgsteer_waivers", TYPE_OBJECTS, G, NULL,
     .doc = "warnings that are known and right, each with a reason and a last day",
     .feeds = "validate", .schema = &schema_waiver},
};

const ParameterTable params_connection = {"CONNECTION", connection_rows, COUNT_OF(connection_rows),
                                          "reaching nodes, and words of pgsteer"};
