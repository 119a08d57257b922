/* The etcd cluster. */
#include "schema/params_tables.h"

static const Parameter etcd_rows[] = {
    {"etcd_seq", TYPE_INT, I, NULL, .flags = IDENTITY, .doc = "number of the etcd member",
     .feeds = "member name <cluster>-<seq>", .min = 0, .max = NO_LIMIT},
    {"etcd_cluster", TYPE_TEXT, C, "etcd", .flags = IDENTITY,
     .doc = "cluster name, must equal group name etcd", .feeds = "member names, token"},
    {"etcd_learner", TYPE_BOOL, I | A, "false", .doc = "join etcd without a vote",
     .feeds = "member add flag"},
    {"etcd_data", TYPE_PATH, C, "/data/etcd", .doc = "data directory of etcd",
     .feeds = "etcd.conf, unit"},
    {"etcd_port", TYPE_PORT, C, "2379", .doc = "port for clients of etcd",
     .feeds = "etcd.conf; patroni.yml and vip-manager.yml of every cluster"},
    {"etcd_peer_port", TYPE_PORT, C, "2380", .doc = "port between etcd members",
     .feeds = "etcd.conf, member URLs"},
    {"etcd_init", TYPE_ENUM, C, "new", .doc = "whether a member forms a new cluster or joins one",
     .feeds = "etcd.conf; member add", .words = "new|existing"},
    {"etcd_election_timeout", TYPE_INT, C, "1000",
     .doc = "how long followers wait for a leader before they vote", .feeds = "etcd.conf",
     .min = 10, .max = NO_LIMIT, .unit = "ms"},
    {"etcd_heartbeat_interval", TYPE_INT, C, "100",
     .doc = "time between signs of life of the leader", .feeds = "etcd.conf", .min = 10,
     .max = NO_LIMIT, .unit = "ms"},
    {"etcd_root_password", TYPE_PASSWORD, G, "Etcd.Root", .doc = "password of etcd's root user",
     .feeds = "etcd.pass; patronictl.yml; used by tasks"},
};

static const Parameter etcd_remove_rows[] = {
    {"etcd_safeguard", TYPE_BOOL, G | C | A, "false", .doc = "refuse to remove etcd while true",
     .feeds = "removal"},
    {"etcd_rm_data", TYPE_BOOL, G | C | A, "true", .doc = "delete the data when etcd is removed",
     .feeds = "data directory"},
    {"etcd_rm_pkg", TYPE_BOOL, G | C | A, "false", .doc = "uninstall packages when etcd is removed",
     .feeds = "packages"},
};

const ParameterTable params_etcd = {"ETCD", etcd_rows, COUNT_OF(etcd_rows), "the etcd cluster"};
const ParameterTable params_etcd_remove = {
    "ETCD_REMOVE", etcd_remove_rows, COUNT_OF(etcd_remove_rows), "what removing etcd takes along"};
